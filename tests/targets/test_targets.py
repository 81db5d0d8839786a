"""Every kind of target answers every question, and what it names is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pytest

from gft.baselines.protocol import Sample
from gft.functions.checking import OF_LABELS
from gft.language.spec import Spec
from gft.metrics.calibration import calibration
from gft.metrics.intervals import point_values
from gft.metrics.protocol import Scored
from gft.metrics.table import BUILT_IN, choose_metrics, find, names_for
from gft.registry import tasks
from gft.targets.classes import Classes
from gft.targets.losses import Losses
from gft.targets.numbers import Numbers
from gft.targets.protocol import Plot, Target
from gft.targets.several import Several
from gft.targets.spans import AnswerSpans
from gft.targets.tags import Tags
from gft.targets.texts import Texts
from gft.tasks.classify_several import ClassifySeveral

SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])


@dataclass(frozen=True)
class Case:
    """Three rows of a kind: what a task predicts, and what metrics see; which row is the worst."""

    target: Target
    labels: tuple[str, ...]
    golds: list[Any]
    values: Any
    scores: Any
    scored: Scored
    inputs: list[Any]
    metric: str
    worst: int
    handed: Any
    described: dict[str, Any]
    baselines: tuple[str, ...]


TEXTS = ["river mark0", "stone mark1", "market mark1"]
CASES = [
    Case(
        Classes(), ("no", "yes"), [0, 1, 1], SCORES.argmax(1), SCORES,
        Scored(np.array([0, 1, 1]), SCORES.argmax(1), SCORES, ("no", "yes")),
        TEXTS, "accuracy", 2, "no", {"no": 1, "yes": 2}, ("majority", "linear"),
    ),
    Case(
        Several(), ("a", "b"), [(0,), (1,), (0, 1)], SCORES > 0.5, SCORES,
        Scored(np.array([[1, 0], [0, 1], [1, 1]]) > 0, SCORES > 0.5, SCORES, ("a", "b")),
        TEXTS, "f1", 2, ["a"], {"a": 2, "b": 2}, ("majority", "linear"),
    ),
    Case(
        Numbers(), ("x", "y"), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]], np.ones((3, 2)), None,
        Scored(np.array([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]), np.ones((3, 2)), None, ("x", "y")),
        TEXTS, "r2", 2, [1.0, 4.0],
        {"x": {"mean": 2.0, "sd": np.std([1, 2, 3]), "least": 1.0, "most": 3.0},
         "y": {"mean": 5.0, "sd": np.std([4, 5, 6]), "least": 4.0, "most": 6.0}},
        ("mean", "linear"),
    ),
    Case(
        Tags(), ("D", "N"), [[0, 1], [0, -100], [1]], [np.array([0, 0]), np.array([0, 0]), [1]],
        [np.array([[0.9], [0.8]]), np.array([[0.9], [0.9]]), np.array([[0.7]])],
        Scored([np.array([0, 1]), np.array([0]), np.array([1])],
               [np.array([0, 0]), np.array([0]), np.array([1])], None, ("D", "N")),
        [["the", "river"], ["the", "?"], ["stone"]], "accuracy", 0, ["D", "N"], {"D": 2, "N": 2},
        ("majority", "most frequent tag"),
    ),
    Case(
        Texts(), (), ["a b c", "d", "e f"], ["a b c", "x", "e g"], None,
        Scored(["a b c", "d", "e f"], ["a b c", "x", "e g"], None, ()),
        TEXTS, "wer", 1, "a b c", {}, (),
    ),
    Case(
        AnswerSpans(), (), ["", "", ""], ["river", "", "x"], None,
        Scored([["River", "river"], [], ["the stone"]], ["river", "", "x"], None, ()),
        TEXTS, "f1", 2, ["River", "river"], {}, (),
    ),
    Case(
        Losses(), (), ["a", "b", "c"], ["a", "b", "c"], None,
        Scored(["a", "b", "c"], ["a", "b", "c"], np.array([[1.0, 2], [8.0, 2], [3.0, 2]]), ()),
        TEXTS, "perplexity", 1, "a", {}, (),
    ),
]  # fmt: skip
BY_NAME = {case.target.name: case for case in CASES}


def test_these_are_all() -> None:
    bound = {task.target.name for task in (*tasks().values(), ClassifySeveral)}
    assert bound == BY_NAME.keys()
    assert {find(name).target for name in BUILT_IN if name != "glue"} <= BY_NAME.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.target.name)
def test_metrics(case: Case) -> None:
    target = case.target
    assert case.metric in names_for(target)
    for name in names_for(target):
        assert find(name, None, target).target == target.name
    [metric] = choose_metrics([Spec("H", case.metric)], (), target)
    assert point_values([metric], case.scored)
    if target.metric_by_length is not None:
        assert target.metric_by_length in names_for(target)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.target.name)
def test_what_a_users_own_metric_sees(case: Case) -> None:
    golds = [case.target.handed(gold, case.labels.__getitem__) for gold in case.scored.gold]
    assert golds[0] == case.handed
    specimens = case.target.specimens(len(case.labels))
    assert len(specimens) >= 2
    handed = [case.target.handed(one, case.labels.__getitem__) for one in specimens]
    if case.target.name != "answers":  # Its predictions are texts, its gold values lists of them.
        assert {type(one) for one in handed} == {type(golds[0])}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.target.name)
def test_order_classes_and_confidence(case: Case) -> None:
    target, scored = case.target, case.scored
    assert target.in_order_of(scored, scored.names) is scored
    assert list(target.per_class(scored)) == (
        list(case.labels) if {"classes", "tags of words", "multi-label classes"} & {target.name}
        else []
    )  # fmt: skip
    made = target.confidence(scored)
    if made is not None:
        found = calibration(*made)
        assert found is not None and 0 <= found.error <= 1
    assert (made is not None) == (target.name in ("classes", "multi-label classes"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.target.name)
def test_gold_values_and_baselines(case: Case) -> None:
    assert case.target.described(case.golds, case.labels) == case.described
    json.dumps(case.described)
    sample = Sample(case.labels, case.golds, lambda: {"text": case.inputs})
    found = case.target.baselines(case.golds, case.labels, sample)
    assert tuple(one.name for one in found) == case.baselines
    for one in found:
        values, scores = one.predict({"text": case.inputs}, case.golds)
        assert len(values) == 3 and (scores is None or len(scores) == 3)
    # Without inputs, as of images, there is what needs none; tags are tags of words.
    of_files = case.target.baselines(case.golds, case.labels, None)
    simple = case.baselines[:1] if case.target.learner() else ()
    assert tuple(one.name for one in of_files) == simple


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.target.name)
def test_rows_worth_looking_at(case: Case) -> None:
    metric = find(case.metric, None, case.target)
    predicted = case.golds, case.values, case.scores
    found = case.target.errors(case.scored, predicted, metric, 2)
    assert len(found) <= 2 and found[0].row == case.worst
    assert all(one.remark for one in found)
    assert (found[0].word is not None) == (case.target.worst.rows == "words")
    for text in (case.target.worst.title, case.target.worst.which):
        assert text and text == text.strip()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.target.name)
def test_doubts_of_labels(case: Case) -> None:
    target = case.target
    assert (target.doubtful_from is None) == (target.learner() is None)
    if target.doubtful_from is None:
        with pytest.raises(NotImplementedError, match=target.name):
            target.belief(case.golds, np.zeros((3, 2)))
        return
    said = np.asarray(case.values if case.scores is None else case.scores)
    belief = target.belief(case.golds, said)
    doubt = target.doubt(belief)
    assert doubt.shape == (3,) and doubt.argmax() == case.worst
    # (|3 - 1| + |6 - 1|) / 2 over the standard deviation, sqrt(2 / 3).
    believed = "4.29 sd" if target.numeric else "0.400"
    assert target.belief_text(belief[2]) == believed
    # Of some rows it is measured by the spread of all.
    assert target.belief(case.golds[2:], said[2:], case.golds)[0] == belief[2]
    assert target.doubted_by


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.target.name)
def test_what_it_names_is_there(case: Case) -> None:
    assert set(case.target.plots) <= set(get_args(Plot))
    assert case.target.problems <= OF_LABELS
    assert case.target.names()[-1] == case.target.name
