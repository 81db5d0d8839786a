"""Vectors of texts from a graph, without `torch`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gft.engine.features import TOKENS, length_of
from gft.graphs.outputs import MEAN
from gft.graphs.predictor import batches_by_length, run_padded
from gft.graphs.runtimes import Runtime
from gft.graphs.tokenizing import GraphTokenizer
from gft.inputs.features import Feature
from gft.metrics.protocol import Array


@dataclass(frozen=True)
class GraphVectors:
    """A graph ready to make vectors: the mean of a text's last hidden states."""

    processor: GraphTokenizer
    runtime: Runtime

    def __call__(self, features: Sequence[Feature]) -> Array:
        """Return the vectors of features in order, shape (rows, width); the longest go first."""
        lengths = np.array([length_of(feature, TOKENS) for feature in features])
        order = np.argsort(-lengths, kind="stable")
        batches = batches_by_length(order, lengths, self.runtime, None)
        found = self.runtime.each(self._run, [[features[n] for n in batch] for batch in batches])
        vectors: Array = np.concatenate(found)[np.argsort(order, kind="stable")]
        return vectors

    def _run(self, features: Sequence[Feature]) -> Array:
        return run_padded(self.processor, self.runtime, features)[MEAN]
