"""Windows over texts that are too long: all of a text is read, and a row stays one row.

A row is one feature, its windows end to end: every part of it is as many parts of one length. So
samplers, batches, metrics and files count rows whatever their length.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gft.errors import UserError
from gft.inputs.beginnings import LONG, all_tokens, excerpts
from gft.inputs.features import COVARIATES, Batch, Encoded, Feature, labelled
from gft.inputs.pairs import PairSpecialTokens, special_tokens_of_pair
from gft.inputs.text import NEW_LINE, as_text, fill, pad, separated
from gft.inputs.words import IDS, SpecialTokens, special_tokens_of

if TYPE_CHECKING:
    import torch

WINDOWS = "windows"
"""The part of a feature, and of a batch, that says how many windows a row has."""
QUARTER = 4
"""Neighbours share one token in so many, where nobody says how many: a sentence, mostly."""


@dataclass(frozen=True)
class Windows:
    """How long texts are read: in windows that share `stride` tokens, at most `most` a row.

    `stride` None: a quarter of a window; `most` None: as many as it takes.
    """

    stride: int | None = None
    most: int | None = None

    def over(self, count: int, room: int) -> list[tuple[int, int]]:
        """Return where windows of `room` tokens over `count` begin and end.

        They are as few as it takes, at even distances, each of them full: none is a rest of a few
        tokens. Where there may not be so many, they stand apart from each other: the first begins
        with the text, and the last ends with it.
        """
        if count <= room:
            return [(0, count)]
        stride = room // QUARTER if self.stride is None else min(self.stride, room // 2)
        number = math.ceil((count - stride) / (room - stride))
        number = min(number, self.most or number)
        step = (count - room) / max(1, number - 1)
        starts = [round(n * step) for n in range(number)]
        return [(start, start + room) for start in starts]


def unread_of(windows: Sequence[tuple[int, int]], count: int) -> int:
    """Return how many of `count` tokens stand in no window."""
    read = end = 0
    for start, stop in windows:
        read += stop - max(start, end)
        end = stop
    return count - read


def encode_windows(
    processor: Any,
    columns: Sequence[Sequence[Any]],
    max_length: int,
    windows: Windows,
    golds: Sequence[Any] | None = None,
) -> Encoded:
    """Return a feature for each row, as `encode_texts` does, with windows where a row is too long.

    Of a pair the longer text is read in windows, and the other stands in each of them; it is
    truncated where it would take more than half of a window. Raises `UserError` where no text has
    room.
    """
    texts = [[as_text(value) for value in column] for column in columns]
    if not texts or not texts[0]:
        return Encoded([], [])
    apart = separated(processor, texts) if len(texts) > 1 else texts
    wholes = _tokenized(processor, apart)
    features: list[Feature] = []
    lost: list[int] = []
    special = _special_tokens(processor, len(apart))
    room = max_length - len(special)
    if room < 2:
        raise UserError(
            f"--max_length {max_length} leaves no room for a text: the model adds {len(special)} "
            "special tokens"
        )
    total = 0
    for row, whole in enumerate(wholes):
        if whole is not None and len(whole[IDS]) <= max_length:
            if not whole[IDS]:
                fill(processor, whole)
            features.append(whole | {WINDOWS: [1]})
            lost.append(0)
            total += len(whole[IDS])
            continue
        ids: Sequence[Sequence[int]]
        if whole is not None and isinstance(special, SpecialTokens):
            ids = [whole[IDS][len(special.before[IDS]) : len(whole[IDS]) - len(special.after[IDS])]]
        else:
            of_texts = [
                column[row] for column in (apart if isinstance(special, SpecialTokens) else texts)
            ]
            ids = _long(processor, of_texts, windows.most and windows.most * max_length)
        if isinstance(special, SpecialTokens):
            parts, unread = _of_text(special, ids[0], room, windows)
        else:
            parts, unread = _of_pair(special, ids[0], ids[1], room, windows)
        joined, count = _end_to_end(parts)
        if whole is not None:
            joined = {name: values.tolist() for name, values in joined.items()}
        features.append(joined | {WINDOWS: [count]})
        lost.append(unread)
        total += sum(map(len, ids)) + len(special)
    return replace(labelled(features, golds), lost=lost, total=total)


def _tokenized(processor: Any, columns: Sequence[Sequence[str]]) -> list[Feature | None]:
    """Return the features of whole rows, None for one with a very long text."""
    rows = list(zip(*columns, strict=True))
    found: list[Feature | None] = [None] * len(rows)
    short = [n for n, row in enumerate(rows) if all(len(text) <= LONG for text in row)]
    if short:
        whole = processor(
            *(list(column) for column in zip(*(rows[n] for n in short), strict=True)),
            truncation=False,
            verbose=False,
        )
        for index, n in enumerate(short):
            found[n] = {name: values[index] for name, values in whole.items()}
    return found


def _long(processor: Any, texts: Sequence[str], wanted: int | None) -> Sequence[Sequence[int]]:
    """Return the tokens of long texts; where no more than `wanted` are read, maybe only those."""
    if wanted is None:
        return all_tokens(processor, texts)
    return [excerpts(processor, text, wanted) for text in texts]


def _special_tokens(processor: Any, texts: int) -> SpecialTokens | PairSpecialTokens:
    if texts == 1:
        return special_tokens_of(processor)
    return special_tokens_of_pair(processor, processor.sep_token or NEW_LINE)


def _end_to_end(parts: Iterable[Feature]) -> tuple[Feature, int]:
    """Return windows as one feature, and how many there are; its arrays are small for their length.

    A list takes eight times the memory, and a very long text has millions of tokens.
    """
    joined: dict[str, array[int]] = {}
    count = 0
    for part in parts:
        count += 1
        for name, values in part.items():
            joined.setdefault(name, array("i")).extend(values)
    return dict(joined), count


def _of_text(
    special: SpecialTokens, ids: Sequence[int], room: int, windows: Windows
) -> tuple[Iterator[Feature], int]:
    """Return the windows over a text, and how many of its tokens stand in none."""
    found = windows.over(len(ids), room)
    return (special.around(ids[start:stop]) for start, stop in found), unread_of(found, len(ids))


def _of_pair(
    special: PairSpecialTokens,
    first: Sequence[int],
    second: Sequence[int],
    room: int,
    windows: Windows,
) -> tuple[Iterator[Feature], int]:
    """Return the windows over the longer text of a pair, and how many tokens stand in none."""
    long, short = (first, second) if len(first) > len(second) else (second, first)
    kept = short[: max(room // 2, room - len(long))]
    found = windows.over(len(long), room - len(kept))
    parts = (
        special.around(long[start:stop], kept)
        if long is first
        else special.around(kept, long[start:stop])
        for start, stop in found
    )
    return parts, len(short) - len(kept) + unread_of(found, len(long))


def pad_windows(processor: Any, features: Sequence[Feature]) -> Batch:
    """Return tensors of shape (rows, most windows, longest window), and the windows of each row.

    What a row has no window for is 0, which no model is shown.
    """
    import torch

    counts = torch.tensor([int(feature[WINDOWS][0]) for feature in features])
    there = _there(counts)
    batch: Batch = {}
    for name, tensor in pad(processor, [one for row in features for one in apart(row)]).items():
        batch[name] = tensor.new_zeros(*there.shape, tensor.shape[1])
        batch[name][there] = tensor
    return batch | {WINDOWS: counts}


def apart(feature: Feature) -> Iterator[Feature]:
    """Yield each window of a row as a feature of its own."""
    count = int(feature[WINDOWS][0])
    size = len(feature[IDS]) // count
    of_windows = {
        name: values
        for name, values in feature.items()
        if name not in (WINDOWS, COVARIATES, "labels")
    }
    for start in range(0, count * size, size):
        yield {name: values[start : start + size] for name, values in of_windows.items()}


def in_groups(features: Sequence[Feature], most: int) -> Iterator[list[Feature]]:
    """Yield the windows of rows, one after another, as many at a time as have `most` tokens.

    Padding counts: a group is as long as its longest window. It has one window at least.
    """
    group: list[Feature] = []
    longest = 0
    for window in (one for row in features for one in apart(row)):
        longest = max(longest, len(window[IDS]))
        if group and (len(group) + 1) * longest > most:
            yield group
            group, longest = [], len(window[IDS])
        group.append(window)
    yield group


def windows_in(features: Sequence[Feature]) -> int:
    """Return how many windows some features have, those without any counting as one each."""
    return sum(int(feature[WINDOWS][0]) if WINDOWS in feature else 1 for feature in features)


def first_windows(feature: Feature, most: int) -> Feature:
    """Return a feature with no more than `most` of its windows, if it has any."""
    if WINDOWS not in feature or int(feature[WINDOWS][0]) <= most:
        return feature
    size = most * (len(feature[IDS]) // int(feature[WINDOWS][0]))
    return {
        name: values if name in (COVARIATES, "labels") else values[:size]
        for name, values in feature.items()
    } | {WINDOWS: [most]}


def _there(counts: torch.Tensor) -> torch.Tensor:
    """Return which windows there are, shape (rows, most windows)."""
    import torch

    return torch.arange(int(counts.max()), device=counts.device) < counts[:, None]


def one_below_another(batch: Batch) -> Batch:
    """Return the windows of all rows, shape (windows, longest), as a model takes them."""
    there = _there(batch[WINDOWS])
    most = there.shape[1]  # Of a part of a batch it may be less than the tensors have.
    of_rows = (WINDOWS, COVARIATES)
    return {name: tensor[:, :most][there] for name, tensor in batch.items() if name not in of_rows}


def by_row(logits: torch.Tensor, counts: torch.Tensor, absent: float) -> torch.Tensor:
    """Return logits of shape (rows, most windows, outputs), `absent` where there is no window.

    `logits` are those of the windows one below another.
    """
    there = _there(counts)
    filled = logits.new_full((*there.shape, logits.shape[-1]), absent)
    return filled.masked_scatter(there[..., None], logits)
