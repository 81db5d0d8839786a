"""What became of the rows of a fit, in sentences with counts."""

from __future__ import annotations

from typing import Any

from gft.language.program import SELECT_FROM_TRAIN, TEST_FROM_TRAIN
from gft.report.of_rows import about_drawn, about_rows, rows_of_splits


def record(**data: Any) -> dict[str, Any]:
    plain = {
        "splits": {"train": "train", "val": "dev"},
        "rows": {"train": 2000, "val": 300},
        "without_label": {"train": 0, "val": 0},
        "truncated": {"train": 0, "val": 0},
    }
    arguments = data.pop("arguments", {})
    return {"data": plain | data, "program": {"arguments": arguments}}


def test_where_nothing_happened_nothing_is_said() -> None:
    assert about_rows(record()) == []
    assert rows_of_splits(record())[1] == ("val", "dev", "300", "0", "0")


def test_truncated_unlabelled_and_limited_rows() -> None:
    told = about_rows(
        record(
            truncated={"train": 312, "val": 1},
            tokens_truncated={"train": 0.042, "val": 0.001},
            too_long="longer than 256 tokens and truncated there",
            without_label={"train": 41, "val": 3},
            arguments={"max_train_samples": 2000, "max_eval_samples": 500},
        )
    )
    assert told == [
        "Left out, because they have no label: 41 rows of train and 3 rows of val.",
        "No more than the first 2,000 rows of train were used (--max_train_samples).",
        "312 of the 2,000 rows of train are longer than 256 tokens and truncated there: 4.2 % of "
        "all tokens are not read.",
        "1 of the 300 rows of val is longer than 256 tokens and truncated there: 0.1 % of all "
        "tokens are not read.",
    ]


def test_repeated_rows() -> None:
    [told] = about_rows(record(repeated={"train": 120, "val": 1}))
    assert told.startswith(
        "120 of the 2,000 rows of train and 1 of the 300 rows of val repeat the input of an earlier"
    )
    assert "1 of the 300 rows of val repeats" in about_rows(record(repeated={"val": 1}))[0]
    assert about_drawn(record(repeated={"val": 1})) == []  # A table says it.


def test_rows_that_were_drawn() -> None:
    drawing = {"rows": 2500, "tied": 812, "largest": 37, "left_out": 1, "near": 12}
    drawn = {"val": SELECT_FROM_TRAIN, "test": TEST_FROM_TRAIN}
    found = record(splits={"train": "train", **drawn}, rows={"train": 2000, "val": 200, "test": 1},
                   drawing=drawing, arguments={"group": "author"})  # fmt: skip
    first, tied, left, near = about_drawn(found)
    assert first.startswith(
        "The data has no val and no test split: 200 rows for val and 1 row for test were taken out "
        "of train"
    )
    assert (
        "812 of 2,500 labelled rows" in tied
        and "the same or nearly the same inputs, or the same author, were kept in one split" in tied
    )
    assert left == (
        "1 row is in no split: its text is so short that rows of another author have it too."
    )
    assert near.startswith(
        "12 rows of val and test are near-duplicates of rows of train: the scores on val"
    )
    assert rows_of_splits(found)[1][1] == "taken out of train"
    assert len(about_drawn(record(splits={"train": "t", "val": SELECT_FROM_TRAIN}))) == 1
