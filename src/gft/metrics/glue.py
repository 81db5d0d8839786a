"""GLUE's own figures: `H:glue,TASK` (Wang et al. 2019, table 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gft.metrics import classification as c
from gft.metrics import regression as r
from gft.metrics.protocol import Array, Figure, Metric, Scored

_COLA = c.Counts("matthews_correlation", c.matthews)
_F1 = c.Counts("f1", c.averaged(c.f1, "auto"))
_RIGHT = c.Counts("accuracy", c.share_right, proportion=True)
_PARTS: dict[str, tuple[Metric, ...]] = {
    "cola": (_COLA,),
    "stsb": (
        r.OfNumbers("pearson", r.pearson, greater_is_better=True),
        r.OfNumbers("spearmanr", r.spearman, greater_is_better=True),
    ),
    "mrpc": (_F1, _RIGHT),
    "qqp": (_F1, _RIGHT),
    **dict.fromkeys(
        ("sst2", "mnli", "mnli_matched", "mnli_mismatched", "qnli", "rte", "wnli", "hans", "ax"),
        (c.ACCURACY,),
    ),
}
TASKS = tuple(_PARTS)
_JUDGED_BY = {"mrpc": "accuracy", "qqp": "accuracy"}


@dataclass(frozen=True)
class Glue:
    """The figures of one of GLUE's tasks; all of them are read off the same statistics."""

    task: str

    @property
    def name(self) -> str:
        """The metric's name, such as `glue,mrpc`."""
        return f"glue,{self.task}"

    @property
    def parts(self) -> tuple[Metric, ...]:
        """The metrics that the figures are of, in the order GLUE lists them."""
        return _PARTS[self.task]

    @property
    def target(self) -> str:
        """The kind of target that it is for: numbers for stsb, else classes."""
        return self.parts[0].target

    @property
    def merit(self) -> str:
        """The name of its figure of merit: accuracy where F1 is listed before it."""
        return _JUDGED_BY.get(self.task, self.parts[0].name)

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the figures in the order GLUE lists them."""
        return tuple(figure for part in self.parts for figure in part.figures(names))

    def rows(self, scored: Scored) -> Array:
        """Return the statistics that all parts share."""
        return self.parts[0].rows(scored)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return each figure of each sample."""
        return np.concatenate([part.reduce(statistics, weights) for part in self.parts])
