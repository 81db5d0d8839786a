"""The docstrings of the public functions and classes, as markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

import gft
from in_markdown import code


def python() -> str:
    """Return the public functions and classes with their docstrings."""
    parts = []
    for name in gft.__all__:
        thing = getattr(gft, name)
        if inspect.isclass(thing):
            parts.append(of_class(f"gft.{name}", thing))
        else:
            parts.append(entry("##", f"gft.{name}", thing))
    return "\n".join(parts)


def entry(level: str, name: str, thing: Callable[..., Any]) -> str:
    """Return a function's heading, signature and documentation."""
    signature = str(inspect.signature(thing)).replace("(self, ", "(").replace("(self)", "()")
    signature = re.sub(r"'([\w\[\] |.]+)'", r"\1", signature)
    called = name if level == "##" else name.rpartition(".")[2]
    return f"{level} {name}\n\n```text\n{called}{signature}\n```\n\n{documented(thing)}\n"


def of_class(name: str, kind: type) -> str:
    """Return a class with its public methods and properties."""
    parts = [f"## {name}\n\n{documented(kind)}\n"]
    for member, thing in vars(kind).items():
        if member.startswith("_") or not inspect.getdoc(thing):
            continue
        if isinstance(thing, property | cached_property):
            parts.append(f"### {name}.{member}\n\n{documented(thing)}\n")
        elif inspect.isfunction(thing):
            parts.append(entry("###", f"{name}.{member}", thing))
    return "\n".join(parts)


def documented(thing: Any) -> str:
    """Return the docstring of something."""
    return inspect.getdoc(thing) or ""


def results() -> str:
    """Return the classes of results, with their fields and methods."""
    from gft.data.table import DataSet, Rows
    from gft.functions.evaluate import Evaluation
    from gft.functions.evaluate_several import Failed
    from gft.functions.suggest import Suggestion
    from gft.metrics.comparison import Comparison
    from gft.metrics.intervals import Result
    from gft.report.plan import Plan

    parts = []
    for kind in (Evaluation, Result, Comparison, Failed, Plan, Suggestion, DataSet, Rows):
        fields = getattr(kind, "__dataclass_fields__", {})
        listed = f"\n\nFields: {code(fields)}." if fields else ""
        methods = [
            name for name, thing in vars(kind).items()
            if not name.startswith("_") and inspect.isfunction(thing)
        ]  # fmt: skip
        called = f"\n\nMethods: {code(f'{name}()' for name in methods)}." if methods else ""
        parts.append(f"### {kind.__name__}\n\n{documented(kind)}{listed}{called}\n")
    return "\n".join(parts)
