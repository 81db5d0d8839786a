"""Predictions that several processes make together, each for a share of the rows.

Process r of n predicts rows r, r + n, r + 2n, ...; every process ends with all of them, in order.
Without a launcher there is one process, and its share is everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gft import processes
from gft.engine.features import FeatureStore
from gft.engine.inference import Predictions, Predictor
from gft.tasks.protocol import Values


def predict_store(predictor: Predictor, store: FeatureStore) -> Predictions:
    """Return what `predictor.store` does; every process calls it with the same split."""
    return _of_all(predictor.store(store, processes.number(), processes.count()))


def predict_rows(predictor: Predictor, rows: Mapping[str, Sequence[Any]]) -> Predictions:
    """Return what `predictor.rows` does; every process calls it with the same rows."""
    first, step = processes.number(), processes.count()
    share = {name: column[first::step] for name, column in rows.items()}
    if not all(share.values()):
        return _of_all(Predictions([], None))
    return _of_all(predictor.rows(share))


def _of_all(mine: Predictions) -> Predictions:
    """Return the predictions of all rows from each process's share."""
    if processes.count() == 1:
        return mine
    parts = processes.of_each(mine)
    scored = any(part.scores is not None for part in parts)
    return Predictions(
        _dealt([part.values for part in parts]),
        _dealt([[] if part.scores is None else part.scores for part in parts]) if scored else None,
        sum(part.cut for part in parts),
    )


def _dealt(shares: Sequence[Values]) -> Values:
    """Return the values of rows that were dealt out in turn: the opposite of `[first::step]`."""
    count, step = sum(map(len, shares)), len(shares)
    known = next((share for share in shares if len(share)), shares[0])
    if isinstance(known, np.ndarray):
        values: Values = np.empty((count, *known.shape[1:]), known.dtype)
    else:
        values = [None] * count
    for first, share in enumerate(shares):
        if len(share):
            values[first::step] = share
    return values
