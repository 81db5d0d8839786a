"""Whether a cell that comes back from a spreadsheet is still the cell that was written."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter

from gft.data.numbers import COMMA, number_in, with_point

_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_")
"""How workbooks write characters that XML cannot hold."""
_DAMAGED = ("cp1252", "latin-1", "ascii", "mac_roman")
"""Encodings that replace what they lack by a question mark."""
_ROUNDED = 5e-3
"""How far a number written with an exponent may be off, relative to it."""
_DATE = re.compile(r"[0-9]+(?:[-/.:T ]+[0-9]+)+")
_MISSING = {"", "-", "na", "n/a", "#n/a", "nan", "<na>", "none", "null", "nil"}
"""Texts that programs of data take for a missing value, and write as an empty cell."""

INVISIBLE = ("Cc", "Cf", "Cn", "Co", "Cs")
"""Categories of what is no sign: control characters, formats, and what no font has."""


def is_same_cell(found: str, own: str, guessed: bool = False) -> bool:
    """Say whether a text of a spreadsheet may be what it made of a cell's `own` text.

    Spreadsheets fold whitespace, lose what their encoding lacks, and write numbers and dates in
    their own way: none of it makes a cell another one. `guessed`: nothing says in which encoding
    the text was, so that only letters and digits of ASCII are compared.
    """
    one, other = _folded(found), _folded(own)
    if one == other or (not one and other in _MISSING):
        return True
    if not any(map(str.isalpha, own)):
        return _is_same_amount(found.strip().lstrip("'"), own.strip())
    if guessed:
        return bool(one) and _ascii(one) in (_ascii(other), _ascii(_decomposed(other)))
    return any(one == _folded(damaged) for damaged in _damaged(own))


def _folded(text: str) -> str:
    """Return a text without whitespace, invisible characters, case and an apostrophe before it."""
    composed = unicodedata.normalize("NFKC", _ESCAPED.sub("", text)).casefold()
    kept = (
        one for one in composed if not one.isspace() and unicodedata.category(one) not in INVISIBLE
    )
    return unicodedata.normalize("NFKC", "".join(kept)).lstrip("'")


def _damaged(text: str) -> set[str]:
    """Return what encodings may have made of a text."""
    texts = (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))
    lossy = {one.encode(name, "replace").decode(name) for one in texts for name in _DAMAGED}
    return lossy | {one.encode("utf-8", "replace").decode("cp1252", "replace") for one in texts}


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _ascii(text: str) -> str:
    return "".join(one for one in text if one.isascii() and one.isalnum())


def _is_same_amount(found: str, own: str) -> bool:
    """Compare cells without a letter: as numbers, as dates, or not at all.

    A date may have lost its century, or got one, or the time of midnight.
    """
    amounts, expected = _amounts(found), _amounts(own)
    if amounts and expected:
        return any(_is_near(found, a, b) for a in amounts for b in expected)
    if _DATE.fullmatch(found) and _DATE.fullmatch(own):
        one, other = _parts(found), _parts(own)
        return not (one - other and other - one)
    return not any(map(str.isalpha, found)) or bool(re.search(r"\d", own))


def _amounts(text: str) -> list[float]:
    plain = (text, with_point(text, COMMA), with_point(text, "."))
    numbers = (number_in(one) for one in plain if one is not None)
    return [float(one) for one in numbers if one is not None]


def _is_near(written: str, one: float, other: float) -> bool:
    """Say whether two numbers are the same but for the decimals that are written."""
    if "e" in written.casefold():
        return math.isclose(one, other, rel_tol=_ROUNDED)
    mark = max(written.rfind("."), written.rfind(COMMA))
    decimals = len(written) - mark - 1 if mark >= 0 else 0
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=0.5 * 10.0**-decimals)


def _parts(text: str) -> Counter[int]:
    numbers = (int(one) % 100 for one in re.findall("[0-9]+", text))
    return Counter(one for one in numbers if one)
