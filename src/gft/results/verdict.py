"""Remarks that come before any metric: a fit that always answers the same, or is not the best."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gft.baselines.constant import CONSTANT
from gft.baselines.protocol import COVARIATES, LINEAR, WORDS
from gft.digits import in_digits
from gft.language.spec import Spec
from gft.metrics.protocol import Measure
from gft.results.measured import Outcome
from gft.results.scored import called, of_one_seed, split_that_counts
from gft.suppliers.installed import letters
from gft.targets.protocol import AnswerCounts, NumberSpread, Usual

NEARLY = 0.02
"""With another answer in at most so many rows, nearly all have the same."""
MISSED = 5
"""So many times as many rows should have had another answer."""
SAME_NUMBER = 0.05
"""Numbers that spread less than so much of what the gold values do are nearly one number."""


ALONE = (
    "To use the covariates alone: the same gft_fit without --model and without the columns of text."
)
CALLED = {
    LINEAR: "The linear model",
    COVARIATES: "The linear model of the covariates alone",
    WORDS: "The linear model of the words alone",
}


@dataclass(frozen=True)
class Advice:
    """What to do of a model: one that is trained, or a linear one, which is what it is."""

    of_answers: str
    of_constant: str
    of_others: str


OF_NETS = Advice(
    "Fit longer, with another learning rate or a larger model",
    "fit longer, or with another learning rate",
    "use it, or fit longer, with a larger model",
)
OF_LINEAR = Advice(
    "Give more rows, above all of what is rare, judge by another metric (f1 rather than accuracy), "
    "or fit a net",
    "give more rows, or fit a net",
    "use it, or fit a net",
)


def verdict(
    outcome: Outcome, metrics: Mapping[str, Any], greater_is_better: bool, net: bool = True
) -> list[str]:
    """Return sentences for anyone on the split that counts, none where there is nothing to warn of.

    They say that the model gives one answer for all rows, or nearly all, and that a baseline is
    better: the paired interval of the difference in the selection metric is wholly on its side.
    `metrics` are those of the fit; more of its selection metric may be worse. Without a `net`
    there is nothing to fit longer.
    """
    role = split_that_counts(metrics)
    if role is None:
        return []
    scored, target = outcome.scored(role), outcome.task.target
    if len(scored) < 2:  # One row is right or wrong, whatever the model has learned.
        return []
    given = target.answer_counts(scored) or target.spread(scored)
    measures = [one for metric in outcome.metrics for one in metric.measures(scored.names)]
    return sentences(given, metrics, role, greater_is_better, measures, net)


def sentences(
    given: AnswerCounts | NumberSpread | None,
    metrics: Mapping[str, Any],
    role: str,
    greater_is_better: bool,
    measures: Sequence[Measure] = (),
    net: bool = True,
) -> list[str]:
    """Return what `verdict` does, of the answers that were given on `role`.

    `metrics` has the selection metric of that split, and of baselines with the differences. A
    constant for which that is undefined is compared by the first of `measures` that is not.
    """
    advice = OF_NETS if net else OF_LINEAR
    found = [] if given is None else [_of_answers(given, role, advice)]
    sign = 1 if greater_is_better else -1
    lost = [(name, metrics["figure_of_merit"]) for name in _better_baselines(metrics, role, sign)]
    lost = lost or _better_by_others(metrics, role, measures)
    return [one for one in (*found, _of_baselines(metrics, role, lost, advice)) if one]


def leading_remarks(
    metrics: Mapping[str, Any], greater_is_better: bool, folder: str = "FOLDER"
) -> list[str]:
    """Return the remarks on a fit in `folder` that come first, and how to use what is better.

    More of its selection metric may be worse.
    """
    role, remarks = split_that_counts(metrics), list(metrics.get("verdict", ()))
    if role is not None:
        remarks.append(what_to_do(metrics, role, greater_is_better, folder))
    remarks = [one for one in remarks if one]
    return [*remarks, *(of_one_seed("This is", metrics) if remarks else [])]


def what_to_do(metrics: Mapping[str, Any], role: str, greater_is_better: bool, folder: str) -> str:
    """Return how a linear model is used where it is better on `role`, else nothing.

    `metrics` has what `sentences` needs; the net is in `folder`.
    """
    better = _better_baselines(metrics, role, 1 if greater_is_better else -1)
    if LINEAR not in better:
        return ALONE if COVARIATES in better else ""
    kept = metrics["baselines"][LINEAR].get("kept")
    if kept is None:
        return (
            "To use the linear model: the same gft_fit with --keep_baseline keeps it, in seconds; "
            "the net is not trained again."
        )
    location = Spec(letters().of_paths, f"{folder}/{kept}")
    return f"To use the linear model: gft_predict --model {shlex.quote(str(location))}"


def _of_answers(given: AnswerCounts | NumberSpread, role: str, advice: Advice) -> str:
    sentence, what = "", ""
    if isinstance(given, NumberSpread):
        sentence, what = _one_number(given, role), "the rows"
    else:
        usual = given.usual()
        sentence, what = _one_answer(usual, role) if usual else "", "the classes"
    if not sentence:
        return ""
    return (
        f"{sentence}: it has not learned to distinguish {what}. {advice.of_answers}, "
        "and check the labels and the inputs."
    )


def _one_answer(usual: Usual, role: str) -> str:
    others, missed = usual.rows - usual.predicted, usual.rows - usual.gold
    if (
        usual.rows < 2
        or not missed
        or (others and (others > NEARLY * usual.rows or missed < MISSED * others))
    ):
        return ""
    rows = f"{usual.rows:,} {usual.counted}"
    where = f"{usual.predicted:,} of {rows}" if others else f"all {rows}"
    return f"The model answers {usual.answer} for {where} of {role}, of which {usual.gold:,} are"


def _one_number(spread: NumberSpread, role: str) -> str:
    """Return that all predictions are nearly one number, of some output; else nothing."""
    predicted, gold = spread.deviations()
    flat = [n for n, of_gold in enumerate(gold) if predicted[n] < SAME_NUMBER * of_gold]
    if spread.rows < 2 or not flat:
        return ""
    n = flat[0]
    output = f" of {spread.names[n]}" if len(spread.names) > 1 else ""
    return (
        f"The model predicts nearly the same number{output} for all {spread.rows:,} rows of "
        f"{role}, about {spread.predicted.mean[n]:.4g} (their standard deviation is "
        f"{predicted[n]:.2g}, that of the gold values {gold[n]:.2g})"
    )


def _better_baselines(metrics: Mapping[str, Any], role: str, sign: int) -> list[str]:
    """Return the names of the baselines that are significantly better than the model."""
    merit = metrics["figure_of_merit"]
    return [
        name for name in metrics.get("baselines", {}) if _lost(metrics, role, name, merit, sign)
    ]


def _better_by_others(
    metrics: Mapping[str, Any], role: str, measures: Sequence[Measure]
) -> list[tuple[str, str]]:
    """Return the constants that have no selection metric, and are better by another metric."""
    found, merit = [], metrics["figure_of_merit"]
    for name, one in metrics.get("baselines", {}).items():
        theirs = one["splits"][role]["metrics"]
        if name not in CONSTANT or theirs.get(merit) is not None:
            continue
        for measure in measures:
            if theirs.get(measure.name) is not None:
                sign = 1 if measure.greater_is_better else -1
                if _lost(metrics, role, name, measure.name, sign):
                    found.append((name, measure.name))
                break
    return found


def _lost(metrics: Mapping[str, Any], role: str, name: str, metric: str, sign: int) -> bool:
    """Say whether the interval of a difference is wholly on the baseline's side.

    Of few rows it is unreliable, and says so: only a constant counts then.
    """
    difference = metrics["baselines"][name]["splits"][role]["differences"][metric]
    nearest = difference["high" if sign > 0 else "low"]
    if nearest is None or ("caveat" in difference and name not in CONSTANT):
        return False
    return bool(sign * nearest < 0)


def _of_baselines(
    metrics: Mapping[str, Any], role: str, lost: Sequence[tuple[str, str]], advice: Advice
) -> str:
    """Return that a baseline is better: of those that `lost` names, each with the metric."""
    if not lost:
        return ""
    name, by = next((one for one in lost if one[0] == LINEAR), lost[-1])
    baseline, score = metrics["baselines"][name], metrics["splits"][role]["metrics"][by]
    theirs = baseline["splits"][role]["metrics"][by]
    difference = baseline["splits"][role]["differences"][by]
    scores = (
        f"{called(by, score)} {in_digits(theirs)} on {role}, the model's "
        f"{in_digits(score['value'])}; "
        f"95 % interval of the difference {in_digits(difference['low'], signed=True)} to "
        f"{in_digits(difference['high'], signed=True)}"
    )
    scores += f"; {difference['caveat']}" if "caveat" in difference else ""
    if name in CONSTANT:
        return (
            f"The same answer for every row, {baseline['what']}, is better on these rows "
            f"({scores}): the model is of no use yet; {advice.of_constant}."
        )
    which = CALLED.get(name, f"The baseline {name} {baseline['what']}")
    return f"{which} is better on these rows ({scores}): {advice.of_others}."
