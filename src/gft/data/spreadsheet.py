"""Cells that a spreadsheet must not take for formulas (CSV injection, as OWASP calls it)."""

from __future__ import annotations

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins so is computed by Excel, LibreOffice and Google Sheets, whatever quotes it.
The last four are full-width, as in Japanese."""
_GUARD = "'"


def guarded(text: str) -> str:
    """Return a text that a spreadsheet shows as it is: an apostrophe stands before a formula.

    `unguarded` takes it off again, so a text that begins with apostrophes before one gets one too.
    """
    return _GUARD + text if text.lstrip(_GUARD).startswith(_FORMULAS) else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    bare = text.removeprefix(_GUARD)
    return bare if bare.lstrip(_GUARD).startswith(_FORMULAS) else text
