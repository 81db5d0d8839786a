"""How often each class occurs, and the spread of amounts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from gft.data.table import DataSet, Rows
from gft.results.label_counts import amounts_of, count_classes


def test_classes_of_each_split_that_has_the_column() -> None:
    train = Rows(pa.table({"y": ["b", "a", "b", None]}))
    other = Rows(pa.table({"x": ["1"]}))
    data = DataSet("d", {"train": train, "test": other})
    counts = count_classes(data, train.columns["y"])
    assert counts == {"": {"train": 1}, "a": {"train": 1}, "b": {"train": 2}}


def test_amounts_count_as_often_as_they_occur() -> None:
    counts = {"1": {"a": 3, "b": 0}, "2.5": {"a": 1, "b": 0}, "": {"a": 9, "b": 9}}
    found = amounts_of(counts)
    assert found is not None and list(found) == ["a"]
    values = [1, 1, 1, 2.5]
    spread = (found["a"].mean, found["a"].sd, found["a"].least, found["a"].most)
    assert spread == pytest.approx((np.mean(values), np.std(values), 1, 2.5))


@pytest.mark.parametrize("values", [("1", "2.0"), ("1.5", "a")])
def test_whole_numbers_and_words_are_no_amounts(values: tuple[str, ...]) -> None:
    assert amounts_of({one: {"a": 1} for one in values}) is None
