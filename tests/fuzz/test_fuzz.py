"""A few cases of every kind of a fuzz run, always the same ones; `make fuzz` tries many."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parent / "run.py"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
def test_a_few_cases_of_every_kind() -> None:
    # A process of its own: what is forked must have no threads of torch's.
    told = {**os.environ, "HF_HUB_OFFLINE": "1"}
    ran = subprocess.run(
        [sys.executable, str(RUN), "--cases", "4", "--minutes", "2"],
        capture_output=True, text=True, env=told, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "tried 84, held 84" in ran.stdout
