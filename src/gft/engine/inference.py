"""The prediction loop: a window of rows at a time, batches of similar length, input order.

Several processes predict together, each a share of the rows: process r of n takes rows r, r + n,
r + 2n and so on. Every process ends with the predictions of all rows, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from gft import processes
from gft.engine.features import TOKENS, WINDOW, FeatureStore, each_alone, length_of, unlabelled
from gft.inputs.features import MadeFeatures, Unread
from gft.inputs.vocabulary import check_known
from gft.metrics.protocol import Array
from gft.tasks.protocol import Feature, Task, Values

if TYPE_CHECKING:
    from gft.engine.placed_model import PlacedModel

Found: TypeAlias = "tuple[Values, Values | None]"
"""Predictions and scores, one for each feature or row; None where there are no scores."""
BATCH_SIZE = 32
"""Rows in a batch where lengths are not counted in tokens."""
BATCH_TOKENS = {"cpu": 2048, "cuda": 32_768}
LARGEST_BATCH = 256
"""Short rows go together in larger batches than long ones."""


@dataclass(frozen=True)
class Predictions:
    """Predictions of rows in order, scores if the task has any, and what was not read."""

    values: Values
    scores: Values | None
    unread: Unread = field(default_factory=Unread)


class Predicting(Protocol):
    """A model of any type, ready to predict rows."""

    @property
    def task(self) -> Task:
        """The task that reads the rows and decodes the predictions."""

    @property
    def processor(self) -> Any:
        """The processor that makes features of rows; None where cells are read as they are."""

    @property
    def too_long(self) -> str:
        """What a note calls rows that are not read completely."""

    @property
    def unit(self) -> str:
        """The unit of lengths: `tokens`."""

    def computed_by(self) -> dict[str, str]:
        """Return what computes the predictions and in which precision, for the record."""

    def with_task(self, task: Task) -> Predicting:
        """Return the same with a task that reads rows in another way."""

    def rows(self, rows: Mapping[str, Sequence[Any]]) -> Predictions:
        """Return predictions for rows, a dict of lists: at most `WINDOW` rows."""


class ReadsTokens:
    """A predictor whose inputs have at most `max_length` tokens."""

    task: Task
    max_length: int

    @property
    def too_long(self) -> str:
        """What a note calls rows that are not read completely."""
        return self.task.too_long(self.max_length)

    @property
    def unit(self) -> str:
        """The unit of lengths."""
        return "tokens"


@dataclass(frozen=True)
class Predictor(ReadsTokens):
    """A net ready to predict, with everything that decides the prediction of a row.

    `batch_size` is the most rows in a batch, None for as many as suit their lengths. `known` is
    the size of the model's vocabulary, where its tokenizer has more tokens. With `undecoded` the
    predictions are logits.
    """

    task: Task
    placed: PlacedModel
    max_length: int
    batch_size: int | None = None
    known: int | None = None
    undecoded: bool = False

    @property
    def processor(self) -> Any:
        """The processor that makes features of rows."""
        return self.placed.loaded.processor

    def computed_by(self) -> dict[str, str]:
        """Return what computes the predictions: torch, its version, precision and device."""
        precision = self.placed.precision
        found = {"name": "torch", "version": version("torch"), "precision": precision.name}
        return {**found, "device": precision.device.type}

    def with_task(self, task: Task) -> Predictor:
        """Return the same with a task that reads rows in another way."""
        return replace(self, task=task)

    def rows(self, rows: Mapping[str, Sequence[Any]]) -> Predictions:
        """Return predictions for rows, a dict of lists: at most `WINDOW` rows."""
        encoded = self.task.encode(self.processor, rows, self.max_length)
        if self.known is not None:
            check_known(encoded.features, self.known, self.processor)
        values, scores = by_row(self.task, encoded.features, encoded.rows, self.features)
        return Predictions(values, scores, encoded.unread(self.task.length_of))

    def logits(self, rows: Mapping[str, Sequence[Any]]) -> Array:
        """Return the logits of at most `WINDOW` rows without covariates, (rows, outputs)."""
        alone = replace(self, task=replace(self.task, covariates=None), undecoded=True)
        return np.asarray(alone.rows(rows).values)

    def store(self, store: FeatureStore, first: int = 0, step: int = 1) -> Predictions:
        """Return predictions for a split, a window at a time: for every `step`-th row."""
        chosen, rows = np.arange(first, len(store), step), None
        if store.rows is not None:
            chosen = np.flatnonzero(store.rows % step == first)
            rows = store.rows[chosen]
        return self._of_features(store, chosen, rows)

    def some(self, store: FeatureStore, numbers: Array) -> Predictions:
        """Return predictions for the rows of a split with these indices, ascending."""
        if store.rows is None:
            return self._of_features(store, numbers, None)
        chosen = np.flatnonzero(np.isin(store.rows, numbers))
        return self._of_features(store, chosen, store.rows[chosen])

    def _of_features(self, store: FeatureStore, chosen: Array, rows: Array | None) -> Predictions:
        """Return predictions for features by index; `rows` are the rows they belong to."""
        features = MadeFeatures(store.__getitem__, chosen)
        return Predictions(*by_row(self.task, features, rows, self.features))

    def features(self, features: Sequence[Feature]) -> Found:
        """Return predictions and scores, one for each feature.

        The longest come first, so that a lack of memory is noticed early. A batch is filled up
        with copies of its last row to a round number of rows.
        """
        from gft.engine.padding import try_padding
        from gft.engine.trial import try_predicting

        lengths = np.array([length_of(feature, self.task.length_of) for feature in features])
        order = np.argsort(-lengths, kind="stable")
        try_predicting(self.task, self.placed, [features[n] for n in order], lengths[order])
        try_padding(self.task, self.placed, features.__getitem__, lengths)
        placed = self.placed
        filled_up = placed.side_by_side and self._counts_tokens()

        def run(numbers: list[int]) -> Found:
            count = len(numbers)
            more = placed.rows(count) - count if filled_up else 0
            filled = [features[n] for n in (*numbers, *numbers[-1:] * more)]
            values, scores = self._batch(filled)
            return values[:count], None if scores is None else scores[:count]

        with placed.predicting():
            if placed.by_length and each_alone(features, self.task.length_of):
                batches = [[number] for number in order.tolist()]
            else:
                batches = list(self._batches(order, lengths, bool(placed.by_length)))
            found = placed.each(run, batches, self._computing)
        back = np.argsort(order, kind="stable")
        values = joined([values for values, _ in found])
        scores = [scores for _, scores in found if scores is not None]
        return in_order(values, back), in_order(joined(scores), back) if scores else None

    def _batch(self, features: Sequence[Feature]) -> Found:
        """Return predictions and scores of features in one batch."""
        chosen = unlabelled(features)
        self.placed.restore()
        outputs = self.task.run_features(
            self.placed.model, chosen, lambda some: self.placed.batch(self.task, some)
        )
        if self.undecoded:
            return outputs["logits"].float().cpu().numpy(), None
        values, scores = self.task.decode(outputs, chosen)
        return self.task.detokenized(self.processor, values), scores

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """Compute without gradients, in the precision chosen."""
        import torch

        with torch.inference_mode(), self.placed.precision.autocast():
            yield

    def _counts_tokens(self) -> bool:
        """Say whether the size of a batch follows from its length in tokens."""
        return self.batch_size is None and self.task.length_of == TOKENS

    def _batches(
        self, order: Array, lengths: Array, by_length: bool = False
    ) -> Iterator[list[int]]:
        """Yield the indices of the features of each batch, the longest first.

        With `by_length` a batch has features of one length only.
        """
        tokens = BATCH_TOKENS.get(self.placed.precision.device.type, BATCH_TOKENS["cpu"])
        start = 0
        while start < len(order):
            size = self.batch_size or BATCH_SIZE
            if self._counts_tokens():
                longest = self.placed.length(max(1, int(lengths[order[start]])))
                size = self.placed.rows(max(1, min(LARGEST_BATCH, tokens // longest)))
            chosen = order[start : start + size]
            if by_length:
                chosen = chosen[lengths[chosen] == lengths[chosen[0]]]
            yield chosen.tolist()
            start += len(chosen)


def by_row(
    task: Task,
    features: Sequence[Feature],
    rows: Sequence[int] | Array | None,
    predicted: Callable[[Sequence[Feature]], Found],
) -> Found:
    """Return predictions and scores of rows, computed a window of their features at a time.

    `predicted` returns those of some features. `rows` are the rows that features belong to, all
    features of one row in turn, None with one feature a row. The predictions of a row's features
    are kept until the row is complete.
    """
    parts: list[Found] = []
    first, waiting = 0, list[Found]()
    for start in range(0, len(features), WINDOW):
        stop = min(start + WINDOW, len(features))
        found = predicted(features[start:stop])
        if rows is None:
            parts.append(found)
            continue
        waiting.append(found)
        complete = stop
        while stop < len(features) and complete > start and rows[complete - 1] == rows[stop]:
            complete -= 1
        if complete > start:  # Otherwise all that waits belongs to one row, with more to come.
            values, scores = _put_together(waiting)
            count = complete - first
            some = None if scores is None else scores[:count]
            owners = [int(row) for row in rows[first:complete]]
            parts.append(_of_rows(task, features[first:complete], owners, values[:count], some))
            waiting = [(values[count:], None if scores is None else scores[count:])]
            first = complete
    return _put_together(parts)


def _put_together(parts: Sequence[Found]) -> Found:
    scores = [scores for _, scores in parts if scores is not None]
    return joined([values for values, _ in parts]), joined(scores) if scores else None


def _of_rows(
    task: Task,
    features: Sequence[Feature],
    rows: Sequence[int],
    values: Values,
    scores: Values | None,
) -> Found:
    """Return the predictions of whole rows from those of their features."""
    known: Any = scores if scores is not None else [None] * len(features)
    starts = [n for n, row in enumerate(rows) if n == 0 or row != rows[n - 1]]
    parts = [slice(*ends) for ends in pairwise([*starts, len(rows)])]
    joint = [task.joined(features[part], list(values[part]), list(known[part])) for part in parts]
    return [value for value, _ in joint], [score for _, score in joint]


def predict_store(predictor: Predictor, store: FeatureStore) -> Predictions:
    """Return what `predictor.store` returns; every process calls it with the same split."""
    return _of_all(predictor.store(store, processes.number(), processes.count()))


def predict_rows(predictor: Predicting, rows: Mapping[str, Sequence[Any]]) -> Predictions:
    """Return what `predictor.rows` returns; every process calls it with the same rows."""
    first, step = processes.number(), processes.count()
    share = {name: column[first::step] for name, column in rows.items()}
    if not all(share.values()):
        return _of_all(Predictions([], None))
    return _of_all(predictor.rows(share))


def predict_here(predictor: Predicting, rows: Mapping[str, Sequence[Any]]) -> Predictions:
    """Return predictions for any number of rows, a dict of lists, without other processes."""
    count = len(next(iter(rows.values())))
    parts = [
        predictor.rows({name: column[start : start + WINDOW] for name, column in rows.items()})
        for start in range(0, count, WINDOW)
    ]
    scores = [part.scores for part in parts if part.scores is not None]
    unread = sum((part.unread for part in parts), Unread())
    return Predictions(
        joined([part.values for part in parts]), joined(scores) if scores else None, unread
    )


def _of_all(mine: Predictions) -> Predictions:
    """Return the predictions of all rows from each process's share."""
    if processes.count() == 1:
        return mine
    parts = processes.of_each(mine)
    scored = any(part.scores is not None for part in parts)
    return Predictions(
        _interleaved([part.values for part in parts]),
        _interleaved([[] if part.scores is None else part.scores for part in parts])
        if scored
        else None,
        sum((part.unread for part in parts), Unread()),
    )


def _interleaved(shares: Sequence[Values]) -> Values:
    """Return the values of all rows in their order: the inverse of `[first::step]`."""
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


def joined(parts: Sequence[Values]) -> Values:
    """Return concatenated values."""
    if parts and all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    return [value for part in parts for value in part]


def in_order(values: Values, order: Array) -> Values:
    """Return values in another order."""
    if isinstance(values, np.ndarray):
        return values[order]
    return [values[n] for n in order]
