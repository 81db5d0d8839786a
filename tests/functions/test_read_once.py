"""A fit, and an evaluation, reads the labels of each split from its table once.

What texts spell out is found out before: of tags in texts in two more looks. Where a column may
give labels away, those of a sample of train, here of all of it, are looked at for that.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gft.data.table import Rows
from hub import models

Count = Counter[tuple[str, int]]
ROWS = {"train": 64, "val": 24, "test": 20}
CASES = {
    "classify: y ~ text": lambda n: ["red", "blue"][n % 2],
    "regress: y ~ text": lambda n: n % 2 * 2.5,
    "several": lambda n: [["red"], ["blue", "dark"], []][n % 3],
    "classify_tokens: y ~ text": lambda n: ["B", "O", "O"],
    "tags with blanks": lambda n: "B O O",
    "generate: y ~ text": lambda n: f"stone mark{n % 2}",
    "classify_spans: y ~ text + context": lambda n: {"text": ["mark"], "answer_start": [6]},
}  # fmt: skip
GIVEN_AWAY = ("classify: y ~ text", "regress: y ~ text", "several")
EQUATIONS = {
    "several": "classify: y ~ text", "tags with blanks": "classify_tokens: y ~ text"
}  # fmt: skip


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Count]:
    """How many rows of the labels of each split were read, by what the split is known by."""
    counted: Count = Counter()
    batches, column = Rows.batches, Rows.column

    def count(rows: Rows, names: Any) -> None:
        if "y" in names and "y" in rows.columns:
            counted[str(rows.table.column("split")[0])] += len(rows)

    def counting(rows: Rows, names: Any, size: int) -> Iterator[dict[str, list[Any]]]:
        count(rows, names)
        return batches(rows, names, size)

    def column_counting(rows: Rows, name: str) -> list[Any]:
        count(rows, [name])
        return column(rows, name)

    monkeypatch.setattr(Rows, "batches", counting)
    monkeypatch.setattr(Rows, "column", column_counting)
    yield counted


@pytest.mark.parametrize("case", CASES)
def test_labels_are_read_once(case: str, tiny: Path, tmp_path: Path, reads: Count) -> None:
    import gft

    equation = EQUATIONS.get(case, case)
    data = tmp_path / "data"
    data.mkdir()
    for split, count in ROWS.items():
        rows = [
            {"text": f"river mark{n % 2} river", "context": f"river mark{n % 2}", "split": split,
             "y": CASES[case](n)}
            for n in range(count)
        ]  # fmt: skip
        (data / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    looks = 3 if "blanks" in case else 1
    model = models.bart(tmp_path / "bart") if "generate" in case else tiny
    weights = {} if "generate" in case or "spans" in case or "regress" in case else {
        "class_weight": ["balanced"]}  # fmt: skip
    gft.fit(model=f"C:{model}", data=f"C:{data}", eqn=equation, output_dir=str(tmp_path / "out"),
            num_train_epochs=1, **weights)  # fmt: skip
    once = {split: looks * count for split, count in ROWS.items()}
    sample = ROWS["train"] if case in GIVEN_AWAY else 0
    assert reads == {**once, "train": once["train"] + sample}
    reads.clear()
    # Answers stay in the table; whether a row of test has one is asked where no split is named.
    named = {"split": "test"} if "spans" in case else {}
    gft.evaluate(model=f"C:{tmp_path / 'out'}", **named)
    # What the cells of a column are is seen from those of all splits.
    assert reads["test"] == looks * ROWS["test"]
    assert all(count <= looks * ROWS[split] for split, count in reads.items())
