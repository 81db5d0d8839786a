"""The table of several models."""

from __future__ import annotations

import pytest

from gft.report.of_models import models_table, p_value

SCORE = {"value": 0.5, "low": 0.4, "high": 0.6}
NOTHING = {"value": None, "low": None, "high": None}
COMPARED = {"metric": "f1", "difference": {"value": -0.1, "low": -0.2, "high": 0.0}, "p": 0.01,
            "p_adjusted": 0.02, "test": "McNemar's test"}  # fmt: skip
BEST = {"model": "m1", "data": "d", "split": "test", "rows": 1200, "metrics": {"f1": SCORE}}
OTHER = {**BEST, "model": "m2", "compared": COMPARED}
FAILED = {"model": "m3", "data": "d", "error": "no head"}


@pytest.mark.parametrize("p, text", [(None, ""), (0.0004, "<0.001"), (0.0321, "0.032")])
def test_p_values(p: float | None, text: str) -> None:
    assert p_value(p) == text


def test_models_for_people() -> None:
    text = models_table([BEST, OTHER, FAILED], plain=False)
    rows = [line.split() for line in text.splitlines()]
    assert text.startswith("test of d, best first; 95 % intervals in brackets\n")
    assert ["m1", "0.5000", "[0.400,", "0.600]", "1,200"] in rows
    assert ["m2", "0.5000", "[0.400,", "0.600]", "1,200", "-0.1000", "[-0.200,", "+0.000]",
            "0.020"] in rows  # fmt: skip
    assert ["m3", "not", "scored"] in rows
    assert "p by McNemar's test, adjusted for all pairs of models (Holm)" in text
    assert text.endswith("m3: no head\n")
    few = "with 4 groups p cannot be below 0.125: no difference, however large, is told from chance"
    doubtful = {**OTHER, "compared": {**COMPARED, "p_caveat": few}}
    assert models_table([BEST, doubtful, doubtful], plain=False).count(f"\np: {few}\n") == 1


def test_models_for_programs() -> None:
    lines = models_table([BEST, OTHER, FAILED], plain=True).splitlines()
    assert lines == [
        "m1\tf1\t0.5000\t0.4000 to 0.6000\t\t\t",
        "m2\tf1\t0.5000\t0.4000 to 0.6000\t-0.1000\t-0.2000 to +0.0000\t0.02",
        "m3\terror\tno head\t\t\t\t",
    ]


def test_subgroups_for_programs() -> None:
    values = {"women": {"metrics": {"f1": SCORE}}, "men": {"metrics": {"f1": NOTHING}}}
    by = {"by": {"gender": {"values": values}}}
    assert models_table([BEST | by, OTHER, FAILED], plain=True).splitlines() == [
        "m1\t\t\tf1\t0.5000\t0.4000 to 0.6000\t\t\t",
        "m1\tgender\twomen\tf1\t0.5000\t0.4000 to 0.6000\t\t\t",
        "m1\tgender\tmen\tf1\tundefined\t\t\t\t",
        "m2\t\t\tf1\t0.5000\t0.4000 to 0.6000\t-0.1000\t-0.2000 to +0.0000\t0.02",
        "m3\t\t\terror\tno head\t\t\t\t",
    ]


def test_several_data_sets_are_told_apart() -> None:
    text = models_table([BEST, {**BEST, "data": "e", "metrics": {"f1": NOTHING}}], plain=False)
    assert text.startswith("best first for each data set; ")
    assert "test of e" in text and "undefined" in text
