"""Predictions for rows with changed covariates, for which a net reads each text only once.

Shuffling a covariate, or trying other values of it, does not change the net's logits for a text:
they are kept, and only the effects are computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gft.engine.features import WINDOW
from gft.engine.inference import Predictions, Predictor, predict_here
from gft.metrics.protocol import Array

Rows = Mapping[str, Sequence[Any]]


def rereading(predictor: Predictor) -> Callable[[Rows], Predictions]:
    """Return a function that predicts any number of rows, a dict of lists, in this process.

    For a net with covariates it keeps the logits of all texts that were read.
    """
    from gft.engine.effects import effects_of

    task, effects = predictor.task, effects_of(predictor.placed.model)
    covariates = task.covariates
    if covariates is None or effects is None:
        return lambda rows: predict_here(predictor, rows)
    logits: dict[tuple[Any, ...], Array] = {}

    def predict(rows: Rows) -> Predictions:
        import torch

        read = {name: rows[name] for name in task.texts}
        keys = [tuple(map(_key, cells)) for cells in zip(*read.values(), strict=True)]
        new = {key: n for n, key in enumerate(keys) if key not in logits}
        for start in range(0, len(new), WINDOW):
            part = dict(list(new.items())[start : start + WINDOW])
            found = predictor.logits(
                {name: [cells[n] for n in part.values()] for name, cells in read.items()}
            )
            logits.update(zip(part, found, strict=True))
        numbers = covariates.of(task.read_covariates(rows))
        every = effects.apply(np.stack([logits[key] for key in keys]), numbers)
        values, scores = task.decode({"logits": torch.from_numpy(every)}, [{}] * len(keys))
        return Predictions(values, scores)

    return predict


def _key(cell: Any) -> Any:
    """Return a key of a cell: the cell itself, or the id of one that may have no hash."""
    return cell if isinstance(cell, str | bytes | int | float | None) else id(cell)
