"""Predictions of a graph: neither `torch` nor `transformers`, batches as the model's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gft.covariates.effects import Effects
from gft.engine.features import TOKENS, length_of
from gft.engine.inference import Predictions, ReadsTokens, by_row, in_order, joined
from gft.graphs.full_precision import FullPrecision
from gft.graphs.outputs import LOGITS
from gft.graphs.runtimes import Runtime
from gft.graphs.tokenizing import GraphTokenizer
from gft.inputs.features import COVARIATES, Feature
from gft.inputs.text import padded
from gft.inputs.vocabulary import check_known
from gft.inputs.windows import WINDOWS, in_groups
from gft.metrics.protocol import Array
from gft.tasks.long_texts import LongTexts
from gft.tasks.protocol import Task, Values

BATCH_TOKENS = 512
"""Tokens of a batch, padding too, where each core is to have one."""
SHORTEST = 16
"""Rows count as so many tokens at least, so that a batch of short ones is not too large."""
FEW_ROWS = 4
"""Rows of a batch where only some rows go together: few of them have similar lengths."""


@dataclass(frozen=True)
class GraphPredictor(ReadsTokens):
    """A graph ready to predict the rows of a task.

    `known` is how many tokens the model has, where its tokenizer has more; `effects` what
    covariates add to its logits; `batch_size` how many rows go together at most, None for as many
    as suit their lengths. `full_precision` computes rows close to a tie again.
    """

    task: Task
    processor: GraphTokenizer
    runtime: Runtime
    max_length: int
    known: int | None = None
    effects: Effects | None = None
    batch_size: int | None = None
    full_precision: FullPrecision | None = None

    def computed_by(self) -> dict[str, str]:
        """Return what computes the predictions: a runtime, its version, a precision."""
        found = {**self.runtime.saved(), "graph": self.runtime.file.name}
        if self.full_precision is not None:
            found["fp32_below_margin"] = f"{self.full_precision.margin:.4g}"
        return found

    def with_task(self, task: Task) -> GraphPredictor:
        """Return the same with a task that reads rows in another way."""
        return replace(self, task=task)

    def rows(self, rows: Mapping[str, Sequence[Any]]) -> Predictions:
        """Return predictions for rows given as a dict of lists: at most a window of them."""
        encoded = self.task.encode(self.processor, rows, self.max_length)
        if self.known is not None:
            check_known(encoded.features, self.known, self.processor)
        values, scores = by_row(self.task, encoded.features, encoded.rows, self.features)
        return Predictions(values, scores, encoded.unread(self.task.length_of))

    def features(self, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return predictions and scores, one each for each feature.

        Those close to a tie are the ones of full precision, where there is that.
        """
        values, scores = self._of_runtime(features)
        margins = None if self.full_precision is None else self.task.margins(values, scores)
        if self.full_precision is None or margins is None:
            return values, scores
        # Not "smaller than": where a score is NaN, full precision has the last word.
        close = np.flatnonzero(~(margins >= self.full_precision.margin)).tolist()
        if not close:
            return values, scores
        runtime, size = self.full_precision.opened(), self.batch_size or FEW_ROWS
        exact = replace(self, runtime=runtime, full_precision=None, batch_size=size)
        found = exact.features([features[n] for n in close])
        labels, probabilities = np.array(values), np.array(scores)
        labels[close], probabilities[close] = found
        return labels, probabilities

    def _of_runtime(self, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return what the graph alone predicts; the longest go first."""
        lengths = np.array([length_of(feature, TOKENS) for feature in features])
        order = np.argsort(-lengths, kind="stable")
        batches = batches_by_length(order, lengths, self.runtime, self.batch_size)
        found = self.runtime.each(lambda batch: self._batch([features[n] for n in batch]), batches)
        back = np.argsort(order, kind="stable")
        values = joined([values for values, _ in found])
        scores = [scores for _, scores in found if scores is not None]
        return in_order(values, back), in_order(joined(scores), back) if scores else None

    def _batch(self, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return predictions and scores of features that go through the graph together."""
        outputs = self.outputs(features)
        if self.effects is not None:
            numbers = np.stack([feature[COVARIATES] for feature in features])
            outputs[LOGITS] = self.effects.apply(outputs[LOGITS], numbers)
        return self.task.decode(outputs, features)

    def outputs(self, features: Sequence[Feature]) -> dict[str, Array]:
        """Return what the graph gives for some features: of windows, what they give together."""
        task = self.task
        if not isinstance(task, LongTexts) or WINDOWS not in features[0]:
            return self._run(features)
        groups = in_groups(features, BATCH_TOKENS)
        logits = [self._run(some)[LOGITS] for some in groups]
        ends = np.cumsum([int(row[WINDOWS][0]) for row in features])[:-1].tolist()
        return {LOGITS: task.joined_arrays(np.concatenate(logits), ends)}

    def _run(self, features: Sequence[Feature]) -> dict[str, Array]:
        return run_padded(self.processor, self.runtime, features)


def batches_by_length(
    order: Array, lengths: Array, runtime: Runtime, batch_size: int | None
) -> list[list[int]]:
    """Return the numbers of features that go together, in an order that has the longest first.

    Without `batch_size` a batch has as many tokens as suit the runtime, or fewer, if some core had
    none otherwise.
    """
    of_core = int(lengths.sum()) // runtime.cores
    tokens = max(BATCH_TOKENS, min(runtime.batch_tokens, of_core))
    found: list[list[int]] = []
    start = 0
    while start < len(order):
        longest = max(SHORTEST, int(lengths[order[start]]))
        size = batch_size or max(1, tokens // longest)
        found.append(order[start : start + size].tolist())
        start += size
    return found


def run_padded(
    processor: GraphTokenizer, runtime: Runtime, features: Sequence[Feature]
) -> dict[str, Array]:
    """Return what a graph gives for features that go through it together."""
    names = processor.settings.parts
    of_model = [{name: feature[name] for name in names} for feature in features]
    return runtime.run(padded(processor, of_model, "right"))
