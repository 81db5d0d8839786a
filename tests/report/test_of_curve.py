"""The learning curve of a fit in lines and as a drawing; the sentences it comes to."""

from __future__ import annotations

from typing import Any

import pytest

from gft.metrics.learning_curve import LearningCurve
from gft.report.of_curve import curve_text
from gft.report.plots import learning
from gft.results.learning_curve import _from_where_it_learns, _sentence


def told(curve: LearningCurve, *more: int) -> str:
    count = curve.rows[-1]
    return _sentence(curve, [curve.at(count + one) for one in more], "f1 (irony)", "test")


@pytest.fixture
def found() -> dict[str, Any]:
    """What metrics.json says of fits on 100 to 800 rows."""
    curve = LearningCurve((100, 200, 400, 800), (0.6, 0.7, 0.77, 0.82), 1e-5, 1.0)
    splits = [{"test": {"metrics": {"f1": {"value": one, "positive_label": "irony"}}}}
              for one in curve.values]  # fmt: skip
    points = [{"rows": n, "splits": of} for n, of in zip(curve.rows, splits, strict=True)]
    drawn = [vars(curve.at(n)) for n in (100, 200, 400, 800, 1100, 1600)]
    return {"split": "test", "metric": "f1", "points": points, "expected": [], "drawn": drawn,
            "sentence": told(curve, 400, 800)}  # fmt: skip


def test_a_line_of_metrics_and_the_sentence(found: dict[str, Any]) -> None:
    assert curve_text({}) == ""
    first, second = curve_text({"learning_curve": found}).splitlines()
    assert first == (
        "f1 (irony) on test by rows of train: 0.6000 (100), 0.7000 (200), 0.7700 (400), "
        "0.8200 (800)"
    )
    assert second.startswith("400 more labelled rows would bring about +0.0")
    assert "f1 (irony) (0.0" in second and ", 800 more about +0.0" in second


def test_the_drawing_has_the_points_and_a_band_beyond_them(found: dict[str, Any]) -> None:
    drawn = learning(found)
    svg = drawn.svg()
    assert svg.count("<circle") == 4 and svg.count('class="band"') == 1
    assert "1,600" in svg and "400 rows: 0.7700" in svg
    assert "expected with 1,600" in drawn.description
    nothing = learning({**found, "drawn": []})
    assert 'class="band"' not in nothing.svg() and nothing.svg().count("<circle") == 4


def test_a_flat_curve_brings_little_and_a_loud_one_cannot_tell() -> None:
    rows = (100, 200, 400, 800)
    flat = told(LearningCurve(rows, (0.8, 0.801, 0.799, 0.8), 1e-5, 1.0), 400, 800)
    assert flat.startswith("More labelled rows would bring little: in f1 (irony), 400 more about")
    loud = told(LearningCurve(rows, (0.8, 0.7, 0.9, 0.8), 1e-3, 1.0), 400, 800)
    assert "cannot be estimated from these fits" in loud and "More rows of test" in loud
    error = told(LearningCurve(rows, (1.0, 0.8, 0.64, 0.512), 1e-6, 0.0), 400, 800)
    assert error.startswith("400 more labelled rows would bring about -0.0")


def test_sizes_at_which_nothing_was_learned_yet_are_no_part_of_the_curve() -> None:
    curve = LearningCurve((50, 100, 200, 400), (0.5, 0.51, 0.6, 0.7), 1e-4, 1.0)
    assert _from_where_it_learns(curve, 0.5, 1).rows == (100, 200, 400)
    assert _from_where_it_learns(curve, None, 1).rows == curve.rows
    never = LearningCurve((50, 100, 200, 400), (0.5, 0.51, 0.49, 0.5), 1e-4, 1.0)
    assert _from_where_it_learns(never, 0.5, 1).rows == ()
