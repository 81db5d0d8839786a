"""gft_fit that signals itself: `interrupted.py MOMENT SIGNAL MARK WORDS ...`.

At the moment it makes the file MARK and sends itself the signal; the words are gft_fit's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS_PER_EPOCH = 16
Before = Callable[[Path, Path], bool]

MOMENTS: dict[str, tuple[str, bool, Before]] = {
    "after an epoch": ("rename", True, lambda _, to: to.name == f"checkpoint-{STEPS_PER_EPOCH}"),
    "in a save": ("rename", False, lambda _, to: to.name == f"checkpoint-{2 * STEPS_PER_EPOCH}"),
    "while it is finished": ("replace", False, lambda _, to: to.name == "model.safetensors"),
}
"""For each moment the method of a path, whether it has acted by then, and which call it is."""


def signal_at(moment: str, number: int, mark: Path) -> None:
    """Send this process a signal when a path is renamed as the moment says, once."""
    method, after, is_it = MOMENTS[moment]
    original = getattr(Path, method)

    def moved(self: Path, target: Any) -> Path:
        hit = not mark.exists() and is_it(self, Path(target))
        if hit and not after:
            _hit(mark, number)
        result: Path = original(self, target)
        if hit and after:
            _hit(mark, number)
        return result

    setattr(Path, method, moved)


def _hit(mark: Path, number: int) -> None:
    mark.touch()
    os.kill(os.getpid(), number)


if __name__ == "__main__":
    from gft.commands.fit import main

    moment, number, mark, *words = sys.argv[1:]
    sys.argv = ["gft_fit", *words]
    signal_at(moment, int(number), Path(mark))
    sys.exit(main())
