"""WordNet's files `data.noun`, `data.verb`, `data.adj` and `data.adv`: its synsets and pointers.

Their form is described in WordNet's manual page wndb(5WN).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}


@dataclass(frozen=True)
class Pointer:
    """What leads from a synset to another; `source` and `target` count words from 1, 0 is all."""

    symbol: str
    place: tuple[str, str]
    source: int
    target: int


@dataclass(frozen=True)
class Synset:
    """Words that mean the same; `place` is the part of speech and the offset in its file."""

    place: tuple[str, str]
    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]

    @classmethod
    def read(cls, line: str) -> Self:
        """Return the synset of a line of a file."""
        fields = line.partition(" | ")[0].split()
        offset, part = fields[0], fields[2].replace("s", "a")
        count = int(fields[3], 16)
        words = tuple(spelt(word) for word in fields[4 : 4 + 2 * count : 2])
        ends = 5 + 2 * count
        fours = [fields[at : at + 4] for at in range(ends, ends + 4 * int(fields[ends - 1]), 4)]
        pointers = tuple(
            Pointer(symbol, (of.replace("s", "a"), at), int(numbers[:2], 16), int(numbers[2:], 16))
            for symbol, at, of, numbers in fours
        )
        return cls((part, offset), words, pointers)


def spelt(word: str) -> str:
    """Return a word as it is written: without underscores and without `(a)`."""
    return re.sub(r"\((a|p|ip)\)$", "", word).replace("_", " ")


def synsets(folder: Path, parts: str = "nvar") -> dict[tuple[str, str], Synset]:
    """Return the synsets of some parts of speech by their places. Exits if a file is missing."""
    found = {}
    for part in parts:
        path = folder / f"data.{FILES[part]}"
        if not path.is_file():
            raise SystemExit(f"there is no {path}; WordNet 3.0 is at https://wordnet.princeton.edu")
        for synset in _read(path):
            found[synset.place] = synset
    return found


def _read(path: Path) -> Iterator[Synset]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if not line.startswith("  "):  # The licence is at the top, indented.
                yield Synset.read(line)


def plain(word: str) -> bool:
    """Say whether a word is one of lower-case letters, as are most that people know."""
    return word.isascii() and word.isalpha() and word.islower()
