"""How much of a drawn val stands in train, and what that is worth: before and now.

    python benchmarks/leaks.py FOLDER

`FOLDER` has public sets somewhere in it: those of `public_sets.py`, and FSDD's recordings. Val is a
tenth of the rows, drawn by chance alone (in the proportions of the classes), as gft did it once,
and as it is drawn now; three draws each. Of val's rows are counted those whose inputs are in train
after folding, those of a group (document, speaker) that train has, and those that are nearly in
train. The metric is that of gft's linear baseline, fitted to what is left: accuracy, or Pearson's
r. Printed: a table of means over the draws, and one of published splits, with the baseline's score
of all rows and of those that train does not have.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from public_sets import PublicSet, another_split, public_sets

from gft.cells.reading import read_columns
from gft.data.drawing import classes_of_rows, select
from gft.data.table import DataSet, Rows
from gft.data.ties import Ties, with_near
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.registry import tasks
from gft.results.baselines import cells, fit_baselines
from gft.tasks.protocol import Task
from gft.tasks.together import overlap, together

DRAWN = ("ChnSentiCorp", "tweets: offensive", "SST-2", "MRPC", "LCQMC")
INPUTS = {"MRPC": ("#1 String", "#2 String"), "EmoBank V": ("text",)}
PUBLISHED = (
    ("ChnSentiCorp", "ChnSentiCorp/dev.tsv"),
    ("tweets: offensive", "offensive/test_text.txt"),
    ("banking77", "banking77/test.csv"),
    ("emotion", "emotion/test.txt"),
    ("SST-2", "SST-2/dev.tsv"),
)
DRAWS = 3
MOST_ROWS = 10_000
GROUP = "group"


class Bound(NamedTuple):
    """A set as gft reads it: one split of rows, the task, and gold values, one a row."""

    name: str
    task: Task
    rows: Rows
    golds: list[Any]
    group: str | None

    def ties(self, before: bool) -> Ties:
        """Return which rows are not drawn apart: none before, and those that gft finds now."""
        count = len(self.rows)
        if before:
            return Ties(np.arange(count), np.zeros(count, bool), np.zeros((0, 2), np.int64))
        return with_near(together(self.task, self.group)(self.rows, "train"), count // 20)

    def drawn(self, ties: Ties, draw: int) -> tuple[Rows, Rows]:
        """Return what is left of the rows, and a tenth of them, in one draw."""
        count = len(self.rows)
        classes = None
        if self.task.target.stratified:
            classes = classes_of_rows(self.golds, count)
        fingerprint = hashlib.blake2b(f"{self.name} {draw}".encode(), digest_size=16).hexdigest()
        [val] = select(ties, classes, fingerprint, [count // 10])
        beside = np.isin(ties.bundles, ties.bundles[val])
        return self.rows.select(np.flatnonzero(~beside)), self.rows.select(val)


class Measured(NamedTuple):
    """What a val shares with train, in shares of its rows, and the linear baseline's score."""

    rows: float
    same: float
    grouped: float
    near: float
    score: float


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    print("| set | drawn | rows of val | in train | group in train | nearly in train | metric |")
    print("|---|---|---|---|---|---|---|")
    for one in bound_sets(args.folder):
        for name, before in (("by chance", True), ("now", False)):
            ties = one.ties(before)
            draws = [measured(one, *one.drawn(ties, draw)) for draw in range(DRAWS)]
            told = Measured(*(mean(column) for column in zip(*draws, strict=True)))
            groups = f"{told.grouped:.1%}" if one.group else ""
            score = "" if np.isnan(told.score) else f"{told.score:.3f}"
            print(f"| {one.name} | {name} | {told.rows:.0f} | {told.same:.1%} | {groups} "
                  f"| {told.near:.1%} | {score} |", flush=True)  # fmt: skip
    print("\n| published split | rows | in train | metric | without the rows in train |")
    print("|---|---|---|---|---|")
    sets = {one.name: one for one in public_sets(args.folder)}
    for name, ending in PUBLISHED:
        other = another_split(args.folder, name, ending)
        if other is not None and name in sets:
            print(
                f"| {name}, {Path(ending).stem} | {of_published(sets[name], other)} |", flush=True
            )


def of_published(train: PublicSet, other: PublicSet) -> str:
    """Return the cells of a row on a published split."""
    count = len(train.labels)
    inputs = {name: cells + other.inputs[name] for name, cells in train.inputs.items()}
    every = of_texts(PublicSet(train.name, inputs, train.labels + other.labels), most=10**6)
    seen, new = (
        every.rows.select(np.arange(*ends)) for ends in ((count,), (count, len(every.rows)))
    )
    shared = overlap(every.task, new, seen).shared
    kept = new.select(np.flatnonzero(~shared))
    scores = f"{score(every, seen, new):.3f} | {score(every, seen, kept):.3f}"
    return f"{len(new):,} | {shared.sum():,} ({shared.mean():.1%}) | {scores}"


def measured(one: Bound, train: Rows, val: Rows) -> Measured:
    """Return what is measured of one draw."""
    shared = overlap(one.task, val, train, one.group)
    return Measured(
        len(val),
        float(shared.same.mean()),
        float(shared.grouped.mean()),
        shared.near / len(val),
        score(one, train, val),
    )


def score(one: Bound, train: Rows, val: Rows) -> float:
    """Return the linear baseline's accuracy or correlation on val, NaN where it reads no such rows.

    Rows know their numbers in the split they are of, by which the gold values are found.
    """
    seen, gold = ([one.golds[n] for n in rows.numbers()] for rows in (train, val))
    fitted = [each for each in fit_baselines(one.task, train, seen) if each.name == "linear"]
    if not fitted:
        return float("nan")
    values, _ = fitted[0].predict(cells(one.task, val, np.arange(len(val))), gold)
    if one.task.target.numeric:
        return float(np.corrcoef(np.ravel(values), np.ravel(gold))[0, 1])
    return float(np.mean([said == true for said, true in zip(values, gold, strict=True)]))


def bound_sets(folder: Path) -> Iterator[Bound]:
    """Yield the sets that are drawn from."""
    sets = {one.name: one for one in public_sets(folder)}
    for recordings in sorted(folder.rglob("recordings"))[:1]:
        yield of_sounds(sorted(recordings.glob("*.wav")))
    for meta in sorted(folder.rglob("corpus_meta.tsv"))[:1]:
        yield of_texts(sets["EmoBank V"], documents(meta))
    for name in DRAWN:
        if name in sets:
            yield of_texts(sets[name])


def documents(meta: Path) -> dict[str, str]:
    """Return the document of each of EmoBank's sentences, by its id."""
    with meta.open(encoding="utf-8") as lines:
        return {row["id"]: row["document"] for row in csv.DictReader(lines, delimiter="\t")}


def of_texts(one: PublicSet, groups: dict[str, str] | None = None, most: int = MOST_ROWS) -> Bound:
    """Return a set of texts; `groups` by the ids that it has."""
    names = INPUTS.get(one.name, tuple(one.inputs))
    columns = {f"x{n}": one.inputs[name][:most] for n, name in enumerate(names)}
    columns["y"] = one.labels[:most]
    if groups is not None:
        columns[GROUP] = [groups[number] for number in one.inputs["id"][:most]]
    left = "regress" if one.numbers else "classify"
    inputs = " + ".join(name for name in columns if name.startswith("x"))
    name = f"{one.name}, documents" if groups else one.name
    return bound(name, f"{left}: y ~ {inputs}", columns, bool(groups))


def of_sounds(files: Sequence[Path]) -> Bound:
    """Return FSDD: the digit and the speaker stand in a file's name."""
    digits, speakers = zip(*(file.name.split("_")[:2] for file in files), strict=True)
    columns = {"x0": [str(file) for file in files], "y": list(digits), GROUP: list(speakers)}
    return bound("FSDD, speakers", "classify_audio: y ~ x0", columns, True)


def bound(name: str, equation: str, columns: dict[str, list[str]], grouped: bool) -> Bound:
    """Return columns as a task of gft reads them."""
    parsed = parse_equation(equation)
    kind = tasks()[str(parsed.task)]
    data = DataSet(name, {"train": Rows(pa.table(columns))})
    read = read_columns(parsed, data, kind, Options({}))
    task = kind.bind(read.equation, read.data, {"train": read.data.splits["train"]})
    rows = read.data.splits["train"]
    golds = task.golds_of(rows)
    kept = np.flatnonzero(golds.known)
    if len(kept) < len(rows):
        raise SystemExit(f"{name}: {len(rows) - len(kept)} rows have no label")
    return Bound(name, task, rows, list(golds.values), GROUP if grouped else None)


if __name__ == "__main__":
    main()
