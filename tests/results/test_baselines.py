"""What a model is measured against."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from gft.baselines.linear import out_of_fold
from gft.data.sampling import spread_over
from gft.data.table import DataSet, Rows
from gft.language.equation import parse_equation
from gft.metrics.intervals import point_values
from gft.metrics.table import find
from gft.registry import tasks
from gft.results.baselines import MOST_ROWS, cells, fit_baselines, sample_of

WORDS = ["river", "stone", "market", "garden", "window"]


def bound(eqn: str, columns: dict[str, list[Any]]) -> tuple[Any, Rows, list[Any]]:
    rows = Rows(pa.table(columns))
    equation = parse_equation(eqn)
    data = DataSet("made", {"train": rows})
    task = tasks()[equation.task].bind(equation, data, {"train": rows})
    return task, rows, task.golds({name: rows.column(name) for name in columns})


def scores(task: Any, rows: Rows, golds: list[Any]) -> dict[str, dict[str, float]]:
    found = {}
    for one in fit_baselines(task, rows, golds):
        seen = cells(task, rows, np.arange(len(rows)))
        scored = task.scored(golds, *one.predict(seen, golds))
        metrics = [find(name, None, task.target) for name in task.metrics]
        found[one.name] = point_values(metrics, scored)
    return found


def texts(rows: int) -> tuple[list[str], list[str]]:
    random = np.random.default_rng(0)
    gold = random.choice(["good", "bad"], rows, p=[0.7, 0.3])
    sign = {"good": "lovely", "bad": "dreadful"}
    return [f"{random.choice(WORDS)} {sign[one]} {random.choice(WORDS)}" for one in gold], list(
        gold
    )


def test_the_majority_is_scikit_learns_dummy() -> None:
    text, label = texts(200)
    task, rows, golds = bound("classify: label ~ text", {"text": text, "label": label})
    found = scores(task, rows, golds)["majority"]
    theirs = DummyClassifier(strategy="prior").fit(text, golds)
    assert found["accuracy"] == theirs.score(text, golds)
    chances = theirs.predict_proba(text)[np.arange(200), golds]
    assert found["loss"] == pytest.approx(-np.log(chances).mean())


def test_the_mean_is_scikit_learns_dummy() -> None:
    text, _ = texts(100)
    size = np.random.default_rng(1).normal(size=100).tolist()
    task, rows, golds = bound("regress: size ~ text", {"text": text, "size": size})
    found = scores(task, rows, golds)["mean"]
    theirs = DummyRegressor().fit(text, size).predict(text)
    assert found["mean_squared_error"] == pytest.approx(np.mean((theirs - size) ** 2))
    assert np.isnan(found["pearson"])


def test_a_linear_model_finds_a_word() -> None:
    text, label = texts(200)
    task, rows, golds = bound("classify: label ~ text", {"text": text, "label": label})
    found = scores(task, rows, golds)
    assert found["linear"]["accuracy"] == 1
    assert found["linear"]["loss"] < found["majority"]["loss"]


def test_numbers_of_two_columns_that_are_alike_or_not() -> None:
    random = np.random.default_rng(2)
    first = [" ".join(random.choice(WORDS, 3)) for _ in range(200)]
    alike = random.random(200) < 0.5
    other = [" ".join(random.choice(WORDS, 3)) for _ in range(200)]
    second = np.where(alike, first, other).tolist()
    columns = {"a": first, "b": second, "size": [float(one) for one in alike]}
    task, rows, golds = bound("regress: size ~ a + b", columns)
    assert scores(task, rows, golds)["linear"]["pearson"] > 0.8


def test_several_labels_a_row() -> None:
    text = [f"{one} {two}" for one in WORDS for two in WORDS] * 4
    labels = [sorted(set(one.split()) - {"river"}) for one in text]
    task, rows, golds = bound("classify: labels ~ text", {"text": text, "labels": labels})
    found = scores(task, rows, golds)
    assert found["majority"]["f1_micro"] == 0
    assert found["linear"]["f1_micro"] > 0.95


def of_covariates(eqn: str) -> dict[str, dict[str, float]]:
    """Return metrics of baselines where the word says one half of the sum, and the age the other.

    One row in forty has an income a hundred times as large: no model is to stop short for it.
    """
    random = np.random.default_rng(3)
    text, label = texts(400)
    age, income = random.normal(45, 12, 400), random.lognormal(7, 0.5, 400)
    income[::40] *= 100
    total = np.array([one == "good" for one in label]) * 2.0 + (age - 45) / 8
    columns = {"text": text, "age": age.tolist(), "income": income.tolist(),
               "party": [["Con", "Lab"][n % 2] for n in range(400)],
               "size": (total + random.normal(size=400) / 4).tolist(),
               "high": ["yes" if one > 1.5 else "no" for one in total]}  # fmt: skip
    task, rows, golds = bound(eqn, columns)
    return scores(task.learned(rows, golds), rows, golds)


@pytest.mark.parametrize(
    ("left", "metric", "good"), [("classify: high", "accuracy", 0.97), ("regress: size", "r2", 0.9)]
)
def test_covariates_alone_words_alone_and_both(left: str, metric: str, good: float) -> None:
    found = of_covariates(f"{left} ~ text + num(age) + num(income) + cat(party)")
    assert [*found][1:] == ["covariates", "words", "linear"]
    assert found["linear"][metric] > good
    for alone in ("covariates", "words"):
        assert found[alone][metric] < found["linear"][metric] - 0.1
    assert found["covariates"][metric] > next(iter(found.values()))[metric] + 0.1


def test_without_covariates_there_is_one_linear_model() -> None:
    assert [*of_covariates("classify: high ~ text")] == ["majority", "linear"]


def test_tags_of_words() -> None:
    words = [["the", "river"], ["the", "stone", "runs"], ["runs", "unseen"]] * 3
    tags = [["D", "N"], ["D", "N", "V"], ["V", "N"]] * 3
    task, rows, golds = bound("classify_tokens: tags ~ words", {"words": words, "tags": tags})
    found = scores(task, rows, golds)
    assert found["majority"]["accuracy"] == pytest.approx(3 / 7)
    assert found["most frequent tag"]["accuracy"] == 1
    [_, by_word] = fit_baselines(task, rows, golds)
    [predicted] = by_word.predict({"words": [["never", "the"]]}, [None])[0]
    assert [task.labels[n] for n in predicted] == ["N", "D"]


def test_empty_texts_and_one_class_do_not_stop_a_fit() -> None:
    task, rows, golds = bound(
        "classify: label ~ text", {"text": ["", None, ""], "label": [0, 1, 0]}
    )
    assert [one.name for one in fit_baselines(task, rows, golds)] == ["majority", "linear"]
    seen = fit_baselines(task, rows, [0, 0, 0])
    assert [one.name for one in seen] == ["majority"]
    assert fit_baselines(task, rows, []) == []


def test_of_many_rows_some_are_taken() -> None:
    chosen = spread_over(10 * MOST_ROWS, MOST_ROWS)
    assert len(set(chosen)) == MOST_ROWS
    assert (chosen[0], chosen[-1]) == (0, 10 * MOST_ROWS - 1)


def test_out_of_fold_probabilities_do_not_see_the_row() -> None:
    text, label = texts(300)
    task, rows, golds = bound("classify: label ~ text", {"text": text, "label": label})
    wrong = [1 - gold if n % 20 == 0 else gold for n, gold in enumerate(golds)]
    sample, _ = sample_of(task, rows, wrong)
    scores, said = out_of_fold(task.target.learner(), sample, np.arange(300))
    assert scores.shape == (300, 2) and said is not None
    assert np.array_equal(said, golds)  # What they would say is what is right.
    of_gold = scores[np.arange(300), wrong]
    assert set(np.argsort(of_gold)[:15]) == set(range(0, 300, 20))


def test_out_of_fold_probabilities_see_no_row_of_the_same_bundle() -> None:
    text, label = texts(300)
    repeated, of_each = [one for one in text for _ in range(2)], np.repeat(np.arange(300), 2)
    labels = [one for one in label for _ in range(2)]
    task, rows, golds = bound("classify: label ~ text", {"text": repeated, "label": labels})
    wrong = [1 - gold if n // 2 % 20 == 0 else gold for n, gold in enumerate(golds)]
    sample, _ = sample_of(task, rows, wrong)
    believed = out_of_fold(task.target.learner(), sample, of_each)[0][np.arange(600), wrong]
    assert set(np.argsort(believed)[:30] // 2) == set(range(0, 300, 20))
