"""`classify: label ~ text`: one of several classes for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft import notes
from gft.data.table import Column, DataSet, Rows
from gft.errors import Mistakes, UserError, listed
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import CLASSES, Array, Scored
from gft.tasks import labels as labelling
from gft.tasks.protocol import Batch, Encoded, Feature
from gft.tasks.text import check_columns, encode_texts, pad

if TYPE_CHECKING:
    import torch

UNLABELLED = "-1"
READ_ROWS = 10_000
MANY_CLASSES = 50


@dataclass(frozen=True)
class Classify:
    """A classifier of texts with a sequence classification head and cross-entropy loss.

    `spelt` are the labels as the data writes them, in the order of `labels`; they differ from
    `labels` where the data holds numbers of named classes.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    spelt: tuple[str, ...]

    name: ClassVar[str] = "classify"
    aliases: ClassVar[tuple[str, ...]] = (
        "c",
        "2",
        "classify2",
        "classify_classic",
        "text-classification",
        "sentiment-analysis",
    )
    summary: ClassVar[str] = "the class of each row, from one or more columns of text"
    head: ClassVar[str] = "sequence-classification"
    serves: ClassVar[str] = CLASSES
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "f1", "loss")

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Self | None = None,
    ) -> Self:
        """Check columns and labels, and find the classes."""
        mistakes = Mistakes()
        for message in check_columns(equation.columns, data.columns, data.name):
            mistakes.add(message)
        if len(equation.left) != 1:
            mistakes.add(
                f"classify takes one column on the left of '~', found {listed(equation.left)}"
            )
        output = equation.left[0]
        column = data.columns.get(output)
        if column is not None and column.kind in ("list", "struct", "other"):
            mistakes.add(
                f"column {output!r} of {data.name} holds {column.kind} values; classify needs one "
                "class a row: an integer, a string or a boolean"
            )
        mistakes.raise_any()
        assert column is not None
        spelt, names = _classes(column, used, model.labels if model else ())
        if len(names) < 2 and "train" in used:
            raise UserError(
                f"column {output!r} of {data.name} has {len(names)} class"
                f"{'' if len(names) == 1 else 'es'} in train ({listed(names)}); "
                "classify needs two or more"
            )
        if column.classes is None and "train" in used:
            _check_number_of_classes(output, len(names), len(used["train"]), data.name)
        return cls(equation.right, (output,), names, spelt)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Self:
        """Return the task of a fitted folder."""
        return cls(**{key: tuple(saved[key]) for key in ("inputs", "outputs", "labels", "spelt")})

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Self | None:
        """Return the classifier that a configuration describes."""
        architectures = config.get("architectures") or []
        labels = labelling.of_config(config) or labelling.DEFAULT
        if not any(name.endswith("ForSequenceClassification") for name in architectures):
            return None
        if config.get("problem_type") not in (None, "single_label_classification"):
            return None
        if len(labels) < 2:
            return None
        inputs, outputs = (equation.right, equation.left) if equation else (("text",), ("label",))
        return cls(inputs, outputs, labels, labels)

    def saved(self) -> dict[str, Any]:
        """Return the columns and labels, as JSON."""
        return {
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "labels": list(self.labels),
            "spelt": list(self.spelt),
        }

    def with_columns(self, equation: Equation) -> Self:
        """Return the task for other columns."""
        return replace(self, inputs=equation.right, outputs=equation.left)

    def aligned(self, model: Self) -> tuple[Self, tuple[str, ...]]:
        """Return this task with its labels in the order of a model's."""
        spelt = labelling.by_name(self.labels, self.spelt, model.labels)
        if spelt is not None:
            return replace(self, labels=model.labels, spelt=spelt), ()
        named = labelling.are_names(self.labels) and labelling.are_names(model.labels)
        if len(self.labels) == len(model.labels) and not named:
            pairs = [f"{a} is {b}" for a, b in zip(self.labels, model.labels, strict=True)]
            told = f"labels meet by position, because one side has no names: {listed(pairs, 6)}"
            return replace(self, labels=model.labels), (told,)
        raise UserError(
            f"the data's labels ({listed(self.labels)}) are not the model's "
            f"({listed(model.labels)})"
        )

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[int | None]:
        """Return the number of each row's class, None where the row has no label."""
        number = {text: n for n, text in enumerate(self.spelt)}
        return [number.get(_spelling(value)) for value in rows[self.outputs[0]]]

    def adapt(self, config: Mapping[str, Any]) -> tuple[Self, dict[str, Any], tuple[str, ...]]:
        """Keep the model's head, in its order, if it knows the same labels; else replace it."""
        theirs = labelling.of_config(config)
        told: tuple[str, ...] = ()
        task = self
        kept = labelling.same_names(self.labels, theirs)
        if kept:
            task = self._reordered(labelling.in_order_of(self.labels, theirs))
        elif len(theirs) == len(self.labels) and not (
            labelling.are_names(theirs) or labelling.are_names(self.labels)
        ):
            kept = True
        elif theirs and labelling.are_names(theirs):
            told = (
                f"the model's head for {listed(theirs, 6)} is replaced by a new one "
                f"for {listed(self.labels, 6)}",
            )
        changes = {
            "id2label": dict(enumerate(task.labels)),
            "label2id": {label: number for number, label in enumerate(task.labels)},
            "problem_type": "single_label_classification",
            "_new_head": not kept,
        }
        return task, changes, told

    def _reordered(self, order: tuple[str, ...]) -> Self:
        spelt = dict(zip(self.labels, self.spelt, strict=True))
        return replace(self, labels=order, spelt=tuple(spelt[label] for label in order))

    def encode(self, processor: Any, rows: Mapping[str, Sequence[Any]], max_length: int) -> Encoded:
        """Return token features of the input columns."""
        return encode_texts(processor, [rows[name] for name in self.inputs], max_length)

    def collate(self, processor: Any, features: Sequence[Feature]) -> Batch:
        """Return token tensors of shape (rows, longest), and `labels` of shape (rows,)."""
        import torch

        batch = pad(processor, features)
        if "labels" in features[0]:
            batch["labels"] = torch.tensor([int(f["labels"]) for f in features])
        return batch

    def loss(self, outputs: Any, batch: Batch, options: Options) -> torch.Tensor:
        """Return the mean cross-entropy in nats."""
        from torch.nn.functional import cross_entropy

        return cross_entropy(
            outputs["logits"].float(),
            batch["labels"],
            label_smoothing=options.label_smoothing_factor,
        )

    def decode(self, outputs: Any) -> tuple[Array, Array | None]:
        """Return class numbers, shape (rows,), and probabilities, shape (rows, classes)."""
        probabilities = outputs["logits"].float().softmax(-1).cpu().numpy()
        return probabilities.argmax(-1), probabilities

    def scored(self, golds: Sequence[Any], predictions: Array, scores: Array | None) -> Scored:
        """Return class numbers and probabilities for the metrics."""
        import numpy as np

        gold = np.asarray(golds, dtype=np.int64)
        return Scored(CLASSES, gold, predictions, scores, self.labels)

    def gold_text(self, gold: Any) -> str:
        """Return the name of a class."""
        return str(self.labels[gold])

    def value(self, prediction: Any, scores: Array | None) -> str:
        """Return the label."""
        return str(self.labels[prediction])

    def fields(self, prediction: Any, scores: Array | None, options: Options) -> list[str]:
        """Return the label and its score, or every label and its score."""
        import numpy as np

        assert scores is not None
        if options.return_all_scores:
            return [
                field
                for number in np.argsort(-scores, kind="stable")
                for field in (self.labels[number], f"{scores[number]:.4f}")
            ]
        return [self.labels[prediction], f"{scores[prediction]:.4f}"]


def _spelling(value: Any) -> str:
    """Return a cell of a label column as text, '' when it is missing."""
    if value is None or value != value:  # noqa: PLR0124  (not-a-number is missing)
        return ""
    return value.strip() if isinstance(value, str) else str(value)


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
            _spelling(value)
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
        unseen = values - known - missing
        if unseen:
            notes.warn(
                f"{role} has labels that train lacks, so no model can learn them: "
                f"{listed(labelling.in_natural_order(unseen), 6)}"
            )
    labels = labelling.in_natural_order(every)
    return labels, labels
