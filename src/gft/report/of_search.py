"""What a search found: a table for people, tab-separated rows for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gft.registry import tasks
from gft.report.tables import table
from gft.suppliers.protocol import Found

SHOWN_TAGS = 6


@dataclass(frozen=True)
class FoundRows:
    """Rows of `kind` model or dataset, most downloads first."""

    kind: str
    rows: Sequence[Found]
    only_names: bool

    def saved(self) -> list[dict[str, Any]]:
        """Return the rows as JSON."""
        wanted = [asdict(row) for row in self.rows]
        if self.only_names:
            return [{"name": row["name"]} for row in wanted]
        if self.kind == "dataset":
            return [{name: one for name, one in row.items() if name != "task"} for row in wanted]
        return wanted

    def lines(self) -> str:
        """Return a line a row, tab-separated, without a header: what old scripts read.

        Name, downloads, likes, tags with commas between them, and a model's task; what the hub
        does not say is empty.
        """
        return "".join("\t".join(self._fields(row)) + "\n" for row in self.rows)

    def _fields(self, row: Found) -> list[str]:
        if self.only_names:
            return [row.name]
        fields = [row.name, _number(row.downloads), _number(row.likes), ",".join(row.tags)]
        fields += [row.task or ""] if self.kind == "model" else []
        return [" ".join(field.split()) for field in fields]

    def text(self) -> str:
        """Return a table; of many tags only the telling ones."""
        if self.only_names:
            return self.lines()
        columns = {
            "model" if self.kind == "model" else "data set": [row.name for row in self.rows],
            "downloads": [_number(row.downloads, ",") for row in self.rows],
            "likes": [_number(row.likes, ",") for row in self.rows],
            "task": [row.task or "" for row in self.rows],
            "tags": [_telling(row) for row in self.rows],
        }
        filled = {header: cells for header, cells in columns.items() if any(cells)}
        right = [n for n, header in enumerate(filled) if header in ("downloads", "likes")]
        return (
            table(list(filled), list(zip(*filled.values(), strict=True)), right) if filled else ""
        )


@dataclass(frozen=True)
class FoundTasks:
    """Tasks of gft's whose spellings have something in them."""

    names: Sequence[str]

    def saved(self) -> list[dict[str, Any]]:
        """Return the rows as JSON."""
        return [
            {"name": name, "also": list(tasks()[name].aliases), "summary": tasks()[name].summary}
            for name in self.names
        ]

    def lines(self) -> str:
        """Return a line a task, tab-separated: name, other spellings with commas, what it is."""
        return "".join("\t".join(row) + "\n" for row in self._rows(","))

    def text(self) -> str:
        """Return a table."""
        return table(("task", "other names", "what it predicts"), self._rows(", "))

    def _rows(self, comma: str) -> list[tuple[str, str, str]]:
        return [
            (name, comma.join(tasks()[name].aliases), tasks()[name].summary) for name in self.names
        ]


def _telling(row: Found) -> str:
    """Return the tags that say what a thing is: no licence, region or file format."""
    tags = [tag for tag in row.tags if tag != row.task and _tells(tag)]
    more = len(tags) - SHOWN_TAGS
    return ", ".join(tags[:SHOWN_TAGS]) + (f" and {more} more" if more > 0 else "")


def _tells(tag: str) -> bool:
    kind, colon, _ = tag.partition(":")
    return not colon or kind in ("dataset", "task_categories", "language", "base_model")


def _number(number: int | None, grouped: str = "") -> str:
    return "" if number is None else f"{number:{grouped}}"
