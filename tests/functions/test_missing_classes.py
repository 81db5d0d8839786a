"""What is told before a fit of labels that the draw, or a column, makes too easy or too hard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Gft = Callable[..., Any]
EQUATION = "classify: kind ~ text"
WORDS = ["river", "stone", "cloud", "field", "lamp", "paper", "salt", "wheel"]


def rows(file: Path, groups: int) -> Path:
    """Write 80 rows of two kinds; with an even number of groups each has one kind."""
    lines = ["kind,text,who"]
    lines += [f"{'yes' if n % 2 else 'no'},river {n} x{n * 7919},p{n % groups}" for n in range(80)]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def checked(gft: Gft, tiny: Path, tmp_path: Path) -> Callable[..., Any]:
    def run(data: Path, *more: str) -> Any:
        return gft("fit", "--model", f"C:{tiny}", "--data", data, "--eqn", EQUATION,
                   "--output_dir", tmp_path / "out", "--preprocessing_only", *more)  # fmt: skip

    return run


def test_groups_that_are_the_classes(checked: Callable[..., Any], tmp_path: Path) -> None:
    data = rows(tmp_path / "a.csv", 2)
    ran = checked(data, "--group", "kind")
    assert ran.status == 2 and "--group kind is the label itself" in ran.err
    ran = checked(data, "--group", "who")
    assert ran.status == 0
    assert "train has no row of '" in ran.err and "val has no row of '" in ran.err
    assert "every value of --group who has one class" in ran.err
    ran = checked(rows(tmp_path / "b.csv", 9), "--group", "who")
    assert ran.status == 0 and "has no row of" not in ran.err


def test_a_text_that_gives_the_label_away(checked: Callable[..., Any], tmp_path: Path) -> None:
    lines = ["kind,text"]
    lines += [f"{'yes' if n % 2 else 'no'},river {n} {'alpha' if n % 2 else 'beta'}"
              for n in range(200)]  # fmt: skip
    (tmp_path / "c.csv").write_text("\n".join(lines) + "\n")
    ran = checked(tmp_path / "c.csv")
    assert ran.status == 0 and ran.err.count("column 'text' gives ") == 1
    drawn = np.random.default_rng(0)
    lines[1:] = [f"{drawn.choice(['no', 'yes'])},{' '.join(drawn.choice(WORDS, 5))}"
                 for _ in range(200)]  # fmt: skip
    (tmp_path / "d.csv").write_text("\n".join(lines) + "\n")
    assert "gives " not in checked(tmp_path / "d.csv").err
