"""What tasks with labels share: how labels meet a model's, and weights of classes in the loss."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft import notes
from gft.data.spelling import spelling
from gft.data.table import Rows
from gft.errors import UserError, listed
from gft.inputs.kind import Splits
from gft.language.program import Options
from gft.tasks import labels as labelling
from gft.tasks.classes import ranked_labels, weights_of
from gft.tasks.constants import constant
from gft.tasks.masks import IGNORED
from gft.tasks.options import LabelMap, Weights
from gft.tasks.protocol import Adapted, Task
from gft.tasks.relabelling import relabelled

if TYPE_CHECKING:
    import torch

    from gft.data.labels import Parted

UNLABELLED = "-1"


@dataclass(frozen=True)
class LabelledTask(Task):
    """A task whose labels have names.

    `raw_labels` are the labels as the data writes them, in the order of `labels`; they differ from
    `labels` where the data holds numbers of named classes. `same` are further raw labels, each with
    the number of its label.
    `smoothing` (0 to 1) and `weights` (one a label, from `--class_weight`) belong to the loss.
    """

    raw_labels: tuple[str, ...] = ()
    smoothing: float = 0.0
    asked_weights: tuple[str, ...] | None = None
    weights: tuple[float, ...] | None = None
    same: labelling.Same = ()
    label_map: tuple[str, ...] = ()

    found: ClassVar[tuple[str, ...]] = ("raw_labels",)
    fewest: ClassVar[int] = 2
    """So few labels there can be."""
    problem_type: ClassVar[str | None] = None
    """What `transformers` calls the loss of a head, where it has heads for several."""

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task that `saved` describes; older folders call its raw labels `spelt`."""
        older = {"raw_labels": saved["spelt"]} if "spelt" in saved else {}
        return super().restore({**older, **saved})

    def configured(self, options: Options) -> Self:
        """Return the task with `--class_weight` and `--label_map`."""
        return replace(
            super().configured(options),
            asked_weights=options.of(Weights).class_weight or None,
            label_map=options.of(LabelMap).label_map or (),
        )

    def learned(self, train: Rows, golds: Sequence[Any]) -> Self:
        """Return the task with the weights of the labels, which may come from their counts."""
        task = super().learned(train, golds)
        if self.asked_weights is None:
            return task
        weights = weights_of(self.asked_weights, self.labels, self.balanced(golds))
        return replace(task, weights=weights)

    def cross_entropy(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy in nats over labels that count; 0 where none does.

        `logits` are of shape (labels, classes). A label counts by the weight of its class: one
        whose class weighs 0 does not count at all, not for the smoothing either.
        """
        import torch
        from torch.nn.functional import cross_entropy

        counted = self.counted(labels)
        total = cross_entropy(
            logits,
            labels.masked_fill(counted == 0, IGNORED),
            None if self.weights is None else constant(self.weights, logits.device),
            ignore_index=IGNORED,
            reduction="sum",
            label_smoothing=self.smoothing,
        )
        return total / counted.sum().clamp(min=torch.finfo(counted.dtype).tiny)

    def counted(self, labels: torch.Tensor) -> torch.Tensor:
        """Return how much each label counts: the weight of its class, or 1; 0 for `IGNORED`."""
        import torch

        weights = constant(self.weights or (1.0,) * len(self.labels), labels.device)
        return torch.where(labels == IGNORED, 0.0, weights[labels.clamp(min=0)])

    @abstractmethod
    def balanced(self, golds: Iterable[Any]) -> list[float]:
        """Return the weights with which the labels of some rows count alike."""

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task with its labels in the order of a model's.

        Labels meet by name; when one side has none and the counts agree, by position, with a
        warning. Raises `UserError` that shows both lists when they differ.
        """
        raw_labels, same, warnings = labelling.met(
            self.labels, self.raw_labels, model.labels, label_map
        )
        fitted = self._as_fitted(model)
        return replace(fitted, labels=model.labels, raw_labels=raw_labels, same=same), warnings

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Keep the model's head, in its order, if it knows the same labels; else replace it.

        A head that knows these labels among others gives them their rows. `--label_map` may rename,
        merge and leave out labels before.
        """
        from gft.request import ModelRequest

        theirs = labelling.of_config(config)
        made = relabelled(self.labels, self.raw_labels, self.label_map, theirs)
        if len(made.labels) < self.fewest <= len(self.labels):
            raise UserError(
                f"--label_map leaves one class, {made.labels[0]}; {self.name} needs two"
            )
        met = labelling.adapted(made.labels, made.raw_labels, config, made.lent)
        same = tuple((text, met.labels.index(label)) for text, label in made.more)
        task = replace(self, labels=met.labels, raw_labels=met.raw_labels, same=same)
        request = ModelRequest(
            self.head,
            labels=met.labels,
            problem_type=self.problem_type,
            new_head=met.new_head,
            head_rows=met.head_rows,
        )
        return Adapted(task, request, (*made.notes, *met.notes))

    @property
    def numbers(self) -> dict[str, int]:
        """The number of the label for each spelling of the data."""
        return {text: n for n, text in enumerate(self.raw_labels)} | dict(self.same)

    def ranked(self, scores: Any, options: Options) -> Any:
        """Return the labels with their scores, best first, if more than one is asked for."""
        return ranked_labels(self.labels, scores, options)


def labels_in(
    used: Splits,
    name: str,
    parted: Parted | None = None,
    missing: Iterable[str] = (),
    model: Sequence[str] | None = None,
) -> dict[str, set[str]]:
    """Return the different labels in a column of each split, as text.

    Those of `missing` are none. With the labels of a `model`, which may be empty, -1 is GLUE's
    mark of a missing label, unless the train split or the model has such a class.
    """
    found = {
        role: set(map(spelling, rows.labels([name], parted).different(name))) - {"", *missing}
        for role, rows in used.items()
    }
    if model is not None and UNLABELLED not in found.get("train", set()).union(model):
        found = {role: labels - {UNLABELLED} for role, labels in found.items()}
    return found


def of_splits(found: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return the labels of all splits; a warning names those that train lacks."""
    for role, labels in found.items():
        unseen = labelling.in_natural_order(labels - found.get("train", labels))
        if unseen:
            notes.warn(
                f"{role} has labels that train lacks, so no model can learn them: "
                f"{listed(unseen, 6)}"
            )
    return labelling.in_natural_order(set().union(*found.values()))


def balanced_of(counts: Sequence[int]) -> list[float]:
    """Return the weights with which classes of these counts count alike, 1 for an absent one."""
    total, classes = sum(counts), len(counts)
    return [total / (classes * count) if count else 1.0 for count in counts]
