"""What a model gets wrong on a split."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from gft.data.table import DataSet, Rows
from gft.language.equation import parse_equation
from gft.metrics.table import find
from gft.registry import tasks
from gft.results.errors import MOST_OUTPUTS, MOST_POINTS, Errors, errors_of
from gft.results.measured import Outcome


def errors(eqn: str, metric: str, golds: Any, predictions: Any, scores: Any, lengths: Any,
           **columns: Any) -> Errors:  # fmt: skip
    """Return the errors of a split whose columns and predictions are given."""
    rows, equation = Rows(pa.table(columns)), parse_equation(eqn)
    data = DataSet("d", {"test": rows})
    task = tasks()[equation.task].bind(equation, data, {"test": rows})
    outcome = Outcome(task, [find(metric, None, task.target)], {"test": rows},
                      {"test": (golds, predictions, scores)}, [],
                      lengths={"test": np.asarray(lengths)})  # fmt: skip
    return errors_of(outcome, "test")


def test_classes_have_confusions_and_metrics_by_length() -> None:
    golds = np.array([0, 1, 2] * 20)
    found = np.where(np.arange(60) < 6, (golds + 1) % 3, golds)
    scores = np.full((60, 3), 0.1)
    scores[np.arange(60), found] = 0.8
    told = errors("classify: y ~ x", "accuracy", golds, found, scores, range(60),
                  x=[f"text {n}" for n in range(60)], y=["a", "b", "c"] * 20)  # fmt: skip
    assert told.confusion is not None and told.residuals == []
    assert told.confusion.counts.sum() == 60
    assert told.confusion.most(3) == [("a", "b", 2), ("b", "c", 2), ("c", "a", 2)]
    assert told.confusion.counts[told.confusion.gold == told.confusion.found].sum() == 54
    assert [one.row for one in told.worst] == [1, 2, 3, 4, 5, 6]
    assert told.worst[0].inputs == (("x", "text 0"),)
    assert (told.worst[0].gold, told.worst[0].prediction) == ("a", "b")
    assert told.lengths is not None
    assert (told.lengths.metric, told.lengths.unit) == ("accuracy", "tokens")
    assert told.lengths.bins[0]["from"] == 0 and told.lengths.bins[-1]["to"] == 59
    assert sum(one["rows"] for one in told.lengths.bins) == 60
    assert told.lengths.bins[0]["value"] < told.lengths.bins[-1]["value"] == 1


def test_numbers_have_residuals_of_some_rows_and_outputs() -> None:
    count, names = 2 * MOST_POINTS, [f"y{n}" for n in range(MOST_OUTPUTS + 1)]
    golds = np.tile(np.arange(count, dtype=float)[:, None], len(names))
    predictions = golds - 1.5
    predictions[0] = np.nan
    columns = {name: golds[:, n].tolist() for n, name in enumerate(names)}
    told = errors(f"regress: {' + '.join(names)} ~ x", "mse", golds, predictions, None,
                  np.full(count, 7), x=["a text"] * count, **columns)  # fmt: skip
    assert told.confusion is None and told.lengths is None
    assert [one.name for one in told.residuals] == names[:MOST_OUTPUTS]
    assert all(len(one.left) == MOST_POINTS - 1 for one in told.residuals)
    assert set(told.residuals[0].left) == {1.5}
