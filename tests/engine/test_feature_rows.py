"""Encoded rows, and some of them without a copy."""

from __future__ import annotations

import numpy as np

from gft.data.compact import Cells
from gft.engine.features import FeatureStore
from gft.tasks.protocol import Encoded


def test_some_rows_are_read_where_they_are() -> None:
    store = FeatureStore("input_ids", Cells.of([5, 6, 7, 8]))
    ids = [[1], [2, 2], [3, 3, 3], [4, 4, 4, 4]]
    store.extend(Encoded([{"input_ids": one, "word": str(one[0])} for one in ids], [0] * 4), 0)
    some = store.close().select(np.array([1, 3]))
    assert len(some) == 2 and list(some.golds) == [6, 8]
    assert some[1]["input_ids"].tolist() == [4, 4, 4, 4] and some[1]["word"] == "4"
    assert some.lengths().tolist() == some.row_lengths().tolist() == [2, 4]
    again = some.select(np.array([1]))
    assert list(again.golds) == [8] and again[0]["word"] == "4" and again.lengths().tolist() == [4]
    assert store.lengths().tolist() == [1, 2, 3, 4]


def test_all_features_of_a_row_come_with_it() -> None:
    store = FeatureStore("input_ids", Cells.of(["a", "b", "c"]))
    features = [{"input_ids": [n] * (n + 1)} for n in range(5)]
    store.extend(Encoded(features, [0] * 5, rows=[0, 0, 1, 2, 2]), 0)
    some = store.close().select(np.array([0, 2]))
    assert list(some.golds) == ["a", "c"] and some.rows is not None
    assert some.rows.tolist() == [0, 0, 1, 1]
    assert some.lengths().tolist() == [1, 2, 4, 5] and some.row_lengths().tolist() == [3, 9]
    assert [some[n]["input_ids"][0] for n in range(len(some))] == [0, 1, 3, 4]
