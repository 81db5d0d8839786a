"""Tables on the terminal, and the same as tab-separated rows."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from gft.baselines.protocol import COVARIATES, LINEAR, WORDS
from gft.digits import in_digits
from gft.errors import counted, listed
from gft.language.program import SELECT_FROM_TRAIN, TEST_FROM_TRAIN
from gft.markup import table_placeholder
from gft.report.cautions import MARK, about_differences, cautions, cautions_of_splits
from gft.results.scored import (
    Columns,
    about_shared,
    alike,
    baseline_metrics,
    called,
    metric_columns,
    split_that_counts,
    those_given,
)
from gft.results.verdict import leading_remarks

METRIC_HEADERS = ("metric", "value", "95 % interval")
UNDEFINED = "undefined"
NOT_SIGNIFICANT = ": not significant, as the interval includes 0"
SEED_REMARK = "95 % confidence intervals: sampling of rows only, not the training seed."
ROWS_REMARK = "95 % confidence intervals: sampling of rows."


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
    bold: Collection[int] = (),
) -> str:
    """Return a table as text; the columns in `right` are set flush right.

    The rows in `bold` are so where standard output is a terminal.
    """
    placeholder = table_placeholder(headers, rows, right)
    if placeholder is not None:
        return placeholder
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="")
    for n, header in enumerate(headers):
        side: Literal["left", "right"] = "right" if n in right else "left"
        drawn.add_column(Text(header), justify=side, overflow="fold")
    for n, row in enumerate(rows):
        drawn.add_row(*(Text(cell) for cell in row), style="bold" if n in bold else None)
    out = io.StringIO()
    seen = sys.stdout.isatty()
    colours: Literal["standard"] | None = "standard" if seen and bold else None
    # In a notebook a console would show the table there, and write nothing.
    Console(
        file=out, width=_width(), color_system=colours, force_terminal=seen, force_jupyter=False
    ).print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines() if line.strip())


def _width() -> int:
    """Return how many characters a line of a table may have."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 200


def metric_rows(scores: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return name, value and interval of metrics as text."""
    return [
        (called(name, score), number(score["value"]), limits(score))
        for name, score in scores.items()
    ]


def verdict_of_fit(metrics: Mapping[str, Any], greater_is_better: bool, folder: Path) -> str:
    """Return the remarks that come before a fit's scores, a sentence a line; mostly none.

    The fit is in `folder`; more of its selection metric may be worse.
    """
    return as_lines(leading_remarks(metrics, greater_is_better, str(folder)))


def metrics_of_fit(metrics: Mapping[str, Any]) -> str:
    """Return the metrics of test and val side by side; val's are marked as what they are.

    Without the rows that train has too, the selection metric alone is shown; the report shows all.
    """
    columns = metric_columns(metrics)
    if not columns:
        return "No split was scored: the data has neither val nor test with labels.\n"
    merit = metrics["figure_of_merit"]
    shared = [_without_shared(role, of, merit) for role, of in metrics["splits"].items()]
    about = _about_splits(metrics) + [one for one in shared if one]
    return _side_by_side(columns, metrics) + as_lines(about + _cautions_of_metrics(metrics))


def _without_shared(role: str, split: Mapping[str, Any], merit: str) -> str:
    """Return what `about_shared` does, with the selection metric of the other rows."""
    sentence, shared = about_shared(role, split), split.get("shared_with_train", {"metrics": {}})
    if merit not in shared["metrics"]:
        return sentence
    score = shared["metrics"][merit]
    interval = limits(score)
    rest = f"On the other {split['rows'] - shared['rows']:,}, {called(merit, score)} is "
    rest += number(score["value"]) + (f" ({interval})." if interval else ".")
    return sentence.replace(those_given(split), rest)


def _side_by_side(columns: Columns, metrics: Mapping[str, Any]) -> str:
    """Return a table of metrics; where that is too wide for the terminal, with both in one cell."""
    names = dict.fromkeys(name for _, scores in columns for name in scores)
    firsts = [
        called(name, next(scores for _, scores in columns if name in scores)[name])
        + (" *" if name == metrics["figure_of_merit"] else "")
        for name in names
    ]
    headers = ["metric", *(word for header, _ in columns for word in (header, "95 % interval"))]
    rows = [
        [
            first,
            *(cell for _, of in columns for cell in (number(of[name]["value"]), limits(of[name]))),
        ]
        for name, first in zip(names, firsts, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    if sum(widths) + 3 * (len(widths) - 1) <= _width():
        return table(headers, rows, right=range(1, len(headers), 2))
    rows = [
        [first, *(with_limits(of[name]) for _, of in columns)]
        for name, first in zip(names, firsts, strict=True)
    ]
    return table(["metric", *(header for header, _ in columns)], rows)


def remarks_on_metrics(metrics: Mapping[str, Any]) -> list[str]:
    """Return what has to be known to read the metrics of a fit."""
    shared = [about_shared(role, split) for role, split in metrics["splits"].items()]
    return _about_splits(metrics) + [one for one in shared if one] + _cautions_of_metrics(metrics)


def _about_splits(metrics: Mapping[str, Any]) -> list[str]:
    """Return what the metrics are of, and which are biased."""
    splits = metrics["splits"].values()
    seedless = "regression" in metrics
    remarks = [f"* the selection metric. {ROWS_REMARK if seedless else SEED_REMARK}"]
    grouped = {role: split for role, split in metrics["splits"].items() if "groups" in split}
    if grouped:
        parts = listed(
            f"the {counted(split['rows'], 'row')} of {role} are {counted(split['groups'], 'group')}"
            for role, split in grouped.items()
        )
        remarks.append(
            f"Cluster bootstrap: whole groups (--group) are resampled, not single rows; {parts}."
        )
    if any(split["chose_the_epoch"] for split in splits):
        remarks.append("val chose the epoch: its scores are optimistically biased.")
    for role, split in metrics["splits"].items():
        if split["optimistic"]:
            what = "val or train" if role == "test" else "train"
            remarks.append(
                f"{role} is not held out here (it is {what}): its scores are optimistically biased."
            )
    return remarks


def _cautions_of_metrics(metrics: Mapping[str, Any]) -> list[str]:
    """Return what marks stand for; of rows that train lacks only where the others have none."""
    columns = [(role, split["metrics"].values()) for role, split in metrics["splits"].items()]
    marked = {role for role, scores in columns if any("caveat" in one for one in scores)}
    columns += [
        (f"{role} without the rows of train", split["shared_with_train"]["metrics"].values())
        for role, split in metrics["splits"].items()
        if split.get("shared_with_train") and role not in marked
    ]
    return cautions_of_splits(columns)


def baselines_table(metrics: Mapping[str, Any]) -> str:
    """Return what the baselines reach on test (or val) and by how much the model differs.

    The selection metric is shown, and the first metric that a baseline has where it lacks that one;
    the report shows all.
    """
    found: dict[str, tuple[str, float | None, Mapping[str, Any]]] = {}
    for name, metric, value, difference in baseline_metrics(metrics):
        is_merit = metric == metrics["figure_of_merit"]
        if name not in found or (value is not None and (is_merit or found[name][1] is None)):
            found[name] = metric, value, difference
    rows = [
        (
            name,
            called(metric, of),
            number(value),
            "" if of["value"] is None else in_digits(of["value"], signed=True),
            limits(of, signed=True),
        )
        for name, (metric, value, of) in found.items()
    ]
    headers = ("baseline", "metric", f"{split_that_counts(metrics)}", "model - baseline",
               "95 % interval")  # fmt: skip
    text = table(headers, rows, right=(2, 3)) if rows else ""
    return text + as_lines(about_differences([of for *_, of in found.values()]))


def baseline_notes(metrics: Mapping[str, Any]) -> list[str]:
    """Return what each baseline is."""
    return [
        f"{name}: {one['what']}; learned from {counted(one['train_rows'], 'row')} of train"
        + (f"; kept in the folder {one['kept']}." if "kept" in one else ".")
        for name, one in metrics.get("baselines", {}).items()
    ]


def against_linear(metrics: Mapping[str, Any]) -> str:
    """Return in a line each how the model compares with linear baselines, nothing without any."""
    role, merit = split_that_counts(metrics), metrics["figure_of_merit"]
    known, differences, lines = metrics.get("baselines", {}), [], ""
    beside = " and the covariates" if COVARIATES in known else ""
    for name, what in (
        (LINEAR, f"A linear model on TF-IDF{beside}"),
        (COVARIATES, "A linear model of the covariates alone"),
        (WORDS, "A linear model of the words alone"),
    ):
        linear = known.get(name, {"splits": {}})["splits"].get(role)
        if not linear or linear["differences"][merit]["low"] is None:
            continue
        difference = linear["differences"][merit]
        reached = (
            f"{what} reaches {called(merit, difference)} {number(linear['metrics'][merit])} on "
            f"{role}. "
        )
        if difference["low"] == difference["high"]:
            lines += f"{reached}The model does not differ: {alike(merit, difference)}.\n"
            continue
        lines += (
            f"{reached}The model's difference is {in_digits(difference['value'], signed=True)} "
            f"(95 % interval {limits(difference, signed=True)})"
            f"{NOT_SIGNIFICANT if difference['low'] <= 0 <= difference['high'] else ''}.\n"
        )
        cautioned = " ".join(remarks_on_metrics(metrics))
        differences += [] if difference.get("caveat", "") in cautioned else [difference]
    return lines + as_lines(cautions(differences))


def evaluation_table(found: Mapping[str, Any], plain: bool) -> str:
    """Return the metrics of one saved evaluation; `plain` as tab-separated rows."""
    rows = metric_rows(found["metrics"])
    if plain:
        return "".join("\t".join(row) + "\n" for row in rows)
    about = f"{found['model']} on {data_and_split(found)}, {found['rows']:,} rows\n"
    shown, headers = list(found["metrics"].values()), list(METRIC_HEADERS)
    beside: list[tuple[str, ...]] = [()] * len(rows)
    shared = found.get("shared_with_train", {"metrics": {}})
    if shared["metrics"]:
        headers += [f"not shared with train ({found['rows'] - shared['rows']:,} rows)", headers[-1]]
        beside = [row[1:] for row in metric_rows(shared["metrics"])]
        shown += shared["metrics"].values()
    cells = [(*row, *other) for row, other in zip(rows, beside, strict=True)]
    text = about + table(headers, cells, right=(1, 3))
    remarks = [about_shared(str(found["split"]), found)]
    return text + as_lines([one for one in remarks if one] + cautions(shown))


def data_and_split(found: Mapping[str, Any]) -> str:
    """Return which split of which data a saved evaluation is about."""
    split = found["split"]
    drawn = {SELECT_FROM_TRAIN: "val", TEST_FROM_TRAIN: "test"}
    if split in drawn:
        split = f"{drawn[split]} (taken out of train)"
    return f"{split} of {found['data']}"


def number(value: float | None) -> str:
    """Return a number as text, in as many digits as are shown."""
    return UNDEFINED if value is None else in_digits(value)


def limits(score: Mapping[str, Any], signed: bool = False) -> str:
    """Return the interval of a saved value as text; a difference's limits are `signed`.

    It is marked where it is unreliable, and empty where there is none.
    """
    low, high = score["low"], score["high"]
    known = low is not None and high is not None
    text = f"{in_digits(low, signed)} to {in_digits(high, signed)}" if known else ""
    return " ".join(one for one in (text, MARK if "caveat" in score else "") if one)


def with_limits(score: Mapping[str, Any], signed: bool = False) -> str:
    """Return a saved value with its interval in brackets, for one cell of a table."""
    mark = f" {MARK}" if "caveat" in score else ""
    if score["value"] is None:
        return number(None)
    if score["low"] is None or score["high"] is None:
        return f"{in_digits(score['value'], signed)}{mark}"
    reach = f"[{in_digits(score['low'], signed, 3)}, {in_digits(score['high'], signed, 3)}]"
    return f"{in_digits(score['value'], signed)} {reach}{mark}"


def as_lines(sentences: Iterable[str]) -> str:
    """Return sentences, one a line."""
    return "".join(f"{one}\n" for one in sentences)


def percent(share: float) -> str:
    """Return a share as text, in per cent with one digit."""
    return f"{share * 100:.1f} %"


def facts(pairs: Mapping[str, str]) -> str:
    """Return names and what is to say of them, one a line, aligned."""
    width = max(len(name) for name in pairs) + 2
    return "".join(f"{name + ':':<{width}}{value}\n" for name, value in pairs.items())
