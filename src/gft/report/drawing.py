"""Drawings in SVG: axes, lines, points, bars and words; every text in them is escaped.

Colours are names of classes, which a style sheet gives meaning: the page's own, dark or light, or
`STYLE`, for a drawing that stands alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 68, 14, 14, 44
DIGITS, LARGE = 4, 1e5
"""More digits after the point than that, or values so large, are written with an exponent."""
STYLE = """
text{font:12px sans-serif;fill:#1c2126}
.axis{stroke:#5a646e;stroke-width:1;fill:none}
.grid{stroke:#d9dee3;stroke-width:1;fill:none}
.paper{fill:#ffffff}
.one{stroke:#1f5fa8;stroke-width:2;fill:none}.one-dot{fill:#1f5fa8}
.two{stroke:#b4530a;stroke-width:2;fill:none}.two-dot{fill:#b4530a}
.band{fill:#1f5fa8;fill-opacity:.16}
.faint{stroke:#5a646e;stroke-width:1;stroke-dasharray:4 4;fill:none}
.cell{fill:#1f5fa8}.on-cell{fill:#ffffff}.small{font-size:10px}
"""


@dataclass(frozen=True)
class Scale:
    """Where values from `low` to `high` lie between two positions of a drawing."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Return the position of a value."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)

    def ticks(self, about: int = 5) -> dict[float, str]:
        """Return about so many round values as they are written, evenly over the scale."""
        rough = (self.high - self.low) / about
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * n for n in (1, 2, 5, 10) if unit * n >= rough * 0.8)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        plain = digits <= DIGITS and max(abs(self.low), abs(self.high)) < LARGE
        return {n * step: f"{n * step:.{digits}f}" if plain else f"{n * step:.2g}"
                for n in range(first, last + 1)}  # fmt: skip


def around(values: Sequence[float], room: float = 0.05) -> tuple[float, float]:
    """Return limits that hold all values and a little room; never two that are nearly equal."""
    low, high = min(values), max(values)
    if high - low <= max(abs(low), abs(high)) * 1e-3:
        reach = abs(low) * 0.1 or 0.5
        return low - reach, high + reach
    return low - (high - low) * room, high + (high - low) * room


def logged(history: Sequence[Mapping[str, float]], name: str) -> list[tuple[float, float]]:
    """Return what was logged under a name after its epoch, where it is finite."""
    pairs = ((row["epoch"], row[name]) for row in history if name in row)
    return [(epoch, value) for epoch, value in pairs if math.isfinite(value)]


def written(value: float) -> str:
    """Return a number in three digits."""
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.2g}"


@dataclass
class Drawing:
    """One drawing with a title and a description for those who cannot see it."""

    name: str
    title: str
    description: str
    width: int = WIDTH
    height: int = HEIGHT
    _parts: list[str] = field(default_factory=list)

    def across(self, low: float, high: float) -> Scale:
        """Return the scale from left to right."""
        return Scale(low, high, LEFT, self.width - RIGHT)

    def up(self, low: float, high: float) -> Scale:
        """Return the scale from bottom to top."""
        return Scale(low, high, self.height - BOTTOM, TOP)

    def axes(self, x: Scale, y: Scale, below: str, beside: str, numbers: bool = True) -> None:
        """Draw both axes with their names, a grid, and round numbers (below only if `numbers`)."""
        for value, tick in y.ticks().items():
            height = y(value)
            self.line([(x.start, height), (x.stop, height)], "grid")
            self.text(LEFT - 6, height + 4, tick, "end")
        for value, tick in x.ticks().items() if numbers else ():
            self.line([(x(value), y.start), (x(value), y.start + 4)], "axis")
            self.text(x(value), y.start + 18, tick)
        self.line([(x.start, y.stop), (x.start, y.start), (x.stop, y.start)], "axis")
        self.text((x.start + x.stop) / 2, self.height - 6, below)
        self.text(12, (y.start + y.stop) / 2, beside, turned=True)

    def line(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """Draw a line through points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline class="{kind}" points="{path}"/>')

    def area(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """Fill what lies between points, in their order."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polygon class="{kind}" points="{path}"/>')

    def dot(self, x: float, y: float, kind: str, radius: float = 3, tooltip: str = "") -> None:
        """Draw a dot with a tooltip."""
        inner = f"<title>{escape(tooltip)}</title>" if tooltip else ""
        where = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"'
        self._parts.append(f'<circle class="{kind}" {where}>{inner}</circle>')

    def box(
        self, x: float, y: float, width: float, height: float, kind: str, shade: float = 1.0
    ) -> None:
        """Draw a filled box; `shade` from 0 to 1 is how much of its colour it has."""
        size = f'width="{width:.1f}" height="{height:.1f}" fill-opacity="{shade:.3f}"'
        self._parts.append(f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size}/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        anchor: str = "middle",
        turned: bool = False,
        kind: str = "",
    ) -> None:
        """Write words at a point."""
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        of = f' class="{kind}"' if kind else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{of}{turn}>{escape(words)}</text>'
        )

    def svg(self, alone: bool = False) -> str:
        """Return the drawing; one that stands `alone` brings its colours and a white ground."""
        ids = f"{self.name}-title {self.name}-about"
        begin = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'role="img" aria-labelledby="{ids}">'
            f'<title id="{self.name}-title">{escape(self.title)}</title>'
            f'<desc id="{self.name}-about">{escape(self.description)}</desc>'
        )
        if alone:
            begin += f"<style>{STYLE}</style>"
            begin += f'<rect class="paper" width="{self.width}" height="{self.height}"/>'
        return begin + "".join(self._parts) + "</svg>"
