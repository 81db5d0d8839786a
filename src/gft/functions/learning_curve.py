"""`fit --learning_curve`: the same program on parts of train first, then on all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from gft import notes, processes
from gft.data.drawing import classes_of_rows, select
from gft.data.groups import groups_of
from gft.data.ties import Ties
from gft.engine.interruption import Interruption
from gft.engine.options import HandedOn
from gft.errors import Mistakes, UserError
from gft.folder import OutputFolder
from gft.functions.encoding import EncodedSplits
from gft.functions.options import Fitting, Folder, Scoring
from gft.functions.preparing import Prepared
from gft.functions.running import run
from gft.functions.several import OneFit, fitted, one_fit
from gft.language.program import Program
from gft.metrics.learning_curve import FEWEST_SIZES
from gft.metrics.protocol import Array
from gft.model.fit import Fit
from gft.results.measured import Smaller
from gft.tasks.together import ties_of

PARTS = (8, 4, 2)
"""Train is fitted to an eighth, a quarter and a half of it, each within the next."""
FEWEST = 24
"""A part with fewer rows says nothing of what more rows would bring: it is not fitted."""
_OF_STEPS = ("max_steps", "warmup_steps", "eval_steps", "eval_delay")
"""Arguments that may count steps, of which a part has fewer."""


def each_part(program: Program, folder: OutputFolder, mistakes: Mistakes) -> dict[int, OneFit]:
    """Return the fit of each part of train, by how many times train is larger.

    Mistakes are collected.
    """
    if program.options.of(Fitting).seeds:
        mistakes.add(
            "--learning_curve fits parts of train with one seed: leave out --seeds, or fit twice, "
            "into two folders"
        )
    found = {
        share: one_fit(
            program, folder, f"part-{share}", mistakes, "learning_curve", **_steps(program, share)
        )
        for share in PARTS
    }
    return {share: one for share, one in found.items() if one is not None}


def _steps(program: Program, share: int) -> dict[str, Any]:
    """Return the arguments that count steps, so that a part is passed over as often as train."""
    training = program.options.of(HandedOn)
    given = {name: getattr(training, name) for name in _OF_STEPS}
    if training.eval_strategy != "steps":  # It is a number of epochs then.
        del given["eval_delay"]
    return {
        name: max(1, round(value / share)) for name, value in given.items() if value and value >= 1
    }


def fit_with_curve(
    parts: Mapping[int, OneFit],
    prepared: Prepared,
    encoded: EncodedSplits,
    interruption: Interruption,
) -> Fit:
    """Fit a program to parts of train, then to all of it, and return that fit.

    Each part is fitted in a folder of its own, `part-8` and so on, which is gone once the curve is
    in `metrics.json`; until then what is finished there is not done again, what is not goes on.
    Raises what `fit` raises.
    """
    if prepared.program.options.of(Folder).overwrite_output_dir and processes.is_first():
        prepared.folder.clear()
    rows = rows_of_parts(prepared)
    smaller = []
    for share, numbers in rows.items():
        notes.say(f"1/{share} of train: {len(numbers):,} rows")
        mine, store = _on(numbers, prepared, encoded)
        results = fitted(parts[share], mine, store, interruption, "fits of the learning curve")
        smaller.append(Smaller(len(numbers), results))
    if rows:
        notes.say("all of train")
    fit = run(prepared, encoded, interruption, smaller)[0]
    forget_parts(prepared.folder)
    return fit


def check_scored(prepared: Prepared) -> None:
    """Raise `UserError` where no split is scored: there is nothing to draw a curve of."""
    if not prepared.rows.keys() - {"train"}:
        raise UserError(
            "--learning_curve needs val or test rows with labels to score the fits on; "
            "--test_size 0.2 takes test out of train"
        )


def forget_parts(folder: OutputFolder) -> None:
    """Remove what gft left in the folders of the parts; files of the user's own stay."""
    for share in PARTS if processes.is_first() else ():
        part = OutputFolder(folder.path / f"part-{share}")
        if part.path.is_dir():
            part.clear()
            if not any(part.path.iterdir()):
                part.path.rmdir()
    processes.wait()


def rows_of_parts(prepared: Prepared) -> dict[int, Array]:
    """Return the indices in train of the rows of each part, ascending, the smallest part first.

    They are drawn as val is: by the data's fingerprint, of each class its share, and rows that
    belong together are not parted. Parts with fewer than `FEWEST` rows are left out.
    """
    train, task = prepared.rows["train"], prepared.task
    count = len(train)
    group = prepared.program.options.of(Scoring).group
    ties = ties_of(task, train, groups_of(train, group, "train"))
    ties = Ties(ties.bundles, np.zeros(count, dtype=bool), ties.near)  # All are of train.
    golds = prepared.golds["train"]
    classes = classes_of_rows(golds, count) if task.target.stratified else None
    sizes = {share: count // share for share in PARTS if count // share >= FEWEST}
    if len(sizes) + 1 < FEWEST_SIZES:
        return {}
    new = [
        size - before for size, before in zip(sizes.values(), [0, *sizes.values()], strict=False)
    ]
    drawn = select(ties, classes, prepared.data.fingerprint(), new)
    found = {
        share: np.sort(np.concatenate(drawn[: n + 1])).astype(np.int64)
        for n, share in enumerate(sizes)
    }
    return found if _ascend([*map(len, found.values()), count]) else {}


def _ascend(sizes: Sequence[int]) -> bool:
    """Say whether each is well above the one before, as large bundles may not allow."""
    return all(before * 1.4 < size for before, size in pairwise([FEWEST / 1.5, *sizes]))


def _on(
    numbers: Array, prepared: Prepared, encoded: EncodedSplits
) -> tuple[Prepared, EncodedSplits]:
    """Return what is prepared and encoded, with some rows of train for all of them."""
    rows = {**prepared.rows, "train": prepared.rows["train"].select(numbers)}
    golds = {**prepared.golds, "train": prepared.golds["train"].select(numbers)}
    stores = {**encoded.stores, "train": encoded.stores["train"].select(numbers)}
    mine = replace(prepared, rows=rows, golds=golds, of_part=True)
    return mine, replace(encoded, stores=stores)
