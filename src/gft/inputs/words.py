"""Words as a model takes them: subwords of each word, and windows over rows that are too long."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, ClassVar, overload

from gft.data.table import Rows, kind_of
from gft.errors import UserError
from gft.inputs.beginnings import LONG
from gft.inputs.features import Encoded, Feature, MadeFeatures
from gft.inputs.kind import InputKind
from gft.inputs.text import as_text
from gft.metrics.protocol import Array

POSITIONS = "positions"
"""The part of a feature that says where the first subword token of each of its words is."""
IDS = "input_ids"
SHARED = 4
"""A window begins with at most one part in so many of the one before it; the last has more."""
READ_ROWS = 10_000
WORDS_AT_ONCE, ROWS_AT_ONCE = 2_000, 32
"""So many words of so many rows are tokenized together: a tokenizer's memory ends with them."""
WORD = re.compile(r"[^ \t\r\n\f\v]+")


def words_of(cell: Any) -> list[str]:
    """Return the words of a cell: of a list its members, of a text what is between spaces.

    Spaces are those of ASCII: a no-break space keeps the parts of a word together.
    """
    if cell is None:
        return []
    if isinstance(cell, list | tuple):
        return [as_text(one) for one in cell]
    text = as_text(cell)
    if len(text) <= LONG:
        return WORD.findall(text)
    known: dict[str, str] = {}  # Each word is kept once: a long text repeats its words.
    return [known.setdefault(found[0], found[0]) for found in WORD.finditer(text)]


def lists_of_what(rows: Rows, name: str) -> str | None:
    """Return the kind of values in the lists of a column, None where it has no lists."""
    if rows.columns[name].kind != "list":
        return None
    return kind_of(rows.table.schema.field(name).type.value_type)


@dataclass(frozen=True)
class Words(InputKind):
    """Words: a list of them, or a text of words separated by spaces."""

    what: ClassVar[str] = "words"
    needs: ClassVar[str] = "a list of words per row, or words separated by spaces"
    takes: ClassVar[tuple[str, ...]] = ("list", "text")
    length_of: ClassVar[str] = "input_ids"
    unit: ClassVar[str] = "tokens"
    is_text: ClassVar[bool] = True
    of_lists: ClassVar[bool] = True
    in_json: ClassVar[Mapping[str, Any]] = {
        "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    }

    def wrong(self, rows: Rows, name: str, where: str, task: str) -> str | None:
        """Return why a column holds no words: its lists may hold lists or objects."""
        inside = lists_of_what(rows, name)
        if inside in ("list", "struct"):
            return f"column {name!r} of {where} holds lists of {inside} values; {task} needs words"
        return super().wrong(rows, name, where, task)

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """Return the words of each cell."""
        return [words_of(cell) for cell in cells]

    def from_json(self, value: Any) -> Any:
        """Return words: a text of words separated by spaces, or a list of texts."""
        words = value if isinstance(value, list) else [value]
        if not all(isinstance(word, str) for word in words):
            raise ValueError("a list of words, or a text of words separated by spaces")
        return value

    def as_json(self, cell: Any) -> Any:
        """Return the words of a cell."""
        return words_of(cell)


WORDS = Words()


def counts_of(rows: Rows, name: str) -> Array:
    """Return how many words each cell of a column has, shape (rows,)."""
    import numpy as np
    import pyarrow.compute as pc

    if rows.columns[name].kind == "list":
        counts = pc.fill_null(pc.list_value_length(rows.table.column(name)), 0).to_numpy()
        return np.asarray(counts if rows.indices is None else counts[rows.indices])
    parts = (part[name] for part in rows.batches([name], READ_ROWS))
    return np.array([len(words_of(cell)) for part in parts for cell in part], dtype=np.int64)


@dataclass(frozen=True)
class SpecialTokens:
    """What a tokenizer puts around a text.

    `before` and `after` are what each part of a feature has there, `beside` what it has beside
    each token of the text.
    """

    before: dict[str, list[int]]
    after: dict[str, list[int]]
    beside: dict[str, int]

    def around(self, subwords: Sequence[int]) -> Feature:
        """Return the feature of some subwords."""
        return {
            name: [
                *self.before[name],
                *(subwords if name == IDS else [beside] * len(subwords)),
                *self.after[name],
            ]
            for name, beside in self.beside.items()
        }

    def __len__(self) -> int:
        return len(self.before[IDS]) + len(self.after[IDS])


def special_tokens_of(processor: Any) -> SpecialTokens:
    """Return what a tokenizer puts around a text, found out by a text of one letter."""
    encoding = dict(processor("a", return_special_tokens_mask=True))
    special = encoding.pop("special_tokens_mask")
    inside = [n for n, one in enumerate(special) if not one] or [len(special)]
    return SpecialTokens(
        {name: list(values[: inside[0]]) for name, values in encoding.items()},
        {name: list(values[inside[-1] + 1 :]) for name, values in encoding.items()},
        {name: ([*values, 0])[inside[0]] for name, values in encoding.items()},
    )


class Subwords(Sequence[Sequence[int]]):
    """The subword tokens of each word of a row, kept end to end: `ids`, and where words end."""

    def __init__(self) -> None:
        self.ids = array("i")
        self.ends = array("q", [0])
        """Where each word begins, and where the last one ends."""

    def extend(self, words: Iterable[Sequence[int]]) -> None:
        """Append the tokens of some words."""
        for tokens in words:
            self.ids.extend(tokens)
            self.ends.append(len(self.ids))

    def truncated(self, room: int) -> Subwords:
        """Return the same with at most `room` tokens of each word."""
        if all(stop - start <= room for start, stop in pairwise(self.ends)):
            return self
        kept = Subwords()
        kept.extend(tokens[:room] for tokens in self)
        return kept

    def lengths(self) -> Iterator[int]:
        """Yield how many tokens each word has."""
        return (stop - start for start, stop in pairwise(self.ends))

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, at: int) -> Sequence[int]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Sequence[int]]: ...
    def __getitem__(self, at: int | slice) -> Sequence[Any]:
        """Return the tokens of a word, or of each of some words."""
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        word = at % len(self)
        return self.ids[self.ends[word] : self.ends[word + 1]].tolist()


def subwords_of(processor: Any, rows: Sequence[Sequence[str]]) -> list[Subwords]:
    """Return the subword tokens of each word of each row, one or more a word.

    A word is tokenized as within a text: tokenizers that mark the space before a word, as
    RoBERTa's does, are given the space; no window has room for a word of more than `LONG`
    characters, and it is truncated there. A word that a tokenizer makes nothing of, such as one of
    invisible characters, is its unknown token.
    """
    filler = filler_of(processor)
    space = _space_before(processor)
    found = [Subwords() for _ in rows]
    parts = [
        (n, start) for n, words in enumerate(rows) for start in range(0, len(words), WORDS_AT_ONCE)
    ]
    for first in range(0, len(parts), ROWS_AT_ONCE):
        some = parts[first : first + ROWS_AT_ONCE]
        words = [
            [space + word[:LONG] for word in rows[n][start : start + WORDS_AT_ONCE]]
            for n, start in some
        ]
        for (n, _), tokens in zip(some, _split(processor, words), strict=True):
            found[n].extend(of_word or [filler] for of_word in tokens)
    return found


def filler_of(processor: Any) -> int:
    """Return the token that stands for a word without subwords."""
    known = (processor.unk_token_id, processor.eos_token_id, processor.pad_token_id)
    return next((int(one) for one in known if one is not None), 0)


def _space_before(processor: Any) -> str:
    """Return what has to stand before a word to tokenize it as within a text: a space, or ''."""
    together = list(processor("a a", add_special_tokens=False)[IDS])
    [[first, second]] = _split(processor, [["a", "a"]])
    if first + second == together:
        return ""
    [[_, after]] = _split(processor, [[" a", " a"]])
    return " " if after and together[-len(after) :] == after else ""


def _split(processor: Any, rows: Sequence[list[str]]) -> list[list[list[int]]]:
    """Return the subword tokens of each word of a few rows, which may be none."""
    if not getattr(processor, "is_fast", False):
        return [
            [processor.convert_tokens_to_ids(processor.tokenize(word)) for word in words]
            for words in rows
        ]
    found: list[list[list[int]]] = [[[] for _ in words] for words in rows]
    encoding = processor(
        list(rows),
        is_split_into_words=True,
        add_special_tokens=False,
        truncation=False,
        verbose=False,
    )
    for row, words in enumerate(found):
        word_of = encoding.word_ids(row)
        for subword, word in zip(encoding[IDS][row], word_of, strict=True):
            if word is not None:
                words[word].append(subword)
    return found


@dataclass(frozen=True, slots=True)
class Window:
    """Some words of a row: those from `start` to `stop` are read, `first` to `last` answered."""

    start: int
    stop: int
    first: int
    last: int


def windows(lengths: Iterable[int], room: int) -> list[Window]:
    """Return windows of at most `room` subwords over words of `lengths` subwords, none longer.

    Windows share words with their neighbours; every word is answered in exactly one window, the
    one where it has more subwords on its shorter side.
    """
    ends = array("q", accumulate(lengths, initial=0))
    spans = list(_spans(ends, room))
    borders = [0]
    for (_, stop), (start, _) in pairwise(spans):
        border = next(
            (n for n in range(start, stop) if ends[n] - ends[start] >= ends[stop] - ends[n + 1]),
            stop,
        )
        borders.append(max(border, borders[-1]))
    borders.append(len(ends) - 1)
    return [
        Window(start, stop, first, last)
        for (start, stop), first, last in zip(spans, borders, borders[1:], strict=False)
    ]


def _spans(ends: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Yield where windows begin and end; `ends` counts the subwords before each word."""
    count, start, before = len(ends) - 1, 0, -1
    while True:
        stop = start
        while stop < count and ends[stop + 1] - ends[start] <= room:
            stop += 1
        while stop == count and start - 1 > before and ends[stop] - ends[start - 1] <= room:
            start -= 1
        yield start, stop
        if stop == count:
            return
        before = start
        begin = stop
        while (
            begin - 1 > start
            and ends[stop + 1] - ends[begin - 1] <= room
            and ends[stop] - ends[begin - 1] <= room // SHARED
        ):
            begin -= 1
        start = begin


def encode_words(
    processor: Any,
    rows: Sequence[Sequence[str]],
    max_length: int,
    golds: Sequence[Any] | None = None,
) -> Encoded:
    """Return the features of rows of words, in windows of at most `max_length` tokens.

    `positions` are those of the first subword tokens of the words that a window answers for; with
    `golds` (one number a word of each row) `labels` are theirs. A word longer than a window is
    truncated, and nothing else is. A row without words has a feature without positions. Raises
    `UserError`.
    """
    special = special_tokens_of(processor)
    room = max_length - len(special)
    if room < 1:
        raise UserError(
            f"--max_length {max_length} leaves no room for a word: the model adds {len(special)} "
            "special tokens"
        )
    found: list[tuple[int, Window]] = []
    lost, subwords = [], []
    for row, whole in enumerate(subwords_of(processor, rows)):
        subwords.append(whole.truncated(room))
        lost.append(len(whole.ids) - len(subwords[-1].ids))
        found += [(row, window) for window in windows(subwords[-1].lengths(), room)]
    filler = filler_of(processor)

    def made(part: tuple[int, Window]) -> Feature:
        row, window = part
        feature = _feature(special, subwords[row], window, filler)
        if golds is not None:
            feature["labels"] = golds[row][window.first : window.last]
        return feature

    return Encoded(MadeFeatures(made, found), lost, [row for row, _ in found])


def _feature(special: SpecialTokens, subwords: Subwords, window: Window, filler: int) -> Feature:
    start = subwords.ends[window.start]
    flat = subwords.ids[start : subwords.ends[window.stop]].tolist()
    feature = special.around(flat if flat or len(special) else [filler])
    before = len(special.before[IDS]) - start
    feature[POSITIONS] = [before + end for end in subwords.ends[window.first : window.last]]
    return feature
