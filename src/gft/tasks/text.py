"""Texts as a model takes them: one segment, a pair, or more joined; padded batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gft.tasks.protocol import Batch, Encoded, Feature

if TYPE_CHECKING:
    import torch


def as_text(value: Any) -> str:
    """Return a cell as the text that a model reads: a missing one is empty."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def encode_texts(
    processor: Any,
    columns: Sequence[Sequence[Any]],
    max_length: int,
    golds: Sequence[Any] | None = None,
) -> Encoded:
    """Return the token features of rows given as columns of texts, `golds` as their `labels`.

    One column is a segment, two are a pair; of more, the first is the segment and the others are
    joined by the separator token into it. Rows longer than `max_length` tokens are cut, the
    longest segment first.
    """
    texts = [[as_text(value) for value in column] for column in columns]
    if not texts or not texts[0]:
        return Encoded([], [])
    if len(texts) > 2:
        separator = f" {processor.sep_token or processor.eos_token or ''} "
        texts = [[separator.join(parts) for parts in zip(*texts, strict=True)]]
    encoding = processor(*texts, truncation=True, max_length=max_length)
    names = list(encoding)
    features = [
        dict(zip(names, values, strict=True))
        for values in zip(*(encoding[name] for name in names), strict=True)
    ]
    cut = _cut(processor, texts, features, max_length)
    if golds is not None:
        for feature, gold in zip(features, golds, strict=True):
            feature["labels"] = gold
    return Encoded(features, cut)


def _cut(
    processor: Any, texts: Sequence[Sequence[str]], features: Sequence[Feature], max_length: int
) -> list[bool]:
    """Say which rows lost tokens: only rows that fill `max_length` are looked at again."""
    full = [n for n, feature in enumerate(features) if len(feature["input_ids"]) >= max_length]
    cut = [False] * len(features)
    if full:
        whole = processor(
            *([column[n] for n in full] for column in texts), truncation=False, verbose=False
        )
        for n, ids in zip(full, whole["input_ids"], strict=True):
            cut[n] = len(ids) > max_length
    return cut


def run_with_labels(model: Any, batch: Batch) -> tuple[Any, Any]:
    """Run a model on a batch but for its labels; return the outputs and the labels."""
    inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
    return model(**inputs), batch["labels"]


def pad(processor: Any, features: Sequence[Feature]) -> Batch:
    """Return token features as tensors, padded to the longest row on the processor's side."""
    fill = {"input_ids": processor.pad_token_id, "token_type_ids": processor.pad_token_type_id}
    left = processor.padding_side == "left"
    return {
        name: padded([feature[name] for feature in features], fill.get(name, 0), left)
        for name in features[0]
        if name != "labels"
    }


def padded(rows: Sequence[Sequence[int]], fill: int, left: bool = False) -> torch.Tensor:
    """Return rows of whole numbers as one tensor, shape (rows, longest), filled on one side."""
    import numpy as np
    import torch

    array = np.full((len(rows), max(map(len, rows))), fill, dtype=np.int64)
    for place, values in zip(array, rows, strict=True):
        if len(values):
            place[slice(-len(values), None) if left else slice(len(values))] = values
    return torch.from_numpy(array)


def check_columns(
    names: Sequence[str], columns: Mapping[str, Any], where: str, kinds: Sequence[str] = ()
) -> list[str]:
    """Return a message for each of `names` that is no column, or none of one of these `kinds`."""
    from gft.errors import no_such

    messages = []
    for name in names:
        if name not in columns:
            messages.append(no_such("column", name, columns, where))
        elif kinds and columns[name].kind not in kinds:
            messages.append(
                f"column {name!r} of {where} is {_article(columns[name].kind)}; "
                f"expected {' or '.join(kinds)}"
            )
    return messages


def _article(kind: str) -> str:
    return f"a {kind} column"
