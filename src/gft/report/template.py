"""Templates beside this file, filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from gft.digits import in_digits
from gft.report.tables import limits, number
from gft.results.scored import called
from gft.visible import visible


class Verbatim(str):
    """What stands in a template of Markdown as it is: our own, or inside of code."""

    __slots__ = ()


HERE = Path(__file__).parent
_MARKS = re.compile(r"[\\`*\[\]<>&|]")


def in_markdown(value: object) -> object:
    """Return a value as Markdown shows it on one line: what it holds of markup is escaped."""
    if not isinstance(value, str) or isinstance(value, Verbatim):
        return value
    return _MARKS.sub(_escaped, " ".join(visible(value).split()))


def _escaped(mark: re.Match[str]) -> str:
    return escape(mark[0]) if mark[0] in "<>&" else f"\\{mark[0]}"


def rendered(name: str, values: Mapping[str, Any], folder: Path = HERE) -> str:
    """Return a template of a folder filled in.

    Values are escaped unless they are our own drawings, or code.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    html = name.endswith(".html")
    markdown = name.endswith(".md")
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=not html,
        finalize=in_markdown if markdown else None,
    )
    environment.filters.update(
        number=number,
        called=called,
        signed=lambda value: "" if value is None else in_digits(value, signed=True),
        limits=limits,
        signed_limits=lambda score: limits(score, signed=True),
        capital=lambda text: text[:1].upper() + text[1:],
        grouped=lambda count: f"{count:,}",
        quoted=repr,
        verbatim=Verbatim,
    )
    return environment.get_template(name).render(values) + "\n"
