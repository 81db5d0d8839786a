"""What is wrong between splits: rows in two of them, labels that one lacks, other texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gft.data.drift import other_languages, other_lengths
from gft.data.gathered import SplitFacts
from gft.data.overlap import NEARLY, Overlap
from gft.data.problem import Problem
from gft.errors import listed

Sampled = Mapping[str, list[str]]
"""Some texts of each split, by its name."""


def between_splits(
    facts: Mapping[str, SplitFacts],
    sampled: Sampled,
    numbers: bool,
    overlaps: Mapping[tuple[str, str], Overlap],
    group: str | None = None,
) -> Iterator[Problem]:
    """Yield what is wrong between the first split, which is trained on, and the others.

    `overlaps` holds what a split shares with one before, by both names;
    `group` is the column that names groups.
    """
    first, *others = facts
    if not numbers:
        yield from _labels(first, facts)
    shared = [one for pair, found in overlaps.items() for one in found.problems(*pair, group)]
    yield from sorted(shared, key=lambda one: one.kind == NEARLY)
    for other in others:
        yield from _other_texts(first, other, sampled)


def _labels(first: str, facts: Mapping[str, SplitFacts]) -> Iterator[Problem]:
    trained = facts[first].labels
    for name, split in facts.items():
        if name == first or not split.labels or not trained:
            continue
        lacking = [label for label in split.labels if label not in trained]
        if lacking:
            what = f"{name} has labels that {first} lacks: {listed(lacking, 6)}"
            yield Problem("unseen", len(lacking), what)
        absent = [label for label in trained if label not in split.labels]
        if absent:
            what = (
                f"{name} has no row of {listed(absent, 6)}, which {first} has: its scores say "
                f"nothing of {'that class' if len(absent) == 1 else 'those classes'}"
            )
            yield Problem("absent", len(absent), what)


def _other_texts(first: str, name: str, sampled: Sampled) -> Iterator[Problem]:
    ours, theirs = sampled.get(first, []), sampled.get(name, [])
    languages = other_languages(ours, theirs)
    if languages is not None:
        what = (
            f"the texts of {first} and {name} are in other languages: {languages[0]} in {first}, "
            f"{languages[1]} in {name}"
        )
        yield Problem("languages", len(theirs), what)
    lengths = other_lengths(ours, theirs)
    if lengths is not None:
        what = (
            f"the texts of {name} are {'longer' if lengths[1] > lengths[0] else 'shorter'} than "
            f"those of {first}: half of them have {lengths[1]:,} letters or more, in {first} "
            f"{lengths[0]:,}"
        )
        yield Problem("lengths", len(theirs), what)
