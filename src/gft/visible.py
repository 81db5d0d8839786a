"""Text as it may be shown to a person: what would command a terminal is written out instead.

Data and names come from anywhere, and a terminal obeys control characters: it can be made to hide
lines, rename its window, or type for its user.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TextIO

# C0 but tab and newline, DEL and C1; marks that change the direction of what follows; separators
# of lines and paragraphs; halves of surrogates.
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_BOLD = re.compile(r"\x1b\[[01]m")
"""What our own tables send: bold, and an end of it."""


def visible(text: str) -> str:
    r"""Return a text with escapes, such as `\x1b`, for what is no sign to be read."""
    return _COMMANDS.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


class Terminal:
    """Standard output that is a terminal: all that is written to it becomes visible."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)

    def write(self, text: str) -> int:
        """Write a text; bold stays bold."""
        parts = zip(_BOLD.split(text), [*_BOLD.findall(text), ""], strict=True)
        self._out.write("".join(visible(part) + bold for part, bold in parts))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)
