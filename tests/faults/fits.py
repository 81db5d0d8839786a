"""The fit that faults are tried on: tiny, seeded, and the same bytes each time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from faults.commands import run
from ran import Ran

COLOURS = ("red", "blue", "green")
EPOCHS = 5


class Fits:
    """A model and data in a folder, and the commands that work with what was fitted to them."""

    def __init__(self, home: Path) -> None:
        from hub import models

        self.model = models.bert(home / "tiny")
        self.data = home / "colours"
        for split, rows in (("train", 60), ("val", 30), ("test", 30)):
            lines = ["text,colour"]
            for n in range(rows):
                word = ("river", "stone", "market", "row")[n * 7 % 4]
                lines.append(f"{word} mark{n % 5} {word},{COLOURS[(n + n // 5) % 3]}")
            text = "\n".join(lines) + "\n"
            Path(f"{self.data}.{split}").write_text(text, encoding="utf-8")
        self.out = home / "at" / "out"

    def words(self) -> list[str]:
        """Return the words of the fit."""
        return [
            *("--model", f"C:{self.model}", "--data", f"C:{self.data}", "--use_cpu", "true"),
            *("--eqn", "classify: colour ~ text", "--output_dir", str(self.out)),
            *("--num_train_epochs", str(EPOCHS), "--per_device_train_batch_size", "10"),
            *("--learning_rate", "1e-3"),
        ]

    def fit(self, *more: str, before: Callable[[], None] = lambda: None) -> Ran:
        """Fit, or go on."""
        return run("fit", *self.words(), *more, before=before)

    def other(self, function: str, before: Callable[[], None] = lambda: None) -> Ran:
        """Run another command on the fitted folder."""
        more = {"eval": ("--format", "json"), "cat_data": ("--split", "val")}.get(function, ())
        stdin = "river mark1 river\nstone mark2 stone\n" if function == "predict" else ""
        return run(function, "--model", f"C:{self.out}", *more, stdin=stdin, before=before)


def stopped_at(is_it: Callable[[str, str], bool]) -> Callable[[], None]:
    """Return what ends a process at once, as SIGKILL does, before a path is renamed as wanted."""

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename" and is_it(os.fspath(arguments[0]), os.fspath(arguments[1])):  # type: ignore[arg-type]
            os._exit(KILLED_ITSELF)

    return lambda: sys.addaudithook(watch)


KILLED_ITSELF = 77
