"""Predictions for rows whose covariates are others, while a net reads each text only once.

To shuffle a covariate, or to try its values, changes nothing in what a net makes of a text: its
logits are kept, and the effects are added anew.
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
    """Return what predicts any number of rows, a dict of lists, without other processes.

    Of a net with covariates the logits of all texts that it has read are kept.
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
            said = predictor.logits(
                {name: [cells[n] for n in part.values()] for name, cells in read.items()}
            )
            logits.update(zip(part, said, strict=True))
        numbers = covariates.of(task.read_covariates(rows))
        every = effects.apply(np.stack([logits[key] for key in keys]), numbers)
        values, scores = task.decode({"logits": torch.from_numpy(every)}, [{}] * len(keys))
        return Predictions(values, scores)

    return predict


def _key(cell: Any) -> Any:
    """Return what tells a cell from others: itself, or for what has no hash which object it is."""
    return cell if isinstance(cell, str | bytes | int | float | None) else id(cell)
