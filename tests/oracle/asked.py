"""PaddleNLP in an environment of its own, and what a check prints of a case."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Case = tuple[str, float]
"""What was held against PaddleNLP, and how far it is from it."""


class Oracle:
    """PaddleNLP in an environment of its own."""

    def __init__(self, python: str, home: Path) -> None:
        self.python = python
        self.home = home
        self.environment = {**os.environ, "PPNLP_HOME": str(home), "PYTHONPATH": ""}

    def ask(self, *words: object) -> Any:
        """Return what `in_paddlenlp.py` prints. Raises `SystemExit` with its errors."""
        command = [self.python, str(HERE / "in_paddlenlp.py"), *map(str, words)]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        return json.loads(done.stdout.rpartition("=" * 20)[2])


def said(case: str, difference: float, more: str = "") -> Case:
    """Print a case as it comes."""
    print(f"  {case:<54} {difference:.1e}  {more}".rstrip(), flush=True)
    return case, difference
