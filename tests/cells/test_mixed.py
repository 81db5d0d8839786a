"""A column of values of several forms: it stops nobody who does not use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ran import Ran


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "d.jsonl"
    rows = [{"text": f"film {n}", "label": "ab"[n % 2], "meta": {"wiki": n}} for n in range(8)]
    rows[5]["meta"] = {"wiki": "none"}
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_a_mixed_column_that_is_not_used(gft: Callable[..., Ran], table: Path) -> None:
    done = gft("cat_data", "--data", table, "--eqn", "classify: label ~ text")
    assert (done.status, len(done.out.splitlines())) == (0, 8)
    done = gft("cat_data", "--data", table, "--format", "jsonl")
    assert [json.loads(line)["meta"]["wiki"] for line in done.out.splitlines()][4:6] == [4, "none"]


@pytest.mark.parametrize("eqn", ["classify: label ~ meta", "classify: meta ~ text"])
def test_a_mixed_column_that_is_used(gft: Callable[..., Ran], table: Path, eqn: str) -> None:
    done = gft("cat_data", "--data", table, "--eqn", eqn)
    assert done.status == 2
    [error] = done.errors
    assert "line 6: column 'meta.wiki' holds the text 'none', where the rows before hold" in error
    assert error.endswith("numbers; the equation needs values of one form")
