"""Templates beside this file, filled in."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from gft.report.tables import limits, number
from gft.results.scored import called


def rendered(name: str, values: Mapping[str, Any]) -> str:
    """Return a template filled in; what stands in HTML is escaped unless it is our own drawing."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    html = name.endswith(".html")
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=not html,
    )
    environment.filters.update(
        number=number,
        called=called,
        signed=lambda value: "" if value is None else f"{value:+.4f}",
        limits=limits,
        signed_limits=lambda figure: limits(figure, signed=True),
        capital=lambda text: text[:1].upper() + text[1:],
        grouped=lambda count: f"{count:,}",
        quoted=repr,
        html=escape,
    )
    return environment.get_template(name).render(values) + "\n"
