"""`--label_map` in a fit: classes of the data get other names, are merged, or are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gft.data.spelling import comparing
from gft.errors import UserError, listed, no_such
from gft.tasks.labels import are_names, pair_of

SHOWN = 6


@dataclass(frozen=True)
class Relabelled:
    """Labels and how the data spells them, as `--label_map` has them.

    `more` are further spellings, each with its label; `lent` the pairs that say which weights of
    the model's head a label begins with.
    """

    labels: tuple[str, ...]
    raw_labels: tuple[str, ...]
    more: tuple[tuple[str, str], ...] = ()
    lent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def relabelled(
    labels: tuple[str, ...],
    raw_labels: tuple[str, ...],
    pairs: Sequence[str],
    theirs: Sequence[str],
) -> Relabelled:
    """Return labels as the pairs `DATA=LABEL` say; `theirs` are those of the model's head.

    `DATA=` leaves rows out. LABEL may be another label of the data, with which DATA is merged then;
    one of the model's, whose weights DATA begins with, or by whose name several are merged; or,
    unless the head has names of its own, a new name. Raises `UserError` for a label that there is
    not, and if none is left.
    """
    if not pairs:
        return Relabelled(labels, raw_labels)
    key = comparing(labels, theirs)
    ours = {key(label): label for label in labels}
    known = {key(label): label for label in theirs} | ours
    wanted = [(pair, *pair_of(pair, labels, key, (*labels, *theirs))) for pair in pairs]
    often = Counter(key(label) for _, _, label in wanted)
    names: dict[str, str | None] = {label: label for label in labels}
    lent = []
    for pair, data, label in wanted:
        if key(data) not in ours:
            raise UserError(f"--label_map {pair}: {no_such('label', data, labels, 'the data')}")
        if label and key(label) not in known and are_names(theirs):
            raise UserError(
                f"--label_map {pair}: expected DATA=MODEL, a label of the data "
                f"({listed(labels, SHOWN)}) and one of the model ({listed(theirs, SHOWN)}) or of "
                "the data"
            )
        if label and key(label) in known and key(label) not in ours and often[key(label)] == 1:
            lent.append(pair)
        else:
            names[ours[key(data)]] = known.setdefault(key(label), label) if label else None
    left = tuple(dict.fromkeys(name for name in names.values() if name is not None))
    if not left:
        raise UserError("--label_map leaves no label")
    spellings: dict[str, list[str]] = {name: [] for name in left}
    for label, text in zip(labels, raw_labels, strict=True):
        name = names[label]
        if name is not None:
            spellings[name].insert(0 if name == label else len(spellings[name]), text)
    first = tuple(texts[0] for texts in spellings.values())
    more = tuple((text, name) for name, texts in spellings.items() for text in texts[1:])
    return Relabelled(left, first, more, tuple(lent), _notes(names))


def _notes(names: dict[str, str | None]) -> tuple[str, ...]:
    """Return a note of labels with other names, and of those that are left out."""
    parts = [f"{old} counts as {new}" for old, new in names.items() if new not in (old, None)]
    out = [old for old, new in names.items() if new is None]
    if out:
        parts.append(f"rows of {listed(out, SHOWN)} are left out")
    return (f"--label_map: {'; '.join(parts)}",) if parts else ()
