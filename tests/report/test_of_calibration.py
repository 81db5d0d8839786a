"""Whether probabilities can be believed, as a table and a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from gft.report.of_calibration import about_calibration, calibration_rows


def found(*bins: tuple[int, float, float]) -> dict[str, Any]:
    return {"bins": [dict(zip(("rows", "confidence", "right"), one, strict=True)) for one in bins]}


def test_a_row_for_each_part_that_has_answers() -> None:
    assert calibration_rows(found((4, 0.65, 0.75), (1200, 1.0, 0.9))) == [
        ("0.6 to 0.7", "4", "65.0 %", "75.0 %"),
        ("0.9 to 1.0", "1,200", "100.0 %", "90.0 %"),
    ]


@pytest.mark.parametrize("right, how", [
    (0.6, "overconfident"), (0.95, "underconfident"), (0.802, "well calibrated on average"),
])  # fmt: skip
def test_too_sure_or_not_sure_enough(right: float, how: str) -> None:
    told = about_calibration(found((30, 0.7, right), (30, 0.9, right)), "test")
    assert told == (
        "The model's mean confidence in its 60 answers on test is 80.0 %, and "
        f"{right * 100:.1f} % of them are right: it is {how}."
    )


def test_an_error_that_perfect_calibration_gives_is_no_fault() -> None:
    believed = {"mean": 0.1, "percentile_95": 0.15}
    saved = {**found((30, 0.7, 0.6), (30, 0.9, 0.8)), "if_calibrated": believed}
    saved["expected_calibration_error"] = 0.1
    told = about_calibration(saved, "test")
    assert "overconfident on these rows, but not significantly: a perfectly calibrated" in told
    saved["expected_calibration_error"] = 0.2
    assert about_calibration(saved, "test").endswith("it is overconfident.")
