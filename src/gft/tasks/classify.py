"""`classify: label ~ text`: one of several classes for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.data.table import Column, DataSet, Rows
from gft.errors import Mistakes, UserError, listed
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Scored
from gft.targets.classes import Classes
from gft.targets.protocol import Target
from gft.tasks import labels as labelling
from gft.tasks.classes import best_labels, ranked_labels, weights_of
from gft.tasks.classify_several import ClassifySeveral
from gft.tasks.options import LabelMapToTrain, Ranking, Smoothing, TextLength, Weights
from gft.tasks.protocol import Adapted, Batch, Encoded, Feature, Task, Values
from gft.tasks.sound import is_of_sound
from gft.tasks.text import TEXTS, check_columns, encode_texts, pad, run_with_labels

if TYPE_CHECKING:
    import torch

UNLABELLED = "-1"
READ_ROWS = 10_000
MANY_CLASSES = 50
_SAVED = ("inputs", "outputs", "labels", "spelt")


@dataclass(frozen=True)
class Classify:
    """A classifier of texts with a sequence classification head and cross-entropy loss.

    `spelt` are the labels as the data writes them, in the order of `labels`; they differ from
    `labels` where the data holds numbers of named classes. `smoothing` (0 to 1) and `weights`
    (one a class, from `--class_weight`) belong to the loss.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    spelt: tuple[str, ...]
    smoothing: float = 0.0
    asked_weights: tuple[str, ...] | None = None
    weights: tuple[float, ...] | None = None
    same: labelling.Same = ()
    label_map: tuple[str, ...] = ()

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
    target: ClassVar[Target] = Classes()
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "f1", "loss")
    length_of: ClassVar[str] = "input_ids"
    longest: ClassVar[int] = 512
    left: ClassVar[str] = "one column of classes: integers, strings, booleans, or lists of classes"
    right: ClassVar[str] = TEXTS
    default_model: ClassVar[str | None] = (
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english"
    )
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:glue,qqp "
        "--eqn 'classify: label ~ question1 + question2'"
    )
    reads: ClassVar[Reads] = (
        TextLength,
        Smoothing,
        Weights,
        LabelMapToTrain,
        Ranking,
    )

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Task | None = None,
    ) -> Task:
        """Check columns and labels, and find the classes."""
        mistakes = Mistakes()
        for message in check_columns(equation.columns, data.columns, data.name):
            mistakes.add(message)
        if len(equation.left) != 1:
            mistakes.add(
                f"{cls.name} takes one column on the left of '~', found {listed(equation.left)}"
            )
        output = equation.left[0]
        column = data.columns.get(output)
        if column is not None and column.kind == "list" and not mistakes:
            return ClassifySeveral.of_column(equation, column, data, used, model)
        if column is not None and column.kind in ("list", "struct", "other"):
            mistakes.add(
                f"column {output!r} of {data.name} holds {column.kind} values; classify needs one "
                "class a row (an integer, a string or a boolean) or a list of them"
            )
        mistakes.raise_any()
        assert column is not None
        if isinstance(model, ClassifySeveral):
            raise UserError(
                f"column {output!r} of {data.name} has one class a row; the model gives several"
            )
        spelt, names = _classes(column, used, model.labels if model else ())
        if len(names) < 2 and "train" in used:
            raise UserError(
                f"column {output!r} of {data.name} has {len(names)} class"
                f"{'' if len(names) == 1 else 'es'} in train ({listed(names)}); "
                "classify needs two or more"
            )
        if column.classes is None and "train" in used:
            _check_number_of_classes(output, len(names), len(used["train"]), data.name)
        return cls(equation.inputs, (output,), names, spelt)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task of a fitted folder."""
        if saved.get("several"):
            return ClassifySeveral.restore(saved)
        inputs, outputs, labels, spelt = (tuple(saved[key]) for key in _SAVED)
        return cls(inputs, outputs, labels, spelt)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the classifier that a configuration describes."""
        architectures = config.get("architectures") or []
        labels = labelling.of_config(config) or labelling.DEFAULT
        if not any(name.endswith("ForSequenceClassification") for name in architectures):
            return None
        if is_of_sound(config):
            return None
        inputs, outputs = (equation.inputs, equation.left) if equation else (("text",), ("label",))
        if config.get("problem_type") == "multi_label_classification":
            return ClassifySeveral(inputs, outputs, labels, labels)
        if config.get("problem_type") not in (None, "single_label_classification"):
            return None
        return cls(inputs, outputs, labels, labels) if len(labels) >= 2 else None

    def saved(self) -> dict[str, Any]:
        """Return the columns and labels, as JSON."""
        return {key: list(getattr(self, key)) for key in _SAVED}

    def with_columns(self, equation: Equation) -> Self:
        """Return the task for other columns."""
        return replace(self, inputs=equation.inputs, outputs=equation.left)

    def configured(self, options: Options) -> Self:
        """Return the task with the loss that `--label_smoothing_factor`, `--class_weight` ask."""
        asked = options.class_weight
        return replace(
            self,
            smoothing=options.label_smoothing_factor,
            asked_weights=tuple(asked) if asked else None,
            label_map=tuple(options.label_map or ()),
        )

    def learned(self, train: Rows) -> Self:
        """Return the task with the weights of the classes, which may come from their counts."""
        if self.asked_weights is None:
            return self
        counts = [0] * len(self.labels)
        for part in train.batches(self.outputs, READ_ROWS):
            for gold in self.golds(part):
                if gold is not None:
                    counts[gold] += 1
        total, classes = sum(counts), len(counts)
        balanced = [total / (classes * count) if count else 1.0 for count in counts]
        return replace(self, weights=weights_of(self.asked_weights, self.labels, balanced))

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task with its labels in the order of a model's."""
        spelt, same, told = labelling.met(self.labels, self.spelt, model.labels, label_map)
        return replace(self, labels=model.labels, spelt=spelt, same=same), told

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[int | None]:
        """Return the number of each row's class, None where the row has no label."""
        number = {text: n for n, text in enumerate(self.spelt)} | dict(self.same)
        return [number.get(labelling.spelling(value)) for value in rows[self.outputs[0]]]

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Keep the model's head, in its order, if it knows the same labels; else replace it.

        A head that knows these labels among others gives them their rows.
        """
        met = labelling.adapted(self.labels, self.spelt, config, self.label_map)
        task = replace(self, labels=met.labels, spelt=met.spelt)
        return Adapted(task, met.request(self.head, "single_label_classification"), met.notes)

    def encode(
        self,
        processor: Any,
        rows: Mapping[str, Sequence[Any]],
        max_length: int,
        golds: Sequence[Any] | None = None,
    ) -> Encoded:
        """Return token features of the input columns."""
        return encode_texts(processor, [rows[name] for name in self.inputs], max_length, golds)

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return token tensors of shape (rows, longest), and `labels` of shape (rows,)."""
        import torch

        batch = pad(processor, features)
        if "labels" in features[0]:
            batch["labels"] = torch.tensor([int(f["labels"]) for f in features])
        return batch

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean cross-entropy in nats; with weights, the weighted mean."""
        from torch.nn.functional import cross_entropy

        outputs, labels = run_with_labels(model, batch)
        logits = outputs["logits"].float()
        weights = None if self.weights is None else logits.new_tensor(self.weights)
        return cross_entropy(logits, labels, weights, label_smoothing=self.smoothing)

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the model's outputs."""
        return model(**batch)

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return class numbers, shape (rows,), and probabilities, shape (rows, classes)."""
        probabilities = outputs["logits"].float().softmax(-1).cpu().numpy()
        return probabilities.argmax(-1), probabilities

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

    def ranked(self, scores: Any, options: Options) -> dict[str, float] | None:
        """Return the labels with their scores, best first, if more than one is asked for."""
        return ranked_labels(self.labels, scores, options)


def _check_number_of_classes(output: str, classes: int, rows: int, where: str) -> None:
    """Raise `UserError` if nearly every row is a class of its own: nothing can be learned so."""
    if classes > MANY_CLASSES and classes > rows / 2:
        raise UserError(
            f"column {output!r} of {where} has {classes:,} different values in {rows:,} rows; for "
            "numbers write regress, for classes take a column whose values recur"
        )


def _classes(
    column: Column, used: Mapping[str, Rows], of_model: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return how the data spells each class, and the class's name.

    -1 is GLUE's mark of a missing label, unless the train split or the model has such a class.
    """
    if column.classes is not None:
        return tuple(str(n) for n in range(len(column.classes))), column.classes
    found = {
        role: {
            labelling.spelling(value)
            for part in rows.batches([column.name], READ_ROWS)
            for value in part[column.name]
        }
        - {""}
        for role, rows in used.items()
    }
    missing = {UNLABELLED} - found.get("train", set()) - set(of_model)
    known = found.get("train", set().union(*found.values())) - missing
    every = known.union(*found.values()) - missing
    for role, values in found.items():
        labelling.warn_of_unseen(role, values - known - missing)
    labels = labelling.in_natural_order(every)
    return labels, labels
