"""What the covariates of an equation hold, for people."""

from __future__ import annotations

from collections.abc import Sequence

from gft.report.tables import table
from gft.results.covariate_facts import CovariateFacts
from gft.results.label_counts import short


def covariates_text(found: Sequence[CovariateFacts], split: str) -> str:
    """Return a table of covariates in a split: what they are, and what is missing."""
    rows = [(", ".join(one.terms), f"{one.missing:,}", _holds(one)) for one in found]
    return table(("covariate", "missing", f"in {split}"), rows, right=(1,))


def _holds(one: CovariateFacts) -> str:
    if one.levels is not None:
        named = [f"{short(level)} ({count:,})" for level, count in one.levels.items()]
        shown = ", ".join([*named, *([one.rare] if one.rare else [])])
        return f"{one.different:,} levels: {shown}" if named else "no levels"
    if one.mean is None:
        return "no numbers"
    return f"mean {one.mean:.4g}, sd {one.sd:.4g}, {one.least:.4g} to {one.most:.4g}"
