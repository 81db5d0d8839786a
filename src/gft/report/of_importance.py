"""How important each column is to a model, and how covariates move it: tables and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from gft.report.cautions import cautions
from gft.report.tables import limits, number, percent, table
from gft.results.scored import called, split_that_counts

Saved: TypeAlias = Mapping[str, Any]
"""The `importance` or `directions` of a split as `metrics.json` has it."""
FEW_MOVED = 0.5
NO_CAUSE = (
    "Correlated columns share their importance. It says what this model uses of a column, not what "
    "the column causes, and it does not test the column's effect."
)
"""What permutation importance is not."""


def importance_text(metrics: Saved) -> str:
    """Return the table of columns with its sentences; nothing for a fit without covariates."""
    role = split_that_counts(metrics)
    found = metrics["splits"][role].get("importance") if role else None
    if not found or not role:
        return ""
    text = table(*importance_rows(found), right=(1,))
    sentences = [*about_importance(found, role), *about_directions(metrics["splits"][role])]
    return text + "".join(f"{one}\n" for one in sentences)


def importance_rows(found: Saved) -> tuple[tuple[str, str, str], list[tuple[str, str, str]]]:
    """Return the headers and rows of a table: a column a row, those worth most first."""
    columns = found["columns"]
    what = called(found["metric"], next(iter(columns.values())))
    ranked = sorted(columns, key=lambda name: -(columns[name]["value"] or 0))
    rows = [(name, number(columns[name]["value"]), limits(columns[name])) for name in ranked]
    return ("column", f"drop in {what} when shuffled", "95 % interval"), rows


def about_importance(found: Saved, role: str) -> list[str]:
    """Return what has to be known to read the table."""
    columns, rows = found["columns"], found["rows"]
    sentences = [
        f"Permutation importance: the drop on {rows:,} rows of {role} when the cells of a column "
        f"are shuffled and the other columns stay as they are. {NO_CAUSE}"
    ]
    within = [name for name, one in columns.items() if one["among"] == "rows of a group"]
    between = [name for name, one in columns.items() if one["among"] == "groups"]
    if within:
        sentences.append(f"Shuffled within groups: {', '.join(within)}.")
    if between:
        verb = "are" if between[1:] else "is"
        sentences.append(
            f"Shuffled as a whole between groups: {', '.join(between)}, which {verb} the same in "
            "all rows of a group."
        )
    for name, one in columns.items():
        if one["moved"] < FEW_MOVED:
            sentences.append(
                f"Only {percent(one['moved'])} of the rows got another value of {name}: the drop "
                "of a column that varies little says little about it."
            )
    return sentences + cautions(columns.values())


def about_directions(split: Saved) -> list[str]:
    """Return a sentence for each covariate: which way it moves the predictions."""
    found = split.get("directions", {})
    if not found:
        return []
    probable = bool(split.get("classes") or split.get("calibration"))
    directions = [_direction(name, one, probable) for name, one in found.items()]
    return [f"Partial dependence, all else being equal: {'; '.join(directions)}."]


def _direction(name: str, found: Saved, probable: bool) -> str:
    averages = found["averages"]
    label = max(averages, key=lambda one: max(averages[one]) - min(averages[one]))
    values, means = found["values"], averages[label]
    what = f"the probability of {label}" if probable else f"predicted {label}"
    shown = [f"{one:.3f}" if probable else f"{one:.4g}" for one in means]
    if not found["numeric"]:
        high, low = means.index(max(means)), means.index(min(means))
        return (
            f"{what} is highest for {name} {values[high]} ({shown[high]}) and lowest for "
            f"{values[low]} ({shown[low]})"
        )
    verb = "rises" if means[-1] > means[0] else "falls"
    turn = next((n for n in _turns(means)), None)
    by_way = f", by way of {shown[turn]} at {values[turn]:g}" if turn is not None else ""
    return (
        f"{what} {verb} from {shown[0]} to {shown[-1]}{by_way} as {name} goes from "
        f"{values[0]:g} to {values[-1]:g}"
    )


def _turns(means: Sequence[float]) -> Iterator[int]:
    """Yield where averages are beyond both ends by a tenth of their span, the farthest first."""
    low, high = sorted((means[0], means[-1]))
    beyond = [max(low - one, one - high, 0.0) for one in means]
    for n in sorted(range(len(means)), key=lambda index: -beyond[index]):
        if beyond[n] > 0.1 * (max(means) - min(means)):
            yield n
