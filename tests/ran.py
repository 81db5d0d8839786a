"""What a command answered: its status, and both outputs; and how two processes are launched."""

from __future__ import annotations

import sys
from dataclasses import dataclass

TWO_PROCESSES = [
    *(sys.executable, "-m", "torch.distributed.run"),
    *("--standalone", "--nproc_per_node", "2"),
]
"""The words before those that each of two processes runs."""


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
