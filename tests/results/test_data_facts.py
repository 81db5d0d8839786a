"""What is in a data set, whatever its size."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from gft.data.table import DataSet, Rows
from gft.report.of_data import data_text
from gft.results.data_facts import DESCRIBED_ROWS, describe_data


def cells(text: str, first: str) -> list[str]:
    """Return what follows the line of a table or of facts that begins with `first`."""
    line = next(one for one in text.splitlines() if one.startswith(first))
    return line.removeprefix(first).lstrip(":").split()


def test_many_rows_are_sampled_and_it_is_said() -> None:
    count = 400_000
    names = pa.DictionaryArray.from_arrays(
        pa.array([0, 1] * (count // 2), pa.int8()), ["red", "blue"]
    )
    table = pa.table({"n": pa.array(range(count)), "colour": names})
    about = describe_data(DataSet("big", {"train": Rows(table)}))
    assert about.read == DESCRIBED_ROWS
    assert about.labels == {"colour": {"blue": {"train": 200_000}, "red": {"train": 200_000}}}
    assert "from 10,000 of 400,000 rows of train, evenly spread" in data_text(about)


def test_more_rows_than_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gft.results.label_counts.COUNTED_ROWS", 100)
    monkeypatch.setattr("gft.results.data_facts.COUNTED_ROWS", 100)
    rows = Rows(pa.table({"label": ["a", "b"] * 500}))
    about = describe_data(DataSet("big", {"train": rows}))
    assert sum(one["train"] for one in about.labels["label"].values()) == 100
    assert "Of each split 100 rows at most were counted" in data_text(about)


def test_large_objects_are_not_read() -> None:
    image = {"bytes": b"x" * 100_000, "path": "a.png"}
    rows = Rows(pa.table({"image": [image] * 50, "tags": [["B", "O"]] * 50}))
    text = data_text(describe_data(DataSet("images", {"train": rows})))
    assert cells(text, "image")[:4] == ["file", "1", "different", "a.png"]
    assert cells(text, "tags")[:5] == ["list", "2", "different", "B", "O"]
    lines = [line.split() for line in text.splitlines()]
    assert ["B", "50"] in lines and ["O", "50"] in lines


def test_numbers_have_a_spread() -> None:
    values = [f"{n % 20 - 5}.5" for n in range(200)] + [None]
    rows = Rows(pa.table({"valence": values}))
    lines = [
        line.split() for line in data_text(describe_data(DataSet("v", {"all": rows}))).split("\n")
    ]
    numbers = [float(value) for value in values if value]
    assert ["numbers", "split", "mean", "sd", "least", "most"] in lines
    mean, sd = f"{np.mean(numbers):.4g}", f"{np.std(numbers):.4g}"
    assert ["valence", "all", mean, sd, "-5.5", "14.5"] in lines


def test_whole_numbers_may_be_classes() -> None:
    rows = Rows(pa.table({"label": [str(n % 20) for n in range(200)]}))
    assert "and 8 more classes" in data_text(describe_data(DataSet("v", {"all": rows})))
