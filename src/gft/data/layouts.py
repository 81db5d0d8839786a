"""Rows out of files that nest them: SQuAD's articles, and what spaCy and Label Studio export.

A layout is known by the first row of a file; every other file has its rows as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias

from gft import notes
from gft.data import label_studio
from gft.errors import UserError

NumberedRow: TypeAlias = "tuple[int, Any]"
"""A row, after the number of the line or row it is."""
Row: TypeAlias = "dict[str, Any]"
QUESTIONS, CONTEXT, PARAGRAPHS = "qas", "context", "paragraphs"
ANSWERS, IMPOSSIBLE = "answers", "is_impossible"


def is_pair(row: Any) -> bool:
    """Say whether a row is spaCy's: a text and an object of annotations."""
    is_two = isinstance(row, list) and len(row) == 2
    return is_two and isinstance(row[0], str) and isinstance(row[1], dict)


def unfolded(rows: Iterable[NumberedRow], path: Path) -> Iterator[NumberedRow]:
    """Yield the rows of a file, those of a nested layout one by one, with a note that says so.

    Spans of characters, lists `[start, end, label]`, are objects with these keys.
    """
    rows = iter(rows)
    begun = list(islice(rows, 1))
    while begun and begun[-1][1] is None and (after := next(rows, None)):
        begun.append(after)
    rows = chain(begun, rows)
    layout = _layout_of(begun[-1][1]) if begun else None
    if layout is not None:
        what, flat = layout
        try:
            found, note = flat([row for row in rows if row[1] is not None])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise UserError(
                f"{path} begins in {what}, and what follows is not written so"
            ) from None
        notes.note(f"{path} is in {what}{note}")
        rows = iter(found)
    return ((number, with_spans(row)) for number, row in rows)


Flat: TypeAlias = Callable[[Sequence[NumberedRow]], tuple[list[NumberedRow], str]]
"""Makes rows of nested ones, and says what should be known of that."""


def _layout_of(first: Any) -> tuple[str, Flat] | None:
    """Return what a file is called that has such a first row, and what makes rows of it."""
    if is_pair(first):
        return "spaCy's form", _of_pairs
    if label_studio.is_task(first):
        return "Label Studio's form", label_studio.rows_of_tasks
    if label_studio.is_short(first):
        return "Label Studio's short form", label_studio.rows_of_short
    if _holds_questions(first):
        return "SQuAD's nested form", _of_articles
    if isinstance(first, dict) and _holds_sentences(first.get(PARAGRAPHS)):
        return "spaCy's form of documents", _of_documents
    return None


def _holds_questions(row: Any) -> bool:
    """Say whether a row is an article or a paragraph of SQuAD's form."""
    if not isinstance(row, dict):
        return False
    if isinstance(row.get(CONTEXT), str) and isinstance(row.get(QUESTIONS), list):
        return True
    inside = row.get(PARAGRAPHS)
    return isinstance(inside, list) and any(map(_holds_questions, inside))


def _of_articles(rows: Sequence[NumberedRow]) -> tuple[list[NumberedRow], str]:
    """Return a row for each question, with its answers as two lists."""
    found = []
    for number, article in rows:
        beside = {name: article[name] for name in ("title",) if name in article}
        for paragraph in article.get(PARAGRAPHS) or [article]:
            for asked in paragraph.get(QUESTIONS) or ():
                row = {name: asked[name] for name in ("id", "question") if name in asked}
                row |= {**beside, CONTEXT: paragraph.get(CONTEXT)}
                row |= {name: asked[name] for name in (IMPOSSIBLE,) if name in asked}
                found.append((number, row | {ANSWERS: _as_lists(asked)}))
    return found, f": a row for each of its {len(found):,} questions"


def _as_lists(asked: Row) -> Any:
    """Return the answers of a question as two lists; None where nobody says."""
    answers = asked.get(ANSWERS)
    if answers is None:
        return {"text": [], "answer_start": []} if asked.get(IMPOSSIBLE) else None
    if isinstance(answers, list) and all(isinstance(one, dict) for one in answers):
        return {name: [one.get(name) for one in answers] for name in ("text", "answer_start")}
    return answers


def _of_pairs(rows: Sequence[NumberedRow]) -> tuple[list[NumberedRow], str]:
    """Return a row for each text, with its annotations in columns of their own."""
    found = []
    for number, pair in rows:
        row = {"text": pair[0], **pair[1]} if is_pair(pair) else pair
        if is_pair(pair) and isinstance(row.get("cats"), dict):
            row["cats"] = [name for name, value in row["cats"].items() if float(value) > 0.5]
        found.append((number, row))
    label_studio.unwrap(found, "cats")
    names = dict.fromkeys(name for _, row in found if isinstance(row, dict) for name in row)
    return found, f": one text per row, with the columns {', '.join(names)}"


def _holds_sentences(paragraphs: Any) -> bool:
    return isinstance(paragraphs, list) and any(
        isinstance(one, dict) and isinstance(one.get("sentences"), list) for one in paragraphs
    )


def _of_documents(rows: Sequence[NumberedRow]) -> tuple[list[NumberedRow], str]:
    """Return a row for each sentence, with the annotations of its words as lists."""
    found = []
    for number, document in rows:
        for paragraph in document.get(PARAGRAPHS) or ():
            for sentence in paragraph.get("sentences") or ():
                words = sentence.get("tokens") or ()
                row = {"tokens": [word.get("orth") for word in words]}
                row |= {name: [word.get(name) for word in words] for name in ("tag", "ner")}
                found.append((number, row))
    return found, f": a row for each of its {len(found):,} sentences"


def with_spans(row: Any) -> Any:
    """Return a row with spans of characters as objects, where they are `[start, end, label]`.

    They may be in an object in a cell, as in `{"entities": [[0, 2, "ORG"]]}`.
    """
    if not isinstance(row, dict):
        return row
    changed: Row = {}
    for name, cell in row.items():
        if _are_spans(cell):
            changed[name] = _as_dicts(cell)
        elif isinstance(cell, dict) and any(map(_are_spans, cell.values())):
            changed[name] = {
                key: _as_dicts(value) if _are_spans(value) else value for key, value in cell.items()
            }
    return row | changed if changed else row


def _are_spans(cell: Any) -> bool:
    return isinstance(cell, list | tuple) and bool(cell) and all(map(_is_span, cell))


def _is_span(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 3:
        return False
    return isinstance(value[2], str) and all(
        isinstance(offset, int) and not isinstance(offset, bool) for offset in value[:2]
    )


def _as_dicts(cell: Sequence[Sequence[Any]]) -> list[Row]:
    return [{"start": start, "end": end, "label": label} for start, end, label in cell]
