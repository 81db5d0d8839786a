"""The mark of intervals that are unreliable, and what it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gft.errors import listed

MARK = "(!)"
"""Behind an interval that is unreliable; any terminal can show it."""
_COUNTED = re.compile(r"(half of [a-z ]+ comes from |undefined in )([\d,]+)(.+)", re.DOTALL)
"""Caveats that metrics of the same rows have with counts of their own."""


def cautions(scores: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what the mark stands for in a table of saved values: each sentence once."""
    return [f"{MARK} {sentence}." for sentence in _caveats(scores)]


def _caveats(scores: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return each caveat once; those that differ in a count alone are one, from least to most."""
    every = dict.fromkeys(one["caveat"] for one in scores if "caveat" in one)
    alike: dict[tuple[str, ...], list[str]] = {}
    for sentence in every:
        counted_one = _COUNTED.match(sentence)
        key = counted_one.group(1, 3) if counted_one else (sentence,)
        alike.setdefault(key, []).append(counted_one[2] if counted_one else "")
    sentences = []
    for key, counts in alike.items():
        ends = sorted({int(one.replace(",", "")): one for one in counts if one}.items())
        span = " to ".join(dict.fromkeys(one for _, one in (*ends[:1], *ends[-1:])))
        sentences.append(span.join(key) if ends else key[0])
    return sentences


def about_differences(differences: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what `cautions` does of differences, and what one means whose interval is 0 to 0."""
    same = any(one["low"] == one["high"] == 0 for one in differences)
    sentence = "0 to 0: the same in every sample of the rows, as for two models that answer alike."
    return [*cautions(differences), *([sentence] if same else [])]


def cautions_of_splits(
    columns: Iterable[tuple[str, Iterable[Mapping[str, Any]]]],
) -> list[str]:
    """Return what `cautions` does of metrics of splits, with their names if there are several."""
    found: dict[str, list[str]] = {}
    splits = [(role, list(scores)) for role, scores in columns]
    for role, scores in splits:
        for sentence in _caveats(scores):
            found.setdefault(sentence, []).append(role)
    several = sum(bool(scores) for _, scores in splits) > 1
    return [
        f"{MARK} {f'{listed(roles)}: ' if several else ''}{sentence}."
        for sentence, roles in found.items()
    ]
