"""The sections of a fit's summary: data, training, classes, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gft.errors import counted, listed
from gft.folder import LABEL_ERRORS
from gft.report.card import parameters_text
from gft.report.of_calibration import if_calibrated
from gft.report.of_rows import about_drawn, rows_of_splits
from gft.report.tables import facts, table
from gft.results.scored import SCORED, split_that_counts

SHOWN_CLASSES = 12
_PARTS = ("mean", "sd", "least", "most")
"""The statistics that are shown of numbers."""
SHARE_OF_ALL = 0.9995
"""A larger share of trained parameters is all of them."""
FEW, WIDE, TELLING = 2_000, 0.25, 0.05
"""An interval of wrong labels tells nothing that spans more than `WIDE` of the rows. Neither does,
in fewer than `FEW` rows, one from hardly any to more than `TELLING` of them."""


def data_section(record: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Return the rows of each split, and how classes or numbers are spread over them.

    A column that would say 0 of every split, or the split's own name, is left out; a line says
    what no row is.
    """
    data, without = record["data"], "without a label"
    lost_at = f" at {record['max_length']} tokens" if record["max_length"] else ""
    truncated = "not read whole" if record["task"].get("windows") else f"truncated{lost_at}"
    roles, names, rows, left, lost = zip(*rows_of_splits(record), strict=True)
    columns = {"split": roles, "the data's name": names, "rows": rows}
    if names == roles:
        del columns["the data's name"]
    counted = {f"{without}, left out": left, truncated: lost}
    columns |= {name: cells for name, cells in counted.items() if {*cells} != {"0"}}
    repeated = [f"{data.get('repeated', {}).get(role, 0):,}" for role in roles]
    if {*repeated} != {"0"}:
        columns["duplicates"] = tuple(repeated)
    golds = {role: found for role, found in metrics.get("golds", {}).items() if found}
    spread, beside = _spread(golds), not any(map(_are_counts, golds.values()))
    if beside and {len(of) for of in golds.values()} == {1}:
        [name], spread = {name for of in golds.values() for name in of}, ""
        for part in _PARTS:
            header = f"{name}: {part}" if part == _PARTS[0] else part
            columns[header] = tuple(
                f"{golds[role][name][part]:.4g}" if role in golds else "" for role in roles
            )
    right = [n for n, name in enumerate(columns) if name not in ("split", "the data's name")]
    text = table(tuple(columns), [*zip(*columns.values(), strict=True)], right=right)
    none = [absent for absent, of in ((without, left), (truncated, lost)) if {*of} == {"0"}]
    text += f"No row is {' or '.join(none)}.\n" if none else ""
    text += "".join(f"{one}\n" for one in about_drawn(record))
    if not golds or not (more := spread if beside else _shares(record, golds)):
        return text
    return f"{text}\n{more}"


def _are_counts(found: Mapping[str, Any]) -> bool:
    return all(isinstance(value, int) for value in found.values())


def _shares(record: Mapping[str, Any], golds: Mapping[str, Mapping[str, int]]) -> str:
    totals = {role: max(1, sum(counts.values())) for role, counts in golds.items()}
    classes = sorted(next(iter(golds.values())).items(), key=lambda one: -one[1])
    rows = [
        (name, *(f"{c[name]:,} ({c[name] / totals[role]:.1%})" for role, c in golds.items()))
        for name, _ in classes[:SHOWN_CLASSES]
    ]
    text = table(
        (", ".join(record["task"]["outputs"]), *golds), rows, right=range(1, len(golds) + 1)
    )
    more = len(classes) - SHOWN_CLASSES
    return text + (f"The table leaves out {more} rarer ones; --json has all.\n" if more > 0 else "")


def _spread(golds: Mapping[str, Mapping[str, Any]]) -> str:
    """Return how the numbers of several outputs are spread."""
    rows = [
        (name, role, *(f"{of[part]:.4g}" for part in _PARTS))
        for role, found in golds.items()
        if not _are_counts(found)
        for name, of in found.items()
    ]
    return table(("output", "split", *_PARTS), rows, right=(2, 3, 4, 5)) if rows else ""


def model_section(record: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Return the model and how it was trained, a fact a line."""
    model, training = record["model"], record["training"]
    share = model["trained_parameters"] / max(1, model["parameters"])
    last = training.get("last_loss")
    epochs = training.get("epochs")
    pairs = {
        "From": f"{model['spec']} ({model['architecture']})",
        "Parameters": parameters_text(model) + ("" if share > SHARE_OF_ALL else f", {share:.1%}"),
        "Training": f"{training['steps']:,} steps"
        + (f", {counted(float(epochs), 'epoch')}" if epochs is not None else "")
        + f" in {metrics['train_seconds']:.1f} s ({metrics['rows_per_second']:.0f} rows/s)"
        + (f"; last loss {last:.4f}" if last is not None else ""),
        "Kept": f"the weights of epoch {training['best_epoch']:g}, chosen by "
        f"{training['chosen_by']}",
        "Batch": f"{training['effective_batch']} rows a step; {record['precision']} on "
        f"{record['device']}; seed {record['seed']}"
        if "effective_batch" in training
        else f"{record['precision']} on {record['device']}; seed {record['seed']}",
    }
    return facts(pairs)


def classes_section(metrics: Mapping[str, Any]) -> str:
    """Return precision, recall, F1 and support of each class; of many those that are worst."""
    role = split_that_counts(metrics)
    classes = metrics["splits"][role].get("classes") if role else None
    if not classes:
        return ""
    shown = sorted(classes, key=lambda name: classes[name]["f1"])[:SHOWN_CLASSES]
    names = list(classes) if len(classes) <= SHOWN_CLASSES else shown
    rows = [
        (
            name,
            *(f"{classes[name][part]:.4f}" for part in ("precision", "recall", "f1")),
            f"{classes[name]['support']:,}",
        )
        for name in names
    ]
    text = table((f"on {role}", "precision", "recall", "f1", "support"), rows, right=(1, 2, 3, 4))
    if len(names) < len(classes):
        which = f"{len(names)} of {len(classes)} classes with the lowest f1"
        text += f"These are the {which}; --json has all.\n"
    return text


def calibration_line(metrics: Mapping[str, Any]) -> str:
    """Return the expected calibration error of the splits, nothing where there is none."""
    found = [
        f"{believed['expected_calibration_error']:.4f} on {role}{if_calibrated(believed)}"
        for role in SCORED
        if (believed := metrics["splits"].get(role, {}).get("calibration"))
    ]
    if not found:
        return ""
    return f"Expected calibration error (0 to 1, 10 bins): {listed(found)}\n"


def label_errors_sentence(found: Mapping[str, Any] | None) -> str:
    """Return how many labels of train are wrong, and where the rows are; nothing if none says."""
    if not found or not found["examined"]:
        return ""
    train, examined, wrong = found["train_rows"], found["examined"], found["wrong"]
    which = f"all {train:,}" if examined == train else f"{examined:,} of the {train:,}"
    file = f"{LABEL_ERRORS} lists {which} rows of train, the most doubtful label first."
    everyday = found.get("everyday", 0)
    if "everyday" in found and examined + everyday < train:
        file += f" Only {counted(examined + everyday, 'row')}, at even distances, were considered."
    if everyday:
        texts = "its text is" if everyday == 1 else "their texts are"
        file += (
            f" {counted(everyday, 'row')} {'was' if everyday == 1 else 'were'} left out: {texts} "
            "empty, or so short that several groups have the same."
        )
    if wrong is None:
        return file
    if _is_wide(wrong, train):
        these = "so few" if train < FEW else "these"
        return f"The number of wrong labels in train cannot be estimated from {these} rows. {file}"
    return (
        f"About {wrong['wrong']:,} of the {train:,} labels of train are wrong (95 % interval "
        f"{wrong['low']:,} to {wrong['high']:,}). {file}"
    )


def _is_wide(wrong: Mapping[str, Any], train: int) -> bool:
    """Say whether an interval of how many labels are wrong tells nothing."""
    low, high = wrong["low"], wrong["high"]
    if high - low > WIDE * train:
        return True
    return bool(train < FEW and high > 10 * low and high > TELLING * train)
