"""The counting of SQuAD's scripts, versions 1 and 2, written out a second time."""

from __future__ import annotations

import re
import string
from collections import Counter


def plain(text: str) -> list[str]:
    kept = "".join(one for one in text.lower() if one not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def f1_of(gold: str, found: str, version: int) -> float:
    one, other = plain(gold), plain(found)
    common = sum((Counter(one) & Counter(other)).values())
    if version == 2 and (not one or not other):
        return float(one == other)
    if common == 0:
        return 0.0
    precision, recall = common / len(other), common / len(one)
    return 2 * precision * recall / (precision + recall)


def official(rows: list[tuple[list[str], str]], version: int) -> dict[str, float]:
    """Return the metrics of rows, gold answers and the one found, as the script has them."""
    exact, f1 = [], []
    for written, found in rows:
        kept = [gold for gold in written if plain(gold)] if version == 2 else written
        version_here = version if kept else 2  # Version 1 has no rows without an answer.
        golds = kept or [""]
        exact.append(max(float(plain(gold) == plain(found)) for gold in golds))
        f1.append(max(f1_of(gold, found, version_here) for gold in golds))
    return {"exact": 100.0 * sum(exact) / len(exact), "f1": 100.0 * sum(f1) / len(f1)}
