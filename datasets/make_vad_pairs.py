"""Make VAD/simple of VAD/VAD: `python3 make_vad_pairs.py 100k`; 10k, 100k or 1000k pairs of train.

What is there already stays.
"""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

from rows import HERE, SPLITS, Row, write

SIZES = {"10k": 10_000, "100k": 100_000, "1000k": 1_000_000}
HEADER = ("word1", "word2", "gold")


def main() -> None:
    """Write the three splits."""
    size = sys.argv[1] if len(sys.argv) > 1 else ""
    if size not in SIZES:
        raise SystemExit(f"usage: python3 make_vad_pairs.py {'|'.join(SIZES)}")
    path = f"VAD/simple/VAD.simple.{size}"
    if not all(Path(f"{HERE / path}.{split}").exists() for split in SPLITS):
        write(path, HEADER, {split: pairs(split, SIZES[size]) for split in SPLITS})


def pairs(split: str, size: int) -> list[Row]:
    """Return pairs of a split's own words: how much more pleasant the first is than the second."""
    with (HERE / "VAD" / f"VAD.{split}").open(encoding="utf-8", newline="") as file:
        words = [(row["Word"], float(row["Valence"])) for row in csv.DictReader(file)]
    generator = random.Random(f"{split} {size}")
    found: list[Row] = []
    for _ in range(size if split == "train" else size // 10):
        (first, one), (second, other) = generator.sample(words, 2)
        found.append((first, second, f"{one - other:.3f}"))
    return found


if __name__ == "__main__":
    main()
