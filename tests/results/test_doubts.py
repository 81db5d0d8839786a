"""What the figures of small splits cannot tell."""

from __future__ import annotations

from gft.results.doubts import doubts


def figures(**values: tuple[float, float, float]) -> dict[str, dict[str, float]]:
    return {n: dict(zip(("value", "low", "high"), v, strict=True)) for n, v in values.items()}


def test_what_small_splits_cannot_tell() -> None:
    val = {"rows": 60, "chose_the_epoch": True, "figures": figures(accuracy=(0.85, 0.74, 0.92))}
    metrics = {"figure_of_merit": "accuracy", "splits": {"val": val}}
    history = [{"epoch": 1.0, "val_accuracy": 0.8}, {"epoch": 2.0, "val_accuracy": 0.85}]
    told = doubts(metrics, history)
    assert told[0].startswith("val (60 rows) is too small to tell epoch 2 (accuracy 0.8500) from")
    assert "differs by less than about 0.09" in told[1]
    history[0]["val_accuracy"] = 0.7
    assert len(doubts(metrics, history)) == 1
    val.update(rows=6000, figures=figures(accuracy=(0.85, 0.841, 0.859)))
    assert doubts(metrics, history) == []


def test_a_fit_that_is_not_told_from_the_linear_model() -> None:
    test = {"rows": 9000, "chose_the_epoch": False, "figures": figures(accuracy=(0.85, 0.84, 0.86))}
    linear = {"splits": {"test": {"differences": figures(accuracy=(0.01, -0.01, 0.03))}}}
    metrics = {
        "figure_of_merit": "accuracy",
        "splits": {"test": test},
        "baselines": {"linear": linear},
    }
    assert doubts(metrics, []) == [
        "test cannot tell whether the model is better or worse than the linear model: their "
        "difference in accuracy is +0.0100, and its 95 % interval, -0.0100 to +0.0300, includes 0"
    ]
    linear["splits"]["test"]["differences"] = figures(accuracy=(0.02, 0.01, 0.03))
    assert doubts(metrics, []) == []
