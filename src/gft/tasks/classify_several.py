"""`classify: labels ~ text` where the labels are lists: any number of classes for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.data.table import Column, DataSet, Rows
from gft.errors import UserError
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Scored
from gft.targets.protocol import Target
from gft.targets.several import Several
from gft.tasks import labels as labelling
from gft.tasks.classes import ranked_labels, weights_of
from gft.tasks.options import LabelMap, Ranking, TextLength, Weights
from gft.tasks.protocol import Adapted, Batch, Encoded, Feature, Task, Values
from gft.tasks.text import TEXTS, encode_texts, pad, run_with_labels

if TYPE_CHECKING:
    import torch

READ_ROWS = 10_000
_SAVED = ("inputs", "outputs", "labels", "spelt")


@dataclass(frozen=True)
class ClassifySeveral:
    """A classifier that says yes or no to each label by itself: a sigmoid and binary cross-entropy.

    A row whose list is empty has a label: none of them applies. `spelt` are the labels as the
    data writes them; `weights` (one a label) multiply the loss of the rows that have the label.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    spelt: tuple[str, ...]
    asked_weights: tuple[str, ...] | None = None
    weights: tuple[float, ...] | None = None
    same: labelling.Same = ()

    name: ClassVar[str] = "classify"
    aliases: ClassVar[tuple[str, ...]] = ()
    summary: ClassVar[str] = "any number of classes for each row, from one or more columns of text"
    head: ClassVar[str] = "sequence-classification"
    target: ClassVar[Target] = Several()
    metrics: ClassVar[tuple[str, ...]] = ("f1_micro", "f1_macro", "subset_accuracy", "loss")
    length_of: ClassVar[str] = "input_ids"
    longest: ClassVar[int] = 512
    left: ClassVar[str] = "one column of lists of classes"
    right: ClassVar[str] = TEXTS
    default_model: ClassVar[str | None] = "SamLowe/roberta-base-go_emotions"
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:go_emotions,simplified --eqn 'classify: labels ~ text'"
    )
    reads: ClassVar[Reads] = (TextLength, Weights, LabelMap, Ranking)

    @classmethod
    def of_column(
        cls,
        equation: Equation,
        column: Column,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Task | None,
    ) -> Self:
        """Return the task for a column of lists. Raises `UserError`."""
        if model is not None and not isinstance(model, cls):
            raise UserError(
                f"column {column.name!r} of {data.name} has lists of classes; the model gives "
                "one class a row"
            )
        if column.classes is not None:
            labels = column.classes
            spelt = tuple(str(number) for number in range(len(labels)))
        else:
            labels = spelt = _found(column.name, used, data.name)
        if not labels:
            raise UserError(f"column {column.name!r} of {data.name} has no label in any list")
        return cls(equation.inputs, equation.left, labels, spelt)

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Task | None = None,
    ) -> Task:
        """Return the task for these columns: one class a row, or several, as the data has them."""
        from gft.tasks.classify import Classify

        return Classify.bind(equation, data, used, model)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Self:
        """Return the task of a fitted folder."""
        inputs, outputs, labels, spelt = (tuple(saved[key]) for key in _SAVED)
        return cls(inputs, outputs, labels, spelt)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the classifier that a configuration describes."""
        from gft.tasks.classify import Classify

        return Classify.of_model(config, equation)

    def saved(self) -> dict[str, Any]:
        """Return the columns and labels, as JSON."""
        return {"several": True, **{key: list(getattr(self, key)) for key in _SAVED}}

    def with_columns(self, equation: Equation) -> Self:
        """Return the task for other columns."""
        return replace(self, inputs=equation.inputs, outputs=equation.left)

    def configured(self, options: Options) -> Self:
        """Return the task with the weights that `--class_weight` asks for."""
        asked = options.class_weight
        return replace(self, asked_weights=tuple(asked) if asked else None)

    def learned(self, train: Rows) -> Self:
        """Return the task with the weights of the labels, which may come from their counts."""
        if self.asked_weights is None:
            return self
        counts, rows = [0] * len(self.labels), 0
        for part in train.batches(self.outputs, READ_ROWS):
            for gold in self.golds(part):
                rows += gold is not None
                for number in gold or ():
                    counts[number] += 1
        balanced = [(rows - count) / count if count else 1.0 for count in counts]
        return replace(self, weights=weights_of(self.asked_weights, self.labels, balanced))

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task with its labels in the order of a model's."""
        spelt, same, told = labelling.met(self.labels, self.spelt, model.labels, label_map)
        return replace(self, labels=model.labels, spelt=spelt, same=same), told

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[tuple[int, ...] | None]:
        """Return the numbers of each row's labels, ascending; None where there is no list."""
        number = {text: n for n, text in enumerate(self.spelt)} | dict(self.same)
        return [
            None
            if value is None
            else tuple(
                sorted({number[text] for text in map(labelling.spelling, value) if text in number})
            )
            for value in rows[self.outputs[0]]
        ]

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Keep the model's head, in its order, if it knows the same labels; else replace it."""
        met = labelling.adapted(self.labels, self.spelt, config)
        task = replace(self, labels=met.labels, spelt=met.spelt)
        return Adapted(task, met.request(self.head, "multi_label_classification"), met.notes)

    def encode(
        self,
        processor: Any,
        rows: Mapping[str, Sequence[Any]],
        max_length: int,
        golds: Sequence[Any] | None = None,
    ) -> Encoded:
        """Return token features of the input columns."""
        texts = [rows[name] for name in self.inputs]
        return encode_texts(processor, texts, max_length, golds)

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return token tensors of shape (rows, longest), and `labels` of shape (rows, labels)."""
        import torch

        batch = pad(processor, features)
        if "labels" in features[0]:
            batch["labels"] = torch.zeros(len(features), len(self.labels))
            for row, feature in enumerate(features):
                for number in feature["labels"]:
                    batch["labels"][row, number] = 1.0
        return batch

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean binary cross-entropy over rows and labels, in nats."""
        from torch.nn.functional import binary_cross_entropy_with_logits

        outputs, labels = run_with_labels(model, batch)
        logits = outputs["logits"].float()
        weights = None if self.weights is None else logits.new_tensor(self.weights)
        return binary_cross_entropy_with_logits(logits, labels, pos_weight=weights)

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the model's outputs."""
        return model(**batch)

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return which labels apply (probability above a half) and their probabilities.

        Both have the shape (rows, labels).
        """
        probabilities = outputs["logits"].float().sigmoid().cpu().numpy()
        return probabilities > 0.5, probabilities

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return indicators, shape (rows, labels), and probabilities for the metrics."""
        import numpy as np

        gold = np.zeros((len(golds), len(self.labels)), dtype=bool)
        for row, numbers in enumerate(golds):
            gold[row, list(numbers)] = True
        return Scored(gold, np.asarray(predictions), np.asarray(scores), self.labels)

    def value(self, prediction: Any, scores: Any) -> list[str]:
        """Return the labels that apply."""
        import numpy as np

        chosen = prediction if isinstance(prediction, tuple) else np.flatnonzero(prediction)
        return [self.labels[number] for number in chosen]

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return each label that applies with its score; every one, or the `--top_k` best."""
        import numpy as np

        order = np.argsort(-scores, kind="stable")
        if options.return_all_scores:
            chosen = list(order)
        elif options.top_k:
            chosen = list(order[: options.top_k])
        else:
            chosen = [number for number in order if prediction[number]]
        return [field for n in chosen for field in (self.labels[n], f"{scores[n]:.4f}")]

    def ranked(self, scores: Any, options: Options) -> dict[str, float] | None:
        """Return the labels with their scores, best first, if more than one is asked for."""
        return ranked_labels(self.labels, scores, options)


def _found(name: str, used: Mapping[str, Rows], where: str) -> tuple[str, ...]:
    """Return the labels in the lists of a column, in their natural order. Raises `UserError`."""
    found: dict[str, set[str]] = {}
    for role, rows in used.items():
        labels = found.setdefault(role, set())
        for part in rows.batches([name], READ_ROWS):
            for value in part[name]:
                if any(isinstance(one, list | dict) for one in value or ()):
                    raise UserError(
                        f"column {name!r} of {where} holds lists of lists or objects; classify "
                        "needs lists of labels"
                    )
                labels.update(map(labelling.spelling, value or ()))
    every = set().union(*found.values()) - {""}
    for role, labels in found.items():
        labelling.warn_of_unseen(role, labels - found.get("train", every) - {""})
    return labelling.in_natural_order(every)
