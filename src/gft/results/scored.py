"""The splits that a fit is scored on, and the one that counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

SCORED = ("test", "val")
"""The splits that are scored, the one that counts first."""


def split_that_counts(metrics: Mapping[str, Any]) -> str | None:
    """Return `test` if it was scored, else `val`, else None."""
    return next((role for role in SCORED if role in metrics["splits"]), None)


Columns: TypeAlias = list[tuple[str, Mapping[str, Any]]]
"""Saved values that stand side by side, each with what they are of."""


def metric_columns(metrics: Mapping[str, Any]) -> Columns:
    """Return the metrics of each split, the one that counts first."""
    found: Columns = []
    for role in (role for role in SCORED if role in metrics["splits"]):
        split = metrics["splits"][role]
        chose = ", chose the epoch" if split["chose_the_epoch"] else ""
        found.append((f"{role}{chose} ({split['rows']:,} rows)", split["metrics"]))
    return found


def unshared_columns(metrics: Mapping[str, Any]) -> Columns:
    """Return the metrics of each split without the rows that it shares with train, if any."""
    found: Columns = []
    for role in (role for role in SCORED if role in metrics["splits"]):
        split = metrics["splits"][role]
        shared = split.get("shared_with_train")
        if shared and shared["metrics"]:
            rows = split["rows"] - shared["rows"]
            found.append((f"{role}, not shared with train ({rows:,} rows)", shared["metrics"]))
    return found


def about_shared(role: str, split: Mapping[str, Any]) -> str:
    """Return a sentence on what a split shares with train, nothing if it shares nothing."""
    shared, rows = split.get("shared_with_train"), split["rows"]
    if not shared:
        return ""
    near, same, more = shared["near"], shared["rows"], " more" if shared["same_inputs"] else ""
    nearly = f"{near:,}{more} of the {rows:,} rows of {role} " + (
        "are near-duplicates of rows of train."
        if near > 1
        else "is a near-duplicate of one of train."
    )
    if not same:
        return nearly
    also = f"{same:,} of the {rows:,} rows of {role} {'are' if same > 1 else 'is'} also in train"
    also += ", by their inputs or group" if "groups" in shared else ""
    if shared["metrics"]:
        so = f"its scores are optimistically biased. {those_given(split)}"
    else:
        so = "its scores say nothing about new rows."
    message = f"{also}: {so}"
    return f"{message} {nearly}" if near else message


def those_given(split: Mapping[str, Any]) -> str:
    """Return that the metrics of the rows that are not shared stand beside."""
    others = split["rows"] - split["shared_with_train"]["rows"]
    return f"The scores on the other {others:,} stand beside."


def called(name: str, score: Mapping[str, Any]) -> str:
    """Return what a saved value is called in tables, such as `f1 (spam)` where it is of a class.

    It may as well be the difference of two such values, or the mean of several.
    """
    label = score.get("positive_label")
    return name if label is None else f"{name} ({label})"


def alike(name: str, difference: Mapping[str, Any]) -> str:
    """Return what it says that a difference is 0 in every sample: its interval has no width."""
    return (
        f"both have the same {called(name, difference)} in every sample of these rows, as two "
        "models do that give every row the same answer"
    )


def of_one_seed(what: str, metrics: Mapping[str, Any]) -> list[str]:
    """Return the sentence that `what`, with its verb, is of one seed of a fit that has several."""
    seeds = metrics.get("seeds")
    if not seeds:
        return []
    return [f"{what} about the model of seed {seeds['chosen']} alone, the one that is kept."]


def baseline_metrics(
    metrics: Mapping[str, Any],
) -> list[tuple[str, str, float | None, Mapping[str, Any]]]:
    """Return the metrics of the baselines on the split that counts.

    Each with the baseline's name, its own, and by how much the model differs.
    """
    role = split_that_counts(metrics)
    return [
        (name, metric, value, one["splits"][role]["differences"][metric])
        for name, one in metrics.get("baselines", {}).items()
        if role in one["splits"]
        for metric, value in one["splits"][role]["metrics"].items()
    ]
