"""HTML for notebooks. Whatever it is given is text: what it holds of markup is escaped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape

_LEFT, _RIGHT = ' style="text-align: left"', ' style="text-align: right"'
_MARKS = "\ue000\ue001"
"""Private characters: what a table's number stands between while a text becomes HTML."""


LONGEST = 100
"""Characters of a cell that are shown."""


def shorten(text: str) -> str:
    """Return a text that is not too long for a cell."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def html_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()
) -> str:
    """Return a table; the columns in `right` are set flush right."""
    sides = [_RIGHT if index in right else _LEFT for index in range(len(headers))]
    head = _row("th", headers, sides)
    return f"<table>\n<thead>\n{head}</thead>\n<tbody>\n" + (
        "".join(_row("td", row, sides) for row in rows) + "</tbody>\n</table>\n"
    )


def _row(tag: str, cells: Sequence[str], sides: Sequence[str]) -> str:
    printable = "".join(
        f"<{tag}{side}>{escape(cell)}</{tag}>" for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{printable}</tr>\n"


def html_facts(pairs: Mapping[str, str]) -> str:
    """Return names and what is to say of them, one a line."""
    rows = (
        f"<tr><th{_LEFT}>{escape(name)}</th><td{_LEFT}>{escape(printable)}</td></tr>\n"
        for name, printable in pairs.items()
    )
    return f"<table>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"


def html_text(text: str) -> str:
    """Return text with its lines and spaces, nothing for none."""
    return f'<pre style="white-space: pre-wrap">{escape(text)}</pre>\n' if text.strip() else ""


_tables: ContextVar[list[str] | None] = ContextVar("tables", default=None)


def table_placeholder(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int]
) -> str | None:
    """Return what stands in a text for a table while it becomes HTML, None at any other time."""
    tables = _tables.get()
    if tables is None:
        return None
    tables.append(html_table(headers, rows, right))
    return f"{_MARKS[0]}{len(tables) - 1}{_MARKS[1]}\n"


@contextmanager
def _gathering() -> Iterator[list[str]]:
    tables: list[str] = []
    token = _tables.set(tables)
    try:
        yield tables
    finally:
        _tables.reset(token)


class Printable(str):
    """A summary: text that prints as it is, and in a notebook its tables."""

    __slots__ = ("html",)
    html: str

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.html

    def __reduce__(self) -> tuple[Callable[[str, str], Printable], tuple[str, str]]:
        return _printable, (str(self), self.html)


def _printable(text: str, html: str) -> Printable:
    made = Printable(text)
    made.html = html
    return made


def printable(make: Callable[[], str]) -> Printable:
    """Return the text that `make` makes, with its tables (`table_placeholder`) as such in HTML."""
    text = make()
    with _gathering() as tables:
        marked = make()
    html = []
    for part in marked.split(_MARKS[0]):
        number, mark, rest = part.partition(_MARKS[1])
        known = mark and number.isdecimal() and int(number) < len(tables)
        html.append(tables[int(number)] + html_text(rest) if known else html_text(part))
    return _printable(text, "".join(html))
