"""The prediction loop: a window of rows at a time, batches of similar length, input order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.engine.features import WINDOW, FeatureStore
from gft.engine.precision import Precision
from gft.metrics.protocol import Array
from gft.tasks.protocol import Feature, Task

if TYPE_CHECKING:
    import torch

BATCH_SIZE = 32


@dataclass(frozen=True)
class Predictions:
    """Predictions of some rows in order, scores if the task has any, and how many were cut."""

    values: Array
    scores: Array | None
    cut: int = 0


@dataclass(frozen=True)
class Predictor:
    """A model ready to predict: everything that decides what comes out for a row."""

    task: Task
    model: torch.nn.Module
    processor: Any
    precision: Precision
    max_length: int
    batch_size: int = BATCH_SIZE

    def rows(self, rows: Mapping[str, Sequence[Any]]) -> Predictions:
        """Return predictions for rows given as a dict of lists: at most a window of them."""
        encoded = self.task.encode(self.processor, rows, self.max_length)
        predictions = self.features(encoded.features)
        return Predictions(predictions.values, predictions.scores, sum(encoded.cut))

    def store(
        self, store: FeatureStore, progress: Callable[[int], None] | None = None
    ) -> Predictions:
        """Return predictions for a whole split, a window at a time."""
        parts = []
        for start in range(0, len(store), WINDOW):
            window = [store[row] for row in range(start, min(start + WINDOW, len(store)))]
            parts.append(self.features(window))
            if progress:
                progress(len(window))
        scores = [part.scores for part in parts if part.scores is not None]
        return Predictions(
            np.concatenate([part.values for part in parts]),
            np.concatenate(scores) if scores else None,
        )

    def features(self, features: Sequence[Feature]) -> Predictions:
        """Return predictions for encoded rows: longest first, so that memory is found out early."""
        import torch

        lengths = np.array([len(feature["input_ids"]) for feature in features])
        order = np.argsort(-lengths, kind="stable")
        values: list[Array] = []
        scores: list[Array] = []
        with torch.inference_mode():
            for start in range(0, len(order), self.batch_size):
                chosen = [
                    {name: value for name, value in features[n].items() if name != "labels"}
                    for n in order[start : start + self.batch_size]
                ]
                batch = self.task.collate(self.processor, chosen)
                batch = {name: tensor.to(self.precision.device) for name, tensor in batch.items()}
                with self.precision.autocast():
                    outputs = self.model(**batch)
                decoded, score = self.task.decode(outputs)
                values.append(decoded)
                if score is not None:
                    scores.append(score)
        back = np.argsort(order, kind="stable")
        return Predictions(
            np.concatenate(values)[back], np.concatenate(scores)[back] if scores else None
        )
