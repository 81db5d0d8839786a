"""How a model and a data set fit together, for people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gft.data.sampling import Lengths
from gft.report.of_compatibility import compatibility_text
from gft.results.compatibility import Compatibility

COMPATIBLE = Compatibility("m", "d", ("y",), ("x", "z"), "classify: y ~ x", "as given")
LABELLED = replace(COMPATIBLE, data_labels=("a", "b"), model_labels=("b", "a"), order=("b", "a"),
                   evaluation="works as it is", fit="keeps the head")  # fmt: skip


def test_without_labels_there_are_only_columns() -> None:
    without = replace(COMPATIBLE, equation=None, why="no column of text")
    assert compatibility_text(without).splitlines() == [
        "Together:       m and d", "Left could be:  y", "Right could be: x and z",
        "Equation:       none (no column of text)",
    ]  # fmt: skip


@pytest.mark.parametrize("meet, shown", [
    ("by name", "by name; in the model's order: b and a"),
    ("by position", "by position: a is b and b is a"),
    ("no head", "not at all: the model has no such head"), ("not at all", "not at all"),
])  # fmt: skip
def test_how_labels_match(meet: str, shown: str) -> None:
    lines = compatibility_text(replace(LABELLED, meet=meet)).splitlines()
    assert f"Labels match:   {shown}" in lines
    assert "gft_eval:       works as it is" in lines


@pytest.mark.parametrize("windowed, said", [(True, "read in windows"), (False, "truncated")])
def test_lengths_against_the_limit(windowed: bool, said: str) -> None:
    met = replace(COMPATIBLE, lengths=Lengths(5, 9, 1500), limit=512, over=0.25, measured=40,
                  windowed=windowed, command="gft_fit")  # fmt: skip
    text = compatibility_text(met)
    assert "median 5, 95 % 9, longest 1,500 tokens in 40 rows" in text
    assert f"25.0 % are over 512 and would be {said}\n" in text
    assert text.endswith("To fit:         gft_fit\n")
