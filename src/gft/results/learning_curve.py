"""What `metrics.json` says of more rows: the fits on parts of train, their curve, a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gft.baselines.constant import CONSTANT
from gft.errors import counted
from gft.metrics.intervals import values_with_intervals
from gft.metrics.learning_curve import (
    FEWEST_SIZES,
    Forecast,
    LearningCurve,
    learning_curve,
    round_rows,
)
from gft.metrics.protocol import Metric, Scored
from gft.results.measured import Outcome
from gft.results.scored import called, split_that_counts

LITTLE = 0.01
"""A gain that is less is little: this share of the best that a metric can be, or of itself."""
WIDE = 0.05
"""Half an interval around no gain that is wider says nothing."""
LEARNED = 2
"""So many standard deviations better than one answer for every row is more than that."""
DRAWN = 20
"""So many points of the curve are kept, to be drawn, up to all rows and on to twice as many."""
NOT_LEARNED = (
    "What more labelled rows would bring cannot be estimated: most of the fits are no better than "
    "one answer for every row; with more epochs, or another learning rate, there may be a curve."
)


def curve_of_fit(outcome: Outcome, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metrics of fits on parts of train and on all of it, and what more would bring.

    The curve is that of the selection metric on the split that counts; `expected` is empty where
    there is no estimate, and `sentence` says why. `metrics` are those of the fit on all of train.
    """
    role, merit = str(split_that_counts(metrics)), metrics["figure_of_merit"]
    sizes = [*(one.rows for one in outcome.smaller or ()), len(outcome.train_golds)]
    results = [*(one.results for one in outcome.smaller or ()), outcome.results]
    scored = [{role: outcome.task.scored(*of[role]) for role in of} for of in results]
    points = [_point(outcome, *one) for one in zip(sizes, scored, strict=True)]
    found = {"split": role, "metric": merit, "points": points, "expected": [], "drawn": []}
    metric, part = _metric_of(outcome.metrics, merit, outcome.task.labels)
    each = [one[role] for one in scored]
    statistics = [metric.rows(one) for one in each]
    groups = outcome.groups.get(role)
    curve = learning_curve(metric, part, sizes, statistics, each[0].names, groups=groups)
    if curve is None:
        return {**found, "sentence": _undefined(sizes, role)}
    found["noise"] = math.sqrt(curve.noise)
    better = metric.measures(each[0].names)[part].greater_is_better
    curve = _from_where_it_learns(curve, _constant(metrics, role, merit), 1 if better else -1)
    if len(curve.rows) < FEWEST_SIZES:
        return {**found, "sentence": NOT_LEARNED}
    count = sizes[-1]
    more = list(dict.fromkeys((round_rows(count / 2), round_rows(count))))
    forecasts = [curve.at(count + one) for one in more]
    drawn = [curve.at(rows) for rows in _between(sizes[0], count, 2 * count)]
    shown = called(merit, points[-1]["splits"][role]["metrics"][merit])
    return {
        **found,
        "expected": [
            {"more_rows": one, **_saved(forecast), "difference": _less(forecast, curve)}
            for one, forecast in zip(more, forecasts, strict=True)
        ],
        "drawn": [_saved(one) for one in drawn],
        "sentence": _sentence(curve, forecasts, shown, role),
    }


def _between(first: int, last: int, end: int) -> list[int]:
    """Return numbers of rows from the first to the end by equal factors, with the last of train."""
    up, on = (last / first) ** (1 / DRAWN), (end / last) ** (1 / DRAWN)
    return [
        *(round(first * up**n) for n in range(DRAWN)),
        *(round(last * on**n) for n in range(DRAWN + 1)),
    ]


def _point(outcome: Outcome, rows: int, scored: Mapping[str, Scored]) -> dict[str, Any]:
    """Return the metrics of a fit on so many rows, with intervals, by split."""
    splits = {}
    for role, one in scored.items():
        scores = values_with_intervals(outcome.metrics, one, groups=outcome.groups.get(role))
        splits[role] = {"metrics": {score.name: score.saved() for score in scores}}
    return {"rows": rows, "splits": splits}


def _constant(metrics: Mapping[str, Any], role: str, merit: str) -> float | None:
    """Return the metric of one answer for every row, None where there is no such baseline."""
    known = [metrics["baselines"][name] for name in CONSTANT if name in metrics["baselines"]]
    return known[0]["splits"][role]["metrics"][merit] if known else None


def _from_where_it_learns(curve: LearningCurve, constant: float | None, sign: int) -> LearningCurve:
    """Return the curve without the sizes before the last at which nothing was learned yet.

    At such a size a fit is not better than one answer for every row, beyond noise: small parts may
    be too few steps for a net to begin. If it is so at the end, nothing is left.
    """
    if constant is None:
        return curve
    least = LEARNED * math.sqrt(curve.noise)
    learned = [sign * (value - constant) > least for value in curve.values]
    first = next((n for n, one in enumerate(learned) if one), len(learned))
    start = first if first == len(learned) or not first else first - 1
    return replace(curve, rows=curve.rows[start:], values=curve.values[start:])


def _metric_of(metrics: Sequence[Metric], name: str, labels: tuple[str, ...]) -> tuple[Metric, int]:
    """Return the metric that has a measure of this name, and the measure's index in it."""
    for metric in metrics:
        for place, measure in enumerate(metric.measures(labels)):
            if measure.name == name:
                return metric, place
    raise KeyError(name)


def _saved(one: Forecast) -> dict[str, Any]:
    return {"rows": one.rows, "value": one.value, "low": one.low, "high": one.high}


def _less(one: Forecast, curve: LearningCurve) -> dict[str, float]:
    """Return a forecast less what all rows reach."""
    reached = curve.values[-1]
    return {"value": one.value - reached, "low": one.low - reached, "high": one.high - reached}


def _undefined(sizes: Sequence[int], role: str) -> str:
    if len(sizes) < FEWEST_SIZES:
        return (
            f"What more labelled rows would bring cannot be estimated: {counted(sizes[-1], 'row')} "
            "of train are too few to fit parts of them."
        )
    return (
        f"What more labelled rows would bring cannot be estimated: the metric is not defined for "
        f"each of the fits on {role}, or has no interval there."
    )


def _sentence(curve: LearningCurve, forecasts: Sequence[Forecast], metric: str, role: str) -> str:
    """Return in words what more rows would bring."""
    double = _less(forecasts[-1], curve)
    scale = abs(curve.best or curve.values[-1])
    holds_none = double["low"] <= 0 <= double["high"]
    gains = [
        f"{one.rows - curve.rows[-1]:,} more {_gain(_less(one, curve), curve)}" for one in forecasts
    ]
    if holds_none and double["high"] - double["low"] > 2 * WIDE * scale:
        return (
            f"What more labelled rows would bring cannot be estimated from these fits: in "
            f"{metric}, {' and '.join(gains)}. More rows of {role} would narrow the interval."
        )
    if holds_none and abs(double["value"]) < LITTLE * scale:
        return f"More labelled rows would bring little: in {metric}, {' and '.join(gains)}."
    first = _gain(_less(forecasts[0], curve), curve, metric)
    gain = f"{forecasts[0].rows - curve.rows[-1]:,} more labelled rows would bring {first}"
    return gain + (f", {gains[1]}." if gains[1:] else ".")


def _gain(difference: dict[str, float], curve: LearningCurve, metric: str = "") -> str:
    """Return a gain with its interval: `about +0.02 (0.00 to 0.04)`."""
    width = difference["high"] - difference["low"]
    digits = max(2 if abs(curve.values[-1]) < 10 else 1, math.ceil(-math.log10(width or 1)))
    value, low, high = (round(difference[name], digits) + 0.0 for name in ("value", "low", "high"))
    what = f" {metric}" if metric else ""
    return f"about {value:+.{digits}f}{what} ({low:.{digits}f} to {high:.{digits}f})"
