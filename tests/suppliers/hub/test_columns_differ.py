"""A data set of the hub whose files have different columns: `datasets` says so in three ways."""

from __future__ import annotations

import json
from pathlib import Path

import datasets
import pytest

from gft.suppliers.hub.data import _different_columns


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_datasets_says_is_read(tmp_path: Path, form: str) -> None:
    for number, names in enumerate((["a", "b"], ["a", "c"])):
        lines = [",".join(names), "1,2"] if form == "csv" else [json.dumps(dict.fromkeys(names, 1))]
        (tmp_path / f"train-{number}.{form}").write_text("\n".join(lines) + "\n")
    with pytest.raises(Exception, match="An error occurred") as caught:
        datasets.load_dataset(str(tmp_path), cache_dir=str(tmp_path / "cache"))
    told = f"{caught.value}\n{caught.value.__cause__}"
    different = _different_columns(told)
    assert different is not None and "c" in different and "a" not in different.split()


def test_other_failures_are_not_taken_for_it() -> None:
    told = "there are 1 new columns ({'c'}) and 1 missing columns ({'b'}).\n\nThis happened"
    assert _different_columns(told) == "1 new columns ({'c'}) and 1 missing columns ({'b'})"
    assert _different_columns("JSON parse error: Missing a name") is None
    assert _different_columns("Couldn't cast\na: string\nto\na: int64") is None
