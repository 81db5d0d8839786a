"""Tables of how often each class occurs."""

from __future__ import annotations

from gft.report.label_counts import SHOWN_CLASSES, label_tables


def lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_classes_by_split_with_the_empty_one() -> None:
    counts = {"y": {"a b": {"train": 1200, "val": 3}, "": {"train": 1, "val": 0}}}
    text = label_tables(counts, None)
    assert ["y", "train", "val"] in lines(text)
    assert ["a", "b", "1,200", "3"] in lines(text)
    assert ["(empty)", "1", "0"] in lines(text)
    assert "counted" not in text and label_tables({}, 100) == ""


def test_of_many_classes_the_most_frequent_and_how_many_more() -> None:
    counts = {"y": {f"c{n}": {"train": n} for n in range(SHOWN_CLASSES + 3)}}
    text = label_tables(counts, 100)
    assert "and 3 more classes\n" in text
    assert ["c14", "14"] in lines(text) and ["c0", "0"] not in lines(text)
    assert text.endswith("Of each split 100 rows at most were counted, evenly spread.\n")


def test_many_amounts_are_summed_up() -> None:
    counts = {"y": {f"{n}.5": {"train": 1, "val": 0} for n in range(20)}}
    found = lines(label_tables(counts, None))
    assert ["y", "train", "10", "5.766", "0.5", "19.5"] in found
    assert not any(line[:2] == ["y", "val"] for line in found[1:])
