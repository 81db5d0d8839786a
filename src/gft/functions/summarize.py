"""`summary`: what is in a data set, a model or a fitted folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def figures_table(metrics: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [(role, name, f"{f['value']:.4f}") for role, s in metrics["splits"].items() for name, f in s["figures"].items()]


def print_table(rows: list[tuple[str, ...]]) -> None:
    for row in rows:
        print(*row, sep="\t")
