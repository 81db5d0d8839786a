"""What tasks with classes share: weights of classes in the loss, the best labels of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gft.data.spelling import comparing
from gft.errors import UserError, listed, no_such
from gft.language.program import Options
from gft.tasks.options import Ranking
from gft.tasks.predictions import DIGITS

BALANCED = "balanced"


def weights_of(
    asked: Sequence[str], labels: Sequence[str], balanced: Sequence[float]
) -> tuple[float, ...]:
    """Return the weight of each class that `--class_weight` asks for.

    `balanced` are the weights that make classes count alike (King & Zeng 2001, as in
    scikit-learn: rows / (classes * rows of the class)); else LABEL=WEIGHT pairs, 1 for the labels
    that are not named. Raises `UserError`.
    """
    if list(asked) == [BALANCED]:
        return tuple(balanced)
    key = comparing(labels)
    names = {key(label): label for label in labels}
    weights = dict.fromkeys(labels, 1.0)
    for one in asked:
        for label, number in _pairs(one, names, key):
            weights[names[key(label)]] = _weight(number, label)
    return tuple(weights[label] for label in labels)


def _pairs(
    text: str, names: Mapping[str, str], key: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Yield the labels and weights of `LABEL=WEIGHT,LABEL=WEIGHT`; labels may hold commas.

    A pair ends at the first comma, or at the end, with which its label is one of `names`. Raises
    `UserError` for a text in which there is no such place.
    """
    parts = text.split(",")
    while parts:
        ends = range(1, len(parts) + 1)
        pairs = (",".join(parts[:end]).rpartition("=") for end in ends)
        found = (
            (end, pair) for end, pair in zip(ends, pairs, strict=True) if key(pair[0]) in names
        )
        end, (label, equals, number) = next(found, (len(parts), parts[0].rpartition("=")))
        if not equals:
            raise UserError(
                f"--class_weight: expected {BALANCED}, or LABEL=WEIGHT for labels among "
                f"{listed(names.values())}, found {text!r}"
            )
        if key(label) not in names:
            raise UserError(f"--class_weight: {no_such('label', label, names.values())}")
        yield label, number
        parts = parts[end:]


def _weight(text: str, label: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight < float("inf"):
        raise UserError(f"--class_weight: {label}={text}: expected a number of 0 or more")
    return weight


def best_labels(labels: Sequence[str], scores: Any, options: Options) -> list[str]:
    """Return the most probable label and its score; `--top_k` of them, or all, best first."""
    order = _best(len(labels), scores, options)
    return [field for n in order for field in (labels[n], f"{scores[n]:.4f}")]


def ranked_labels(labels: Sequence[str], scores: Any, options: Options) -> dict[str, float] | None:
    """Return the labels with their scores, best first; None unless more than one is asked for."""
    asked = options.of(Ranking)
    if not asked.return_all_scores and asked.top_k is None:
        return None
    return {labels[n]: round(float(scores[n]), DIGITS) for n in _best(len(labels), scores, options)}


def _best(labels: int, scores: Any, options: Options) -> list[int]:
    import numpy as np

    asked = options.of(Ranking)
    several = labels if asked.return_all_scores else asked.top_k or 1
    return [int(n) for n in np.argsort(-scores, kind="stable")[:several]]
