"""Whether padding changes a row's scores: some models read it.

One row is computed alone and in a batch with a longer one. If its logits differ, a batch holds
rows of one length only.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from gft import notes
from gft.engine.features import samples
from gft.engine.placed_model import PlacedModel
from gft.engine.untouched import untouched
from gft.metrics.protocol import Array
from gft.tasks.protocol import Feature, Task

SAME = 1e-4
"""Largest relative difference of a row's logits in fp32 that counts as equal."""
TOKENS = 256
"""Most tokens of the longer row, where there is such a row: a fraction of a second."""
LONGER = 1.3


def try_padding(
    task: Task, placed: PlacedModel, feature: Callable[[int], Feature], lengths: Array
) -> None:
    """Find out which rows may share a batch, once there are two of different lengths.

    `feature` returns a row's feature by its index, `lengths` are those of all rows.
    """
    with placed.trying:
        if placed.by_length is not None or len(lengths) < 2:
            return
        order = np.argsort(lengths, kind="stable")
        short, longer = order[0], order[lengths[order] >= LONGER * lengths[order[0]]]
        if not len(longer):
            return
        fitting = longer[lengths[longer] <= TOKENS]
        # A model that changes is another one from some length on.
        long = longer[-1] if placed.changes or not len(fitting) else fitting[-1]
        chosen = samples([feature(int(long)), feature(int(short))])
        placed.by_length = False
        before = placed.fast, placed.precision
        placed.fast, placed.precision = False, replace(placed.precision, name="fp32")
        try:
            with untouched(placed.model), placed.cores.in_use():
                placed.model.eval()
                alone, _ = _logits(task, placed, chosen[1:])
                together, mask = _logits(task, placed, chosen)
        except Exception:
            return  # The computation proper fails in the same way, and handles it.
        finally:
            placed.fast, placed.precision = before
            placed.restore()
        placed.by_length = any(
            _apart(alone[name], together[name], mask) > SAME for name in alone.keys() & together
        )
    if placed.by_length:
        notes.note(
            f"{type(placed.model).__name__} scores a row differently when it is padded: each batch "
            "has rows of one length only"
        )


class _Enough(Exception):
    """Ends a prediction once the model has returned its first outputs."""


def _logits(
    task: Task, placed: PlacedModel, features: list[Feature]
) -> tuple[dict[str, torch.Tensor], torch.Tensor | None]:
    """Return the logits of the model's first call by name, and the attention mask of the rows."""
    placed.restore()
    batch = placed.batch(task, features)
    seen: dict[str, torch.Tensor] = {}

    def look(module: Any, inputs: Any, outputs: Any) -> None:
        for name, logits in outputs.items() if isinstance(outputs, dict) else ():
            if name.endswith("logits") and isinstance(logits, torch.Tensor):
                seen[name] = logits.detach().float()
        raise _Enough

    hooked = placed.model.register_forward_hook(look)
    with hooked, torch.inference_mode(), suppress(_Enough):
        task.run(placed.model, batch)
    return seen, batch.get("attention_mask")


def _apart(alone: torch.Tensor, together: torch.Tensor, mask: torch.Tensor | None) -> float:
    """Return the relative difference of a row's logits alone and as the last row of a batch."""
    row = together[-len(alone) :]
    if row.ndim > 1 and row.shape[1] != alone.shape[1]:
        if mask is not None and together.shape[:2] == mask.shape:
            row = row[:, mask[-1].bool()]
        row = row[:, : alone.shape[1]]
    if row.shape != alone.shape:
        return 0.0
    norm = float(alone.norm())
    apart = float((row - alone).norm()) / norm if norm else 0.0
    return apart if np.isfinite(apart) else 0.0
