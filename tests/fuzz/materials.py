"""What a fuzz run begins with: whole files of every format, and ways in which they are spoilt."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Call = Callable[[], int | None]
"""What is done in a process of its own; nothing is success."""
ROWS = [{"label": "neg" if n % 2 else "pos", "text": f'naïve, "film" {n}'} for n in range(40)]
EQUATIONS = (
    "classify: label ~ text",
    "regress: `a b` + c ~ text(x) + y",
    "classify_tokens: tags ~ tokens",
    "classify: label ~ . - id",
)
SPECIFICATIONS = ("H:glue,qqp", "C:./x.csv", "P:name@main", "C:~/x/$HOME", "book.xlsx,Sheet 1")
VALUES = (
    "", "x", "nan", "-1", "0", "1e308", "9" * 400, "1" + "0" * 17, "x" * 5000, "C:~nobody-here/x",
    "C:\x01", '{"nonsense": 1}', "[" * 5000, "dangling/../..", "H:a/b/c", "true", "none", "0.5",
)  # fmt: skip
"""What is said for an argument."""
_SIGNS = ":~+-.`()|*^=, \t\n\\\"'@$/é日\u202e\x00\ud800"


def text_files() -> dict[str, bytes]:
    """Return a whole file of rows in each format of text and of tables."""
    table = pa.Table.from_pylist(ROWS)
    csv = "label,text\n" + "".join(f'{row["label"]},"naïve, ""film"""\n' for row in ROWS)
    jsonl = "".join(json.dumps(row) + "\n" for row in ROWS)
    arrow, parquet = io.BytesIO(), io.BytesIO()
    with pa.ipc.new_file(arrow, table.schema) as writer:
        writer.write_table(table)
    pq.write_table(table, parquet)
    files = {
        "csv": csv.encode(),
        "tsv": csv.replace(",", "\t").encode(),
        "jsonl": jsonl.encode(),
        "json": json.dumps(ROWS).encode(),
        "arrow": arrow.getvalue(),
        "parquet": parquet.getvalue(),
    }
    return files | {"csv.gz": gzip.compress(files["csv"]), "zip": zipped({"x.csv": files["csv"]})}


def zipped(members: dict[str, bytes]) -> bytes:
    """Return an archive of files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    """Return a compressed archive of files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return made.getvalue()


def pdparams() -> bytes:
    """Return weights as PaddlePaddle pickles them: arrays by their names."""
    return pickle.dumps({"w": np.arange(12, dtype=np.float32).reshape(3, 4)}, protocol=2)


def spoilt(content: bytes, chance: random.Random) -> bytes:
    """Return bytes with something changed: flipped, cut, doubled, blown up, or out of place."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(8):
            case 0 if found:
                found[at % len(found)] ^= 1 << chance.randrange(8)
            case 1:
                del found[at:]
            case 2:
                del found[at : at + chance.randrange(1, 50)]
            case 3:
                found[at:at] = found[at : at + 100] * chance.choice((1, 50))
            case 4:
                found[at:at] = chance.randbytes(chance.choice((1, 4, 300)))
            case 5:
                found[at : at + 4] = b"\xff\xff\xff\x7f"
            case 6:
                found[at:at] = chance.choice((b"\x00", b"\r", b'"', b"[" * 5000, b"9" * 5000))
            case _:
                found[at : at + 8] = bytes(8)
    return bytes(found)


def spoilt_text(text: str, chance: random.Random) -> str:
    """Return a text with signs added, taken away or repeated very often."""
    for _ in range(chance.choice((1, 2, 5))):
        at = chance.randrange(len(text) + 1)
        sign = chance.choice(_SIGNS)
        match chance.randrange(4):
            case 0:
                text = text[:at] + sign + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randrange(1, 6) :]
            case 2:
                text = text[:at] + sign * chance.choice((3, 3000)) + text[at:]
            case _:
                text = text[:at] + text[at:][::-1]
    return text


def spoilt_json(value: object, chance: random.Random) -> object:
    """Return a JSON value with one of its parts, however deep, replaced by another kind."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        return {**value, key: spoilt_json(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        return [*value[:at], spoilt_json(value[at], chance), *value[at + 1 :]]
    return chance.choice(_VALUES)


_VALUES: tuple[object, ...] = (
    None, True, "", "x", "9" * 400, 0, -1, 7, 10**8, 10**30, 1.5, -1e308, [], [[]], {}, {"a": []},
    [None], ["x"],
)  # fmt: skip


def written(path: Path, content: bytes) -> Path:
    """Write a file and return it."""
    path.write_bytes(content)
    return path
