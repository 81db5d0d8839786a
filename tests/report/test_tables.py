"""Tables on the terminal, and numbers as text."""

from __future__ import annotations

from typing import Any

import pytest

from gft.report import tables
from gft.report.of_models import models_table
from gft.report.of_seeds import seeds_table

NOTHING = {"value": None, "low": None, "high": None}


def score(value: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high}


def metrics(**splits: dict[str, Any]) -> dict[str, Any]:
    plain = {"rows": 1200, "chose_the_epoch": False, "optimistic": False}
    return {
        "figure_of_merit": "accuracy",
        "splits": {role: {**plain, **split} for role, split in splits.items()},
    }


def test_a_table_is_aligned_and_data_is_no_markup() -> None:
    text = tables.table(("name", "rows"), [("[bold]a", "5"), ("b", "1,000")], right=(1,))
    head, line, first, second = text.splitlines()
    assert head.split() == ["name", "rows"] and set(line.strip()) <= {"─", "╶", " ", "-"}
    assert first.startswith("[bold]a") and first.index("5") == second.index(",000") + 3


def test_numbers_intervals_and_shares() -> None:
    assert (tables.number(0.5), tables.number(None)) == ("0.5000", "undefined")
    assert tables.limits(score(0.2, 0.1, 0.25)) == "0.1000 to 0.2500"
    assert tables.limits(score(0.2, -0.1, 0.25), signed=True) == "-0.1000 to +0.2500"
    assert tables.limits(NOTHING) == ""
    assert tables.percent(0.1234) == "12.3 %"
    assert tables.facts({"A": "1", "Longer": "2"}) == "A:      1\nLonger: 2\n"


def test_metrics_of_a_fit_say_what_is_biased() -> None:
    both = {"accuracy": score(0.8, 0.7, 0.9), "f1": NOTHING}
    text = tables.metrics_of_fit(
        metrics(val={"metrics": both, "chose_the_epoch": True}, test={"metrics": both})
    )
    assert text.index("test (1,200 rows)") < text.index("val, chose the epoch (1,200 rows)")
    rows = [line.split() for line in text.splitlines()]
    assert ["accuracy", "*", *["0.8000", "0.7000", "to", "0.9000"] * 2] in rows
    assert ["f1", "undefined", "undefined"] in rows
    assert "val chose the epoch: its scores are optimistically biased." in text
    assert "No split was scored" in tables.metrics_of_fit(metrics())


def test_metrics_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"mean_squared_error": score(0.8, 0.7, 0.9), "f1": NOTHING}
    found = metrics(val={"metrics": both, "chose_the_epoch": True}, test={"metrics": both})
    monkeypatch.setattr(tables, "_width", lambda: 80)
    lines = [line.split() for line in tables.metrics_of_fit(found).splitlines()]
    assert ["mean_squared_error", *["0.8000", "[0.700,", "0.900]"] * 2] in lines
    assert ["f1", "undefined", "undefined"] in lines


def test_remarks_on_metrics() -> None:
    grouped = metrics(test={"metrics": {}, "groups": 40, "optimistic": True})
    remarks = tables.remarks_on_metrics(grouped)
    told = "are resampled, not single rows; the 1,200 rows of test are 40 groups."
    assert any(remark.endswith(told) for remark in remarks)
    assert any("test is not held out here" in remark for remark in remarks)


def test_the_rows_that_train_lacks_in_the_selection_metric_alone() -> None:
    shared = {"rows": 200, "same_inputs": 200, "near": 0,
              "metrics": {"accuracy": score(0.6, 0.5, 0.7), "f1": score(0.9)}}  # fmt: skip
    scores = {"accuracy": score(0.8, 0.7, 0.9), "f1": score(0.95)}
    text = tables.metrics_of_fit(metrics(test={"metrics": scores, "shared_with_train": shared}))
    assert (
        "200 of the 1,200 rows of test are also in train: its scores are optimistically biased. "
        "On the other 1,000, accuracy is 0.6000 (0.5000 to 0.7000)."
    ) in text.splitlines()
    assert text.count("f1") == 1


def test_a_baseline_is_shown_in_one_metric() -> None:
    split = {"rows": 9, "metrics": {"r": None, "mse": 2.0, "accuracy": 0.5}, "differences": {
        "r": NOTHING, "mse": score(-1.0), "accuracy": score(0.3)}}  # fmt: skip
    without = {**split, "metrics": {**split["metrics"], "accuracy": None}}
    found = metrics(test={"metrics": {"accuracy": score(0.8)}})
    found["baselines"] = {"linear": {"splits": {"test": split}},
                          "mean": {"splits": {"test": without}}}  # fmt: skip
    shown = [line.split()[:3] for line in tables.baselines_table(found).splitlines()][2:]
    assert shown == [["linear", "accuracy", "0.5000"], ["mean", "mse", "2.0000"]]


def test_baselines_and_the_line_on_the_linear_one() -> None:
    split = {"rows": 9, "metrics": {"accuracy": 0.5}, "differences": {
        "accuracy": score(0.3, 0.1, 0.5)}}  # fmt: skip
    found = metrics(test={"metrics": {"accuracy": score(0.8)}})
    found["baselines"] = {"linear": {"splits": {"test": split}}}
    row = ["linear", "accuracy", "0.5000", "+0.3000", "+0.1000", "to", "+0.5000"]
    assert row in [line.split() for line in tables.baselines_table(found).splitlines()]
    line = tables.against_linear(found)
    assert "accuracy 0.5000 on test" in line
    assert "The model's difference is +0.3000 (95 % interval +0.1000 to +0.5000).\n" in line
    split["differences"] = {"accuracy": score(0.3, -0.1, 0.5)}
    assert "-0.1000 to +0.5000): not significant" in tables.against_linear(found)
    split["differences"] = {"accuracy": score(0.0, 0.0, 0.0)}
    assert "give every row the same answer" in tables.against_linear(found)
    assert "as for two models that answer alike." in tables.baselines_table(found)
    split["differences"] = {"accuracy": NOTHING}
    assert tables.against_linear(found) == ""
    assert tables.baselines_table(metrics()) == ""


@pytest.mark.parametrize("split, place", [
    ("test", "test of d"), ("__select_from_train__", "val (taken out of train) of d"),
])  # fmt: skip
def test_an_evaluation_for_people_and_programs(split: str, place: str) -> None:
    found = {"model": "m", "data": "d", "split": split, "rows": 1200,
             "metrics": {"f1": score(0.5, 0.4, 0.6)}}  # fmt: skip
    assert tables.evaluation_table(found, plain=True) == "f1\t0.5000\t0.4000 to 0.6000\n"
    assert tables.evaluation_table(found, plain=False).startswith(f"m on {place}, 1,200 rows\n")


FEW = "only 6 rows of irony: this interval is unreliable"


def test_unreliable_intervals_are_marked_and_explained_once() -> None:
    doubtful = {**score(0.4, 0.1, 0.9), "positive_label": "irony", "caveat": FEW}
    assert tables.limits(doubtful) == "0.1000 to 0.9000 (!)"
    assert tables.limits({**NOTHING, "caveat": FEW}) == "(!)"
    both = {"accuracy": score(0.8, 0.7, 0.9), "f1": doubtful, "recall": doubtful}
    found = metrics(test={"metrics": both})
    split = {"rows": 9, "metrics": {"f1": 0.5}, "differences": {"f1": doubtful}}
    found["baselines"] = {"linear": {"splits": {"test": split}}}
    found["seeds"] = {"seeds": [1, 2], "chosen": 1, "chosen_by": None, "splits": {"test": {
        "rows": 1200, "metrics": {"f1": {**doubtful, **dict.fromkeys(
            ("mean", "sd", "least", "most"), 0.4)}}}}}  # fmt: skip
    saved = {"model": "m", "data": "d", "split": "test", "rows": 1200, "metrics": both}
    for text in (
        tables.metrics_of_fit(found),
        tables.evaluation_table(saved, plain=False),
        tables.baselines_table(found),
        seeds_table(found),
        models_table([saved], plain=False),
    ):
        marked = [line for line in text.splitlines() if line.startswith("(!) ")]
        assert marked == [f"(!) {FEW}."], text
        assert text.count("(!)") > 1
    two = metrics(test={"metrics": {"f1": score(0.8, 0.7, 0.9)}}, val={"metrics": {"f1": doubtful}})
    assert f"(!) val: {FEW}." in tables.metrics_of_fit(two).splitlines()
    lines = [line.split() for line in tables.metrics_of_fit(found).splitlines()]
    assert ["accuracy", "*", "0.8000", "0.7000", "to", "0.9000"] in lines
    found["figure_of_merit"] = "f1"
    assert tables.against_linear(found).count("(!)") == 1
