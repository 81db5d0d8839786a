"""Batches of tokens padded to few different lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch.nn.functional import pad

from gft.engine.features import TOKENS
from gft.inputs.features import COVARIATES, Batch
from gft.tasks.masks import IGNORED

MULTIPLE = 8
"""Rows are padded to multiples of it, which tensor cores compute fastest."""
LEADING_BITS = 4
"""Longer rows are rounded to so many binary digits, up by an eighth at most."""
PER_TOKEN = {"attention_mask": 0, "token_type_ids": 0, "labels": IGNORED}
"""What padding is in tensors of shape (rows, length), where the tokenizer does not say it."""
IMAGES = "pixel_values"
SPAN = (2,)
"""The shape of a row's labels where they are the beginning and the end of a span."""


def round_up(count: int, multiple: int = MULTIPLE, digits: int = LEADING_BITS) -> int:
    """Return a multiple with so many leading binary digits, followed by zeros, not below `count`.

    So there are few different ones. The defaults are for the length of rows on a GPU.
    """
    unit = max(multiple, 1 << max(0, count.bit_length() - digits))
    return -(-count // unit) * unit


@dataclass(frozen=True)
class Rounding:
    """Pads batches of tokens on the right, so that they have few different lengths.

    `longest` is the length of the longest row of the split.
    """

    processor: Any
    longest: int

    def covers(self, batch: Batch) -> bool:
        """Say whether batches like this one have few shapes: images, and tokens once padded.

        Labels are one a token, or as many in every row: whole numbers beside texts of another
        length may be texts themselves.
        """
        others = batch.keys() - {"labels", COVARIATES}
        if TOKENS not in batch:
            return others == {IMAGES}
        shape, labels = batch[TOKENS].shape, batch.get("labels")
        texts = labels is not None and not labels.is_floating_point() and labels.ndim > 1
        if texts and labels is not None and labels.shape[1:] not in (shape[1:], SPAN):
            return False
        return self.processor.padding_side == "right" and others <= {TOKENS, *PER_TOKEN}

    def rounded(self, batch: Batch) -> Batch:
        """Return a batch padded to a round length."""
        if TOKENS not in batch or not self.covers(batch):
            return batch
        return self._padded(batch, min(round_up(batch[TOKENS].shape[1]), self.longest))

    def widest(self, batch: Batch) -> Batch:
        """Return a batch padded to the length of the longest row."""
        return self._padded(batch, self.longest) if TOKENS in batch else batch

    def _padded(self, batch: Batch, length: int) -> Batch:
        tokens = batch[TOKENS]
        more = max(0, length - tokens.shape[1])
        fills = {
            **PER_TOKEN,
            TOKENS: self.processor.pad_token_id,
            "token_type_ids": self.processor.pad_token_type_id,
        }
        return {
            name: pad(tensor, (0, more), value=fills[name])
            if name in fills and tensor.shape == tokens.shape and tensor.dtype == tokens.dtype
            else tensor
            for name, tensor in batch.items()
        }
