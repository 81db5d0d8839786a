"""Predictions of a model without a net: no processor, no batches, no `torch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from gft.engine.inference import Predictions
from gft.errors import UserError, counted, listed
from gft.inputs.features import Unread
from gft.suppliers.protocol import WithoutNet
from gft.tasks.protocol import Task


@dataclass(frozen=True)
class NetlessPredictor:
    """A model without a net, ready to predict the rows of a task."""

    task: Task
    model: WithoutNet

    @property
    def processor(self) -> None:
        """None: cells are read as they are."""
        return

    @property
    def too_long(self) -> str:
        """What a note calls rows that are not read completely."""
        return f"longer than {self.model.longest:,} characters and truncated"

    @property
    def unit(self) -> str:
        """The unit of lengths."""
        return "characters"

    def computed_by(self) -> dict[str, str]:
        """Return what computes the predictions: numpy, in double precision."""
        return {"name": "numpy", "version": version("numpy"), "precision": "fp64"}

    def with_task(self, task: Task) -> NetlessPredictor:
        """Return the same with a task that reads rows in another way."""
        return replace(self, task=task)

    def rows(self, rows: Mapping[str, Sequence[Any]]) -> Predictions:
        """Return predictions for rows, a dict of lists.

        The task's columns stand for those of the model, in their order, whatever their names.
        """
        pairs = dict(zip(self.task.inputs, self.task.input_kinds, strict=True)).items()
        read = [kind.read(rows[name]) for name, kind in pairs]
        values, scores = self.model.predict(dict(zip(self.model.columns, read, strict=True)))
        return Predictions(values, scores, self.unread(rows))

    def unread(self, rows: Mapping[str, Sequence[Any]]) -> Unread:
        """Return how much of the rows is truncated, in characters."""
        lengths = [[len(text) for text in row] for row in zip(*self.task.read(rows), strict=True)]
        lost = [sum(max(0, one - self.model.longest) for one in row) for row in lengths]
        return Unread(sum(one > 0 for one in lost), sum(lost), sum(map(sum, lengths)))


def netless(task: Task, model: WithoutNet, name: str, labels: Sequence[str]) -> NetlessPredictor:
    """Return the predictor of a task's rows with the model called `name`.

    `labels` are those in the record of its fit. Raises `UserError` if the model has others, or was
    fitted to another number of columns.
    """
    inputs = tuple(dict.fromkeys(task.inputs))
    if len(inputs) != len(model.columns):
        of_text = " of text" if task.covariates is None else ""
        raise UserError(
            f"{name} was fitted to {counted(len(model.columns), 'column')}{of_text} "
            f"({listed(model.columns)}), not to {len(inputs)} ({listed(inputs)})"
        )
    if tuple(labels) != model.labels:
        raise UserError(
            f"{name} is damaged: its record has the labels {listed(labels, 6)}, its weights those "
            f"of {listed(model.labels, 6)}"
        )
    return NetlessPredictor(task, model)
