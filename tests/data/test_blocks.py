"""Reading is bounded by bytes as well as by rows, on the disk too."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gft.data import blocks, columnar, readers
from gft.data.files import read_data
from gft.data.opening import open_bytes
from gft.data.spool import Spool
from gft.data.table import Rows
from gft.errors import NoSpace

BYTES = 1000
TEXTS = [f"{n} {'word ' * (60 if n % 7 else 1)}".strip() for n in range(40)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (blocks, columnar):
        monkeypatch.setattr(module, "BYTES_PER_BLOCK", BYTES)


def as_csv(path: Path) -> Path:
    path.write_text("text\n" + "\n".join(TEXTS) + "\n")
    return path


def as_jsonl(path: Path) -> Path:
    path.write_text("".join(json.dumps({"text": [one]}) + "\n" for one in TEXTS))
    return path


def as_conll(path: Path) -> Path:
    words = ["\n".join(f"{word} O" for word in text.split()) for text in TEXTS]
    path.write_text("\n\n".join(words) + "\n")
    return path


def as_parquet(path: Path) -> Path:
    pq.write_table(pa.table({"text": TEXTS}), path, use_dictionary=False)
    return path


def as_dictionary(path: Path) -> Path:
    pq.write_table(pa.table({"text": [TEXTS[1]] * 40}), path)
    return path


@pytest.mark.parametrize(
    ("name", "make"),
    [("x.csv", as_csv), ("x.jsonl", as_jsonl), ("x.conll", as_conll), ("x.parquet", as_parquet),
     ("repeated.parquet", as_dictionary)],
)  # fmt: skip
def test_a_file_is_read_a_few_long_rows_at_a_time(
    name: str, make: Callable[[Path], Path], small: None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    parts: list[pa.Table] = []
    add = Spool.add
    monkeypatch.setattr(Spool, "add", lambda spool, part: (parts.append(part), add(spool, part)))
    rows = read_data(make(tmp_path / name)).splits["train"]
    assert len(rows) == 40 and sum(part.num_rows for part in parts) == 40
    assert max(part.num_rows for part in parts) <= 8
    found = [
        " ".join(cell) if isinstance(cell, list) else cell
        for cell in rows.column(next(iter(rows.columns)))
    ]
    assert found == ([TEXTS[1]] * 40 if make is as_dictionary else TEXTS)


def test_rows_come_a_few_long_ones_at_a_time(small: None) -> None:
    table = pa.table({
        "text": pa.chunked_array([TEXTS[:11], TEXTS[11:]]), "n": range(40),
        "tags": [["x" * 50] * (n % 3) for n in range(40)],
    })  # fmt: skip
    order = np.random.default_rng(0).permutation(40)
    for rows in (Rows(table), Rows(table).select(order), Rows(table.slice(0, 0))):
        found = list(rows.batches(["text", "n"], 20))
        assert [cell for part in found for cell in part["text"]] == rows.column("text")
        assert [cell for part in found for cell in part["n"]] == rows.column("n")
        for part in found:
            assert len(part["n"]) == 1 or sum(map(len, part["text"][:-1])) < BYTES
    short = Rows(table).select([0, 7, 14, 21, 28, 35])
    assert [part["n"] for part in short.batches(["n", "text"], 4)] == [[0, 7, 14, 21], [28, 35]]
    pairs = list(short.batches_beside(["n"], Rows(table).select(range(6)), ["text"], 9))
    assert [(one["n"], len(other["text"])) for one, other in pairs] == [
        ([0, 7, 14, 21, 28], 5), ([35], 1)
    ]  # fmt: skip


def packed(path: Path, table: pa.Table) -> Path:
    inner = path.with_name("inner")
    if ".parquet" in path.name:
        pq.write_table(table, inner)
    else:
        with pa.ipc.new_file(str(inner), table.schema) as out:
            out.write_table(table)
    content = inner.read_bytes()
    inner.unlink()
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr(path.stem, content)
    return path


@pytest.mark.parametrize("name", ["x.parquet.gz", "x.arrow.zip", "x.parquet.zip"])
def test_what_must_be_unpacked_first_is_so_in_blocks(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setattr(readers, "BLOCK", 100)
    asked: list[int] = []
    monkeypatch.setattr(readers, "free_bytes", lambda folder: asked.append(1) or 1 << 30)
    path = packed(tmp_path / name, pa.table({"text": TEXTS}))
    assert read_data(path).splits["train"].column("text") == TEXTS
    assert len(asked) > 10
    assert [one for one in home.rglob("*") if one.is_file()] == []


def test_what_does_not_fit_the_disk_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "gft"
    path = packed(tmp_path / "x.parquet.zip", pa.table({"text": TEXTS}))
    with zipfile.ZipFile(path) as archive:
        [size] = [one.file_size for one in archive.infolist()]
    monkeypatch.setattr("gft.storage.space.free_bytes", lambda _: 900)
    with pytest.raises(NoSpace) as caught:
        read_data(path)
    assert str(caught.value) == (
        f"{path} needs {size / 1e3:.1f} kB of disk when unpacked, and 900 bytes are free in "
        f"{folder}; free some space there"
    )
    # A gzip file does not say how much it holds: it stops where the disk is nearly full.
    path = packed(tmp_path / "x.parquet.gz", pa.table({"text": TEXTS}))
    monkeypatch.setattr(readers, "free_bytes", lambda _: 900)
    with pytest.raises(NoSpace, match=r"x\.parquet\.gz needs more than .* of disk when unpacked"):
        read_data(path)


def test_few_packed_bytes_are_unpacked_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.csv", b"text\n" + b"a" * (1 << 20) + b"\n")
    with open_bytes(path) as file:
        assert file.read() == b"text\n" + b"a" * (1 << 20) + b"\n"
