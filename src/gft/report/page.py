"""`report.html`: one self-contained page on a fit, for a browser, a phone and paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gft.report import plots
from gft.report.card import command, parameters_text
from gft.report.cautions import about_differences
from gft.report.dependence import partial_dependence
from gft.report.drawing import Drawing
from gft.report.of_calibration import about_calibration, calibration_rows
from gft.report.of_importance import about_directions, about_importance, importance_rows
from gft.report.of_regression import coefficient_tables
from gft.report.of_rows import about_rows, rows_of_splits
from gft.report.of_subgroups import BY_SEED, about_subgroups, about_tests, subgroup_rows
from gft.report.sections import label_errors_sentence
from gft.report.tables import baseline_notes, remarks_on_metrics
from gft.report.template import rendered
from gft.results.doubts import doubts
from gft.results.errors import Errors
from gft.results.label_errors import FEWEST, LabelErrors
from gft.results.scored import (
    baseline_metrics,
    called,
    metric_columns,
    of_one_seed,
    unshared_columns,
)
from gft.results.verdict import leading_remarks
from gft.targets.protocol import Worst

TEMPLATE = "page.html"
MOST_CONFUSIONS = 15


@dataclass(frozen=True)
class Page:
    """The page as text, and its main drawings, which are worth files of their own."""

    html: str
    drawings: list[Drawing]


def make_page(
    errors: Errors | None,
    record: Mapping[str, Any],
    metrics: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    doubtful: LabelErrors | None,
) -> Page:
    """Return the page on a fit: every piece of data in it is escaped by the template.

    `errors` are those of the split that counts, None where none was scored.
    """
    role = errors.role if errors else None
    worst, kind = (errors.worst, errors.called) if errors else ([], Worst())
    merit = metrics["figure_of_merit"]
    shown = called(merit, metrics["splits"][role]["metrics"][merit]) if role else None
    curves = plots.curves(history, merit, shown)
    by = metrics["splits"][role].get("by", {}) if role else {}
    worth = metrics["splits"][role].get("importance") if role else None
    believed = metrics["splits"][role].get("calibration") if role else None
    drawings = _drawings(errors, metrics) if errors else []
    learned = [plots.learning(metrics["learning_curve"])] if "learning_curve" in metrics else []
    pages = {
        "equation": record["program"]["eqn"],
        "model": _model(record, metrics),
        "data": record["data"]["name"],
        "role": role,
        "columns": [*metric_columns(metrics), *unshared_columns(metrics)],
        "names": list(metrics["splits"][role]["metrics"]) if role else [],
        "merit": merit,
        "first": leading_remarks(metrics, record["greater_is_better"]),
        "remarks": remarks_on_metrics(metrics),
        "doubts": doubts(metrics, history),
        "baselines": baseline_metrics(metrics),
        "baseline_cautions": about_differences([found for *_, found in baseline_metrics(metrics)]),
        "baseline_notes": baseline_notes(metrics),
        "regressions": coefficient_tables(metrics),
        "rows_of_splits": rows_of_splits(record),
        "about_rows": about_rows(record),
        "learning": metrics.get("learning_curve"),
        "learned": learned,
        "worth": importance_rows(worth) if worth else None,
        "about_worth": about_importance(worth, role) if worth and role else [],
        "about_directions": about_directions(metrics["splits"][role]) if role else [],
        "directions": partial_dependence(metrics["splits"][role]) if role else [],
        "curves": curves,
        "plots": drawings,
        "confused": errors.confusion.most(MOST_CONFUSIONS) if errors and errors.confusion else [],
        "classes": metrics["splits"][role].get("classes", {}) if role else {},
        "subgroups": [
            (column, subgroup_rows(column, found), about_subgroups(column, found))
            for column, found in by.items()
        ],
        "about_tests": [*(of_one_seed(BY_SEED, metrics) if by else []), *about_tests(by)],
        "calibration": calibration_rows(believed) if believed else [],
        "about_calibration": about_calibration(believed, role) if believed and role else "",
        "worst": worst,
        "worst_title": kind.title,
        "worst_remark": f"The {len(worst)} {kind.rows} of {role} {kind.which}.",
        "worst_word": kind.remark,
        "label_errors": doubtful.shown if doubtful else (),
        "label_errors_remark": _of_labels(doubtful) if doubtful else "",
        "label_errors_word": doubtful.word if doubtful else "",
        "command": command(record["program"]),
        "facts": _facts(record, metrics),
        "version": record["versions"].get("gft", ""),
        "finished": record["finished"],
    }
    pages["contents"] = _contents(pages)
    return Page(rendered(TEMPLATE, pages), [*learned, *curves, *drawings])


def _contents(pages: Mapping[str, Any]) -> list[tuple[str, str]]:
    sections = [
        ("metrics", "Metrics", True),
        ("coefficients", "Coefficients", pages["regressions"]),
        ("rows", "Data", True),
        ("more", "Learning curve", pages["learning"]),
        ("worth", "Column importance", pages["worth"] or pages["directions"]),
        ("curves", "Training", pages["curves"]),
        ("errors", "Errors", pages["plots"] or pages["classes"] or pages["confused"]),
        ("subgroups", "Subgroups", pages["subgroups"]),
        ("worst", pages["worst_title"], pages["worst"]),
        (
            "label-errors",
            "Possible label errors",
            pages["label_errors"] or pages["label_errors_remark"],
        ),
        ("program", "Program and versions", True),
        ("glossary", "Glossary", True),
    ]
    return [(name, title) for name, title, there in sections if there]


def _model(record: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    model = record["model"]
    if "regression" in metrics:
        return f"A {model['spec']}"
    return f"{model['spec']} ({model['architecture']})"


def _drawings(errors: Errors, metrics: Mapping[str, Any]) -> list[Drawing]:
    """Return what there is to draw of a split's errors."""
    role = errors.role
    split, found = metrics["splits"][role], plots.residuals(errors.residuals, role)
    if errors.confusion and (matrix := plots.confusion_matrix(errors.confusion, role)):
        found.append(matrix)
    if "calibration" in split:
        found.append(plots.reliability(split["calibration"], role))
    if errors.lengths:
        found.append(plots.by_length(errors.lengths, role))
    return found


def _of_labels(found: LabelErrors) -> str:
    """Return how many labels are wrong, which look so, and how they were looked for."""
    if not found.examined:
        return f"train has fewer than {FEWEST} rows, too few to look for label errors."
    if found.unseen is None:
        who = "Rows of train whose label the fitted model finds least probable"
    elif found.read:
        who = (
            "Rows of train whose label is improbable both for the fitted model and for linear "
            "models that have not seen the row"
        )
    else:
        who = (
            "Rows of train whose label is least probable for linear models that have not seen "
            "the row"
        )
    sentence = f"{who}, out of {found.train:,}."
    if 0 < found.read < found.examined:
        sentence += f" The fitted model read the {found.read:,} of them that looked worst again."
    hard = "A row here may be mislabelled, or merely hard." if found.shown else "None stands out."
    return " ".join(one for one in (sentence, hard, label_errors_sentence(found.saved())) if one)


def _facts(record: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    model, training, data = record["model"], record["training"], record["data"]
    rows = ", ".join(f"{role} {count:,}" for role, count in data["rows"].items())
    hardware = record["hardware"]
    machine = ", ".join(hardware["gpus"]) or f"{hardware['processor']}, {hardware['cores']} cores"
    of_data = ("Data", f"{data['name']}: {rows} rows; fingerprint {data['fingerprint']}")
    versions = ", ".join(f"{name} {text}" for name, text in record["versions"].items())
    if "regression" in metrics:
        return [
            of_data,
            ("Coefficients", f"{model['parameters']:,}, estimated from {training['rows']:,} rows "
                             f"in {metrics['train_seconds']:.1f} s"),
            ("Machine", f"{machine}; {hardware['system']}"),
            ("Versions", versions),
        ]  # fmt: skip
    facts = [
        of_data,
        ("Parameters", parameters_text(model)),
        ("Training", f"{training['steps']:,} steps of {training['effective_batch']} rows, "
                     f"{training['epochs']:g} epochs in {metrics['train_seconds']:.1f} s; "
                     f"{record['precision']} on {record['device']}; seed {record['seed']}"),
        ("Kept", f"epoch {training['best_epoch']:g}, chosen by {training['chosen_by']}"),
        ("Machine", f"{machine}; {hardware['system']}"),
    ]  # fmt: skip
    if model.get("commit"):
        facts.insert(1, ("Model", f"{model['spec']} at {model['commit']}"))
    return [*facts, ("Versions", versions)]
