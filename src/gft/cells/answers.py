"""Answers to questions about texts in whatever form data sets write them: SQuAD's, and others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gft.cells.columns import READ_ROWS, Columns
from gft.cells.lists import written_in
from gft.data.table import Rows
from gft.errors import UserError, listed
from gft.inputs.text import as_text

if TYPE_CHECKING:
    import pyarrow as pa

TEXT, START = "text", "answer_start"
"""The two lists of an answer: its texts, and the character offset at which each starts."""
TEXTS = (TEXT, "texts", "answer", "answer_text")
STARTS = (START, "answer_starts", "start", "starts")
"""What other data sets call them."""
STARTS_BESIDE = (START, "answer_starts")
IMPOSSIBLE = "is_impossible"
"""Columns that say where the answers begin, and whether there is none to find."""
FORMS = "objects with lists text and answer_start, lists of texts, or texts"

_WHOLE = re.compile(r"[-+]?\d+(\.0*)?")
_WRITTEN = re.compile(rf"\s*[\[{{].*['\"]({'|'.join((*TEXTS, *STARTS))})['\"]\s*:", re.DOTALL)


@dataclass(frozen=True)
class Answers:
    """The gold answers of a row, none where the context has none.

    `starts` are the characters of the context at which they begin, None where nobody says.
    """

    texts: tuple[str, ...]
    starts: tuple[int | None, ...]


def answers_of(cell: Any, starts: Any = None) -> Answers | None:
    """Return the answers in a cell, None where it has no label.

    It is one of `FORMS`, or one of them written as text; `starts` says where answers begin that
    are texts. Raises `UserError` for anything else.
    """
    if isinstance(cell, str):
        cell = _read(cell)
    if cell is None or cell == "":
        return None
    pairs: list[tuple[Any, Any]]
    if isinstance(cell, Mapping):
        pairs = [_parts(cell)]
        if pairs[0][0] is None:
            return None
    elif not isinstance(cell, list | tuple):
        pairs = [(cell, _list_in(starts))]
    elif any(isinstance(one, Mapping) for one in _leaves(cell)):
        pairs = [_parts(one) for one in _leaves(cell)]
    else:
        strange = [one for one in _leaves(cell) if not isinstance(one, str | None)]
        if strange:
            raise UserError(f"found {strange[0]!r:.60} in a list; expected {FORMS}")
        pairs = [(cell, _list_in(starts))]
    found = [pair for texts, begins in pairs for pair in _paired(texts, begins)]
    return Answers(tuple(text for text, _ in found), tuple(start for _, start in found))


def _read(cell: str) -> Any:
    """Return the answers that a text spells out; a text that does not is the answer itself."""
    found = written_in(cell)
    if found is None and _WRITTEN.match(cell):
        raise UserError(f"{cell!r:.80} begins as a list of answers but is truncated or damaged")
    every = list(_leaves(found))
    if isinstance(found, Mapping | list) and all(
        isinstance(one, str) or (isinstance(one, Mapping) and one.keys() & {*TEXTS})
        for one in every
    ):
        return found
    return cell


def _list_in(starts: Any) -> Any:
    found = written_in(starts) if isinstance(starts, str) else None
    return starts if found is None else found


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the members of a list, and of lists within it; something else by itself."""
    if isinstance(value, list | tuple):
        for one in value:
            yield from _leaves(one)
    else:
        yield value


def _parts(answer: Any) -> tuple[Any, Any]:
    """Return the texts and the starts of an object. Raises `UserError` where it has no text."""
    if not isinstance(answer, Mapping):
        raise UserError(f"found {answer!r:.60} among objects; expected {FORMS}")
    names = [name for name in TEXTS if name in answer]
    if not names:
        raise UserError(f"found an object with {listed(map(str, answer), 5)}; expected {FORMS}")
    starts = next((answer[name] for name in STARTS if answer.get(name) is not None), None)
    return answer[names[0]], starts


def _paired(texts: Any, starts: Any) -> list[tuple[str, int | None]]:
    """Return texts with their starts; one text may start at several offsets."""
    words = [as_text(one) for one in _leaves(texts) if one is not None]
    begins = [] if starts is None else [_start(one) for one in _leaves(starts)]
    if len(words) == 1:
        words *= max(1, len(begins))
    if len(begins) > len(words) and any(one is not None for one in begins[len(words) :]):
        raise UserError(f"found {len(words)} texts and {len(begins)} starts; expected one for each")
    begins += [None] * (len(words) - len(begins))
    pairs = zip(words, begins[: len(words)], strict=True)
    return [(text, start) for text, start in pairs if text.strip()]


def _start(value: Any) -> int | None:
    """Return where an answer begins; None where a data set says so, with -1 or nothing."""
    number = as_text(value).strip() if not isinstance(value, bool) else "a truth value"
    if number in ("", "nan"):
        return None
    if not _WHOLE.fullmatch(number):
        raise UserError(f"found the start {value!r:.40}; expected a whole number of characters")
    start = int(float(number))
    return None if start < 0 else start


def read(columns: Columns) -> Columns:
    """Return the columns with answers as objects of two lists, `text` and `answer_start`.

    Where they are texts, columns beside them say where they begin, and whether there is none.
    Raises `UserError` for the first cell that holds no answers.
    """
    if len(columns.equation.left) != 1:
        return columns
    [left] = columns.equation.left
    for split, rows in columns.splits_of(left):
        if rows.columns[left].kind not in ("struct", "list", "text") or _as_wanted(rows, left):
            continue
        beside = _beside(columns, rows, left)
        columns = columns.with_cells(split, left, _answers(rows, split, left, beside))
        if beside:
            columns = columns.noting(
                f"where the answers of {left!r} begin, or that there is none, is read from the "
                f"column{'s' if len(beside) > 1 else ''} {listed(beside)}"
            )
    return columns


def _as_wanted(rows: Rows, name: str) -> bool:
    """Say whether a column has two lists of one length in every row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    arrow_type = rows.table.schema.field(name).type
    if not pa.types.is_struct(arrow_type) or any(
        arrow_type.get_field_index(one) < 0 for one in (TEXT, START)
    ):
        return False
    texts, starts = (arrow_type.field(one).type for one in (TEXT, START))
    lists = all(pa.types.is_list(one) or pa.types.is_large_list(one) for one in (texts, starts))
    if not lists or not pa.types.is_integer(starts.value_type):
        return False
    column = rows.table.column(name)
    lengths = [pc.list_value_length(pc.struct_field(column, one)) for one in (TEXT, START)]
    unlike = pc.any(pc.not_equal(*lengths)).as_py()
    of_text = pa.types.is_string(texts.value_type) or pa.types.is_large_string(texts.value_type)
    return bool(of_text and not unlike and lengths[0].null_count == lengths[1].null_count)


def _beside(columns: Columns, rows: Rows, left: str) -> tuple[str, ...]:
    """Return the columns beside texts that say where they begin, and whether there are any."""
    import pyarrow as pa

    inside = getattr(rows.table.schema.field(left).type, "value_type", None)
    if rows.columns[left].kind == "struct" or (inside is not None and pa.types.is_struct(inside)):
        return ()
    named = {left, *columns.equation.inputs}
    starts = [name for name in STARTS_BESIDE if name in rows.columns and name not in named][:1]
    impossible = [IMPOSSIBLE] if IMPOSSIBLE in rows.columns and IMPOSSIBLE not in named else []
    return (*starts, *impossible) if starts or rows.columns[left].kind == "text" else ()


def _answers(rows: Rows, split: str, name: str, beside: Sequence[str]) -> pa.ChunkedArray:
    """Return the answers of each row as an object. Raises `UserError` with the row."""
    import pyarrow as pa

    arrow_type = pa.struct([(TEXT, pa.list_(pa.large_string())), (START, pa.list_(pa.int64()))])
    begins = next((one for one in beside if one in STARTS_BESIDE), None)
    parts = []
    start = 0
    for part in rows.batches([name, *beside], READ_ROWS):
        cells = part[name]
        starts = part[begins] if begins else [None] * len(cells)
        none = [_is_true(one) for one in part.get(IMPOSSIBLE, [None] * len(cells))]
        found: list[Any] = []
        for row, (cell, offset, impossible) in enumerate(
            zip(cells, starts, none, strict=True), start + 1
        ):
            try:
                # An empty list whose starts are a column of their own says nothing.
                known = None if begins and cell == [] else answers_of(cell, offset)
            except UserError as problem:
                raise UserError(f"row {row:,} of {split}: column {name!r}: {problem}") from None
            answers = Answers((), ()) if impossible else known
            found.append(
                None
                if answers is None
                else {TEXT: list(answers.texts), START: list(answers.starts)}
            )
        parts.append(pa.array(found, arrow_type))
        start += len(found)
    return pa.chunked_array(parts, arrow_type)


def _is_true(cell: Any) -> bool:
    return str(cell).strip().lower() in ("true", "1", "1.0", "yes")


def are_answers(cells: Sequence[Any]) -> bool:
    """Say whether cells look like answers."""
    try:
        for cell in cells:
            answers_of(cell)
    except UserError:
        return False
    return True
