"""Public sets as they were published, read from a folder that has them somewhere in it.

GLUE's tsv files, tweet_eval's pairs of files, the sets of Kim's sent_conv, emotion, banking77,
poem_sentiment, EmoBank, ChnSentiCorp and the Chinese pairs: train (or dev, where that is all).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple


class PublicSet(NamedTuple):
    """Rows of a set: the columns of inputs, the labels, and whether these are numbers."""

    name: str
    inputs: dict[str, list[str]]
    labels: list[str]
    numbers: bool = False

    def where(self, name: str, kept: Callable[[int], bool]) -> PublicSet:
        """Return the set of some rows."""
        chosen = [n for n in range(len(self.labels)) if kept(n)]
        inputs = {one: [cells[n] for n in chosen] for one, cells in self.inputs.items()}
        return PublicSet(name, inputs, [self.labels[n] for n in chosen], self.numbers)

    def against_all(self, label: str) -> PublicSet:
        """Return the set with one class against all others."""
        labels = [label if one == label else f"not {label}" for one in self.labels]
        return PublicSet(f"{self.name}: {label} or not", self.inputs, labels)


def another_split(folder: Path, name: str, ending: str) -> PublicSet | None:
    """Return a split of a set other than train, None where there is no such file."""
    for file in sorted(folder.rglob(ending))[:1]:
        return PublicSet(name, *_SETS[name][1](file))
    return None


def public_sets(folder: Path) -> Iterator[PublicSet]:
    """Yield every set that is found in a folder or below it."""
    for name, (ending, read) in _SETS.items():
        for file in sorted(folder.rglob(ending))[:1]:
            inputs, labels, numbers = read(file)
            yield PublicSet(name, inputs, labels, numbers)


Read = tuple[dict[str, list[str]], list[str], bool]


def _table(
    label: str | int,
    *names: str | int,
    delimiter: str = "\t",
    quoted: bool = False,
    numbers: bool = False,
    encoding: str = "utf-8-sig",
) -> Callable[[Path], Read]:
    """Return what reads a table; columns are numbered where it has no header."""

    def read(file: Path) -> Read:
        with file.open(encoding=encoding, newline="" if quoted else None) as lines:
            quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
            rows = [row for row in csv.reader(lines, delimiter=delimiter, quoting=quoting) if row]
        header = rows.pop(0) if isinstance(label, str) else None
        places = {one: one if isinstance(one, int) else header.index(one) for one in names}  # type: ignore[union-attr]
        gold = label if isinstance(label, int) else header.index(label)  # type: ignore[union-attr]
        width = max(*places.values(), gold)
        rows = [row for row in rows if len(row) > width]
        inputs = {str(one): [row[place] for row in rows] for one, place in places.items()}
        return inputs, [row[gold] for row in rows], numbers

    return read


def _parallel(file: Path) -> Read:
    """Read tweet_eval's texts and labels, which are called by their numbers in `mapping.txt`."""
    labels = file.with_name(file.name.replace("_text", "_labels"))
    mapping = next(
        one for one in (file.parent / "mapping.txt", file.parent.parent / "mapping.txt")
        if one.is_file()
    )  # fmt: skip
    names = dict(line.split("\t")[:2] for line in mapping.read_text("utf-8").splitlines() if line)
    texts = file.read_text("utf-8").splitlines()
    golds = labels.read_text("utf-8").split()
    pairs = list(zip(texts, golds, strict=False))
    return {"text": [one for one, _ in pairs]}, [names[gold] for _, gold in pairs], False


def _first_word(separator: str = " ") -> Callable[[Path], Read]:
    """Return what reads lines of a label, a blank and a text; of `a:b` the label may be `a`."""

    def read(file: Path) -> Read:
        lines = [one for one in file.read_text("latin-1").split("\n") if " " in one]
        pairs = [line.split(" ", 1) for line in lines]
        return (
            {"text": [text for _, text in pairs]},
            [one.split(separator)[0] for one, _ in pairs],
            False,
        )

    return read


_STANCES = ("abortion", "atheism", "climate", "feminist", "hillary")
_SETS: dict[str, tuple[str, Callable[[Path], Read]]] = {
    "CoLA": ("CoLA/train.tsv", _table(1, 3, 0)),
    "MRPC": ("MRPC/train.tsv", _table("Quality", "#1 ID", "#2 ID", "#1 String", "#2 String")),
    "RTE": ("RTE/train.tsv", _table("label", "index", "sentence1", "sentence2")),
    "SST-2": ("SST-2/train.tsv", _table("label", "sentence")),
    "STS-B": ("glue*/**/STS-B/train.tsv",
              _table("score", "genre", "filename", "year", "old_index", "sentence1", "sentence2",
                     numbers=True)),
    "QNLI": ("QNLI/dev.tsv", _table("label", "index", "question", "sentence")),
    "WNLI": ("WNLI/train.tsv", _table("label", "index", "sentence1", "sentence2")),
    "emotion": ("emotion/train.txt", _table(1, 0, delimiter=";")),
    "tweets: emotion": ("tweet_eval/emotion/train_text.txt", _parallel),
    "tweets: irony": ("tweet_eval/irony/train_text.txt", _parallel),
    "tweets: hate": ("tweet_eval/hate/train_text.txt", _parallel),
    "tweets: offensive": ("tweet_eval/offensive/train_text.txt", _parallel),
    "tweets: emoji": ("tweet_eval/emoji/train_text.txt", _parallel),
    "tweets: sentiment": ("tweet_eval/sentiment/test_text.txt", _parallel),
    **{f"tweets: {one}": (f"stance/{one}/train_text.txt", _parallel) for one in _STANCES},
    "banking77": ("banking77/train.csv", _table("category", "text", delimiter=",", quoted=True)),
    "poem_sentiment": ("poem_sentiment/train.tsv", _table(2, 0, 1)),
    "TREC": ("sent_conv/raw/TREC.train", _first_word(":")),
    "TREC, 50 classes": ("sent_conv/raw/TREC.train", _first_word()),
    "customer reviews": ("sent_conv/custrev.all", _first_word()),
    "MPQA": ("sent_conv/mpqa.all", _first_word()),
    "MR": ("sent_conv/rt-polarity.all", _first_word()),
    "Subj": ("sent_conv/subj.all", _first_word()),
    "SST, five classes": ("sent_conv/stsa.fine.train", _first_word()),
    **{
        f"EmoBank {one}": ("emobank/corpus_emobank.csv",
                           _table(one, "id", "text", delimiter=",", quoted=True, numbers=True))
        for one in "VAD"
    },
    "ChnSentiCorp": ("ChnSentiCorp/train.tsv", _table("label", "text_a")),
    "LCQMC": ("LCQMC/LCQMC*valid.data", _table(2, 0, 1)),
    "BQ": ("BQ/BQ.valid.data", _table(2, 0, 1)),
    "PAWS-X": ("PAWSX/PAWSX.valid.data", _table(2, 0, 1)),
    "STS-B in Chinese": ("STS-B/STS-B.train.data", _table(2, 0, 1, numbers=True)),
}  # fmt: skip
