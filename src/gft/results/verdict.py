"""What has to be said of a fit before any figure: that it answers one thing, or is not the best."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from gft.baselines.constant import CONSTANT
from gft.baselines.protocol import LINEAR
from gft.results.measured import Outcome
from gft.results.scored import called, of_one_seed, split_that_counts
from gft.targets.protocol import AnswerCounts, Usual

NEARLY = 0.02
"""With another answer in at most so many rows, nearly all have the same."""
MISSED = 5
"""So many times as many rows should have had another answer."""


def verdict(outcome: Outcome, metrics: Mapping[str, Any], greater_is_better: bool) -> list[str]:
    """Return sentences for anyone on the split that counts, none where there is nothing to warn of.

    They say that the model gives one answer for all rows, or nearly all, and that a baseline is
    better: the paired interval of the difference in the figure of merit is wholly on its side.
    `metrics` are those of the fit; more of its figure of merit may be worse.
    """
    role = split_that_counts(metrics)
    if role is None:
        return []
    counts = outcome.task.target.answer_counts(outcome.scored(role))
    return sentences(counts, metrics, role, greater_is_better)


def sentences(
    counts: AnswerCounts | None, metrics: Mapping[str, Any], role: str, greater_is_better: bool
) -> list[str]:
    """Return what `verdict` does, of the answers that were given on `role`.

    `metrics` has the figure of merit of that split, and of baselines with the differences.
    """
    usual = counts.usual() if counts else None
    found = [] if usual is None else [_of_answers(usual, role)]
    lost = _better_baselines(metrics, role, 1 if greater_is_better else -1)
    return [one for one in (*found, _of_baselines(metrics, role, lost)) if one]


def said_first(
    metrics: Mapping[str, Any], greater_is_better: bool, folder: str = "FOLDER"
) -> list[str]:
    """Return what has to be said of a fit in `folder`, and how to use what is better than it.

    More of its figure of merit may be worse.
    """
    role, told = split_that_counts(metrics), list(metrics.get("verdict", ()))
    if role is not None:
        told.append(what_to_do(metrics, role, greater_is_better, folder))
    told = [one for one in told if one]
    return [*told, *(of_one_seed("This is said", metrics) if told else [])]


def what_to_do(metrics: Mapping[str, Any], role: str, greater_is_better: bool, folder: str) -> str:
    """Return how the linear model is used where it is better on `role`, else nothing.

    `metrics` has what `sentences` needs; the net is in `folder`.
    """
    if LINEAR not in _better_baselines(metrics, role, 1 if greater_is_better else -1):
        return ""
    kept = metrics["baselines"][LINEAR].get("kept")
    if kept is None:
        return (
            "To use the linear model: the same gft_fit with --keep_baseline keeps it, in seconds; "
            "the net is not trained again."
        )
    return f"To use the linear model: gft_predict --model {shlex.quote(f'C:{folder}/{kept}')}"


def _of_answers(usual: Usual, role: str) -> str:
    others, missed = usual.rows - usual.said, usual.rows - usual.gold
    if not missed or (others and (others > NEARLY * usual.rows or missed < MISSED * others)):
        return ""
    rows = f"{usual.rows:,} {usual.counted}"
    where = f"{usual.said:,} of {rows}" if others else f"all {rows}"
    return (
        f"The model answers {usual.answer} for {where} of {role}, of which {usual.gold:,} are: "
        "it has not learned to tell the classes apart. Fit longer, with another learning rate or a "
        "larger model, and see that labels and inputs are what they should be."
    )


def _better_baselines(metrics: Mapping[str, Any], role: str, sign: int) -> list[str]:
    """Return the names of the baselines that are better than the model, beyond chance."""
    found = []
    for name, one in metrics.get("baselines", {}).items():
        difference = one["splits"][role]["differences"][metrics["figure_of_merit"]]
        nearest = difference["high" if sign > 0 else "low"]
        if nearest is not None and sign * nearest < 0:
            found.append(name)
    return found


def _of_baselines(metrics: Mapping[str, Any], role: str, names: list[str]) -> str:
    if not names:
        return ""
    merit = metrics["figure_of_merit"]
    name = LINEAR if LINEAR in names else names[-1]
    baseline, figure = metrics["baselines"][name], metrics["splits"][role]["figures"][merit]
    theirs = baseline["splits"][role]["figures"][merit]
    low, high = (baseline["splits"][role]["differences"][merit][end] for end in ("low", "high"))
    told = (
        f"{called(merit, figure)} {theirs:.4f} on {role}, the model's {figure['value']:.4f}; "
        f"difference {low:+.4f} to {high:+.4f}"
    )
    if name in CONSTANT:
        return (
            f"One and the same answer for every row, {baseline['what']}, is better on these rows "
            f"({told}): the model is of no use yet; fit longer, or with another learning rate."
        )
    which = "The linear model" if name == LINEAR else f"The baseline {name} {baseline['what']}"
    return f"{which} is better on these rows ({told}): use it, or fit longer, with a larger model."
