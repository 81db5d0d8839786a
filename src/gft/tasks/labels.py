"""Labels meet by name, never by position."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gft.data.spelling import comparing
from gft.errors import UserError, listed, no_such

DEFAULT = ("LABEL_0", "LABEL_1")
"""What a configuration without labels stands for."""
NOWHERE = "\0"
"""The spelling of a label that the data does not have."""

_GENERIC = re.compile(r"(label_)?-?\d+(\.\d+)?", re.IGNORECASE)


def are_names(labels: Sequence[str]) -> bool:
    """Say whether labels are names: `LABEL_0` and bare numbers are not."""
    return bool(labels) and not all(_GENERIC.fullmatch(label.strip()) for label in labels)


def of_config(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a model's labels in the order of its logits; empty when it says nothing of them.

    Where it says only how many there are, they are called as `transformers` calls them.
    """
    by_number = config.get("id2label") or _unnamed(config.get("num_labels"))
    try:
        return tuple(str(by_number[key]) for key in sorted(by_number, key=int))
    except (TypeError, ValueError):
        return ()


def _unnamed(count: object) -> dict[str, str]:
    """Return names by number for so many labels; none where that is no number."""
    if not isinstance(count, int):
        return {}
    return {str(n): f"LABEL_{n}" for n in range(count)}


def logits_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the name of each of a model's logits, `transformers`' own where it says nothing."""
    return of_config(config) or DEFAULT


def same_names(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Say whether two lists hold the same labels, in any order."""
    key = comparing(ours, theirs)
    return len(ours) == len(theirs) and {key(x) for x in ours} == {key(x) for x in theirs}


def in_order_of(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    """Return our spelling of labels in the order of theirs; both hold the same names."""
    key = comparing(ours, theirs)
    ours_of = {key(label): label for label in ours}
    return tuple(ours_of[key(label)] for label in theirs)


def in_natural_order(values: Iterable[str]) -> tuple[str, ...]:
    """Return classes ordered as numbers when all are numbers, else as strings."""
    labels = sorted(set(values))
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(labels)


def by_name(
    ours: Sequence[str], raw_labels: Sequence[str], theirs: Sequence[str]
) -> tuple[str, ...] | None:
    """Return how we spell each of their labels; None if one of ours is not among theirs."""
    key = comparing(ours, theirs)
    spelling = {key(label): text for label, text in zip(ours, raw_labels, strict=True)}
    if not spelling.keys() <= {key(label) for label in theirs}:
        return None
    return tuple(spelling.get(key(label), NOWHERE) for label in theirs)


Same = tuple[tuple[str, int], ...]
"""More spellings of a model's labels: how the data writes one, and the number of the label."""


def met(
    ours: Sequence[str],
    raw_labels: Sequence[str],
    theirs: Sequence[str],
    label_map: Sequence[str] = (),
) -> tuple[tuple[str, ...], Same, tuple[str, ...]]:
    """Return how the data spells each of a model's labels, more such spellings, and warnings.

    As `--label_map` says (`DATA=MODEL ...`; `DATA=` leaves such rows out), else by name; by
    position when one side has no names and the counts agree. Raises `UserError` that shows both
    lists when they differ.
    """
    if label_map:
        return tuple(NOWHERE for _ in theirs), _mapped(ours, raw_labels, theirs, label_map), ()
    found = by_name(ours, raw_labels, theirs)
    if found is not None:
        return found, (), ()
    if len(ours) == len(theirs) and not (are_names(ours) and are_names(theirs)):
        pairs = [f"{a} is {b}" for a, b in zip(ours, theirs, strict=True)]
        message = (
            f"labels are matched by position, because one side has no names: {listed(pairs, 6)}"
        )
        return tuple(raw_labels), (), (message,)
    key = comparing(ours, theirs)
    known = {key(label) for label in theirs}
    lacking = [label for label in ours if key(label) not in known]
    lacks = f"the model lacks {listed(lacking)}; " if len(lacking) < len(ours) else ""
    raise UserError(
        f"the data's labels ({listed(ours)}) do not match the model's ({listed(theirs)}); {lacks}"
        "map them with --label_map DATA=MODEL ..."
    )


@dataclass(frozen=True)
class Met:
    """Labels and their spellings in a model's order, and what becomes of the model's head.

    `head_rows` are the rows of the model's head that a new one begins with.
    """

    labels: tuple[str, ...]
    raw_labels: tuple[str, ...]
    new_head: bool
    head_rows: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def adapted(
    labels: tuple[str, ...],
    raw_labels: tuple[str, ...],
    config: Mapping[str, Any],
    label_map: Sequence[str] = (),
) -> Met:
    """Return labels and spellings in a model's order, and what becomes of its head.

    The head is kept if it knows the same labels by name, or if neither side has names and the
    counts agree; else it is replaced. A head that knows these labels among others, under their
    names or those that `label_map` gives them (`DATA=MODEL` each), lends the new one their rows.
    """
    theirs = of_config(config)
    if same_names(labels, theirs):
        by_label = dict(zip(labels, raw_labels, strict=True))
        labels = in_order_of(labels, theirs)
        return Met(labels, tuple(by_label[label] for label in labels), new_head=False)
    if len(theirs) == len(labels) and not (are_names(theirs) or are_names(labels)):
        return Met(labels, raw_labels, new_head=False)
    rows = _rows_among(labels, theirs, label_map)
    notes: tuple[str, ...] = ()
    if rows:
        lent = listed([theirs[row] for row in rows], 6)
        notes = (f"the head for {listed(labels, 6)} starts from the model's weights for {lent}",)
    elif theirs and are_names(theirs):
        notes = (
            f"the model's head for {listed(theirs, 6)} is replaced by a new one "
            f"for {listed(labels, 6)}",
        )
    return Met(labels, raw_labels, new_head=True, head_rows=rows, notes=notes)


def pair_of(
    pair: str, labels: Iterable[str], key: Callable[[str], str], theirs: Iterable[str] = ()
) -> tuple[str, str]:
    """Return the two sides of a pair of `--label_map`; `=` may be in names on both.

    It is split where the data has the label before the `=`; of several such marks, where `theirs`
    are those of the model, or nothing, after it. Raises `UserError` if there is no `=`, or nothing
    before it, or if the pair may be split at several marks.
    """
    ours, named = {key(label) for label in labels}, {key(label) for label in theirs}
    marks = [index for index, letter in enumerate(pair) if letter == "="]
    sides = [(pair[:mark].strip(), pair[mark + 1 :].strip()) for mark in marks]
    known = [(data, label) for data, label in sides if key(data) in ours]
    both = [(data, label) for data, label in known if not label or key(label) in named]
    meant = both or known or sides[-1:]
    if not meant or not meant[0][0]:
        raise UserError(f"--label_map: expected DATA=MODEL, found {pair!r}")
    if len(meant) > 1:
        ways = " or ".join(f"{data!r} as {label!r}" for data, label in meant)
        raise UserError(f"--label_map {pair}: may mean {ways}; rename the label in the data")
    return meant[0]


def still_meant(
    pairs: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> tuple[str, ...]:
    """Return the pairs of a fit's `--label_map` that say something of data and the fitted model.

    They are those whose label the data has, and that name one of the model's or leave rows out.
    """
    key = comparing(ours, theirs)
    known, fitted = {key(label) for label in ours}, {key(label) for label in theirs}
    kept = []
    for pair in pairs:
        data, label = pair_of(pair, ours, key, theirs)
        if key(data) in known and (not label or key(label) in fitted):
            kept.append(pair)
    return tuple(kept)


def _rows_among(
    labels: Sequence[str], theirs: Sequence[str], label_map: Sequence[str]
) -> tuple[int, ...]:
    """Return the number of the model's label for each of ours, none unless it has them all."""
    key = comparing(labels, theirs)
    called = {key(label): key(label) for label in labels}
    numbers = {key(label): number for number, label in enumerate(theirs)}
    for pair in label_map:
        data, model = pair_of(pair, labels, key, theirs)
        called[key(data)] = key(model)
    if not are_names(labels) and not label_map:
        return ()
    rows = [numbers.get(name) for name in called.values()]
    known = tuple(row for row in rows if row is not None)
    return known if len(set(known)) == len(labels) else ()


def _mapped(
    ours: Sequence[str], raw_labels: Sequence[str], theirs: Sequence[str], label_map: Sequence[str]
) -> Same:
    """Return the number of the model's label for every spelling of the data that has one."""
    key = comparing(ours, theirs)
    known = {key(label): label for label in ours}
    numbers = {key(label): number for number, label in enumerate(theirs)}
    target: dict[str, int | None] = {label: numbers.get(key(label)) for label in ours}
    left_out = set()
    for pair in label_map:
        data, model = pair_of(pair, ours, key, theirs)
        if key(data) not in known:
            raise UserError(f"--label_map {pair}: {no_such('label', data, ours, 'the data')}")
        if model and key(model) not in numbers:
            raise UserError(f"--label_map {pair}: {no_such('label', model, theirs, 'the model')}")
        target[known[key(data)]] = numbers[key(model)] if model else None
        if not model:
            left_out.add(known[key(data)])
    lost = [label for label in ours if target[label] is None and label not in left_out]
    if lost:
        raise UserError(
            f"--label_map: {listed(lost)} of the data is not a label of the model "
            f"({listed(theirs)}); add {lost[0]}=LABEL, or {lost[0]}= to leave such rows out"
        )
    return tuple(
        (text, number)
        for label, text in zip(ours, raw_labels, strict=True)
        if (number := target[label]) is not None
    )
