"""What is long goes to files and comes back as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gft.data import assembled, columnar, delimited, scratch
from gft.data.files import read_data
from gft.data.scratch import GrowingArray
from gft.data.spool import Spool


@pytest.fixture(params=[True, False], ids=["in files", "in memory"])
def in_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param:
        monkeypatch.setattr(scratch, "SPILLED_BYTES", 64)
        for module in (columnar, delimited, assembled):
            monkeypatch.setattr(module, "ROWS_PER_CHUNK", 5)
    return bool(request.param)


def test_an_array_grows(in_files: bool) -> None:
    whole = np.arange(120, dtype=np.int32).reshape(40, 3)
    growing = GrowingArray()
    for start in range(0, 40, 7):
        growing.extend(whole[start : start + 7])
    found = growing.closed()
    assert found.dtype == np.int32 and (found == whole).all()
    assert found.flags.writeable is not in_files  # what is mapped is there to be read
    assert len(GrowingArray().closed()) == 0


def test_parts_of_an_array_may_differ_in_type(in_files: bool) -> None:
    growing = GrowingArray()
    for part in (np.arange(40, dtype=np.int32), np.array([0.5]), np.arange(3, dtype=np.int32)):
        growing.extend(part)
    assert growing.closed().tolist() == [*map(float, range(40)), 0.5, 0.0, 1.0, 2.0]
    growing = GrowingArray()
    growing.extend(np.array([["a", 1]] * 20, dtype=object))
    assert growing.closed().tolist() == [["a", 1]] * 20


def test_parts_of_a_table_may_differ_in_columns(in_files: bool) -> None:
    spool = Spool()
    for part in ({"a": [1, 2]}, {"a": [3] * 20}, {"a": [4], "b": ["x"]}, {"a": [5]}):
        spool.add(pa.table(part))
    table = pa.concat_tables(spool.tables(), promote_options="permissive")
    assert table.column("a").to_pylist() == [1, 2, *[3] * 20, 4, 5]
    assert table.column("b").to_pylist() == [*[None] * 22, "x", None]


def test_every_form_of_file_reads_the_same(in_files: bool, tmp_path: Path) -> None:
    rows = {"text": [f"row {n} " * (n % 4) for n in range(33)], "n": list(range(33))}
    table = pa.table({**rows, "kind": pa.array(["a", "b", "c"] * 11).dictionary_encode()})
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=10)
    with pa.ipc.new_file(tmp_path / "x.arrow", table.schema) as out:
        out.write_table(table, 10)
    lines = [f"{text},{n},{'abc'[n % 3]}" for text, n in zip(*rows.values(), strict=True)]
    (tmp_path / "x.csv").write_text("\n".join(["text,n,kind", *lines, ""]), encoding="utf-8")
    table.to_pandas().to_json(tmp_path / "x.jsonl", orient="records", lines=True)
    for form in ("parquet", "arrow", "csv", "jsonl"):
        [found] = read_data(tmp_path / f"x.{form}").splits.values()
        assert found.column("text") == rows["text"], form
        assert list(map(int, found.column("n"))) == rows["n"], form
        assert found.column("kind") == ["a", "b", "c"] * 11, form
        assert found.select([30, 2]).column("text") == [rows["text"][30], rows["text"][2]], form


def test_rows_are_mapped_and_the_file_has_no_name(
    in_files: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "x.csv").write_text("text\n" + "a long row\n" * 500, encoding="utf-8")
    before = pa.total_allocated_bytes()
    data: Any = read_data(tmp_path / "x.csv")
    grown = pa.total_allocated_bytes() - before
    assert grown < 500 if in_files else grown > 5000
    assert not list((tmp_path / "gft").iterdir()) if in_files else not (tmp_path / "gft").exists()
    assert len(data.splits["train"].column("text")) == 500
