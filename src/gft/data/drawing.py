"""The rows that are taken out of train: the same ones on any machine, in any version of numpy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

SELECTED_SHARE = 0.1

Array = np.ndarray[Any, Any]


def select_tenth(count: int, classes: Array | None, fingerprint: str) -> Array:
    """Return the numbers of a tenth of `count` rows, ascending, at least one.

    The choice depends on `fingerprint` (hexadecimal digits) alone. With `classes`, one a row,
    each class gives its share, rounded by largest remainders.
    """
    # Raw output: numpy promises the same stream in every version only for bit generators.
    noise = np.random.PCG64(int(fingerprint, 16)).random_raw(count)
    shuffled = np.argsort(noise, kind="stable")
    wanted = max(1, round(count * SELECTED_SHARE))
    if classes is None:
        return np.sort(shuffled[:wanted])
    values, numbers, sizes = np.unique(classes, return_inverse=True, return_counts=True)
    quotas = _largest_remainders(sizes, wanted)
    in_order = numbers[shuffled]
    chosen = [shuffled[in_order == one][: quotas[one]] for one in range(len(values))]
    return np.sort(np.concatenate(chosen))


def _largest_remainders(sizes: Array, wanted: int) -> Array:
    """Return how many of `wanted` each class gives; whole numbers, so the same everywhere."""
    quotas, remainders = np.divmod(sizes.astype(np.int64) * wanted, sizes.sum())
    for one in np.argsort(-remainders, kind="stable")[: wanted - quotas.sum()]:
        quotas[one] += 1
    return quotas


def classes_of_rows(golds: Iterable[Any], count: int) -> Array:
    """Return the number of each row's class, the classes in the order of their names."""
    numbers: dict[str, int] = {}
    found = np.fromiter(
        (numbers.setdefault(str(gold), len(numbers)) for gold in golds), np.int32, count
    )
    places = {name: place for place, name in enumerate(sorted(numbers))}
    return np.array([places[name] for name in numbers], dtype=np.int32)[found]
