"""Make KGC/WN18RR of WN18RR itself: `python3 from_wn18rr.py WN18RR_FOLDER WORDNET_FOLDER`.

Its `train.txt`, `valid.txt` and `test.txt` are in https://github.com/TimDettmers/ConvE; a line has
two synsets of WordNet 3.0 and their relation, `00260881 _hypernym 00260622` between tabs. WordNet's
files give the synsets their words.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from make_kgc import HEADER
from rows import Row, write
from wordnet import Synset, synsets

FILES = {"train": "train.txt", "val": "valid.txt", "test": "test.txt"}


def main() -> None:
    """Write the three splits."""
    if len(sys.argv) != 3:
        raise SystemExit("usage: python3 from_wn18rr.py WN18RR_FOLDER WORDNET_FOLDER")
    by_offset: dict[str, list[Synset]] = {}
    for (_, offset), synset in synsets(Path(sys.argv[2])).items():
        by_offset.setdefault(offset, []).append(synset)
    folder = Path(sys.argv[1])
    write(
        "KGC/WN18RR",
        HEADER,
        {split: read(folder / name, by_offset) for split, name in FILES.items()},
    )


def read(path: Path, by_offset: dict[str, list[Synset]]) -> list[Row]:
    """Return the rows of a file. Exits if it is missing or a line is something else."""
    if not path.is_file():
        raise SystemExit(f"there is no {path}")
    found: list[Row] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            first, relation, second = line.split("\t")
            one, other = related(by_offset[first], by_offset[second])
        except (KeyError, ValueError):
            raise SystemExit(
                f"{path}, line {number}: expected two synsets and a relation: {line!r}"
            ) from None
        found.append((one.words[0], other.words[0], relation.lstrip("_")))
    return found


def related(ones: list[Synset], others: list[Synset]) -> tuple[Synset, Synset]:
    """Return the two that point at each other: an offset may be in several of WordNet's files."""
    for one, other in itertools.product(ones, others):
        if other.place in [pointer.place for pointer in one.pointers]:
            return one, other
    return ones[0], others[0]


if __name__ == "__main__":
    main()
