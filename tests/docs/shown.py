"""Whether what a page shows as output is what came out."""

from __future__ import annotations

import re

from gft.report.cautions import MARK
from gft.report.tables import NOT_SIGNIFICANT

SKIPPED = "..."
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
_GAP = re.compile(r"[ ─\t]+")


def agrees(shown: str, came: str, numbers_vary: bool = False) -> str:
    """Return an empty text if `came` is what is `shown`, else what is wrong.

    A line `...` stands for any lines, `...` within a line for any text. If numbers vary, any number
    stands for any other, the width of columns does not count, and neither does what is said of the
    numbers themselves: that an interval rests on few rows, or includes 0.
    """
    wanted, found = (
        [_loose(line) for line in text.splitlines() if not line.startswith(MARK)]
        if numbers_vary
        else [line.rstrip() for line in text.splitlines()]
        for text in (shown, came)
    )
    return "" if _follows(wanted, found) else f"shown:\n{shown}\ncame:\n{came}"


def _follows(wanted: list[str], found: list[str]) -> bool:
    if not wanted:
        return not found
    if wanted[0].strip() == SKIPPED:
        return any(_follows(wanted[1:], found[start:]) for start in range(len(found) + 1))
    return bool(found) and _like(wanted[0], found[0]) and _follows(wanted[1:], found[1:])


def _like(wanted: str, found: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in wanted.split(SKIPPED))
    return re.fullmatch(pattern, found) is not None


def _loose(line: str) -> str:
    line = line.replace(MARK, "").replace(NOT_SIGNIFICANT, "")
    return _GAP.sub(" ", _NUMBER.sub("0", line)).strip()
