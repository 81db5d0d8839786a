"""What the metrics of small splits cannot tell."""

from __future__ import annotations

import numpy as np
import pytest

from gft.metrics.limits import wilson
from gft.results.doubts import DETECTED, doubts


def scores(**values: tuple[float, float, float]) -> dict[str, dict[str, float]]:
    return {n: dict(zip(("value", "low", "high"), v, strict=True)) for n, v in values.items()}


def test_what_small_splits_cannot_tell() -> None:
    val = {"rows": 60, "chose_the_epoch": True, "metrics": scores(accuracy=(0.85, 0.74, 0.92))}
    metrics = {"figure_of_merit": "accuracy", "splits": {"val": val}}
    history = [{"epoch": 1.0, "val_accuracy": 0.8}, {"epoch": 2.0, "val_accuracy": 0.85}]
    told = doubts(metrics, history)
    assert told[0] == (
        "on val (60 rows), epoch 2 (accuracy 0.8500) does not differ significantly from epoch 1 "
        "(0.8000)"
    )
    assert "if they differ by about 0.13 or more (statistical power 80 %)" in told[1]
    history[0]["val_accuracy"] = 0.7
    assert len(doubts(metrics, history)) == 1
    val.update(rows=6000, metrics=scores(accuracy=(0.85, 0.841, 0.859)))
    assert doubts(metrics, history) == []


def test_a_fit_that_does_not_differ_from_the_linear_model() -> None:
    test = {"rows": 9000, "chose_the_epoch": False, "metrics": scores(accuracy=(0.85, 0.84, 0.86))}
    linear = {"splits": {"test": {"differences": scores(accuracy=(0.01, -0.01, 0.03))}}}
    metrics = {
        "figure_of_merit": "accuracy",
        "splits": {"test": test},
        "baselines": {"linear": linear},
    }
    assert doubts(metrics, []) == [
        "on test, the model does not differ significantly from the linear model: the difference "
        "in accuracy is +0.0100 (95 % interval -0.0100 to +0.0300, which includes 0)"
    ]
    linear["splits"]["test"]["differences"] = scores(accuracy=(0.02, 0.01, 0.03))
    assert doubts(metrics, []) == []


def test_a_difference_of_that_size_is_found_in_four_of_five_splits() -> None:
    """Two models on 1000 rows, of which one is right in 85 %, and errors correlate by a half."""
    random, rows, right = np.random.default_rng(0), 1000, 0.85
    low, high = wilson(right, rows)
    worse = right - DETECTED * (high - low) / 2
    both = right * worse + 0.5 * np.sqrt(right * (1 - right) * worse * (1 - worse))
    shares = [both, right - both, worse - both, 1 - right - worse + both]
    _, only_ours, only_theirs, _ = random.multinomial(rows, shares, size=2000).T
    apart, disagree = (only_ours - only_theirs) / rows, (only_ours + only_theirs) / rows
    found = apart > 1.96 * np.sqrt((disagree - apart**2) / rows)
    assert found.mean() == pytest.approx(0.8, abs=0.04)


def test_a_useless_model_says_nothing_of_others() -> None:
    val = {"rows": 60, "chose_the_epoch": False, "metrics": scores(f1=(0.3, 0.2, 0.4))}
    metrics = {"figure_of_merit": "f1", "splits": {"val": val}}
    assert "if they differ by about 0.14 or more" in doubts(metrics, [])[0]
    assert doubts({**metrics, "verdict": ["The linear model is better."]}, []) == []
    val["metrics"] = scores(f1=(0.0, 0.0, 0.06))
    assert doubts(metrics, []) == []


def test_models_that_answer_alike() -> None:
    test = {"rows": 9000, "chose_the_epoch": False, "metrics": scores(accuracy=(0.85, 0.84, 0.86))}
    linear = {"splits": {"test": {"differences": scores(accuracy=(0.0, 0.0, 0.0))}}}
    metrics = {"figure_of_merit": "accuracy", "splits": {"test": test},
               "baselines": {"linear": linear}}  # fmt: skip
    [told] = doubts(metrics, [])
    assert "includes 0" not in told
    assert told.endswith("as two models do that give every row the same answer")
