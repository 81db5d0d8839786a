"""Metrics of very many classes: memory grows with rows and classes, not with their product."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

from gft.baselines.label_noise import wrong_labels
from gft.data.table import Rows
from gft.errors import UserError
from gft.functions import scores
from gft.metrics.grounds import supports
from gft.metrics.protocol import Scored
from gft.metrics.table import find
from gft.results.baselines import fit_baselines
from gft.tasks.classify import Classify

MANY = 8_000


@pytest.mark.parametrize("groups", [None, np.arange(MANY) // 4])
def test_what_their_metrics_rest_on(groups: np.ndarray | None) -> None:
    gold = np.arange(MANY)
    scored = Scored(gold, np.roll(gold, 1), None, tuple(f"class{n}" for n in range(MANY)))
    metrics = [find(name) for name in ("f1", "balanced_accuracy")]
    tracemalloc.start()
    for metric in metrics:
        [support] = supports(metric, metric.rows(scored), scored.names, groups)
        assert str(support.caveat).startswith("only 1 row of class0")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6  # All rows of each class would be 64 MB, were a row a byte.


def test_no_estimate_of_wrong_labels_where_few_classes_have_a_row() -> None:
    classes = 3_000
    said = np.full((1_000, classes), 1 / classes)
    gold = np.arange(1_000)
    assert wrong_labels(said, gold, gold) is None


NAMES = tuple(f"class{n}" for n in range(MANY))
TASK = Classify(("text",), ("label",), NAMES, NAMES)
ROWS = Rows(pa.table({"text": [f"river {n}" for n in range(MANY)], "label": list(NAMES)}))


def test_no_baseline_learns_from_fewer_rows_than_classes() -> None:
    assert [one.name for one in fit_baselines(TASK, ROWS, list(range(MANY)))] == ["majority"]


def test_scores_that_do_not_fit_are_refused_before_a_weight_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scores.check_scores(TASK, {"train": ROWS, "val": ROWS.select(range(100))})
    monkeypatch.setattr(scores, "free_memory", lambda: 10**9)
    with pytest.raises(UserError) as refused:
        scores.check_scores(TASK, {"train": ROWS, "val": ROWS})
    assert str(refused.value) == (
        "scores of 8,000 rows of val for each of 8,000 classes take 1.0 GB of memory, and 1.0 GB "
        "are free: score fewer rows (--max_eval_samples 3906), or choose a column with fewer "
        "classes"
    )
