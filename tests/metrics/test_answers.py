"""Metrics of answers, against the rules of SQuAD's scripts written out a second time."""

from __future__ import annotations

import pytest

from gft.language.spec import Spec
from gft.metrics.intervals import values_with_intervals
from gft.metrics.protocol import Scored
from gft.metrics.table import find_metrics
from gft.targets.spans import AnswerSpans
from squad_rules import official

ROWS = [
    (["Denver Broncos", "The Denver Broncos"], "the denver broncos!"),
    (["the"], "a"),
    (["the"], ""),
    (["U.S."], "US"),
    (["1,000 metres"], "1000 meters"),
    (["café—bar"], "cafe bar"),
    (["a b a c"], "a a b"),
    (["red red blue"], "red blue blue"),
    (["Saint Bernadette Soubirous", ""], "Bernadette"),
    (["中国北京"], "北京"),
    (["an answer", "the other"], "other  answer"),
    (["gold"], ""),
    ([], ""),
    ([], "something"),
    ([], "the"),
]


def scores(name: str, rows: list[tuple[list[str], str]]) -> dict[str, float | None]:
    scored = Scored([gold for gold, _ in rows], [found for _, found in rows], None, ())
    results = values_with_intervals(find_metrics(Spec("H", name), AnswerSpans()), scored)
    return {result.name: result.value for result in results}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_row_counts_as_officially(row: tuple[list[str], str]) -> None:
    for name, version, exact in (("squad", 1, "exact_match"), ("squad_v2", 2, "exact")):
        expected, found = official([row], version), scores(name, [row])
        assert found["f1"] == expected["f1"]
        assert found[exact] == expected["exact"]


def test_all_rows_and_those_with_and_without_an_answer() -> None:
    answered, others = [r for r in ROWS if r[0]], [r for r in ROWS if not r[0]]
    found = scores("squad_v2", ROWS)
    assert found["HasAns_f1"] == official(answered, 2)["f1"]
    assert found["NoAns_exact"] == official(others, 2)["exact"]
    assert found["f1"] == official(ROWS, 2)["f1"]
    assert scores("squad", ROWS)["f1"] == official(ROWS, 1)["f1"]


def test_no_row_of_a_kind_is_undefined() -> None:
    assert scores("squad_v2", ROWS[:3])["NoAns_f1"] is None


def test_an_interval_holds_the_metric() -> None:
    scored = Scored([gold for gold, _ in ROWS], [found for _, found in ROWS], None, ())
    [f1] = values_with_intervals(find_metrics(Spec("H", "f1"), AnswerSpans()), scored)
    assert f1.low is not None and f1.high is not None and f1.value is not None
    assert 0 <= f1.low < f1.value < f1.high <= 100
