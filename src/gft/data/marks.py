"""Rows of data in a spreadsheet: their cells, and marks by which they are known again."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gft.data.cells import named_cell, text_of
from gft.data.stored import StoredFile

if TYPE_CHECKING:
    from gft.data.table import Column, Rows

LONGEST_CELL = 32_000
"""In characters. What is longer a spreadsheet truncates, or carries over into the rows below."""
READ_ROWS = 1_000


def shown_cell(column: Column, value: Any) -> str:
    """Return a cell of data as text for a spreadsheet: a list as JSON, a long text truncated."""
    named = named_cell(column, value)
    if isinstance(named, list):
        return json.dumps(named, ensure_ascii=False, default=str)
    if isinstance(named, StoredFile):
        return str(named)
    text = text_of(named)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]} …"


def row_marks(rows: Rows, names: Sequence[str]) -> Iterator[str]:
    """Yield a mark of each row that is the same for the same cells in some columns, anywhere.

    It begins with a letter, so that no spreadsheet takes it for a number. Forms of Unicode and ends
    of lines do not count.
    """
    for part in rows.batches(list(names), READ_ROWS):
        for cells in zip(*(part[name] for name in names), strict=True):
            digest = hashlib.blake2b(digest_size=8)
            for cell in cells:
                content = _content(cell)
                digest.update(len(content).to_bytes(8, "little") + content)
            yield f"x{digest.hexdigest()}"


def _content(cell: Any) -> bytes:
    if isinstance(cell, StoredFile):
        return cell.read() if cell.has_bytes else str(cell).encode()
    text = unicodedata.normalize("NFC", text_of(cell))
    return text.replace("\r\n", "\n").encode()
