"""Tables of how often each class occurs."""

from __future__ import annotations

from collections.abc import Mapping

from gft.report.tables import table
from gft.results.label_counts import Amounts, Counts, amounts_of, short

SHOWN_CLASSES = 12


def label_tables(labels: dict[str, Counts], counted: int | None) -> str:
    """Return a table of counts for each column of classes; the most frequent of many.

    `counted` is how many rows of a split were counted, where there are more.
    """
    text = ""
    for name, counts in labels.items():
        splits = list(next(iter(counts.values()), {}))
        shown = list(counts)
        if len(shown) > SHOWN_CLASSES:
            amounts = amounts_of(counts)
            if amounts is not None:
                text += "\n" + _amounts(name, amounts)
                continue
            shown = sorted(shown, key=lambda one: -sum(counts[one].values()))[:SHOWN_CLASSES]
        rows = [
            (short(one) or "(empty)", *(f"{counts[one][split]:,}" for split in splits))
            for one in shown
        ]
        text += "\n" + table((name, *splits), rows, right=range(1, len(splits) + 1))
        if len(counts) > len(shown):
            text += f"and {len(counts) - len(shown):,} more classes\n"
    if text and counted is not None:
        text += f"Of each split {counted:,} rows at most were counted, evenly spread.\n"
    return text


def _amounts(name: str, amounts: Mapping[str, Amounts]) -> str:
    """Return the spread of a column of numbers in each split."""
    rows = [
        (name, split, *(f"{one:.4g}" for one in (of.mean, of.sd, of.least, of.most)))
        for split, of in amounts.items()
    ]
    return table(("numbers", "split", "mean", "sd", "least", "most"), rows, right=(2, 3, 4, 5))
