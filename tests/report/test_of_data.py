"""What is in a data set, for people."""

from __future__ import annotations

from gft.data.sampling import Lengths
from gft.report.of_data import data_text
from gft.results.data_facts import ColumnFacts, DataFacts


def test_facts_columns_lengths_and_classes() -> None:
    lengths = Lengths(5, 9, 1500)
    columns = (
        ColumnFacts("text", "text", 12, 1, ("a", "b"), lengths, lengths, 0.125),
        ColumnFacts("y", "class", 2, 0, ("no",), None),
        ColumnFacts("image", "file", None, 0, ("a.png",), None),
    )
    labels = {"y": {"no": {"train": 8}, "yes": {"train": 4}}}
    about = DataFacts("d", "me/d", "0123456789abcdef", {"train": 5000}, "train", 100, columns,
                      labels, None, tokenized=50, limit=512)  # fmt: skip
    text = data_text(about)
    rows = [line.split() for line in text.splitlines()]
    assert ["Rows:", "train", "5,000"] in rows
    assert ["From:", "me/d", "at", "0123456789"] in rows
    assert ["text", "text", "12", "different,", "1", "empty", "a", "|", "b"] in rows
    assert ["image", "file", "a.png"] in rows
    assert ["text", "5", "9", "1,500", "5", "9", "1,500", "12.5", "%"] in rows
    assert "over 512" in text
    assert "from 100 of 5,000 rows of train, evenly spread" in text
    assert "Tokens were counted in 50 rows, evenly spread." in text
    assert ["yes", "4"] in rows


def test_of_very_many_columns_some_are_described() -> None:
    columns = tuple(ColumnFacts(f"c{n}", "text", 1, 0, ("x",), None) for n in range(1_200))
    text = data_text(DataFacts("d", None, None, {"train": 2}, "train", 2, columns, {}, None))
    assert "c499 " in text and "c500 " not in text
    assert "There are 700 more columns." in text
