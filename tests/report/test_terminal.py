"""Curves on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.report.terminal import HEIGHT, MARGIN, WIDTH, curve


def field(text: str) -> list[str]:
    return [line[MARGIN + 2 :].ljust(WIDTH) for line in text.splitlines()[1 : HEIGHT + 1]]


def test_a_line_goes_from_first_to_last_without_gaps() -> None:
    text = curve("loss", [(0, 2.0), (1, 1.0), (3, 0.0)])
    assert text.startswith("loss: 2 to 0\n")
    rows = field(text)
    assert rows[0].strip() and rows[0].strip() == rows[0][: len(rows[0].strip())]
    assert rows[-1].rstrip() == rows[-1] and rows[-1].strip()
    assert all(any(row[n] != " " for row in rows) for n in range(WIDTH))
    assert all(len(line) <= 80 for line in text.splitlines())
    labels = [line[:MARGIN].strip() for line in text.splitlines()[1 : HEIGHT + 1]]
    assert [label for label in labels if label] == ["2.0", "1.5", "1.0", "0.5", "0.0"]


def test_one_point_none_and_all_alike() -> None:
    assert curve("loss", []) == ""
    assert sum(len(row.strip()) for row in field(curve("loss", [(1, 5.0)]))) == 1
    assert any(len(row.strip()) == WIDTH for row in field(curve("loss", [(0, 5.0), (1, 5.0)])))


def test_a_terminal_without_braille(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    assert "." in "".join(field(curve("loss", [(0, 1.0), (1, 2.0)])))


def test_fit_and_summary_draw_them(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
              "classify: colour ~ text", "--output_dir", tmp_path / "out", "--plot",
              "--num_train_epochs", "2")  # fmt: skip
    assert ran.status == 0, ran.err
    titles = ["loss on train: ", "loss on val: ", "accuracy on val: "]
    assert all(title in ran.out for title in titles)
    out = gft("summary", tmp_path / "out", "--plot").out
    assert all(title in out for title in ["Curves:", *titles])
    assert "Curves:" not in gft("summary", tmp_path / "out").out
