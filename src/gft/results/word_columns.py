"""Which columns hold words and a tag for each, as lists, written lists, texts, or spans."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from gft.cells.lists import list_in
from gft.cells.spans import spans_of
from gft.data.sampling import spread
from gft.data.table import DataSet
from gft.inputs.words import words_of
from gft.results.data_facts import DataFacts

LOOKED_AT = 200
MOSTLY = 0.8
"""The share of rows with as many tags as words from which a column is one of tags: the others are
mistakes, which a note names when the column is read."""
MANY_TAGS = 100
_WORDS = re.compile(r"tokens?|words?|forms?|sentences?|texts?|content", re.IGNORECASE)
_TAGS = re.compile(r"(ner_?)?(tags?|labels?)|entit(y|ies)|ents|spans|ner", re.IGNORECASE)
_POS = re.compile(r"[ux]?pos(_?tags?)?", re.IGNORECASE)
_ENTITY = re.compile(r"O|[BIESLUM][-_]\S+")
_TAG = re.compile(r"[A-Z][A-Z0-9_:.+*|$-]{0,15}|[^\w\s]{1,5}")

Lengths = list[int | None]
"""How many words, characters or tags each row has, None for a row that has nothing."""


def word_columns(data: DataSet, about: DataFacts) -> tuple[tuple[str, ...], str] | None:
    """Return the columns of tags, the likeliest first, and that of their words, None without any.

    A text without whitespace may have a tag for each character: such columns are returned too.
    """
    rows = spread(data.splits[about.split], LOOKED_AT)
    kinds = {one.name: one.kind for one in about.columns if one.kind in ("list", "text", "struct")}
    cells = {name: [_as_list(cell) for cell in rows.column(name)] for name in kinds}
    named = {name for name in kinds if data.columns[name].classes is not None}
    texts = [name for name, kind in kinds.items() if kind == "text" and _are_texts(cells[name])]
    spans = [name for name in kinds if name not in texts and _are_spans(cells[name])]
    if spans and texts:
        texts.sort(key=lambda name: (not _WORDS.fullmatch(name), -_letters(cells[name])))
        return tuple(sorted(spans, key=_unlike_tags)), texts[0]
    words = [name for name in kinds if name not in named and _are_words(cells[name])]
    for name in sorted(words, key=lambda name: not _WORDS.fullmatch(name)):
        if not _WORDS.fullmatch(name) and name in texts:
            continue
        for count in (_words, _characters):
            long = [count(cell) for cell in cells[name]]
            found = [
                other
                for other in kinds
                if other != name
                and _goes_with(long, cells[other])
                and _may_be_tags(cells[other], other in named or other not in texts)
            ]
            if found:
                order = {other: (other not in named, _unlike_tags(other)) for other in found}
                return tuple(sorted(found, key=lambda other: order[other][::-1])), name
    return None


def _as_list(cell: Any) -> Any:
    """Return a list that a text spells out; something else as it is, nothing as None."""
    if not isinstance(cell, str):
        return cell
    found = list_in(cell)
    return (cell if found is None else found) if cell.strip() else None


def _are_texts(cells: Sequence[Any]) -> bool:
    return any(cell is not None for cell in cells) and all(
        isinstance(cell, str) for cell in cells if cell is not None
    )


def _are_words(cells: Sequence[Any]) -> bool:
    """Say whether cells are texts, or lists of texts, of which some are not empty."""
    there = [cell for cell in cells if cell]
    return bool(there) and all(
        isinstance(cell, str)
        or (isinstance(cell, list) and all(isinstance(one, str | None) for one in cell))
        for cell in there
    )


def _are_spans(cells: Sequence[Any]) -> bool:
    found = [spans_of(cell) for cell in cells if cell is not None]
    return any(found) and None not in found


def _letters(cells: Sequence[Any]) -> int:
    return sum(len(cell) for cell in cells if cell)


def _words(cell: Any) -> int | None:
    if not cell:
        return None
    return len(words_of(cell))


def _characters(cell: Any) -> int | None:
    """Return how many characters a text without spaces has."""
    return len(cell) if isinstance(cell, str) and len(words_of(cell)) == 1 else None


def _goes_with(long: Lengths, cells: Sequence[Any]) -> bool:
    """Say whether cells mostly have one tag for each of so many words; some have several."""
    pairs = [
        (one, other)
        for one, other in zip(long, map(_words, cells), strict=True)
        if one is not None and other is not None
    ]
    alike = sum(one == other for one, other in pairs)
    return alike >= MOSTLY * len(pairs) > 0 and any(one > 1 for one, _ in pairs)


def _may_be_tags(cells: Sequence[Any], are_lists: bool) -> bool:
    """Say whether what cells hold recurs as tags do; of texts it must look like tags too."""
    every = [
        one
        for cell in cells
        if cell
        for one in (words_of(cell) if isinstance(cell, str) else cell)
        if one not in (None, "")
    ]
    if not every or not all(isinstance(one, str | int) for one in every):
        return False
    different = set(map(str, every))
    look: Callable[[str], Any] = _ENTITY.fullmatch if "O" in different else _TAG.fullmatch
    return len(different) <= MANY_TAGS and (are_lists or all(map(look, different)))


def _unlike_tags(name: str) -> int:
    """Return 0 for what tags are mostly called, 1 for parts of speech, 2 for another name."""
    return 0 if _TAGS.fullmatch(name) else 1 if _POS.fullmatch(name) else 2
