"""The split that a command reads: as it is called, as what it is used for, or by default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gft.data.folders import VAL_NAMES
from gft.data.labels import Golds
from gft.data.partition import Partition, Together, draw
from gft.data.roles import ROLES, Roles, Sizes, assign_roles, size_text, usual_val
from gft.data.table import DataSet, Rows
from gft.errors import UserError, listed, no_such
from gft.language.program import SELECT_FROM_TRAIN, TEST_FROM_TRAIN


@dataclass(frozen=True)
class Picked:
    """The split that a command reads, and a note when it was not asked for by name.

    `split` is the data's split that the rows are in; its `name` where they were not drawn.
    """

    name: str
    rows: Rows
    note: str | None = None
    split: str | None = None

    def of(self, data: DataSet) -> Rows:
        """Return the same rows of data that has the same splits, with other cells in them."""
        rows = data.splits[self.split or self.name]
        return rows if len(rows) == len(self.rows) else rows.select(self.rows.numbers())


@dataclass(frozen=True)
class Labelling:
    """How labels are read: `golds` gives those of a split, None where it lacks their columns.

    They are classes where splits that are drawn are `stratified` by them; rows that belong
    `together` are not drawn apart. `sizes` are those of what is drawn.
    """

    golds: Callable[[str], Golds | None]
    together: Together
    stratified: bool = False
    sizes: Sizes | None = None

    def any(self, split: str) -> bool:
        """Say whether a row of a split has a label."""
        found = self.golds(split)
        return found is not None and len(found.values) > 0

    def draws(self, role: str) -> bool:
        """Say whether a fit would draw a role that the data lacks."""
        return role == "val" or (
            role == "test" and self.sizes is not None and self.sizes.test is not None
        )

    def draw(self, data: DataSet, names: Sequence[str] | None) -> tuple[Roles, Partition]:
        """Return which rows a fit with these `--splits` would use for what. Raises `UserError`."""
        roles = assign_roles(data, names, self.sizes)
        found = {name: self.golds(name) for name in {*roles.names().values()} & {*data.splits}}
        golds = {name: one for name, one in found.items() if one is not None}
        return roles, draw(data, roles, golds, self.together, self.stratified)


def pick_split(
    data: DataSet,
    name: str | None,
    names: Sequence[str] | None,
    labels: Labelling | None = None,
    fitted: Partition | None = None,
    scores: bool = True,
    without_drawn: bool = False,
) -> Picked:
    """Return the split that a command reads, with its unlabelled rows.

    `name` is `--split`: one of the data's names, or train, val or test as `names` (of `--splits`)
    has them, else as the model's fit had them: what it drew is read from its partition, `fitted`,
    where the data is still the same. Otherwise val is taken from train where a fit would take it.
    Train is then all rows of its split; `without_drawn` it lacks those that the fit drew, or would.
    Without a name it is test (where the command `scores` if a row of it is labelled), else val,
    else the only split there is, and a note says so. Raises `UserError`.
    """
    changed = fitted is not None and fitted.fingerprint != data.fingerprint()
    partition = None if changed or (names and not _as_fitted(fitted, names)) else fitted
    roles = dict(zip(ROLES, names or (), strict=False))
    if not names:
        usual = {"train": "train", "val": usual_val(data), "test": "test"}
        roles = {role: found for role, found in usual.items() if found in data.splits}
    if partition is not None:  # It lacks a test split that has no labels.
        roles |= partition.names()
    left = None
    if without_drawn:
        known = fitted is not None
        left = _left_of_train(data, name, names, roles, labels, partition, known)
    if left is not None:
        other = f"; {data.name} is not the data that the model was fitted to" if changed else ""
        return replace(left, note=f"{left.note}{other}")
    if name in data.splits:
        whole = changed and without_drawn and name == roles.get("train")
        note = (
            f"{data.name} is not the data that the model was fitted to: {name} is all of its rows"
        )
        return Picked(str(name), data.splits[str(name)], note if whole else None)
    if name is not None:
        picked = _of_role(data, name, names, roles, labels, partition)
        note = f"{data.name} is not the data that the model was fitted to"
        if picked is None:
            missing = no_such("split", name, data.splits, data.name)
            raise UserError(f"{missing}; {note}" if changed else missing)
        if changed and picked.name in (SELECT_FROM_TRAIN, TEST_FROM_TRAIN):
            return replace(picked, note=f"{picked.note}; {note}: it may know some of these rows")
        return picked
    for role in ("test", "val"):
        found = roles.get(role)
        if found not in data.splits or found is None:
            continue
        note = f"the split is {found}; --split names another one"
        if role == "val" or not scores or labels is None or labels.any(found):
            return Picked(found, data.splits[found], note)
    if len(data.splits) == 1:
        [(only, rows)] = data.splits.items()
        return Picked(only, rows, f"the split is {only}, the only one of {data.name}")
    raise UserError(
        f"{data.name} has neither a labelled test split nor a val split; "
        f"name one: --split {' or '.join(list(data.splits)[:8])}"
    )


def _as_fitted(fitted: Partition | None, names: Sequence[str]) -> bool:
    """Say whether `--splits` names the splits that a fit had."""
    had = {} if fitted is None else fitted.names()
    return all(had.get(role) == name for role, name in zip(ROLES, names, strict=False))


def _left_of_train(
    data: DataSet,
    name: str | None,
    names: Sequence[str] | None,
    roles: Mapping[str, str],
    labels: Labelling | None,
    partition: Partition | None,
    fitted: bool,
) -> Picked | None:
    """Return train without what a fit drew from it, None if nothing was drawn or `name` is another.

    A name is needed unless the data has one split alone. Any other name of the data's own is all of
    that split.
    """
    own = roles.get("train", next(iter(data.splits)))
    by_role = name == "train" and (own == "train" or "train" not in data.splits)
    if not by_role and not (name is None and len(data.splits) == 1):
        return None
    who = "gft_fit drew"
    if partition is None:
        if labels is None:
            return None
        try:
            who, (_, partition) = "gft_fit would draw", labels.draw(data, names)
        except UserError:
            if fitted:  # Other data, with too few labels: a fit would draw nothing.
                return None
            raise
    drawn = [role for role, part in partition.parts.items() if part.drawn]
    if not drawn or "train" not in partition.parts:
        return None
    split, rows = partition.parts["train"].split, partition.rows(data, "train")
    unlabelled = partition.parts["train"].without_label
    note = (
        f"train is {len(rows):,} of the {len(data.splits[split]):,} rows of {split}: without those "
        f"that {who} for {listed(drawn)}"
        + (f", and without {unlabelled:,} that have no label" if unlabelled else "")
    )
    return Picked("train", rows, note, split)


def _of_role(
    data: DataSet,
    name: str,
    names: Sequence[str] | None,
    roles: dict[str, str],
    labels: Labelling | None,
    partition: Partition | None,
) -> Picked | None:
    """Return the split that plays the role called `name`, None if there is none."""
    role = "val" if name in VAL_NAMES or name == SELECT_FROM_TRAIN else name
    role = "test" if name == TEST_FROM_TRAIN else role
    found = roles.get(role)
    if found in data.splits and found is not None:
        return Picked(found, data.splits[found])
    if partition is not None and role in partition.parts:
        rows = partition.rows(data, role)
        part = partition.parts[role]
        note = f"{role} is what gft_fit drew: {len(rows):,} rows"
        return Picked(part.drawn or part.split, rows, note, part.split)
    if labels is not None and labels.draws(role) and (names or "train" in data.splits):
        roles_then, drawn = labels.draw(data, names)
        taken = drawn.parts.get(role)
        if taken is not None and taken.drawn:
            size = size_text(roles_then.drawn[taken.drawn])
            note = f"{data.name} has no {role} split: {role} is the {size} that gft_fit takes out"
            return Picked(taken.drawn, drawn.rows(data, role), f"{note} of train", taken.split)
    return None
