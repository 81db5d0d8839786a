"""Rows of the data sets: which split each is in, and the files that hold them."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
SPLITS = ("train", "val", "test")
Row = tuple[str, ...]


def number(text: str) -> int:
    """Return a number that depends on a text alone, so that every machine has the same."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def split_of(key: str) -> str:
    """Return the split of a row: eight tenths are train, one is val, one test."""
    return {8: "val", 9: "test"}.get(number(key) % 10, "train")


def chosen(keys: Iterable[str], count: int) -> list[str]:
    """Return so many of some texts, or all; only the texts decide which."""
    return sorted(set(keys), key=lambda key: number(f"chosen {key}"))[:count]


def write(path: str | Path, header: Iterable[str], rows: Mapping[str, Sequence[Row]]) -> None:
    """Write `path.train`, `path.val` and `path.test`, and say so."""
    for split in SPLITS:
        file = Path(f"{HERE / path}.{split}")
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([tuple(header), *rows[split]])
        print(f"{file}: {len(rows[split]):,} rows")


def divided(rows: Mapping[str, Row]) -> dict[str, list[Row]]:
    """Return rows by split; the key of each decides its split and its place."""
    found: dict[str, list[Row]] = {split: [] for split in SPLITS}
    for key in sorted(rows, key=lambda key: number(f"place {key}")):
        found[split_of(key)].append(rows[key])
    return found
