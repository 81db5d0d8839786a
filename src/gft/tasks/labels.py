"""Labels meet by name, never by position."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DEFAULT = ("LABEL_0", "LABEL_1")
"""What a configuration without labels stands for."""
NOWHERE = "\0"
"""The spelling of a label that the data does not have."""

_GENERIC = re.compile(r"(label_)?-?\d+(\.\d+)?", re.IGNORECASE)


def folded(label: str) -> str:
    """Return a label as it is compared: without case, blanks, `_` and `-`."""
    return re.sub(r"[\s_\-]+", "", label).casefold() or label


def are_names(labels: Sequence[str]) -> bool:
    """Say whether labels are names: `LABEL_0` and bare numbers are not."""
    return bool(labels) and not all(_GENERIC.fullmatch(label.strip()) for label in labels)


def of_config(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a model's labels in the order of its logits; empty when it says nothing of them."""
    by_number = config.get("id2label") or {}
    try:
        return tuple(str(by_number[key]) for key in sorted(by_number, key=int))
    except (TypeError, ValueError):
        return ()


def same_names(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Say whether two lists hold the same labels, in any order."""
    return len(ours) == len(theirs) and {folded(x) for x in ours} == {folded(x) for x in theirs}


def in_order_of(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    """Return our spelling of labels in the order of theirs; both hold the same names."""
    spelt = {folded(label): label for label in ours}
    return tuple(spelt[folded(label)] for label in theirs)


def in_natural_order(values: Iterable[str]) -> tuple[str, ...]:
    """Return classes ordered as numbers when all are numbers, else as strings."""
    labels = sorted(set(values))
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(labels)


def by_name(
    ours: Sequence[str], spelt: Sequence[str], theirs: Sequence[str]
) -> tuple[str, ...] | None:
    """Return how we spell each of their labels; None if one of ours is not among theirs."""
    spelling = {folded(label): text for label, text in zip(ours, spelt, strict=True)}
    if not spelling.keys() <= {folded(label) for label in theirs}:
        return None
    return tuple(spelling.get(folded(label), NOWHERE) for label in theirs)
