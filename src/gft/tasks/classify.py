"""`classify: label ~ text`: one of several classes for each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.data.spelling import spelling
from gft.data.table import Column, DataSet, Rows
from gft.errors import UserError, listed
from gft.inputs.category import BESIDE
from gft.inputs.kind import InputKind
from gft.inputs.text import TEXT, TEXTS
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Array, Scored
from gft.targets.classes import Classes
from gft.targets.protocol import Target
from gft.tasks import labels as labelling
from gft.tasks.classes import best_labels
from gft.tasks.classify_several import ClassifySeveral
from gft.tasks.labelled import LabelledTask, balanced_of, labels_in, of_splits
from gft.tasks.long_texts import LongTexts
from gft.tasks.margins import margins_of_classes
from gft.tasks.options import (
    LabelMap,
    Positive,
    Ranking,
    Smoothing,
    TextLength,
    Weights,
    Windowing,
)
from gft.tasks.outputs import as_array, softmax
from gft.tasks.positive import named, positive_of
from gft.tasks.protocol import Batch, Cells, Feature, Splits, Task, Values

if TYPE_CHECKING:
    import torch

MANY_CLASSES = 50


@dataclass(frozen=True)
class Classify(LabelledTask, LongTexts):
    """A classifier of texts with a sequence classification head and cross-entropy loss.

    `positive_label` is the class of two that metrics of one class are about, None of more; until
    the task meets its rows it is as `--positive_label` spells it.
    """

    positive_label: str | None = field(default=None, kw_only=True)

    name: ClassVar[str] = "classify"
    aliases: ClassVar[tuple[str, ...]] = (
        "c",
        "2",
        "classify2",
        "classify_classic",
        "text-classification",
        "sentiment-analysis",
        "sentiment",
    )
    summary: ClassVar[str] = "the class of each row, from one or more columns of text"
    head: ClassVar[str] = "sequence-classification"
    takes: ClassVar[tuple[InputKind, ...]] = (TEXT, *BESIDE)
    heads: ClassVar[tuple[str, ...]] = ("ForSequenceClassification",)
    target: ClassVar[Target] = Classes()
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "f1", "loss")
    problem_type: ClassVar[str | None] = "single_label_classification"
    output_needs: ClassVar[str] = (
        "one class per row (an integer, a string or a boolean) or a list of them"
    )
    output_takes: ClassVar[tuple[str, ...]] = (
        "text", "class", "integer", "float", "boolean", "list",
    )  # fmt: skip
    several_outputs: ClassVar[bool] = True
    left: ClassVar[str] = (
        "one column of classes: integers, strings, booleans, or lists of classes; or a column of 0 "
        "and 1 for each of several labels"
    )
    right: ClassVar[str] = TEXTS
    default_model: ClassVar[str | None] = (
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english"
    )
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:glue,qqp "
        "--eqn 'classify: label ~ question1 + question2'"
    )
    answer: ClassVar[str] = "label"
    reads: ClassVar[Reads] = (
        TextLength, Windowing, Smoothing, Weights, LabelMap, Positive, Ranking,
    )  # fmt: skip
    settings: ClassVar[tuple[str, ...]] = (*LongTexts.settings, "positive_label")

    @classmethod
    def bound(cls, equation: Equation, data: DataSet, used: Splits, model: Task | None) -> Task:
        """Find the classes."""
        column = data.columns[equation.left[0]]
        if column.kind == "list" or len(equation.left) > 1:
            return ClassifySeveral.bound(equation, data, used, model)
        if isinstance(model, ClassifySeveral):
            raise UserError(
                f"column {column.name!r} of {data.name} has one class per row; the model is "
                "multi-label"
            )
        raw_labels, names = _classes(column, used, model.labels if model else ())
        if len(names) < 2 and "train" in used:
            raise UserError(
                f"column {column.name!r} of {data.name} has {len(names)} class"
                f"{'' if len(names) == 1 else 'es'} in train ({listed(names)}); "
                "classify needs two or more"
            )
        if column.classes is None and "train" in used:
            _check_number_of_classes(column.name, len(names), len(used["train"]), data.name)
        return cls.of_columns(equation, labels=names, raw_labels=raw_labels)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task of a fitted folder: single-label or multi-label."""
        return ClassifySeveral.restore(saved) if saved.get("several") else super().restore(saved)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the classifier that a configuration describes."""
        from gft.inputs.sound import is_of_sound

        if not cls.is_head_of(config) or is_of_sound(config):
            return None
        labels, loss = labelling.logits_of(config), config.get("problem_type")
        if loss == ClassifySeveral.problem_type:
            return ClassifySeveral.of_columns(equation, labels=labels, raw_labels=labels)
        if loss not in (None, Classify.problem_type) or len(labels) < 2:
            return None
        return cls.of_columns(equation, labels=labels, raw_labels=labels)

    def configured(self, options: Options) -> Self:
        """Return the task with the loss that `--label_smoothing_factor`, `--class_weight` ask.

        And with `--positive_label`, where it is given.
        """
        smoothing = options.of(Smoothing).label_smoothing_factor
        positive = options.of(Positive).positive_label or self.positive_label
        return replace(super().configured(options), smoothing=smoothing, positive_label=positive)

    def learned(self, train: Rows, golds: Sequence[Any]) -> Self:
        """Return the task with weights, and with the class that metrics are about."""
        positive = positive_of(self.labels, golds, self.positive_label)
        return replace(super().learned(train, golds), positive_label=positive)

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return the task as `LabelledTask` does, its positive label written as the model's is."""
        task, warnings = super().aligned(model, label_map)
        if task.positive_label is None:
            return task, warnings
        return replace(task, positive_label=named(task.labels, task.positive_label)), warnings

    @property
    def about(self) -> str | None:
        """The class of two that metrics of one class are about; None: the second."""
        return self.positive_label

    def balanced(self, golds: Iterable[Any]) -> list[float]:
        """Return the weights with which classes count alike: rows / (classes * rows of each)."""
        counts = [0] * len(self.labels)
        for gold in golds:
            counts[gold] += 1
        return balanced_of(counts)

    def golds(self, rows: Cells) -> list[int | None]:
        """Return the number of each row's class, None where the row has no label."""
        number = self.numbers
        return [number.get(spelling(value)) for value in rows[self.outputs[0]]]

    def first_weights(
        self, numbers: Array, golds: Sequence[Any], states: Array | None = None
    ) -> Array:
        """Return those of a multinomial model."""
        from gft.covariates.first_weights import of_classes

        gold = self.label_tensor(golds).numpy()
        return of_classes(numbers, self._widths(), gold, len(self.labels), states)

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean cross-entropy in nats; with weights, the weighted mean."""
        from torch.nn.functional import cross_entropy

        outputs, labels = self.run_with_labels(model, batch)
        logits = outputs["logits"].float()
        if 0 in (self.weights or ()):
            return self.cross_entropy(logits, labels)  # A batch may have nothing that counts.
        weights = None if self.weights is None else logits.new_tensor(self.weights)
        return cross_entropy(logits, labels, weights, label_smoothing=self.smoothing)

    def weight(self, batch: Batch) -> torch.Tensor:
        """Return the sum of the rows' weights."""
        return self.counted(batch["labels"]).sum()

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return class numbers, shape (rows,), and probabilities, shape (rows, classes)."""
        probabilities = softmax(as_array(outputs["logits"]))
        return probabilities.argmax(-1), probabilities

    def margins(self, predictions: Values, scores: Values | None) -> Array | None:
        """Return what `margins_of_classes` does."""
        import numpy as np

        return margins_of_classes(np.asarray(predictions), np.asarray(scores))

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return class numbers and probabilities for the metrics."""
        import numpy as np

        gold = np.asarray(golds, dtype=np.int64)
        return Scored(gold, np.asarray(predictions), np.asarray(scores), self.labels)

    def value(self, prediction: Any, scores: Any) -> str:
        """Return the label."""
        return str(self.labels[prediction])

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return the label and its score; the `--top_k` most probable ones, or every one."""
        return best_labels(self.labels, scores, options)


def _check_number_of_classes(output: str, classes: int, rows: int, where: str) -> None:
    """Raise `UserError` if nearly every row is a class of its own: nothing can be learned so."""
    if classes > MANY_CLASSES and classes > rows / 2:
        raise UserError(
            f"column {output!r} of {where} has {classes:,} different values in {rows:,} rows; for "
            "numbers write regress, for classes take a column whose values recur"
        )


def _classes(
    column: Column, used: Splits, of_model: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return how the data spells each class, and the class's name."""
    if column.classes is not None:
        return tuple(str(n) for n in range(len(column.classes))), column.classes
    labels = of_splits(labels_in(used, column.name, model=of_model))
    return labels, labels
