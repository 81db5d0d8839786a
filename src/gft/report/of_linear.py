"""A linear model that was kept, for people: what it is, and the terms that weigh most."""

from __future__ import annotations

from gft.errors import counted, listed
from gft.report.tables import facts, table
from gft.results.linear_facts import LinearFacts, Weighed

SHOWN_LABELS = 12
WAYS = {"words": "words and pairs of words", "characters": "parts of words"}


def linear_section(linear: LinearFacts, train: int) -> str:
    """Return what the model is, a fact a line; there are `train` rows in all."""
    some = "" if linear.rows == train else f" of {train:,}, at even distances"
    terms = [f"{size:,} {WAYS[way]}" for way, size in linear.sizes.items()]
    pairs = {
        "Type": f"{linear.what}; no net",
        "Fitted to": f"{counted(linear.rows, 'row')} of train{some}",
    }
    if linear.columns:
        pairs["Terms"] = (
            f"{listed(terms)} in {listed(linear.columns)}; the first {linear.longest:,} "
            "characters of a text are read"
        )
    if linear.covariates:
        pairs["Covariates"] = listed(linear.covariates, len(linear.covariates))
    return facts(pairs | {"Weights": f"{linear.numbers:,}"})


def terms_table(linear: LinearFacts) -> str:
    """Return the terms with the largest weights of each label; of many labels the first."""
    quoted, several = "characters" in linear.sizes, len(linear.columns) > 1
    rows = []
    for label, terms in list(linear.heaviest.items())[:SHOWN_LABELS]:
        weighted = (f"{_called(one, quoted, several)} {one.weight:+.2f}" for one in terms)
        rows.append((label, ", ".join(weighted) or "none"))
    more = len(linear.heaviest) - SHOWN_LABELS
    return table(("label", "weight of each"), rows) + (f"and {more} more\n" if more > 0 else "")


def _called(one: Weighed, quoted: bool, several: bool) -> str:
    if not one.column:
        return one.term
    if not one.term:
        return f"similarity of {one.column}"
    term = repr(one.term) if quoted else one.term
    return f"{term} ({one.column})" if several else term
