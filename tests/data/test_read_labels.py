"""Labels that are read once: the different cells, a number for each row, and gold values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gft.data import labels as module
from gft.data.table import Rows

CELLS: dict[str, list[Any]] = {
    "classes": ["b", "a", None, "b", ""],
    "integers": [3, -1, 3, None, 0],
    "numbers": [0.0, -0.0, None, float("nan"), 1.5],
    "flags": [True, False, None, True, True],
    "lists": [["b", "a"], [], None, ["a"], ["b", ""]],
    "nested": [[["a"]], [["b"]], None, [], [["a"], []]],
    "objects": [{"text": ["x"]}, {"text": []}, None, {"text": ["x"]}, {"text": ["y"]}],
}  # fmt: skip


def rows(name: str) -> Rows:
    return Rows(pa.table({name: pa.array(CELLS[name], from_pandas=False), "x": list("abcde")}))


def read(labels: Any, name: str, size: int = 2) -> list[Any]:
    return [cell for part in labels.batches(size) for cell in part[name]]


@pytest.mark.parametrize("name", CELLS)
def test_cells_come_back(name: str) -> None:
    some = rows(name)
    assert list(map(repr, read(some.labels([name]), name))) == list(map(repr, CELLS[name]))
    chosen = [4, 1, 2]
    few = read(some.select(chosen).labels([name]), name)
    assert list(map(repr, few)) == [repr(CELLS[name][n]) for n in chosen]


@pytest.mark.parametrize("most", [0, 3])
def test_cells_that_hardly_recur(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KINDS", most)
    monkeypatch.setattr(module, "READ_ROWS", 2)
    texts = ["a", "b", "c", "d", "e", None, "a", "g"]
    some = Rows(pa.table({"y": texts, "z": [[text, "x"] for text in texts]}))
    for name, cells in (("y", texts), ("z", [[text, "x"] for text in texts])):
        assert read(some.labels([name]), name) == cells
        assert read(some.select([6, 1]).labels([name]), name) == [cells[6], cells[1]]


def test_many_different_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KINDS", 0)
    some = Rows(pa.table({"y": ["a b", None, "c"]}))
    labels = some.labels(["y"], str.split)
    assert read(labels, "y") == [["a", "b"], None, ["c"]]
    assert list(labels.different("y")) == ["a", "b", "c"]
    assert labels.lengths("y").tolist() == [2, 0, 1]
    assert read(some.select([2]).labels(["y"], str.split), "y") == [["c"]]


def test_different_cells_of_the_rows_that_are_there() -> None:
    assert rows("classes").labels(["classes"]).different("classes") == ["b", "a", None, ""]
    lists = rows("lists")
    assert lists.labels(["lists"]).different("lists") == ["b", "a", ""]
    assert lists.select([3]).labels(["lists"]).different("lists") == ["a"]
    assert lists.labels(["lists"]).lengths("lists").tolist() == [2, 0, 0, 1, 2]
    assert lists.select([4, 1]).labels(["lists"]).lengths("lists").tolist() == [2, 0]


def test_parts_of_a_text() -> None:
    some = Rows(pa.table({"y": ["B I O", "O", None, "B I"]}))
    labels = some.labels(["y"], str.split)
    assert read(labels, "y") == [["B", "I", "O"], ["O"], None, ["B", "I"]]
    assert labels.lengths("y").tolist() == [3, 1, 0, 2]


def test_gold_values_and_what_is_missing() -> None:
    def of(part: Mapping[str, Any]) -> list[int | None]:
        return [{"a": 0, "b": 1}.get(cell) for cell in part["classes"]]

    golds = rows("classes").labels(["classes"]).golds(of)
    assert golds.known.tolist() == [True, True, False, True, False]
    assert isinstance(golds.values[0], int) and list(golds.values) == [1, 0, 1]
    assert list(golds.of(np.array([3, 1]))) == [1, 0]
    assert golds.of(None) is golds.values

    def both(part: Mapping[str, Any]) -> list[Any]:
        return [
            None if a is None else (a, b) for a, b in zip(part["integers"], part["x"], strict=True)
        ]

    assert list(rows("integers").labels(["integers", "x"]).golds(both).values) == [
        (3, "a"), (-1, "b"), (3, "c"), (0, "e")]  # fmt: skip
