"""Make VAD/VAD of VADER's lexicon: `python3 make_vad.py vader_lexicon.txt`.

The lexicon is in the Python package vaderSentiment, and at https://github.com/cjhutto/vaderSentiment.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import fmean, pstdev

from rows import divided, write

HEADER = ("Word", "Valence", "Arousal", "Dominance")
STRONGEST = 4
"""Ratings go from -4 to 4."""


def main() -> None:
    """Write the three splits."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python3 make_vad.py vader_lexicon.txt")
    lexicon = Path(sys.argv[1]).read_text(encoding="utf-8")
    found = {}
    for line in lexicon.splitlines():
        word, _, _, ratings = line.split("\t")
        found[word] = (word, *map("{:.3f}".format, measured(json.loads(ratings))))
    write("VAD/VAD", HEADER, divided(found))


def measured(ratings: list[int]) -> tuple[float, float, float]:
    """Return three numbers from 0 to 1: how pleasant a word is, how strongly felt, how surely."""
    valence = (fmean(ratings) + STRONGEST) / (2 * STRONGEST)
    strength = fmean(map(abs, ratings)) / STRONGEST
    agreement = 1 - pstdev(ratings) / STRONGEST
    return valence, strength, agreement


if __name__ == "__main__":
    main()
