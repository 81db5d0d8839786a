"""Metrics by subgroup (`--by`): a table of each column, and what its differences mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gft.errors import counted, listed
from gft.metrics.subgroups import FEWEST_GROUPS, FEWEST_ROWS, SIGNIFICANCE
from gft.report.cautions import MARK, cautions
from gft.report.tables import (
    evaluation_table,
    limits,
    number,
    table,
    with_limits,
)
from gft.results.scored import called, of_one_seed, split_that_counts

MOST_CAUTIONS = 3
"""More marks than that are explained together."""
BY_SEED = "The metrics by subgroup are"
"""The subject of the remark that metrics are of one seed alone."""
Saved = Mapping[str, Any]
"""The subgroups of a column as JSON: `values`, `differences`, `comparisons`."""


def subgroups_text(by: Mapping[str, Saved]) -> str:
    """Return a table for each column of `--by`, with sentences below; empty where there is none."""
    parts = []
    for column, found in by.items():
        headers, rows = subgroup_rows(column, found)
        parts.append(table(headers, rows, right=(1,)))
        parts += [f"{one}\n" for one in about_subgroups(column, found)]
        parts.append("\n")
    return "".join(parts) + "".join(f"{one}\n" for one in about_tests(by))


def evaluation_text(found: Mapping[str, Any], plain: bool) -> str:
    """Return the metrics of one saved evaluation, with those by subgroup; `plain` as tsv.

    With subgroups a plain row begins with the column and the value, which are empty for all rows.
    """
    text, by = evaluation_table(found, plain), found.get("by", {})
    if not by:
        return text
    if plain:
        every = "".join(f"\t\t{line}" for line in text.splitlines(keepends=True))
        return every + "".join("\t".join(line) + "\n" for line in subgroup_lines(by))
    return f"{text}\n{subgroups_text(by)}"


def subgroups_of_fit(metrics: Mapping[str, Any]) -> str:
    """Return the subgroups of the split that counts, as `subgroups_text` tells them."""
    role = split_that_counts(metrics)
    text = subgroups_text(metrics["splits"][role].get("by", {})) if role else ""
    return text and "".join(f"{one}\n" for one in of_one_seed(BY_SEED, metrics)) + text


def subgroup_rows(column: str, found: Saved) -> tuple[list[str], list[list[str]]]:
    """Return the headers and rows of a table: a value a row, with each metric and its interval."""
    values = found["values"]
    names = {
        called(name, score): name
        for one in values.values()
        for name, score in one["metrics"].items()
    }
    grouped = any("groups" in one for one in values.values())
    headers = [column, "rows", *(["groups"] if grouped else []), *names]
    rows = []
    for value, one in values.items():
        groups = [f"{one['groups']:,}"] if grouped else []
        cells = [with_limits(one["metrics"][name]) for name in names.values()]
        rows.append([value, f"{one['rows']:,}", *groups, *cells])
    return headers, rows


def subgroup_lines(by: Mapping[str, Saved]) -> Iterator[tuple[str, ...]]:
    """Yield column, value, metric, its value and interval as text, for programs."""
    for column, found in by.items():
        for value, one in found["values"].items():
            for name, score in one["metrics"].items():
                what = called(name, score)
                line = (column, value, what, number(score["value"]), limits(score))
                yield tuple(" ".join(cell.split()) for cell in line)  # No tab, no line's end.


def about_subgroups(column: str, found: Saved) -> list[str]:
    """Return sentences on the differences of a column, for anyone, and what its marks stand for."""
    gaps = found["differences"]
    beyond = [gap for gap in gaps if gap["significant"]]
    named = {gap["metric"] for gap in beyond}
    within = [gap for gap in gaps if gap["metric"] not in named]
    sentences = [_significant(found, gap) for gap in _by_metric(beyond)]
    if within:
        sentences.append(_not_significant(column, found, within))
    left = [
        f"{value} ({counted(one['rows'], 'row')}"
        + (f" of {counted(one['groups'], 'group')})" if "groups" in one else ")")
        for value, one in found["values"].items()
        if not one["compared"]
    ]
    if left:
        grouped = any("groups" in one for one in found["values"].values())
        needed = f"{FEWEST_ROWS} rows" + (f" of {FEWEST_GROUPS} groups" if grouped else "")
        sentences.append(
            f"Not compared: {listed(left)}; a comparison needs {needed} of each value."
        )
    elif not found["differences"]:
        sentences.append(f"There is nothing to compare: no two values of {column} share a metric.")
    shown = [score for one in found["values"].values() for score in one["metrics"].values()]
    marked = cautions([*shown, *(gap["difference"] for gap in gaps if _apart(gap))])
    if len(marked) > MOST_CAUTIONS:
        marked = [f"{MARK} too few rows, or too few of a class: these intervals are unreliable."]
    return sentences + marked


def about_tests(by: Mapping[str, Saved]) -> list[str]:
    """Return what has to be known to read the sentences on differences; none without any."""
    count = sum(len(found["differences"]) for found in by.values())
    if not count:
        return []
    tests = max(found["comparisons"] for found in by.values())
    every = (
        f"Significant means p < {SIGNIFICANCE:.2f} after correction for all {tests:,} comparisons "
        "(Holm). Each interval is that of one comparison alone. "
    )
    return [
        f"{every if tests > 1 else ''}A significant difference says where the model is worse, "
        "not why: the rows may be harder, or train may have fewer like them. One that is not "
        "significant may still be real: few rows show only large differences."
    ]


def _by_metric(gaps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return differences metric by metric, of each the largest first."""
    order = list(dict.fromkeys(gap["metric"] for gap in gaps))
    return sorted(gaps, key=lambda gap: (order.index(gap["metric"]), -gap["difference"]["value"]))


def _significant(found: Saved, gap: Mapping[str, Any]) -> str:
    better, worse = _ranked(gap)
    what = called(gap["metric"], gap["difference"])
    return (
        f"{what}: the model is better for {_of(found, gap, better)} than for "
        f"{_of(found, gap, worse)}. The difference of {_numbers(gap)} is significant."
    )


def _not_significant(column: str, found: Saved, gaps: Sequence[Mapping[str, Any]]) -> str:
    names = listed(called(gap["metric"], gap["difference"]) for gap in gaps)
    shown = [gap for gap in gaps if _apart(gap)]
    none = f"{names}: no difference between values of {column}"
    if not shown:
        return f"{none}."
    largest = "; ".join(
        (f"in {called(gap['metric'], gap['difference'])} " if len(gaps) > 1 else "")
        + f"{_numbers(gap)} between "
        + " and ".join(_of(found, gap, value) for value in gap["between"])
        for gap in shown
    )
    sure = all("caveat" not in gap["difference"] for gap in shown)
    which = "The largest with enough rows" if sure else "The largest"
    return f"{none} is significant. {which} {'are' if len(shown) > 1 else 'is'} {largest}."


def _apart(gap: Mapping[str, Any]) -> bool:
    """Say whether a difference is one in the digits that are shown."""
    return bool(round(gap["difference"]["value"], 4))


def _ranked(gap: Mapping[str, Any]) -> Sequence[str]:
    """Return the value for which the model is better, then the other one."""
    more, less = gap["between"]
    return (more, less) if gap["greater_is_better"] else (less, more)


def _of(found: Saved, gap: Mapping[str, Any], value: str) -> str:
    one = found["values"][value]
    score = number(one["metrics"][gap["metric"]]["value"])
    return f"{value} ({score} on {counted(one['rows'], 'row')})"


def _numbers(gap: Mapping[str, Any]) -> str:
    difference, p = gap["difference"], gap["p_adjusted"]
    mark = f" {MARK}" if "caveat" in difference else ""
    return (
        f"{number(difference['value'])} (95 % interval {number(difference['low'])} to "
        f"{number(difference['high'])}{mark}; p {'<' if p < 0.001 else '='} {max(p, 0.001):.3f})"
    )
