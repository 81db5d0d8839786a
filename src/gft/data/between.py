"""What is wrong between splits: rows in two of them, labels that one lacks, other texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gft.data.drift import other_languages, other_lengths
from gft.data.gathered import SplitFacts
from gft.data.near import MOST_TEXTS, evenly, near_pairs
from gft.data.problem import Problem, shown
from gft.errors import listed

Sampled = Mapping[str, list[str]]
"""Some texts of each split, by its name."""


def between_splits(
    told: Mapping[str, SplitFacts], sampled: Sampled, numbers: bool
) -> Iterator[Problem]:
    """Yield what is wrong between the first split, which is trained on, and the others."""
    first, *others = told
    if not numbers:
        yield from _labels(first, told)
    yield from _in_two(told)
    for other in others:
        yield from _nearly(first, other, told)
    for other in others:
        yield from _other_texts(first, other, sampled)


def _labels(first: str, told: Mapping[str, SplitFacts]) -> Iterator[Problem]:
    trained = told[first].labels
    for name, split in told.items():
        if name == first or not split.labels or not trained:
            continue
        lacking = [label for label in split.labels if label not in trained]
        if lacking:
            what = f"{name} has labels that {first} lacks: {listed(lacking, 6)}"
            yield Problem("unseen", len(lacking), what)
        absent = [label for label in trained if label not in split.labels]
        if absent:
            what = (
                f"{name} has no row of {listed(absent, 6)}, which {first} has: its figures say "
                f"nothing of {'that class' if len(absent) == 1 else 'those classes'}"
            )
            yield Problem("absent", len(absent), what)


def _in_two(told: Mapping[str, SplitFacts]) -> Iterator[Problem]:
    """Yield the rows of a split whose inputs stand in the first one, or in one before."""
    names = list(told)
    for place, name in enumerate(names):
        for other in names[:place]:
            both = [inputs for inputs in told[name].seen if inputs in told[other].seen]
            both = [inputs for inputs in both if any(inputs)]
            count = sum(told[name].seen[inputs].total() for inputs in both)
            if count:
                share, example = count / told[name].rows, shown(" | ".join(both[0]))
                what = (
                    f"{count:,} of the {told[name].rows:,} rows of {name} are in {other} too "
                    f"({share:.1%}), such as {example}: figures on {name} flatter"
                )
                yield Problem("in two splits", count, what)


def _nearly(first: str, name: str, told: Mapping[str, SplitFacts]) -> Iterator[Problem]:
    """Yield the rows of a split that are nearly ones of the first, and are not in it."""
    trained, split = told[first].seen, told[name]
    new = [inputs for inputs in split.seen if inputs not in trained and any(inputs)]
    known = evenly([" | ".join(inputs) for inputs in trained if any(inputs)])
    texts = [" | ".join(inputs) for inputs in new[:MOST_TEXTS]]
    found = near_pairs(texts, known)
    count = sum(split.seen[new[one]].total() for one in found)
    if count:
        one, other = next(iter(found.items()))
        verb = "are" if count > 1 else "is"
        what = (
            f"{count:,} more of the {split.rows:,} rows of {name} ({count / split.rows:.1%}) "
            f"{verb} nearly in {first}, such as {shown(texts[one])}, there {shown(known[other])}"
        )
        yield Problem("nearly in two splits", count, what)


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
