"""Values of rows come back as Python's own, whatever form they are kept in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gft.data import scratch
from gft.data.compact import Cells
from gft.metrics.intervals import Tally, values_with_intervals
from gft.metrics.protocol import Scored
from gft.metrics.table import find


@pytest.mark.parametrize(
    "parts",
    [
        [[1, 2], [3]], [[0.5], [1.5, float("inf")]], [[[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]],
        [["a"], ["b"]], [[1, 2], [None]], [[1], [2.5]], [[[1, 2]], [[3]]], [[True], [False]],
        [[{"text": ["x"]}], [{"text": []}]], [[], [1]], [[]], [[[]], [[1]]],
    ],
)  # fmt: skip
def test_they_come_back(parts: list[list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    for spilled in (1 << 20, 8):
        monkeypatch.setattr(scratch, "SPILLED_BYTES", spilled)
        cells = Cells()
        for part in parts:
            cells.extend(part)
        cells.close()
        wanted = [value for part in parts for value in part]
        assert cells == wanted and len(cells) == len(wanted)
        assert [cells[n] for n in range(len(wanted))] == wanted and cells[1:] == wanted[1:]
        assert [type(value) for value in cells] == [type(value) for value in wanted]
        if wanted and isinstance(wanted[0], int | float) and None not in wanted:
            assert np.asarray(cells, dtype=np.float64).tolist() == list(map(float, wanted))


def test_a_tally_by_parts_is_the_whole() -> None:
    chance = np.random.default_rng(0)
    scores = chance.dirichlet((1, 1, 1), 300)
    gold, names = chance.integers(0, 3, 300), ("a", "b", "c")
    metrics = [find(name) for name in ("accuracy", "f1", "loss", "matthews_correlation")]
    tally = Tally(metrics)
    for start in range(0, 300, 77):
        part = slice(start, start + 77)
        chosen = scores[part]
        tally.add(Scored(gold[part], chosen.argmax(1), chosen, names))
    whole = Scored(gold, scores.argmax(1), scores, names)
    assert tally.values_with_intervals() == values_with_intervals(metrics, whole)
