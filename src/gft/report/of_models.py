"""The table of several models on several data sets, each compared with the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gft.report.cautions import cautions
from gft.report.of_subgroups import subgroup_lines
from gft.report.tables import (
    data_and_split,
    limits,
    metric_rows,
    number,
    table,
    with_limits,
)
from gft.results.scored import called

Saved = Mapping[str, Any]
"""An evaluation, or the failure of one, as JSON."""


def models_table(found: Sequence[Saved], plain: bool) -> str:
    """Return a row for each model, best first for each data set; `plain` one for each metric.

    With subgroups a plain row names their column and value, which are empty for all rows.
    The best is bold on a terminal. A model that could not be scored says so in its row, and why
    below.
    """
    scored = [one for one in found if "metrics" in one]
    splits = list(dict.fromkeys(data_and_split(one) for one in scored))
    apart = len(splits) > 1 or len({one["data"] for one in found if one["data"]}) > 1
    paired = any("compared" in one for one in scored)
    if plain:
        by = any("by" in one for one in scored)
        return "".join(_lines(one, apart, paired, by) for one in found)
    names = list(dict.fromkeys(name for one in scored for name in _names(one)))
    rows, bold, before = [], set(), ""
    for n, one in enumerate(found):
        if "metrics" in one and data_and_split(one) != before:
            before = data_and_split(one)
            bold.add(n)
        rows.append(_row(one, names, apart, paired))
    headers = ["model", *(["data"] if apart else []), *names, "rows"]
    headers += ["difference", "p"] if paired else []
    where = f"{splits[0]}, best first" if len(splits) == 1 else "best first for each data set"
    heading = f"{where}; 95 % intervals in brackets\n" if splits else ""
    right = range(len(headers) - 2, len(headers)) if paired else ()
    return heading + table(headers, rows, right, bold if paired else ()) + _remarks(found)


def _names(one: Saved) -> list[str]:
    """Return what the metrics of an evaluation are called; those of another class are others."""
    return [called(name, score) for name, score in one["metrics"].items()]


def _row(one: Saved, names: Sequence[str], apart: bool, paired: bool) -> list[str]:
    there = [data_and_split(one) if "metrics" in one else one["data"]] if apart else []
    if "metrics" not in one:
        return [one["model"], *there, "not scored"]
    of_name = {called(name, score): score for name, score in one["metrics"].items()}
    cells = [with_limits(of_name[name]) if name in of_name else "" for name in names]
    row = [one["model"], *there, *cells, f"{one['rows']:,}"]
    if paired and "compared" in one:
        compared = one["compared"]
        row += [with_limits(compared["difference"], signed=True), p_value(compared["p_adjusted"])]
    return row


def _lines(one: Saved, apart: bool, paired: bool, by: bool) -> str:
    there = (data_and_split(one) if "metrics" in one else one["data"],) if apart else ()
    rows = metric_rows(one["metrics"]) if "metrics" in one else [("error", one["error"], "")]
    compared = one.get("compared")
    empty = ("", "", "") if paired else ()
    lines: list[tuple[str, ...]] = []
    for row in rows:
        more: tuple[str, ...] = empty
        if compared and called(compared["metric"], compared["difference"]) == row[0]:
            found = compared["difference"]
            p = "" if compared["p_adjusted"] is None else f"{compared['p_adjusted']:.6g}"
            more = (number(found["value"]), limits(found, signed=True), p)
        lines.append((*(("", "") if by else ()), *row, *more))
    lines += [(*line, *empty) for line in subgroup_lines(one.get("by", {}))]
    return "".join("\t".join((one["model"], *there, *line)) + "\n" for line in lines)


def _remarks(found: Sequence[Saved]) -> str:
    compared = [one["compared"] for one in found if "compared" in one]
    remarks = ""
    if compared:
        named = (called(one["metric"], one["difference"]) for one in compared)
        metrics = ", ".join(dict.fromkeys(named))
        tests = ", ".join(dict.fromkeys(one["test"] for one in compared if one["test"]))
        remarks = (
            f"difference: {metrics} minus the best model's on the same rows"
            + (f"; p by {tests}, adjusted for all pairs of models (Holm)" if tests else "")
            + "\n"
        )
    few = dict.fromkeys(one["p_caveat"] for one in compared if "p_caveat" in one)
    remarks += "".join(f"p: {sentence}\n" for sentence in few)
    shown = [score for one in found for score in one.get("metrics", {}).values()]
    shown += [one["difference"] for one in compared]
    remarks += "".join(f"{one}\n" for one in cautions(shown))
    reasons: dict[str, list[str]] = {}
    for one in found:
        if "metrics" not in one:
            reasons.setdefault(one["error"], []).append(one["model"] or one["data"])
    return remarks + "".join(
        f"{', '.join(dict.fromkeys(names))}: {reason}\n" for reason, names in reasons.items()
    )


def p_value(p: float | None) -> str:
    """Return a p-value as text, in three digits after the point."""
    if p is None:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"
