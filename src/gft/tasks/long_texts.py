"""What tasks share that can read all of a long text: one prediction from the windows of a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.inputs.features import COVARIATES, Batch, Cells, Encoded, Feature, MakeBatch, stacked
from gft.inputs.windows import (
    WINDOWS,
    Windows,
    by_row,
    encode_windows,
    in_groups,
    one_below_another,
    pad_windows,
)
from gft.language.program import Options
from gft.metrics.protocol import Array
from gft.tasks.effects import with_effects
from gft.tasks.options import Windowing
from gft.tasks.protocol import Task
from gft.tasks.windowing import asked_windows

if TYPE_CHECKING:
    import torch

AT_ONCE = 16_384
"""Tokens that are predicted together: a row of a whole book does not ask for more memory."""


@dataclass(frozen=True)
class LongTexts(Task):
    """A task of a sequence classification head that reads texts in windows, where it is asked to.

    With `windows` a row is trained and scored by one loss and one prediction: the logits of its
    windows are joined before anything else is made of them. `doc_stride` and `max_windows` are as
    `Windows` has them.
    """

    windows: bool = field(default=False, kw_only=True)
    doc_stride: int | None = field(default=None, kw_only=True)
    max_windows: int | None = field(default=None, kw_only=True)

    settings: ClassVar[tuple[str, ...]] = ("windows", "doc_stride", "max_windows")

    def configured(self, options: Options) -> Self:
        """Return the task with the windows that were asked for, if it reads texts."""
        task = super().configured(options)
        return replace(task, **asked_windows(options)) if Windowing in self.reads else task

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return the features of rows, one each; with `windows` it holds all windows of the row."""
        if not self.windows:
            return super().encode(processor, rows, max_length, golds)
        windows = Windows(self.doc_stride, self.max_windows)
        encoded = encode_windows(processor, self.read(rows), max_length, windows, golds)
        return self.with_covariates(encoded, rows)

    def batch_of(self, processor: Any, features: Sequence[Feature], training: bool) -> Batch:
        """Return token tensors of shape (rows, longest), or (rows, most windows, longest)."""
        if WINDOWS not in features[0]:
            return super().batch_of(processor, features, training)
        return pad_windows(processor, features)

    def run(self, model: Any, batch: Batch) -> Any:
        """Run the model and return its outputs: the logits of rows, whatever their windows."""
        if WINDOWS not in batch:
            return super().run(model, batch)
        # Effects are those of rows, not of windows: they are computed once.
        of_rows = {name: batch[name] for name in batch.keys() & {COVARIATES}}
        outputs = model(**one_below_another(batch), **of_rows)
        joined = self.joined_logits(outputs["logits"].float(), batch[WINDOWS])
        return with_effects({**outputs, "logits": joined}, batch)

    def run_features(self, model: Any, features: Sequence[Feature], batch_of: MakeBatch) -> Any:
        """Return what `run` does; of rows with windows some windows are in a batch at a time."""
        import torch

        if WINDOWS not in features[0]:
            return super().run_features(model, features, batch_of)
        parts: list[Any] = []
        of_rows: Batch = {}
        for some in in_groups(features, AT_ONCE):
            batch = batch_of(some)
            if not parts and COVARIATES in features[0]:
                of_rows = {COVARIATES: stacked(features).to(next(iter(batch.values())).device)}
            parts.append(model(**batch, **({} if parts else of_rows)))
        logits = torch.cat([part["logits"] for part in parts]).float()
        counts = torch.tensor([int(row[WINDOWS][0]) for row in features], device=logits.device)
        joined = self.joined_logits(logits, counts)
        return with_effects({**parts[0], "logits": joined}, of_rows)

    def joined_logits(self, logits: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Return the logits of rows, shape (rows, outputs), from those of their windows.

        The logarithm of the mean of their exponentials: a window that says much outweighs those
        that say nothing, as it would not in a mean of logits (`benchmarks/long_texts.py`).
        """
        return by_row(logits, counts, -float("inf")).logsumexp(1) - counts[:, None].log()

    def joined_arrays(self, logits: Array, ends: Sequence[int]) -> Array:
        """Return what `joined_logits` does, for arrays: where `logits` are of several rows.

        The windows of the rows stand one below another; `ends` are where rows but the last end.
        """
        import numpy as np

        parts = np.split(logits, ends)
        return np.stack([np.logaddexp.reduce(part, 0) - np.log(len(part)) for part in parts])

    @property
    def shortened_by(self) -> str:
        """The argument with which less of a row is read, and less memory taken."""
        return "--max_windows" if self.windows else super().shortened_by

    def too_long(self, max_length: int) -> str:
        """Return what rows are of which some tokens are not read, for a note."""
        if not self.windows:
            return f"{super().too_long(max_length)} (--windows reads all of a text)"
        if self.max_windows is None:
            return f"two texts of more than half of {max_length} tokens, the shorter one truncated"
        return f"longer than {self.max_windows} windows of {max_length} tokens"
