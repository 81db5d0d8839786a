"""Which give-aways are found, and whether clean sets are accused: on public sets.

    python benchmarks/giveaways.py FOLDER

`FOLDER` has the sets of `public_sets.py` somewhere in it. Each column of a set that is found there
is asked for as it is: every warning is a false alarm. Then give-aways are planted, with a seed, in
some sets of two to six classes, of 500 to 10,000 rows, and asked for. Printed: a table of the clean
sets with the seconds each took, and one of the kinds that were planted, with how often they were
found.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import stdev

from public_sets import PublicSet, public_sets

from gft.data.giveaway import gives_away
from gft.data.problems import JUDGED_ROWS
from gft.data.sampling import spread_over

BASES = ("tweets: emotion", "tweets: offensive", "SST-2", "emotion", "ChnSentiCorp", "TREC")
ROWS = (500, 2_000, 10_000)
FILLERS = ("kiwi", "lamp", "moss", "nail", "oboe", "pear", "quay", "rope")
SEED = 7

Planted = tuple[list[str], list[str]]
"""The cells of a column, and labels."""
Write = Callable[[float, list[float], random.Random], str]
Plant = Callable[[list[str], list[str], random.Random], Planted]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    sets = {one.name: one for one in public_sets(args.folder)}
    clean = [*sets.values(), *derived(sets)]
    alarms = 0
    print("| clean set | rows | columns | false alarms | s |\n|---|---|---|---|---|")
    for one in clean:
        start, found = time.perf_counter(), 0
        for column, cells in one.inputs.items():
            warning = warning_of(cells, one.labels, one.numbers)
            if warning:
                print(f"false alarm: {one.name}, {column}: {warning}")
                found += 1
        alarms += found
        seconds = time.perf_counter() - start
        rows, columns = len(one.labels), len(one.inputs)
        print(f"| {one.name} | {rows:,} | {columns} | {found} | {seconds:.1f} |", flush=True)
    print(f"\n{len(clean)} clean sets, {sum(len(one.inputs) for one in clean)} columns: {alarms} "
          "false alarms\n\n| planted | found |\n|---|---|")  # fmt: skip
    for kind, plant in KINDS.items():
        count = [found_in(base, rows, plant) for base in bases(sets) for rows in ROWS]
        tries = [one for one in count if one is not None]
        print(f"| {kind} | {sum(tries)} of {len(tries)} |", flush=True)
    for kind, write in NUMBERS.items():
        tries = [found_in_numbers(sets[name], rows, write) for name in OF_NUMBERS if name in sets
                 for rows in ROWS[:2]]  # fmt: skip
        print(f"| {kind} | {sum(tries)} of {len(tries)} |", flush=True)


def warning_of(cells: list[str], labels: list[str], numbers: bool) -> str:
    """Return the warning of gft_summary for a column, empty if it is clean."""
    chosen = spread_over(len(cells), JUDGED_ROWS).tolist()
    found = gives_away([cells[n] for n in chosen], [labels[n] for n in chosen], numbers)
    return "" if found is None else f"{found.rule}, {found.right:.3f} {found.of or ''}"


def derived(sets: dict[str, PublicSet]) -> Iterator[PublicSet]:
    """Yield further clean sets: one class against all, two classes, few rows."""
    for name in ("TREC", "emotion", "tweets: emotion"):
        for label in sorted(set(sets[name].labels)) if name in sets else ():
            yield sets[name].against_all(label)
    if "emotion" in sets:
        two = ("joy", "sadness")
        of = sets["emotion"]
        yield of.where("emotion: joy and sadness", lambda n: of.labels[n] in two)
    for name in BASES:
        if name in sets:
            yield sets[name].where(f"{name}, 400 rows", lambda n: n < 400)


def bases(sets: dict[str, PublicSet]) -> Iterator[PublicSet]:
    """Yield the sets in which give-aways are planted."""
    yield from (sets[name] for name in BASES if name in sets)


def found_in(base: PublicSet, rows: int, plant: Plant) -> bool | None:
    """Return whether a planted column is reported, None where the set has too few rows."""
    if len(base.labels) < rows:
        return None
    rng = random.Random(SEED)
    chosen = sorted(rng.sample(range(len(base.labels)), rows))
    [*_, texts] = base.inputs.values()
    cells, labels = plant([texts[n] for n in chosen], [base.labels[n] for n in chosen], rng)
    return bool(warning_of(cells, labels, False))


def found_in_numbers(base: PublicSet, rows: int, write: Write) -> bool:
    """Return whether a column made of numbers is reported."""
    rng = random.Random(SEED)
    chosen = sorted(rng.sample(range(len(base.labels)), rows))
    labels = [base.labels[n] for n in chosen]
    values = [float(one) for one in labels]
    return bool(warning_of([write(one, values, rng) for one in values], labels, True))


def copied(right: float) -> Plant:
    """Return what makes a column of codes, one a class, that are right so often."""

    def plant(texts: list[str], labels: list[str], rng: random.Random) -> Planted:
        codes = {label: f"c{n}" for n, label in enumerate(sorted(set(labels)))}
        every = list(codes.values())
        cells = [codes[one] for one in labels]
        for n, cell in enumerate(cells):
            if rng.random() >= right:
                cells[n] = rng.choice([one for one in every if one != cell])
        return cells, labels

    return plant


def copied_of_a_rare_class(right: float, inside: bool = False) -> Plant:
    """Return what marks a class of 5 % of the rows, right in so many of all rows."""

    def plant(texts: list[str], labels: list[str], rng: random.Random) -> Planted:
        rare = set(rng.sample(range(len(labels)), len(labels) // 20))
        golds = ["rare" if n in rare else one for n, one in enumerate(labels)]
        flags = [(one == "rare") == (rng.random() < right) for one in golds]
        if inside:
            return [f"{text} [x]" if flag else text
                    for text, flag in zip(texts, flags, strict=True)], golds  # fmt: skip
        return [str(int(flag)) for flag in flags], golds

    return plant


def sorted_ids(strays: float) -> Plant:
    """Return what numbers rows in the order of their classes, but for a share of strays."""

    def plant(texts: list[str], labels: list[str], rng: random.Random) -> Planted:
        order = sorted(range(len(labels)), key=lambda n: (labels[n], rng.random()))
        ids = [0] * len(labels)
        for index, n in enumerate(order):
            ids[n] = index if rng.random() >= strays else rng.randrange(len(labels))
        return [f"doc-{one + 1000}" for one in ids], labels

    return plant


def modulo(texts: list[str], labels: list[str], rng: random.Random) -> Planted:
    """Number rows so that what is left of a division is the class."""
    classes = sorted(set(labels))
    indices = [classes.index(one) for one in labels]
    ids = [rng.randrange(10**5) * len(classes) + index for index in indices]
    return [str(one) for one in ids], labels


def dates(texts: list[str], labels: list[str], rng: random.Random) -> Planted:
    """Give the rows of each class a year of their own."""
    years = {label: 2010 + n for n, label in enumerate(sorted(set(labels)))}
    days = [(rng.randint(1, 12), rng.randint(1, 28)) for _ in labels]
    cells = [f"{years[one]}-{month:02}-{day:02}T{rng.randrange(24):02}:{rng.randrange(60):02}"
             for one, (month, day) in zip(labels, days, strict=True)]  # fmt: skip
    return cells, labels


def in_texts(change: Callable[[str, int, random.Random], str], right: float = 1.0) -> Plant:
    """Return what changes each text by the number of its class, of so many rows the true one."""

    def plant(texts: list[str], labels: list[str], rng: random.Random) -> Planted:
        classes = sorted(set(labels))
        cells = []
        for text, label in zip(texts, labels, strict=True):
            index = classes.index(label)
            if rng.random() >= right:
                index = (index + rng.randrange(1, len(classes))) % len(classes)
            cells.append(change(text, index, rng))
        return cells, labels

    return plant


def inserted(word: str, text: str, rng: random.Random) -> str:
    """Return a text with a word at a random position."""
    words = text.split()
    words.insert(rng.randint(0, len(words)), word)
    return " ".join(words)


def one_of_three(text: str, index: int, rng: random.Random) -> str:
    """Put one of three words of its class into a text."""
    return inserted(f"{FILLERS[index]}{rng.choice('abc')}", text, rng)


KINDS: dict[str, Plant] = {
    "a copy in codes": copied(1.0),
    "a copy, right in 90 %": copied(0.9),
    "a copy, right in 80 %": copied(0.8),
    "a flag for a rare class (5 %), right in 99 % of the rows": copied_of_a_rare_class(0.99),
    "a flag for a rare class (5 %), right in 97 % of the rows": copied_of_a_rare_class(0.97),
    "a flag for a rare class (5 %), right in 90 % of the rows": copied_of_a_rare_class(0.9),
    "a mark of a rare class (5 %) at the end of the text, right in 99 %": copied_of_a_rare_class(
        0.99, inside=True
    ),
    "ids in the order of the classes": sorted_ids(0.0),
    "ids in that order, 5 % strays": sorted_ids(0.05),
    "ids modulo the number of classes": modulo,
    "dates, a year for each class": dates,
    "the label at the end of the text": in_texts(lambda text, n, _: f"{text} ({FILLERS[n]})"),
    "the label at the end, right in 90 %": in_texts(
        lambda text, n, _: f"{text} ({FILLERS[n]})", 0.9
    ),
    "the label in front": in_texts(lambda text, n, _: f"{FILLERS[n]}: {text}"),
    "so many ! as the number of the class": in_texts(
        lambda text, n, _: text.replace("!", "") + "!" * n
    ),
    "so many !, right in 90 %": in_texts(
        lambda text, n, _: text.replace("!", "") + "!" * n, 0.9
    ),
    "a class in capital letters": in_texts(lambda text, n, _: text if n else text.upper()),
    "a double space in one class": in_texts(
        lambda text, n, _: " ".join(text.split()) if n else "  ".join(text.split())
    ),
    "a synonym somewhere in the text": in_texts(
        lambda text, n, rng: inserted(FILLERS[n], text, rng)
    ),
    "a synonym, in one class alone": in_texts(
        lambda text, n, rng: text if n else inserted(FILLERS[n], text, rng)
    ),
    "a synonym, right in 90 %": in_texts(
        lambda text, n, rng: inserted(FILLERS[n], text, rng), 0.9
    ),
    "one of three synonyms of the class": in_texts(one_of_three),
}  # fmt: skip
OF_NUMBERS = ("EmoBank V", "EmoBank A", "STS-B")
NUMBERS: dict[str, Write] = {
    "numbers: a copy in other units": lambda one, _, __: f"{7 * one - 3:.2f}",
    "numbers: a copy, right in 90 %": lambda one, values, rng: str(
        one if rng.random() < 0.9 else rng.choice(values)
    ),
    "numbers: a copy, rounded to whole ones": lambda one, _, __: f"{one:.0f}",
    "numbers: a copy with noise, r = 0.97": lambda one, values, rng: str(
        one + rng.gauss(0, 0.25 * stdev(values))
    ),
    "numbers: a copy at the end of a text": lambda one, _, rng: (
        f"{rng.choice(FILLERS)} {rng.choice(FILLERS)} rated {one}"
    ),
}


if __name__ == "__main__":
    main()
