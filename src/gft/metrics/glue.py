"""GLUE's own scores: `H:glue,TASK` (Wang et al. 2019, table 1)."""

from __future__ import annotations

from dataclasses import replace

from gft.errors import UserError, listed, no_such
from gft.metrics import classification as c
from gft.metrics.correlations import correlation
from gft.metrics.protocol import Metric

_COLA = c.of_all("matthews_correlation")
_F1 = replace(c.of_classes("f1", "auto"), always_second=True)
_RIGHT = c.accuracy_of_counts()
_PARTS: dict[str, tuple[Metric, ...]] = {
    "cola": (_COLA,),
    "stsb": (
        correlation("pearson"),
        correlation("spearmanr"),
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


def parts_of(task: str | None) -> list[Metric]:
    """Return the metrics of one of GLUE's tasks, in the order GLUE lists them.

    Raises `UserError` naming the tasks that there are.
    """
    if task is None:
        there = listed(TASKS, len(TASKS))
        raise UserError(f"metric H:glue needs a task, as in H:glue,qqp; available: {there}")
    if task not in TASKS:
        raise UserError(no_such("configuration", task, TASKS, "H:glue"))
    return list(_PARTS[task])


def merit_of(task: str) -> str | None:
    """Return the name of a task's selection metric where it is not the first: accuracy after F1."""
    return _JUDGED_BY.get(task)
