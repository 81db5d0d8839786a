"""How often 95 % intervals hold the value in the population, by simulation.

Every scene draws splits from a population again and again, and counts how often the interval that
gft prints for a split holds the value in the population. The tables of `docs/metrics.md` are what
it prints: coverage in per cent, in brackets where most intervals are marked `(!)`. Clustering
scores are left out: scikit-learn computes them a sample at a time, as long as all others together.

    python benchmarks/coverage.py [--draws 1000] [--processes 2] [--only classes numbers ...]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import coverage_scenes as scenes
import numpy as np

from gft.metrics import classification as c
from gft.metrics.answers import find as of_answers
from gft.metrics.differences import paired_differences
from gft.metrics.intervals import Result, intervals_of
from gft.metrics.perplexity import Perplexity
from gft.metrics.protocol import Array, Metric, Scored
from gft.metrics.samples import points
from gft.metrics.seeds import Spread, metrics_over_seeds
from gft.metrics.several import find as of_labels
from gft.metrics.table import find
from gft.metrics.tags import find as of_tags
from gft.metrics.texts import find as of_texts

LEAST, MOST = 92.0, 99.0
"""What the coverage should be within, in per cent."""
SAMPLES = 200
"""Of each split, in place of 1000: so much less moves no coverage that it can show."""
TRAININGS = 5

Counts = dict[str, list[int]]
"""By metric: splits, those whose interval holds the truth, those with none, those marked."""


@dataclass(frozen=True)
class Scene:
    """What is simulated: `table`, column and a function that yields results beside the truths."""

    table: str
    column: str
    draws: Callable[[int], Iterator[tuple[Sequence[Result | Spread], Sequence[float]]]]

    def counted(self, draws: int) -> Counts:
        """Return how the intervals of so many splits do."""
        found: Counts = {}
        for results, truths in self.draws(draws):
            for one, truth in zip(results, truths, strict=True):
                counts = found.setdefault(one.name, [0, 0, 0, 0])
                counts[0] += 1
                if one.low is None or one.high is None:
                    counts[2] += 1
                else:
                    counts[1] += one.low <= truth <= one.high
                counts[3] += one.caveat is not None
        return found


def single(
    table: str, column: str, metrics: Sequence[Metric], population: Scored, rows: int
) -> Scene:
    """Return a scene of splits of so many rows, one model."""

    def draws(count: int) -> Iterator[tuple[list[Result], list[float]]]:
        random = np.random.default_rng(1)
        every = [metric.rows(population) for metric in metrics]
        truths = _truths(metrics, every, population.names)
        for seed in range(count):
            chosen = random.integers(0, len(population), rows)
            drawn = [one[chosen] for one in every]
            yield intervals_of(metrics, drawn, population.names, None, seed, SAMPLES), truths

    return Scene(table, column, draws)


def grouped(
    table: str, column: str, metrics: Sequence[Metric], population: Scored, sizes: Sequence[int]
) -> Scene:
    """Return a scene of splits of groups of these sizes; the population is of groups as large."""

    def draws(count: int) -> Iterator[tuple[list[Result], list[float]]]:
        random = np.random.default_rng(1)
        every = [metric.rows(population) for metric in metrics]
        truths = _truths(metrics, every, population.names)
        groups = np.repeat(np.arange(len(sizes)), sizes)
        place = np.concatenate([np.arange(size) for size in sizes])
        whole = scenes.GROUP_ROWS
        for seed in range(count):
            chosen = random.integers(0, len(population) // whole, len(sizes))[groups] * whole
            drawn = [one[chosen + place] for one in every]
            yield intervals_of(metrics, drawn, population.names, groups, seed, SAMPLES), truths

    return Scene(table, column, draws)


def paired(
    table: str, column: str, metrics: Sequence[Metric], both: Sequence[Scored], rows: int
) -> Scene:
    """Return a scene of the difference of two models on the same rows."""

    def draws(count: int) -> Iterator[tuple[list[Result], list[float]]]:
        random, names = np.random.default_rng(1), both[0].names
        every = [[metric.rows(one) for one in both] for metric in metrics]
        ours, theirs = (_truths(metrics, [one[n] for one in every], names) for n in (0, 1))
        truths = [first - second for first, second in zip(ours, theirs, strict=True)]
        for seed in range(count):
            chosen = random.integers(0, len(both[0]), rows)
            drawn = [[one[chosen] for one in of_both] for of_both in every]
            yield paired_differences(metrics, drawn, names, None, seed, SAMPLES)[0], truths

    return Scene(table, column, draws)


def over_seeds(
    table: str,
    column: str,
    metrics: Sequence[Metric],
    trained: Callable[[np.random.Generator, int, int], list[Scored]],
    rows: int,
) -> Scene:
    """Return a scene of the mean of trainings, on so many rows."""

    def draws(count: int) -> Iterator[tuple[list[Spread], list[float]]]:
        random = np.random.default_rng(1)
        many = trained(np.random.default_rng(9), 20_000, 60)
        each = [_truths(metrics, [m.rows(one) for m in metrics], one.names) for one in many]
        truths = np.mean(each, axis=0).tolist()
        for seed in range(count):
            trainings = trained(random, rows, TRAININGS)
            yield metrics_over_seeds(metrics, trainings, seed=seed, samples=SAMPLES), truths

    return Scene(table, column, draws)


def _truths(
    metrics: Sequence[Metric], statistics: Sequence[Array], names: tuple[str, ...]
) -> list[float]:
    return [
        value
        for metric, one in zip(metrics, statistics, strict=True)
        for value in points(metric, one, names)
    ]


def _named(name: str, way: str) -> Metric:
    return replace(c.of_classes(name, way), name=f"{name},{way}")


OF_CLASSES = [
    *map(find, ("accuracy", "f1", "precision", "recall", "jaccard")),
    *(_named("f1", way) for way in ("macro", "weighted", "micro")),
    *map(find, ("balanced_accuracy", "mcc", "cohen_kappa", "roc_auc", "average_precision")),
    *map(find, ("loss", "brier_score_loss")),
]
OF_NUMBERS = [
    find(name)
    for name in ("mse", "rmse", "mae", "median_absolute_error", "r2", "explained_variance",
                 "pearson", "spearman")
]  # fmt: skip
EQUAL, UNEQUAL, FIFTY = [25] * 20, np.geomspace(3, 60, 20).round().astype(int).tolist(), [10] * 50
OF_GROUPS = {"20 equal": EQUAL, "20 unequal": UNEQUAL, "50": FIFTY}


def of_classes() -> Iterator[Scene]:
    """Yield scenes of two classes and of five."""
    for share in (0.5, 0.2, 0.05):
        population = scenes.binary(share)
        for rows in (30, 100, 500, 2000):
            yield single("Two classes", f"{share:.0%}, {rows}", OF_CLASSES, population, rows)
    population = scenes.five_classes()
    several = [*OF_CLASSES[:1], *OF_CLASSES[5:7], _named("precision", "macro"), *OF_CLASSES[8:]]
    for rows in (100, 500, 2000):
        yield single("Five classes", f"{rows}", several, population, rows)


def of_numbers() -> Iterator[Scene]:
    """Yield scenes of numbers."""
    for errors in scenes.ERRORS:
        population = scenes.numbers(errors)
        for rows in (30, 100, 500, 2000):
            yield single("Numbers", f"{errors}, {rows}", OF_NUMBERS, population, rows)


def of_groups() -> Iterator[Scene]:
    """Yield scenes of groups of rows."""
    for share in (0.5, 0.2):
        population = scenes.groups_of_two_classes(share)
        for name, sizes in OF_GROUPS.items():
            yield grouped(
                "Two classes in groups", f"{share:.0%}, {name}", OF_CLASSES, population, sizes
            )
    for errors in ("normal", "skewed"):
        population = scenes.groups_of_numbers(errors)
        for name, sizes in OF_GROUPS.items():
            yield grouped("Numbers in groups", f"{errors}, {name}", OF_NUMBERS, population, sizes)


def of_others() -> Iterator[Scene]:
    """Yield scenes of several labels, tags, answers, texts and tokens."""
    named = ("f1", "f1,macro", "f1,weighted", "precision", "hamming_loss", "subset_accuracy")
    parted = [name.partition(",") for name in (*named, "loss")]
    labels = [one for name, _, way in parted if (one := of_labels(name, way or None))]
    entities = [one for name in ("seqeval", "f1", "accuracy") if (one := of_tags(name, None))]
    spans = [one for name in ("squad_v2",) if (one := of_answers(name, None))]
    texts = [
        one for name in ("wer", "cer", "rouge", "bleu", "chrf") if (one := of_texts(name, None))
    ]
    for rows in (100, 500):
        column = f"{rows}"
        yield single("Several labels", column, labels, scenes.labels(), rows)
        yield single("Tags", column, entities, scenes.tagged(), rows)
        yield single("Answers", column, spans, scenes.answered(), rows)
        yield single("Texts", column, texts, scenes.written(), rows)
        yield single("Tokens", column, [Perplexity()], scenes.guessed_tokens(), rows)


def of_differences() -> Iterator[Scene]:
    """Yield scenes of two models on the same rows: alike, and one better."""
    metrics = [OF_CLASSES[n] for n in (0, 1, 5, 8, 9, 11, 12, 13)]
    for other in (2.0, 1.5):
        told = "equal" if other == 2.0 else "better"
        for share, rows in ((0.5, 100), (0.2, 500), (0.05, 500)):
            both = scenes.two_models(share, other)
            yield paired("Differences", f"{told}: {share:.0%}, {rows}", metrics, both, rows)
    for errors in ("normal", "skewed"):
        both = scenes.two_of_numbers(errors)
        for rows in (100, 500):
            yield paired("Differences of numbers", f"{errors}, {rows}", OF_NUMBERS, both, rows)


def of_seeds() -> Iterator[Scene]:
    """Yield scenes of the mean of several trainings."""
    metrics = [OF_CLASSES[n] for n in (0, 1, 9, 11, 13)]
    for rows in (200, 500):
        yield over_seeds("Seeds", f"{rows}", metrics, scenes.trained_classes, rows)
        yield over_seeds(
            "Seeds of numbers", f"{rows}", OF_NUMBERS[:6:2], scenes.trained_numbers, rows
        )


PARTS: dict[str, Callable[[], Iterator[Scene]]] = {
    "classes": of_classes,
    "numbers": of_numbers,
    "groups": of_groups,
    "others": of_others,
    "differences": of_differences,
    "seeds": of_seeds,
}


Job = tuple[str, int, int]
"""A part, which of its scenes, and how many draws."""


class Simulated(NamedTuple):
    """How a scene does."""

    job: Job
    table: str
    column: str
    seconds: float
    counts: Counts


def simulated(job: Job) -> Simulated:
    """Simulate a scene; each is simulated in a process of its own."""
    part, place, draws = job
    started = time.perf_counter()
    scene = list(PARTS[part]())[place]
    counts = scene.counted(draws)
    return Simulated(job, scene.table, scene.column, time.perf_counter() - started, counts)


def cell(counts: Sequence[int]) -> str:
    """Return the coverage in per cent, of those that have an interval; `-` where few have one."""
    every, held, none, marked = counts
    if every - none < every / 2:
        return "-"
    share = 100 * held / (every - none)
    text = f"{share:.1f}"
    if marked > every / 2:
        return f"({text})"
    return text if LEAST <= share <= MOST else f"**{text}**"


def tables(found: Sequence[tuple[str, str, Counts]]) -> str:
    """Return the tables as Markdown."""
    text = ""
    for table in dict.fromkeys(name for name, _, _ in found):
        columns = {column: counts for name, column, counts in found if name == table}
        scores = dict.fromkeys(score for counts in columns.values() for score in counts)
        text += f"\n| {table} | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}\n"
        for score in scores:
            cells = (cell(of[score]) if score in of else "" for of in columns.values())
            text += f"| {score} | {' | '.join(cells)} |\n"
    return text


def main() -> None:
    """Print the tables, and what each scene took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=list(PARTS))
    parser.add_argument("--json", type=Path, help="a file for all counts")
    args = parser.parse_args()
    started = time.perf_counter()
    scenes_of = {part: list(PARTS[part]()) for part in args.only}
    jobs = [(part, n, args.draws) for part in args.only for n in range(len(scenes_of[part]))]
    found = dict.fromkeys(jobs, ("", "", Counts()))
    # The long ones come last, so that the others are there early.
    ordered = sorted(jobs, key=lambda job: scenes_of[job[0]][job[1]].column.endswith("2000"))
    with multiprocessing.get_context("spawn").Pool(args.processes) as pool:
        for done in pool.imap_unordered(simulated, ordered):
            found[done.job] = done.table, done.column, done.counts
            print(f"{done.table}: {done.column}  {done.seconds:.0f} s", file=sys.stderr)
            if args.json:
                told = [one for one in found.values() if one[0]]
                args.json.write_text(json.dumps(told, indent=1) + "\n")
    print(tables([one for one in found.values() if one[0]]))
    print(f"{args.draws} draws a scene, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
