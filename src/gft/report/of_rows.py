"""What became of the rows of a fit's data, in sentences: drawn, left out, repeated, truncated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gft.errors import counted, listed
from gft.language.program import SELECT_FROM_TRAIN, TEST_FROM_TRAIN
from gft.report.tables import percent

_DRAWN = {"val": SELECT_FROM_TRAIN, "test": TEST_FROM_TRAIN}
_LIMITS = {"train": "max_train_samples", "val": "max_eval_samples", "test": "max_eval_samples"}


def rows_of_splits(record: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Return a row for each split as texts: role, name, rows, those without a label, truncated."""
    data, found = record["data"], []
    for role, count in data["rows"].items():
        truncated = data["truncated"].get(role, 0)
        share = data.get("tokens_truncated", {}).get(role, 0)
        lost = f"{truncated:,} ({percent(share)} of tokens)" if share else f"{truncated:,}"
        left = f"{data['without_label'].get(role, 0):,}"
        found.append((role, _name(data, role), f"{count:,}", left, lost))
    return found


def about_rows(record: Mapping[str, Any]) -> list[str]:
    """Return sentences on the rows of a fit, each with its counts; what did not happen has none.

    `record` is its `gft.json`.
    """
    sentences = [*about_drawn(record), *_left_out(record), _repeated(record), *_truncated(record)]
    return [one for one in sentences if one]


def _name(data: Mapping[str, Any], role: str) -> str:
    """Return the data's name of a role's split, or that it was drawn."""
    name = str(data["splits"].get(role, ""))
    return "taken out of train" if name in _DRAWN.values() else name


def about_drawn(record: Mapping[str, Any]) -> list[str]:
    """Return those of these sentences that no table says.

    They are how val and test were taken out of train, and what could not be kept apart.
    """
    data = record["data"]
    roles = [role for role, name in _DRAWN.items() if data["splits"].get(role) == name]
    if not roles:
        return []
    group, drawing = record["program"]["arguments"].get("group"), data.get("drawing")
    names = listed(roles)
    sizes = listed(f"{counted(data['rows'].get(role, 0), 'row')} for {role}" for role in roles)
    sentences = [
        f"The data has no {' and no '.join(roles)} split: {sizes} were taken out of train at "
        "random, the same rows each time."
    ]
    if drawing is None:
        return sentences
    if drawing["tied"]:
        alike = "the same or nearly the same inputs"
        alike += "" if group is None else f", or the same {group},"
        sentences.append(
            f"Rows with {alike} were kept in one split, so that no row of {names} was seen in "
            f"training: {drawing['tied']:,} of {drawing['rows']:,} labelled rows belong to such a "
            f"set, the largest of {counted(drawing['largest'], 'row')}."
        )
    if drawing["left_out"]:
        one = drawing["left_out"] == 1
        sentences.append(
            f"{counted(drawing['left_out'], 'row')} {_are(drawing['left_out'])} in no split: "
            f"{'its text is' if one else 'their texts are'} so short that rows of another {group} "
            f"have {'it' if one else 'them'} too."
        )
    if drawing["near"]:
        sentences.append(
            f"{counted(drawing['near'], 'row')} of {names} "
            f"{'is a near-duplicate' if drawing['near'] == 1 else 'are near-duplicates'} of rows "
            f"of train: the scores on {names} may be slightly too high."
        )
    return sentences


def _left_out(record: Mapping[str, Any]) -> list[str]:
    """Return how many rows have no label, and which limits were set."""
    data, given = record["data"], record["program"]["arguments"]
    without = {role: count for role, count in data["without_label"].items() if count}
    sentences = []
    if without:
        parts = listed(f"{counted(count, 'row')} of {role}" for role, count in without.items())
        sentences.append(f"Left out, because they have no label: {parts}.")
    for role, name in _LIMITS.items():
        if given.get(name) and data["rows"].get(role) == given[name]:
            sentences.append(
                f"No more than the first {counted(given[name], 'row')} of {role} were used "
                f"(--{name})."
            )
    return sentences


def _repeated(record: Mapping[str, Any]) -> str:
    """Return how many rows of each split say what another one of it says."""
    data = record["data"]
    found = {role: count for role, count in data.get("repeated", {}).items() if count}
    if not found:
        return ""
    parts = listed(
        f"{count:,} of the {counted(data['rows'][role], 'row')} of {role}"
        for role, count in found.items()
    )
    return (
        f"{parts} {'repeats' if [*found.values()] == [1] else 'repeat'} the input of an earlier "
        "row of the same split; differences in case, whitespace and punctuation do not count."
    )


def _truncated(record: Mapping[str, Any]) -> list[str]:
    """Return how many rows of each split were not read to their end, and how much was lost."""
    data, sentences = record["data"], []
    for role, count in data["truncated"].items():
        if count:
            lost = data.get("tokens_truncated", {}).get(role, 0)
            sentences.append(
                f"{count:,} of the {counted(data['rows'][role], 'row')} of {role} {_are(count)} "
                f"{data.get('too_long', 'not read whole')}: {percent(lost)} of all tokens are not "
                "read."
            )
    return sentences


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
