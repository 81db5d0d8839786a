"""What is in a data set, for people: facts, a table of columns, lengths of texts, classes."""

from __future__ import annotations

from gft.data.sampling import Lengths
from gft.report.label_counts import label_tables
from gft.report.tables import facts, percent, table
from gft.results.data_facts import ColumnFacts, DataFacts, is_text
from gft.results.label_counts import short

MOST_SHOWN = 500
"""Columns that are described: a table of more is read by nobody, and takes minutes."""


def data_text(data: DataFacts) -> str:
    """Return the facts for people."""
    rows = ", ".join(f"{name} {count:,}" for name, count in data.rows.items())
    pairs = {"Data": data.name, "Rows": rows}
    if data.repository:
        pairs["From"] = f"{data.repository} at {(data.commit or 'main')[:10]}"
    columns, more = data.columns[:MOST_SHOWN], len(data.columns) - MOST_SHOWN
    described = [(one.name, one.kind, *_values(one)) for one in columns]
    text = facts(pairs) + "\n" + table(("column", "type", "values", "examples"), described)
    text += f"There are {more:,} more columns.\n" if more > 0 else ""
    asked = [(one.name, short(one.title)) for one in columns if one.title]
    text += "\n" + table(("column", "question"), asked) if asked else ""
    total = data.rows[data.split]
    if data.read < total:
        which = f"{data.read:,} of {total:,} rows of {data.split}, evenly spread"
        text += f"Columns are described from {which}.\n"
    return text + _length_table(data) + label_tables(data.labels, data.counted)


def _values(column: ColumnFacts) -> tuple[str, str]:
    """Return what a column holds, and a few examples, as cells of a table."""
    counts = [] if column.different is None else [f"{column.different:,} different"]
    counts += [f"{column.empty:,} empty"] if column.empty else []
    return ", ".join(counts), short(" | ".join(column.examples))


def _length_table(data: DataFacts) -> str:
    """Return the table of text lengths, with a remark on what they were measured in."""
    texts = [one for one in data.columns if is_text(one, data.labels)][:MOST_SHOWN]
    if not texts:
        return ""
    headers = ["text", "words: median", "95 %", "longest"]
    if data.tokenized is not None:
        headers += ["tokens: median", "95 %", "longest"]
        headers += [] if data.limit is None else [f"over {data.limit:,}"]
    rows = []
    for one in texts:
        cells = [one.name, *_three(one.words)]
        if one.tokens is not None:
            cells += _three(one.tokens)
            cells += [] if one.over_limit is None else [percent(one.over_limit)]
        rows.append(cells)
    text = "\n" + table(headers, rows, right=range(1, len(headers)))
    if data.tokenized is not None and data.tokenized < data.rows[data.split]:
        text += f"Tokens were counted in {data.tokenized:,} rows, evenly spread.\n"
    return text


def _three(lengths: Lengths | None) -> list[str]:
    assert lengths is not None
    return [f"{one:,}" for one in (lengths.median, lengths.most, lengths.longest)]
