"""What Label Studio exports as JSON, as rows: https://labelstud.io/guide/export.html.

A row is one annotator's annotation of one task: the task's data, and a column for each control,
under its name. Spans are objects with `start`, `end`, `text` and `label`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gft.errors import counted

ANNOTATIONS = ("annotations", "completions")
"""The second is what the first one was called until 2021."""
CHOICES = "choices"
OF_SHORT = ("annotation_id", "lead_time")
SPANS = ("labels", "hypertextlabels", "paragraphlabels")
"""Types of results that mark characters."""
OUTSIDE = -1
"""Where a span begins that is not counted in characters of the text."""


def is_task(row: Any) -> bool:
    """Say whether a row is a task with its annotations."""
    return (
        isinstance(row, dict)
        and isinstance(row.get("data"), dict)
        and any(isinstance(row.get(name), list) for name in ANNOTATIONS)
    )


def is_short(row: Any) -> bool:
    """Say whether a row is one of the short form (JSON-MIN)."""
    return isinstance(row, dict) and all(name in row for name in OF_SHORT)


def rows_of_tasks(tasks: Sequence[tuple[int, Any]]) -> tuple[list[tuple[int, Any]], str]:
    """Return the rows of tasks, and for a note what was made of them."""
    annotated: list[tuple[int, Mapping[str, Any], dict[str, Any] | None]] = []
    counts = Counter[str]()
    marks: dict[str, str] = {}
    for number, task in tasks:
        if not is_task(task):
            raise ValueError(f"row {number} is not a task")
        every = [one for name in ANNOTATIONS for one in task.get(name) or ()]
        kept = [one for one in every if not one.get("was_cancelled")]
        counts["skipped"] += len(every) - len(kept)
        counts["several"] += len(kept) > 1
        counts["none"] += not kept
        annotated += [(number, task["data"], _results(one, marks)) for one in kept]
        annotated += [] if kept else [(number, task["data"], None)]
    rows: list[tuple[int, Any]] = []
    for number, data, results in annotated:
        # Who marks nothing says that there is nothing to mark.
        nothing: list[Any] | None = None if results is None else []
        of_controls = {
            name: (results or {}).get(name, nothing if kind in SPANS else None)
            for name, kind in marks.items()
        }
        rows.append((number, {**data, **of_controls}))
    for name, kind in marks.items():
        if kind == CHOICES:
            unwrap(rows, name)
    parts = [": a row for each annotation of a task"]
    if counts["none"]:
        parts.append(f"{counted(counts['none'], 'task')} without one")
    if counts["several"]:
        parts.append(f"{counted(counts['several'], 'task')} with several")
    if counts["skipped"]:
        parts.append(f"{counted(counts['skipped'], 'skipped annotation')} left out")
    return rows, "; ".join(parts)


def _results(annotation: Mapping[str, Any], marks: dict[str, str]) -> dict[str, Any]:
    """Return what an annotation says under each control; `marks` learns the controls' types."""
    found: dict[str, Any] = {}
    for result in annotation.get("result") or ():
        kind, name, value = (result.get(key) for key in ("type", "from_name", "value"))
        if not isinstance(value, dict) or name is None:
            continue
        if kind in SPANS:
            found[name] = [*found.get(name, ()), *_spans(value, kind)]
        elif kind == CHOICES and "start" not in value:
            found[name] = [*found.get(name, ()), *value.get(CHOICES, ())]
        elif kind in ("rating", "number"):
            found[name] = value.get(kind)
        elif kind == "textarea":
            texts = value.get("text") or []
            found[name] = texts if isinstance(texts, str) else "\n".join(texts)
        else:
            continue
        marks.setdefault(name, kind)
    return found


def _spans(value: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    offsets = value.get("globalOffsets") or value
    start, end = (
        offset if isinstance(offset, int) else OUTSIDE
        for offset in map(offsets.get, ("start", "end"))
    )
    text = value.get("text")
    return [
        {"start": start, "end": end, "text": text, "label": label}
        for label in value.get(kind) or value.get("labels") or ()
    ]


def rows_of_short(rows: Sequence[tuple[int, Any]]) -> tuple[list[tuple[int, Any]], str]:
    """Return rows of the short form, each column in one form.

    Choices are lists where a row has several; a row that lacks a column of spans has none to mark.
    """
    every = [row for _, row in rows if isinstance(row, dict)]
    cells = [(name, cell) for row in every for name, cell in row.items()]
    several = {name for name, cell in cells if isinstance(cell, dict) and list(cell) == [CHOICES]}
    spans = {name for name, cell in cells if isinstance(cell, list) and any(map(_is_span, cell))}
    for row in every:
        row.update({name: _chosen(row.get(name)) for name in several})
        row.update({name: row.get(name) or [] for name in spans})
    return list(rows), ""


def _is_span(value: Any) -> bool:
    return isinstance(value, dict) and {"start", "end"} < value.keys()


def _chosen(cell: Any) -> Any:
    if isinstance(cell, dict):
        return cell.get(CHOICES)
    return [cell] if isinstance(cell, str) else cell


def unwrap(rows: Sequence[tuple[int, Any]], name: str) -> None:
    """Take choices out of their lists, in place, where no row has two of them."""
    cells = [row.get(name) for _, row in rows if isinstance(row, dict)]
    if any(isinstance(cell, list) and len(cell) > 1 for cell in cells):
        return
    for _, row in rows:
        if isinstance(row, dict) and isinstance(row.get(name), list):
            row[name] = next(iter(row[name]), None)
