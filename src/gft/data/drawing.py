"""The rows that are taken out of train: the same ones on any machine, in any version of numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gft.data.ties import Ties

Array = np.ndarray[Any, Any]


def select(
    ties: Ties, classes: Array | None, fingerprint: str, wanted: Sequence[int]
) -> list[Array]:
    """Return, for each number in `wanted`, about so many rows: their numbers, ascending.

    The choice depends on `fingerprint` (hexadecimal digits) alone. Bundles stay whole, and so
    sizes, and the shares of `classes` (one a row), are what these allow; where every row is a
    bundle, each class gives its share, rounded by largest remainders. Rows that are `everyday` are
    never taken. A part is empty only where nothing would be left beside it.
    """
    count = len(ties)
    # Raw output: numpy promises the same stream in every version only for bit generators.
    noise = np.random.PCG64(int(fingerprint, 16)).random_raw(count)
    shuffled = ties.bundles[np.argsort(noise, kind="stable")]
    _, first = np.unique(shuffled, return_index=True)
    order = shuffled[np.sort(first)].tolist()
    numbers = np.zeros(count, dtype=np.int64) if classes is None else _numbers(classes)
    bundles = _Bundles(ties, numbers)
    sizes = np.bincount(numbers)
    free = ~ties.everyday
    parts = []
    for rows in wanted:
        taken = _fill(bundles, order, _largest_remainders(sizes, rows).tolist())
        order = [bundle for bundle in order if bundle not in taken]
        chosen = np.zeros(bundles.count, dtype=bool)
        chosen[list(taken)] = True
        parts.append(np.flatnonzero(chosen[ties.bundles] & free))
    return parts


class _Bundles:
    """How many rows of each class a bundle gives, those that are everyday aside."""

    def __init__(self, ties: Ties, classes: Array) -> None:
        self.count = int(ties.bundles.max(initial=-1)) + 1
        free = ~ties.everyday
        most = int(classes.max(initial=0)) + 1
        pairs = ties.bundles[free].astype(np.int64) * most + classes[free]
        found, sizes = np.unique(pairs, return_counts=True)
        self._begins = np.searchsorted(found // most, np.arange(self.count + 1)).tolist()
        self._classes, self._sizes = (found % most).tolist(), sizes.tolist()

    def of(self, bundle: int) -> list[tuple[int, int]]:
        """Return the classes of a bundle, each with how many rows have it."""
        classes = range(self._begins[bundle], self._begins[bundle + 1])
        return [(self._classes[n], self._sizes[n]) for n in classes]


def _fill(bundles: _Bundles, order: Sequence[int], quotas: list[int]) -> set[int]:
    """Return bundles that together have about as many rows of each class as its quota says.

    First those that fit, then those by which what is missing and what is too much gets less; if
    there is none, the smallest. One bundle is always left.
    """
    missing, taken = list(quotas), set[int]()
    for fitting in (True, False):
        left = sum(quotas) if fitting else sum(map(abs, missing))
        for bundle in order:
            if not left or len(taken) + 1 >= len(order):
                break
            has = bundles.of(bundle)
            if bundle in taken or not has:
                continue
            gain = sum(abs(missing[one]) - abs(missing[one] - rows) for one, rows in has)
            if gain <= 0 or (fitting and any(rows > missing[one] for one, rows in has)):
                continue
            taken.add(bundle)
            left -= gain
            for one, rows in has:
                missing[one] -= rows
    if not taken and len(order) > 1:
        sizes = {one: sum(rows for _, rows in bundles.of(one)) for one in order}
        some = [one for one in order if sizes[one]]
        taken = {min(some, key=sizes.__getitem__)} if some else taken
    return taken


def _numbers(classes: Array) -> Array:
    return np.asarray(np.unique(classes, return_inverse=True)[1])


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
    numbers_of_names = {name: index for index, name in enumerate(sorted(numbers))}
    return np.array([numbers_of_names[name] for name in numbers], dtype=np.int32)[found]
