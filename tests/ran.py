"""What a command answered: its status, and both outputs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Ran:
    """What a command left: its exit status, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines that name a mistake."""
        return [line for line in self.err.splitlines() if ": error: " in line]
