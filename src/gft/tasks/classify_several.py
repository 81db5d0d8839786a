"""`classify: labels ~ text` where the labels are lists: any number of classes for each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gft.data.spelling import spelling
from gft.data.table import Column, DataSet
from gft.errors import UserError, listed
from gft.inputs.category import BESIDE
from gft.inputs.kind import InputKind
from gft.inputs.text import TEXT, TEXTS
from gft.inputs.words import lists_of_what
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.indicators import indicators
from gft.metrics.protocol import Array, Scored
from gft.targets.protocol import Target
from gft.targets.several import Several
from gft.tasks.constants import constant
from gft.tasks.labelled import LabelledTask, labels_in, of_splits
from gft.tasks.long_texts import LongTexts
from gft.tasks.margins import margins_of_labels
from gft.tasks.options import LabelMap, Ranking, TextLength, Weights, Windowing
from gft.tasks.outputs import as_array, sigmoid
from gft.tasks.protocol import Batch, Cells, Feature, Splits, Task, Values

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ClassifySeveral(LabelledTask, LongTexts):
    """A classifier that says yes or no to each label by itself: a sigmoid and binary cross-entropy.

    A row whose list is empty has a label: none of them applies. Where each label has a column, a
    missing cell says nothing of that label, and the row counts for the others. `weights` (one a
    label) multiply the loss of the rows that have the label.
    """

    name: ClassVar[str] = "classify"
    summary: ClassVar[str] = (
        "any number of classes per row (multi-label), from one or more columns of text"
    )
    head: ClassVar[str] = "sequence-classification"
    takes: ClassVar[tuple[InputKind, ...]] = (TEXT, *BESIDE)
    target: ClassVar[Target] = Several()
    metrics: ClassVar[tuple[str, ...]] = ("f1_micro", "f1_macro", "subset_accuracy", "loss")
    fewest: ClassVar[int] = 1
    problem_type: ClassVar[str | None] = "multi_label_classification"
    output_needs: ClassVar[str] = "lists of classes"
    output_takes: ClassVar[tuple[str, ...]] = ("list", "boolean")
    several_outputs: ClassVar[bool] = True
    left: ClassVar[str] = "one column of lists of classes, or a column of 0 and 1 for each class"
    right: ClassVar[str] = TEXTS
    default_model: ClassVar[str | None] = "SamLowe/roberta-base-go_emotions"
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:go_emotions,simplified --eqn 'classify: labels ~ text'"
    )
    answer: ClassVar[str] = "labels"
    reads: ClassVar[Reads] = (TextLength, Windowing, Weights, LabelMap, Ranking)

    @classmethod
    def bound(cls, equation: Equation, data: DataSet, used: Splits, model: Task | None) -> Task:
        """Find the labels in the lists of the column on the left; several columns are labels."""
        column = data.columns[equation.left[0]]
        if model is not None and not isinstance(model, cls):
            if len(equation.left) > 1:
                raise UserError(
                    f"the equation has {len(equation.left)} columns of labels "
                    f"({listed(equation.left)}); the model predicts one class per row"
                )
            raise UserError(
                f"column {column.name!r} of {data.name} has lists of classes; the model predicts "
                "one class per row"
            )
        if len(equation.left) > 1:
            return cls.of_columns(equation, labels=equation.left, raw_labels=equation.left)
        if column.classes is not None:
            labels = column.classes
            raw_labels = tuple(str(number) for number in range(len(labels)))
        else:
            labels = raw_labels = _found(column.name, used, data.name)
        if not labels:
            raise UserError(f"column {column.name!r} of {data.name} has no label in any list")
        return cls.of_columns(equation, labels=labels, raw_labels=raw_labels)

    def saved(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON, with a mark that rows may have several classes."""
        return {"several": True, **super().saved()}

    def balanced(self, golds: Iterable[Any]) -> list[float]:
        """Return the weights with which a label counts as much as its absence."""
        counts: Counter[int] = Counter()
        rows = 0
        for gold in golds:
            rows += 1
            counts.update(gold)
        labels = range(len(self.labels))
        return [(rows - counts[n] - counts[~n]) / counts[n] if counts[n] else 1.0 for n in labels]

    def golds(self, rows: Cells) -> list[tuple[int, ...] | None]:
        """Return the numbers of each row's labels, ascending; None where there is no list.

        Where each label has a column, `~n` stands for a label n of which the row says nothing, and
        None for a row that says nothing of any.
        """
        number = self.numbers
        if len(self.outputs) > 1:
            columns = [(number.get(name), rows[name]) for name in self.outputs]
            return _of_columns([one for one in columns if one[0] is not None], len(self.labels))
        return [
            None
            if value is None
            else tuple(sorted({number[text] for text in map(spelling, value) if text in number}))
            for value in rows[self.outputs[0]]
        ]

    @classmethod
    def gold_text(cls, cells: Sequence[Any], columns: Sequence[Column]) -> str | None:
        """Return the labels of a row, also of one that has a column for each."""
        if len(columns) == 1:
            return super().gold_text(cells, columns)
        pairs = list(zip(cells, columns, strict=True))
        if all(cell is None for cell, _ in pairs):
            return None
        return " ".join(column.name for cell, column in pairs if cell is True)

    def label_tensor(self, labels: Sequence[Any]) -> torch.Tensor:
        """Return 1 where a label applies, NaN where that is not known, shape (rows, labels)."""
        import torch

        has, known = map(torch.from_numpy, indicators(labels, len(self.labels)))
        return has.float().masked_fill(~known, torch.nan)

    def first_weights(
        self, numbers: Array, golds: Sequence[Any], states: Array | None = None
    ) -> Array:
        """Return those of a logistic model for each label."""
        from gft.covariates.first_weights import of_labels

        gold = self.label_tensor(golds).double().numpy()
        return of_labels(numbers, self._widths(), gold, states)

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean binary cross-entropy over the labels that rows know, in nats."""
        from torch.nn.functional import binary_cross_entropy_with_logits

        outputs, labels = self.run_with_labels(model, batch)
        logits = outputs["logits"].float()
        weights = None if self.weights is None else constant(self.weights, logits.device)
        known = ~labels.isnan()
        losses = binary_cross_entropy_with_logits(
            logits, labels.nan_to_num(), pos_weight=weights, reduction="none"
        )
        mean: torch.Tensor = (losses * known).sum() / known.sum().clamp(min=1)
        return mean

    def weight(self, batch: Batch) -> torch.Tensor:
        """Return how many labels are known to apply or not."""
        return (~batch["labels"].isnan()).sum()

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return which labels apply (probability above a half) and their probabilities.

        Both have the shape (rows, labels).
        """
        probabilities = sigmoid(as_array(outputs["logits"]))
        return probabilities > 0.5, probabilities

    def margins(self, predictions: Values, scores: Values | None) -> Array | None:
        """Return what `margins_of_labels` does."""
        import numpy as np

        return margins_of_labels(np.asarray(predictions), np.asarray(scores))

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return indicators, shape (rows, labels), and probabilities for the metrics."""
        import numpy as np

        has, known = indicators(golds, len(self.labels))
        predicted, probabilities = np.asarray(predictions), np.asarray(scores)
        if known.all():
            return Scored(has, predicted, probabilities, self.labels)
        return Scored(has, predicted & known, np.where(known, probabilities, 0), self.labels, known)

    def value(self, prediction: Any, scores: Any) -> list[str]:
        """Return the labels that apply."""
        import numpy as np

        chosen = prediction if isinstance(prediction, tuple) else np.flatnonzero(prediction)
        return [self.labels[number] for number in chosen if number >= 0]

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return each label that applies with its score; every one, or the `--top_k` best."""
        import numpy as np

        order = np.argsort(-scores, kind="stable")
        asked = options.of(Ranking)
        if asked.return_all_scores:
            chosen = list(order)
        elif asked.top_k:
            chosen = list(order[: asked.top_k])
        else:
            chosen = [number for number in order if prediction[number]]
        return [field for n in chosen for field in (self.labels[n], f"{scores[n]:.4f}")]


def _of_columns(
    columns: Sequence[tuple[Any, Sequence[bool | None]]], labels: int
) -> list[tuple[int, ...] | None]:
    """Return the gold values of rows, of columns that each say of a label whether it applies."""
    found: list[tuple[int, ...] | None] = []
    numbers = [number for number, _ in columns]
    for cells in zip(*(cells for _, cells in columns), strict=True):
        marked = list(zip(numbers, cells, strict=True))
        yes, no = ({n for n, cell in marked if cell is one} for one in (True, False))
        unknown = (~n for n in range(labels) if n not in yes | no)
        found.append((*sorted(yes), *unknown) if yes or no else None)
    return found


def _found(name: str, used: Splits, where: str) -> tuple[str, ...]:
    """Return the labels in the lists of a column, in their natural order. Raises `UserError`."""
    for rows in used.values():
        if lists_of_what(rows, name) in ("list", "struct"):
            raise UserError(
                f"column {name!r} of {where} holds lists of lists or objects; classify "
                "needs lists of labels"
            )
    return of_splits(labels_in(used, name))
