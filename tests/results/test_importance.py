"""What columns are worth, and which way they go: of made predictors whose answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gft.data.memory import from_memory
from gft.data.table import Rows
from gft.engine.inference import Predictions
from gft.language.equation import parse_equation
from gft.metrics.protocol import Metric
from gft.metrics.table import choose_metrics
from gft.results.directions import directions
from gft.results.importance import Importance, ScoredRows, importance
from gft.tasks.classify import Classify
from gft.tasks.regress import Regress

COUNT = 240
AGES = np.linspace(20, 79, COUNT).round().tolist()
PARTIES = ["red", "green", "blue"] * (COUNT // 3)
TEXTS = [f"text {n}" for n in range(COUNT)]
EQUATION = parse_equation("classify: vote ~ text + num(age) + cat(party)")


def rows_of(**columns: list[Any]) -> Rows:
    data = from_memory(columns)
    assert data is not None
    [rows] = data.splits.values()
    return rows


ROWS = rows_of(text=TEXTS, age=AGES, party=PARTIES)


def voting() -> Classify:
    """Return a task of two classes."""
    return Classify.of_columns(EQUATION, labels=("no", "yes"), raw_labels=("no", "yes"))


def old_vote_yes(cells: Any) -> Predictions:
    """Return what a model predicts that looks at nothing but the age."""
    yes = 1 / (1 + np.exp(-(np.array(cells["age"], dtype=float) - 50) / 5))
    return Predictions((yes > 0.5).astype(int), np.stack([1 - yes, yes], 1))


def worth(golds: Any, groups: Any = None, merit: str = "accuracy") -> Importance:
    task = voting()
    metrics: list[Metric] = choose_metrics((), ("accuracy", "loss"), task.target, False)
    said = old_vote_yes({"age": AGES})
    split = ScoredRows(ROWS, (golds, said.values, said.scores), groups)
    found = importance(task, metrics, merit, split, old_vote_yes)
    assert found is not None
    return found


GOLDS = [int(age > 50) for age in AGES]


def test_a_column_is_worth_what_is_lost_without_it_and_others_nothing() -> None:
    found = worth(GOLDS)
    age = found.columns["age"]
    assert age.result.value == pytest.approx(0.5, abs=0.06)  # half of the shuffled are right
    assert age.result.low is not None and age.result.low > 0.4
    assert age.among == "rows" and age.moved > 0.95
    for name in ("text", "party"):
        assert found.columns[name].result.value == 0
    assert found.columns["party"].moved == pytest.approx(2 / 3, abs=0.05)
    assert (found.rows, found.shuffles) == (COUNT, 5)


def test_a_loss_is_above_0_where_less_of_a_metric_is_better() -> None:
    age = worth(GOLDS, merit="loss").columns["age"].result
    assert age.value is not None and age.value > 0.5 and age.low is not None and age.low > 0
    assert worth([1 - one for one in GOLDS]).columns["age"].result.value < 0  # type: ignore[operator]


def test_with_groups_cells_move_within_them_or_between_them_as_a_whole() -> None:
    eights = np.repeat(np.arange(COUNT // 8), 8)
    within = worth(GOLDS, eights).columns
    assert within["age"].among == "rows of a group"
    assert within["age"].result.value == pytest.approx(0.0, abs=0.03)  # neighbours are as old
    party = np.arange(COUNT) % 3
    between = worth(GOLDS, party).columns
    assert between["party"].among == "groups" and between["age"].among == "rows of a group"
    assert between["age"].result.value == pytest.approx(0.5, abs=0.06)


def test_an_empty_cell_does_not_tell_the_rows_of_a_group_apart() -> None:
    """Speakers have one age each, which somebody forgot to write down here and there."""
    speakers = np.repeat(np.arange(COUNT // 8), 8)
    ages: list[Any] = [AGES[8 * one] for one in speakers.tolist()]
    golds = [int(age > 50) for age in ages]
    ages[3] = ages[70] = None
    seen: list[Any] = []

    def predict(cells: Any) -> Predictions:
        seen.append(cells["age"])
        return old_vote_yes({"age": [50.1 if one is None else one for one in cells["age"]]})

    rows, task = rows_of(text=TEXTS, age=ages, party=PARTIES), voting()
    metrics: list[Metric] = choose_metrics((), ("accuracy",), task.target, False)
    said = predict({"age": ages})
    split = ScoredRows(rows, (golds, said.values, said.scores), speakers)
    found = importance(task, metrics, "accuracy", split, predict)
    assert found is not None and found.columns["age"].among == "groups"
    assert found.columns["age"].result.value == pytest.approx(0.5, abs=0.1)
    shuffled = next(one for one in seen[1:] if one[:COUNT] != ages)
    assert shuffled[3] is shuffled[70] is None and shuffled[:COUNT].count(None) == 2
    assert len({*shuffled[:3], *shuffled[4:8]}) == 1


def test_a_metric_that_no_metric_has_is_worth_nothing() -> None:
    task = voting()
    said = old_vote_yes({"age": AGES})
    metrics = choose_metrics((), ("accuracy",), task.target, False)
    split = ScoredRows(ROWS, (GOLDS, said.values, said.scores))
    assert importance(task, metrics, "f1", split, old_vote_yes) is None


def test_directions_are_averages_with_all_else_as_it_is() -> None:
    found = directions(voting(), ROWS, old_vote_yes)
    age, party = found["age"], found["party"]
    assert age.numeric and list(age.averages) == ["no", "yes"]
    expected = [1 / (1 + np.exp(-(value - 50) / 5)) for value in age.values]
    assert age.averages["yes"] == pytest.approx(expected, abs=1e-5)
    assert not party.numeric and sorted(party.values) == ["blue", "green", "red"]
    assert len(set(party.averages["yes"])) == 1
    assert "text" not in found


def test_directions_of_numbers_are_in_the_unit_of_the_output() -> None:
    equation = parse_equation("regress: income ~ text + num(age)")
    task = Regress.of_columns(equation, labels=("income",))

    def predict(cells: Any) -> Predictions:
        return Predictions(np.array(cells["age"], dtype=float)[:, None] * 100, None)

    found = directions(task, ROWS, predict)["age"]
    assert found.averages["income"] == pytest.approx([100 * value for value in found.values])


def test_a_column_with_one_value_has_no_direction() -> None:
    same = rows_of(text=TEXTS, age=[30.0] * COUNT, party=PARTIES)
    assert list(directions(voting(), same, old_vote_yes)) == ["party"]


def test_a_row_alone_says_nothing() -> None:
    task = voting()
    said = old_vote_yes({"age": AGES[:1]})
    metrics = choose_metrics((), ("accuracy",), task.target, False)
    split = ScoredRows(ROWS.select(np.arange(1)), (GOLDS[:1], said.values, said.scores))
    assert importance(task, metrics, "accuracy", split, old_vote_yes) is None
