"""The sentences that a fit which learned nothing, or too little, begins with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gft.metrics.protocol import Measure, Scored
from gft.results.verdict import verdict
from gft.targets.classes import Classes
from gft.targets.numbers import Numbers
from gft.targets.protocol import Target
from gft.targets.several import Several
from gft.targets.tags import Tags


def outcome(gold: list[int], said: list[int]) -> Any:
    return of(Classes(), Scored(np.array(gold), np.array(said), None, ("no", "yes")))


def of(target: Target, scored: Scored) -> Any:
    task = SimpleNamespace(target=target)
    return SimpleNamespace(task=task, scored=lambda role: scored, metrics=())


def metrics(merit: str = "accuracy", **differences: tuple[float | None, float | None]) -> Any:
    def limits(low: float | None, high: float | None) -> dict[str, Any]:
        return {"metrics": {merit: 0.9}, "differences": {merit: {"low": low, "high": high}}}

    return {
        "figure_of_merit": merit,
        "splits": {"test": {"metrics": {merit: {"value": 0.7, "positive_label": "yes"}}}},
        "baselines": {name: {"what": f"what {name} is", "splits": {"test": limits(*of)}}
                      for name, of in differences.items()},
    }  # fmt: skip


LEARNED = outcome([0, 1] * 10, [0, 1] * 10)


def test_one_answer_for_all_rows() -> None:
    [told] = verdict(outcome([0, 1, 1, 0], [0, 0, 0, 0]), metrics(), True)
    assert told.startswith(
        "The model answers 'no' for all 4 rows of test, of which 2 are: it has not"
    )


def test_one_answer_for_nearly_all_rows() -> None:
    gold = [0] * 150 + [1] * 50
    [told] = verdict(outcome(gold, [0] * 198 + [1] * 2), metrics(), True)
    assert told.startswith("The model answers 'no' for 198 of 200 rows of test, of which 150 are")


@pytest.mark.parametrize(
    ("gold", "said"),
    [
        ([0] * 20, [0] * 20),  # There is nothing else to say.
        ([0] * 198 + [1] * 2, [0] * 198 + [1] * 2),  # So rare is the other class.
        ([0] * 150 + [1] * 50, [0] * 190 + [1] * 10),
    ],
)
def test_a_frequent_answer_is_not_the_only_one(gold: list[int], said: list[int]) -> None:
    assert verdict(outcome(gold, said), metrics(), True) == []


def test_a_linear_model_that_is_better() -> None:
    [told] = verdict(LEARNED, metrics(majority=(-0.2, -0.1), linear=(-0.3, -0.1)), True)
    assert told == (
        "The linear model is better on these rows (accuracy (yes) 0.9000 on test, the model's "
        "0.7000; 95 % interval of the difference -0.3000 to -0.1000): use it, or fit longer, with "
        "a larger model."
    )


def test_a_constant_that_is_better() -> None:
    [told] = verdict(LEARNED, metrics(majority=(-0.2, -0.1), linear=(-0.3, 0.1)), True)
    assert told.startswith("The same answer for every row, what majority is, is better")


def test_of_losses_less_is_better() -> None:
    assert verdict(LEARNED, metrics("loss", linear=(-0.3, -0.1)), False) == []
    [told] = verdict(LEARNED, metrics("loss", linear=(0.1, 0.3)), False)
    assert told.startswith("The linear model is better on these rows (loss")


@pytest.mark.parametrize("limits", [(-0.2, 0.0), (0.1, 0.3), (None, None)])
def test_no_remark_unless_it_is_significant(limits: tuple[float | None, float | None]) -> None:
    assert verdict(LEARNED, metrics(linear=limits), True) == []


def test_few_rows_are_no_reason_to_take_the_linear_model() -> None:
    of_few = metrics(linear=(-0.3, -0.1))
    split = of_few["baselines"]["linear"]["splits"]["test"]
    split["differences"]["accuracy"]["caveat"] = "only 12 rows"
    assert verdict(LEARNED, of_few, True) == []


def test_a_model_that_is_no_net_is_not_fitted_longer() -> None:
    [told] = verdict(outcome([0, 1, 1, 0], [0, 0, 0, 0]), metrics(), True, net=False)
    assert "Give more rows" in told and "onger" not in told
    [told] = verdict(LEARNED, metrics(majority=(-0.2, -0.1)), True, net=False)
    assert told.endswith("the model is of no use yet; give more rows, or fit a net.")


def regression(gold: list[float], said: list[float]) -> Any:
    def column(values: list[float]) -> Any:
        return np.array(values, dtype=float).reshape(-1, 1)

    found = of(Numbers(), Scored(column(gold), column(said), None, ("score",)))
    squares = Measure("mean_squared_error", greater_is_better=False)
    found.metrics = [SimpleNamespace(measures=lambda names: [Measure("pearson"), squares])]
    return found


def test_a_regression_that_is_worse_than_the_mean() -> None:
    """Of a constant there is no correlation: its squared errors are compared."""
    of_mean = metrics("pearson", mean=(None, None))
    split = of_mean["baselines"]["mean"]["splits"]["test"]
    split["metrics"] = {"pearson": None, "mean_squared_error": 2.0}
    split["differences"]["mean_squared_error"] = {"low": 3.0, "high": 9.0, "caveat": "only 4 rows"}
    of_mean["splits"]["test"]["metrics"]["mean_squared_error"] = {"value": 8.0}
    gold = [1.0, 2.0, 3.0, 4.0]
    [told] = verdict(regression(gold, [5.0, 4.0, 3.0, 9.0]), of_mean, True)
    assert told == (
        "The same answer for every row, what mean is, is better on these rows "
        "(mean_squared_error 2.0000 on test, the model's 8.0000; 95 % interval of the "
        "difference +3.0000 to +9.0000; only 4 rows): the model is of no use yet; fit longer, or "
        "with another learning rate."
    )
    split["differences"]["mean_squared_error"] = {"low": -1.0, "high": 9.0}
    assert verdict(regression(gold, [5.0, 4.0, 3.0, 9.0]), of_mean, True) == []


def test_nearly_one_number_for_all_rows() -> None:
    gold = [1.0, 2.0, 3.0, 4.0]
    [told] = verdict(regression(gold, [7.01, 7.0, 7.0, 6.99]), metrics("pearson"), True)
    assert told.startswith(
        "The model predicts nearly the same number for all 4 rows of test, about 7 "
    )
    assert verdict(regression([3.0] * 4, [3.0] * 4), metrics("pearson"), True) == []
    parts = [regression(gold[:1], [7.0]), regression(gold[1:], [1.0, 2.0, 5.0])]
    one, other = (Numbers().spread(part.scored("test")) for part in parts)
    whole = Numbers().spread(regression(gold, [7.0, 1.0, 2.0, 5.0]).scored("test"))
    assert one is not None and other is not None and whole is not None
    assert np.allclose((one + other).deviations(), whole.deviations())
    assert np.allclose(whole.deviations(), [[np.std([7, 1, 2, 5])], [np.std(gold)]])


def test_one_set_of_labels_for_nearly_all_rows() -> None:
    gold = np.array([[1, 0, 0], [0, 1, 1]] * 50, dtype=bool)
    said = np.array([[0, 1, 1]] * 99 + [[0, 0, 0]], dtype=bool)
    names = ("anger", "fear", "joy")
    [told] = verdict(of(Several(), Scored(gold, said, None, names)), metrics(), True)
    assert told.startswith(
        "The model answers 'fear' and 'joy' for 99 of 100 rows of test, of which 50 are: it has not"
    )
    none = Scored(gold, np.zeros_like(said), None, names)
    [told] = verdict(of(Several(), none), metrics(), True)
    assert told.startswith("The model answers no label for all 100 rows of test, of which 0 are")
    assert verdict(of(Several(), Scored(gold, gold, None, names)), metrics(), True) == []


def test_one_tag_for_nearly_all_words() -> None:
    gold = [np.array([0, 0, 1]), np.array([2, 0]), np.zeros(0, np.int64)] * 20
    said = [np.zeros(len(row), np.int64) for row in gold]
    names = ("O", "B-PER", "B-LOC")
    [told] = verdict(of(Tags(), Scored(gold, said, None, names)), metrics(), True)
    assert told.startswith("The model answers 'O' for all 100 words of test, of which 60 are")
    assert verdict(of(Tags(), Scored(gold, gold, None, names)), metrics(), True) == []
    empty = Scored([np.zeros(0, np.int64)], [np.zeros(0, np.int64)], None, names)
    assert verdict(of(Tags(), empty), metrics(), True) == []


def test_counts_of_parts_are_added() -> None:
    target = Classes()
    parts = [Scored(np.array(gold), np.array(said), None, ("no", "yes"))
             for gold, said in (([0, 1], [1, 1]), ([1, 0], [1, 0]), ([0], [0]))]  # fmt: skip
    first, second, third = map(target.answer_counts, parts)
    usual = (first + second + third).usual()
    assert usual is not None
    assert (usual.answer, usual.predicted, usual.gold, usual.rows) == ("'yes'", 3, 2, 5)


def test_numbers_have_no_usual_answer() -> None:
    assert Numbers().answer_counts(Scored([1.0], [1.0], None, ("y",))) is None
    assert verdict(LEARNED, {**metrics(), "splits": {}}, True) == []


def test_fit_summary_and_report_begin_with_it(
    tiny: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    lines = ["kind,text", *(f"{'yes' if n % 4 == 0 else 'no'},river {n}" for n in range(40))]
    for split in ("train", "test"):
        (tmp_path / f"rows.{split}").write_text("\n".join(lines) + "\n")
    out = tmp_path / "out"
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{tmp_path / 'rows'}",
              "--output_dir", out, "--eqn", "classify: kind ~ text", "--num_train_epochs", "1",
              "--learning_rate", "1e-8", "--class_weight", "no=1000")  # fmt: skip
    assert ran.status == 0, ran.err
    sentence = "for all 40 rows of test, of which "
    assert sentence in ran.out.splitlines()[0] and ran.out.count(sentence) == 1
    summary = gft("summary", f"C:{out}").out
    assert sentence in summary.splitlines()[0] and summary.count(sentence) == 1
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count(sentence) == 1 and page.index(sentence) < page.index("<main>")
