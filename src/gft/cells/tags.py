"""Tags of words in whatever form cells have them: lists, written lists, or spans of characters."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from gft.cells import spellings
from gft.cells.columns import READ_ROWS, Columns
from gft.cells.lists import list_in
from gft.cells.spans import BESIDE, OFF, OVERLAPPING, PARTLY, TAGGED, SpanCounts, spans_of, tags_of
from gft.data.spelling import composed
from gft.data.table import Rows
from gft.errors import UserError, counted
from gft.inputs.text import as_text


def read(columns: Columns) -> Columns:
    """Return the columns with a list of tags for each row, and lists of words where these are.

    Lists that are written into cells of text are lists, and spans of characters are tags. A tag in
    both Unicode forms is one, as is one of named classes in another order in some split. Raises
    `UserError` for the first cell that has another form than the others.
    """
    left, right = columns.equation.left, columns.equation.inputs
    if len(left) != 1 or len(right) != 1:
        return columns
    columns = _with_lists(columns, right[0])
    if _hold_spans(columns, left[0]):
        return _with_tags(columns, left[0], right[0])
    columns = _with_lists(columns, left[0], must_be=True)
    lists = all(rows.columns[left[0]].kind == "list" for _, rows in columns.splits_of(left[0]))
    return spellings.read(columns, left[0], same=composed) if lists else columns


@dataclass
class _Cells:
    """What the cells of text in a column are like: how many, and the first of a kind."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, where: str, cell: str) -> None:
        """Count a cell."""
        self.counts[kind] += 1
        self.first.setdefault(kind, f"{where} has {cell!r:.60}")


LIST, OTHER, BRACKETS, ODD = "list", "other", "brackets", "odd"
"""Written lists, and what is none; of these, what looks like one, and what has whitespace such as a
no-break space inside."""
_ODD = re.compile(r"[^\S \t\r\n\f\v]")


def _cells(columns: Columns, name: str) -> _Cells:
    """Return what the cells of text in a column are like, without empty ones."""
    found = _Cells()
    for split, rows in columns.splits_of(name):
        if rows.columns[name].kind != "text":
            continue
        start = 0
        for part in rows.batches([name], READ_ROWS):
            for row, cell in enumerate(part[name], start + 1):
                text = "" if cell is None else cell.strip()
                if not text:
                    continue
                where = f"row {row:,} of {split}"
                is_list = list_in(text) is not None
                found.add(LIST if is_list else OTHER, where, text)
                if not is_list and text[0] + text[-1] == "[]":
                    found.add(BRACKETS, where, text)
                elif not is_list and _ODD.search(text):
                    found.add(ODD, where, text)
            start += len(part[name])
    return found


def _with_lists(columns: Columns, name: str, must_be: bool = False) -> Columns:
    """Return the columns with the lists that cells of text spell out.

    A column has lists where most of its cells do; with `must_be`, where any does. Raises
    `UserError` for a cell that is none.
    """
    import pyarrow as pa

    found = _cells(columns, name)
    lists, others = found.counts[LIST], found.counts[OTHER]
    if must_be and found.counts[BRACKETS]:
        raise UserError(
            f"column {name!r}: {found.first[BRACKETS]}, which looks like a list but is not one; "
            "write a list of tags as ['O', 'B-PER'], or separate the tags with spaces"
        )
    if not lists or (others >= lists and not must_be):
        return columns.noting(_whitespace_note(name, found))
    if others:
        raise UserError(
            f"column {name!r}: {found.first[OTHER]}, and {counted(lists, 'other row')} "
            f"{'has' if lists == 1 else 'have'} a list, such as ['a', 'b']; expected one form"
        )
    for split, rows in columns.splits_of(name):
        if rows.columns[name].kind == "text":
            columns = columns.mapped(split, name, _members, pa.list_(pa.large_string()))
    return columns


def _whitespace_note(name: str, found: _Cells) -> str | None:
    if not found.counts[ODD]:
        return None
    return (
        f"column {name!r}: {counted(found.counts[ODD], 'cell')} with whitespace other than spaces, "
        f"such as a no-break space, which does not separate words ({found.first[ODD]})"
    )


def _members(cell: str | None) -> list[str | None] | None:
    found = None if cell is None else list_in(cell)
    return None if found is None else [None if one is None else as_text(one) for one in found]


def _hold_spans(columns: Columns, name: str) -> bool:
    """Say whether a column has spans of characters in some row. Raises `UserError`.

    Where a row has spans every row must: an empty list is one without any.
    """
    spans = False
    other: str | None = None
    for split, rows in columns.splits_of(name):
        if not _may_hold_spans(rows, name):
            other = other or f"{split} has {rows.columns[name].kind} values"
            continue
        start = 0
        for part in rows.batches([name], READ_ROWS):
            for row, cell in enumerate(part[name], start):
                if cell is None or cell == "":
                    continue
                found = spans_of(cell)
                spans = spans or bool(found)
                if found is None and other is None:
                    other = f"row {row + 1:,} of {split} has {cell!r:.80}"
            start += len(part[name])
    if spans and other:
        raise UserError(
            f"column {name!r}: {other}, and other rows have spans of characters, such as "
            "[[0, 5, 'LOC']]; expected one form"
        )
    return spans


def _may_hold_spans(rows: Rows, name: str) -> bool:
    """Say whether a column's type is one that spans can be in."""
    import pyarrow as pa

    if rows.columns[name].kind in ("text", "struct"):
        return True
    inside = getattr(rows.table.schema.field(name).type, "value_type", None)
    return inside is not None and (pa.types.is_struct(inside) or pa.types.is_null(inside))


def _with_tags(columns: Columns, left: str, right: str) -> Columns:
    """Return the columns with tags of words for spans of characters. Raises `UserError`."""
    import pyarrow as pa

    tally = SpanCounts()
    arrow_type = pa.list_(pa.large_string())
    for split, rows in columns.splits_of(left):
        if right not in rows.columns:
            continue  # It is reported where the inputs are checked.
        if rows.columns[right].kind != "text":
            raise UserError(
                f"column {left!r} has spans of characters, and {right!r} of {split} holds "
                f"{rows.columns[right].kind} values; expected a column of text, whose characters "
                "they count"
            )
        parts = []
        start = 0
        for part in rows.batches([left, right], READ_ROWS):
            tags: list[list[str] | None] = []
            for row, (cell, text) in enumerate(zip(part[left], part[right], strict=True), start):
                spans = spans_of(cell)
                where = f"row {row + 1:,} of {split}"
                known = spans is not None and text is not None
                tags.append(tags_of(text, spans or [], tally, where) if known else None)
            parts.append(pa.array(tags, arrow_type))
            start += len(tags)
        columns = columns.with_cells(split, left, pa.chunked_array(parts, arrow_type))
    _refuse(left, right, tally)
    return _reported(columns, left, tally)


def _refuse(left: str, right: str, tally: SpanCounts) -> None:
    """Raise `UserError` where spans are none of words, or none of these texts."""
    counts, total = tally.counts, tally.counts[TAGGED] + tally.counts[OFF]
    if total and not counts[TAGGED]:
        raise UserError(
            f"column {left!r}: none of its spans ({total:,}) is in the text of {right!r} "
            f"({tally.examples[OFF]}); expected character offsets, counted from 0"
        )
    if counts[PARTLY] * 2 > counts[TAGGED]:
        raise UserError(
            f"column {left!r}: spans that begin or end inside a word: {counts[PARTLY]:,} of "
            f"{counts[TAGGED]:,} ({tally.examples[PARTLY]}); classify_tokens tags words separated "
            "by whitespace: for parts of words, or texts without whitespace, give a list of "
            "characters or parts, with a tag for each"
        )


def _reported(columns: Columns, left: str, tally: SpanCounts) -> Columns:
    """Return the columns with a note of what became of spans, and warnings of what was lost."""
    counts, examples = tally.counts, tally.examples
    columns = columns.noting(
        f"column {left!r}: {counted(counts[TAGGED], 'span')} of characters became tags of words, "
        "B- and I- with their labels, O elsewhere"
    )
    kinds = (
        (BESIDE, "next to punctuation of the same word: the whole word gets the tag"),
        (PARTLY, "inside a word: the whole word gets the tag"),
        (OVERLAPPING, "overlapping a longer one: left out"),
        (OFF, "outside the text, or not matching it: left out"),
    )
    messages = {
        what: f"column {left!r}: {counted(counts[what], 'span')} {what_happened} ({examples[what]})"
        for what, what_happened in kinds
        if counts[what]
    }
    return columns.noting(messages.pop(BESIDE, None)).warning(*messages.values())
