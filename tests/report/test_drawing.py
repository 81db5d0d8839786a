"""Drawings in SVG: round ticks, and escaped words."""

from __future__ import annotations

import pytest

from gft.report.drawing import Drawing, Scale, around
from report.hostile import EVIL, Page


@pytest.mark.parametrize("low, high", [(0, 1), (0.67, 0.6702), (-3e-5, 2e-4), (0, 123456), (4, 4)])
def test_ticks_are_round_and_apart(low: float, high: float) -> None:
    ticks = Scale(*around([low, high]), 0, 100).ticks()
    assert 2 <= len(ticks) <= 9
    assert len(set(ticks.values())) == len(ticks)
    assert all(float(told) == pytest.approx(value, rel=0.06) for value, told in ticks.items())


def test_words_in_drawings_are_escaped() -> None:
    drawing = Drawing("x", EVIL[0], EVIL[1])
    drawing.text(1, 1, EVIL[0])
    drawing.dot(1, 1, "one", tooltip=EVIL[1])
    found = Page(drawing.svg())
    assert found.of("script") == [] and found.of("img") == []
    assert EVIL[0] in found.text
