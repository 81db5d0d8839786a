"""Texts as a model takes them: one segment, a pair, or more joined; padded batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from gft.data.table import Rows, kind_of
from gft.errors import listed
from gft.inputs.beginnings import beginnings
from gft.inputs.features import COVARIATES, Batch, Encoded, Feature, labelled
from gft.inputs.kind import InputKind
from gft.metrics.protocol import Array

TEXTS = "one column of text: a segment; two: a pair; more: joined by the separator token"
"""What stands on the right of an equation whose inputs are texts."""

NEW_LINE = "\n"
"""What stands between texts for a tokenizer that has no token for it."""


def as_text(value: Any) -> str:
    """Return a cell as the text that a model reads: a missing one is empty."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def texts_or_none(cells: Sequence[Any]) -> list[str | None]:
    """Return cells as gold texts: None for one that is missing or empty."""
    texts = map(as_text, cells)
    return [text if text.strip() else None for text in texts]


def objects_in(rows: Rows, name: str) -> str | None:
    """Return what the objects in a column, or in its lists, are, None where it holds others."""
    import pyarrow as pa

    within, lists = rows.table.schema.field(name).type, ""
    while kind_of(within) == "list":
        within, lists = within.value_type, "lists of "
    if pa.types.is_map(within):
        return f"{lists}objects"
    if not pa.types.is_struct(within):
        return None
    fields = (within.field(n).name for n in range(within.num_fields))
    return f"{lists}objects with the fields {listed(fields, 6)}"


@dataclass(frozen=True)
class Text(InputKind):
    """Texts, and what can be read as one, such as numbers."""

    what: ClassVar[str] = "text"
    needs: ClassVar[str] = "text"
    takes: ClassVar[tuple[str, ...]] = ("text", "class", "integer", "float", "boolean", "other")
    length_of: ClassVar[str] = "input_ids"
    unit: ClassVar[str] = "tokens"
    is_text: ClassVar[bool] = True

    def wrong(self, rows: Rows, name: str, where: str, task: str) -> str | None:
        """Return why a column holds no texts; of objects it names the fields."""
        objects = objects_in(rows, name)
        if objects is not None:
            return f"column {name!r} of {where} holds {objects}; {task} needs {self.needs}"
        return super().wrong(rows, name, where, task)

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """Return the cells as texts."""
        return [as_text(cell) for cell in cells]


TEXT = Text()


@dataclass(frozen=True)
class Prose(Text):
    """Texts and nothing else: what is asked about, or written anew."""

    takes: ClassVar[tuple[str, ...]] = ("text",)


PROSE = Prose()


def encode_texts(
    processor: Any,
    columns: Sequence[Sequence[Any]],
    max_length: int,
    golds: Sequence[Any] | None = None,
) -> Encoded:
    """Return the token features of rows given as columns of texts, `golds` as their `labels`.

    One column is a segment, two are a pair; more are joined into one segment. What stands between
    them is the tokenizer's separator token, else what it puts between the texts of a pair (T5's
    end, Llama's beginning); where it has neither (GPT-2, Qwen), a new line, by which a pair's
    second text begins. Rows longer than `max_length` tokens are truncated, the longest segment
    first. A row without any token (GPT-2 adds none to an empty text) is one end token.
    """
    texts = [[as_text(value) for value in column] for column in columns]
    if not texts or not texts[0]:
        return Encoded([], [])
    if len(texts) > 1:
        texts = separated(processor, texts)
    whole = texts
    paired = len(texts) > 1
    texts = [beginnings(processor, column, max_length, paired) for column in texts]
    encoding = processor(*texts, truncation=True, max_length=max_length)
    names = list(encoding)
    features = [
        dict(zip(names, values, strict=True))
        for values in zip(*(encoding[name] for name in names), strict=True)
    ]
    lost = _lost(processor, texts, whole, features, max_length)
    for feature in features:
        if not feature["input_ids"]:
            fill(processor, feature)
    return replace(labelled(features, golds), lost=lost)


def separated(processor: Any, texts: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return a pair whose texts stand apart, or more columns as one, with a separator between."""
    between = _between_pairs(processor)
    if len(texts) > 2:
        separator = processor.sep_token or between
        joint = f" {separator} " if separator else NEW_LINE
        return [[joint.join(parts) for parts in zip(*texts, strict=True)]]
    first, second = map(list, texts)
    if between is None:
        second = [f"{processor.sep_token or NEW_LINE}{text}" for text in second]
    return [first, second]


def _between_pairs(processor: Any) -> str | None:
    """Return the first special token that a tokenizer puts between the texts of a pair."""
    pair = processor("a", "a", return_special_tokens_mask=True)
    special = pair["special_tokens_mask"]
    ends = [n for n, one in enumerate(special) if not one]
    inside = [n for n in range(ends[0], ends[-1]) if special[n]] if ends else []
    found: str | None = None
    if inside:
        found = processor.convert_ids_to_tokens(pair["input_ids"][inside[0]])
    return found


def fill(processor: Any, feature: Feature) -> None:
    """Make a row without tokens one token long: a model needs something to read."""
    end = processor.eos_token_id
    token = processor.pad_token_id if end is None else end
    feature.update({name: [0] for name in feature}, input_ids=[token], attention_mask=[1])


def _lost(
    processor: Any,
    texts: Sequence[Sequence[str]],
    whole: Sequence[Sequence[str]],
    features: Sequence[Feature],
    max_length: int,
) -> list[int]:
    """Return how many tokens each row lost: only those that fill `max_length` are read again.

    Where `texts` are beginnings of the `whole`, the rest has as many tokens a character as they.
    """
    full = [n for n, feature in enumerate(features) if len(feature["input_ids"]) >= max_length]
    lost = [0] * len(features)
    if full:
        read = processor(
            *([column[n] for n in full] for column in texts), truncation=False, verbose=False
        )
        for n, ids in zip(full, read["input_ids"], strict=True):
            seen, all_of_it = (sum(len(column[n]) for column in some) for some in (texts, whole))
            tokens = len(ids) if seen == all_of_it else round(len(ids) * all_of_it / seen)
            lost[n] = max(0, tokens - max_length)
    return lost


def pad(processor: Any, features: Sequence[Feature], side: str | None = None) -> Batch:
    """Return token features as tensors, padded to the longest row on a side, the processor's."""
    import torch

    found = padded(processor, features, side or processor.padding_side)
    return {name: torch.from_numpy(array) for name, array in found.items()}


def padded(processor: Any, features: Sequence[Feature], side: str) -> dict[str, Array]:
    """Return token features as arrays, padded to the longest row on a side."""
    import numpy as np

    longest = max(len(feature["input_ids"]) for feature in features)
    left = side == "left"
    batch: dict[str, Array] = {}
    for name in features[0]:
        if name in ("labels", COVARIATES):
            continue
        fill = {"input_ids": processor.pad_token_id, "token_type_ids": processor.pad_token_type_id}
        array = np.full((len(features), longest), fill.get(name, 0), dtype=np.int64)
        for row, feature in zip(array, features, strict=True):
            values = feature[name]
            if len(values):
                row[slice(-len(values), None) if left else slice(len(values))] = values
        batch[name] = array
    return batch
