"""Make syn_ant's adj, noun and verb of Nguyen et al.'s pairs: `python3 from_antsyn.py FOLDER`.

Theirs are `adjective-pairs.train` and the like, in https://github.com/nguyenkh/AntSynDistinction
("Distinguishing Antonyms and Synonyms in a Pattern-based Neural Network", EACL 2017); lines have
two words and 1 for antonyms or 0 for synonyms.
"""

from __future__ import annotations

import sys
from pathlib import Path

from make_syn_ant import HEADER
from rows import SPLITS, Row, write

NAMES = {"adjective": "adj", "noun": "noun", "verb": "verb"}
KINDS = {"0": "synonym", "1": "antonym"}


def main() -> None:
    """Write the three sets, in their own splits."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python3 from_antsyn.py FOLDER")
    folder = Path(sys.argv[1])
    for theirs, ours in NAMES.items():
        rows = {split: read(folder / f"{theirs}-pairs.{split}") for split in SPLITS}
        write(f"syn_ant/tag-{ours}-pairs", HEADER, rows)


def read(path: Path) -> list[Row]:
    """Return the pairs of a file. Exits if it is missing or a line is something else."""
    if not path.is_file():
        raise SystemExit(f"there is no {path}")
    found: list[Row] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        cells = line.split()
        if len(cells) != 3 or cells[2] not in KINDS:
            raise SystemExit(f"{path}, line {number}: expected two words and 0 or 1: {line!r}")
        found.append((cells[0], cells[1], KINDS[cells[2]]))
    return found


if __name__ == "__main__":
    main()
