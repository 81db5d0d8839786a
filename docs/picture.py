"""The README's picture: the summary of the quick start's fit, as a terminal shows it.

`python docs/from_code.py` draws it again. The text is the output on `quickstart.md`, which a test
compares with what the quick start prints; another test holds page and picture equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from textwrap import wrap

DOCS = Path(__file__).parent
PICTURE = DOCS / "assets" / "summary.svg"
COMMAND = "gft_summary quickstart/fitted"
OUTPUT = "make quickstart is not run -->\n```output\n"
COLUMNS = 112
CHARACTER, LINE, MARGIN = 7.4, 18, 18
RULE = "─"
KEPT_SPACE = "\N{NO-BREAK SPACE}"
COLOURS = {
    "text": "#d6dbe4", "dim": "#8d96a8", "command": "#8fd694", "selected": "#ffd479",
    "heading": "#7fb8ff", "back": "#161b26",
}  # fmt: skip


def drawn(page: str) -> str:
    """Return the picture, as SVG, of the summary on a page; raises `ValueError` without one."""
    lines = list(wrapped(summary(page)))
    width = COLUMNS * CHARACTER + 2 * MARGIN
    height = (len(lines) + 1) * LINE + 2 * MARGIN
    inside = "\n".join(
        drawn_line(text, colour, MARGIN + (number + 1) * LINE)
        for number, (text, colour) in enumerate(lines)
        if text
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" \
width="{width:g}" height="{height}" role="img">
<title>The summary of the quick start's fit, in a terminal</title>
<rect width="100%" height="100%" rx="10" fill="{COLOURS["back"]}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" \
font-size="12.3">
{inside}
</g>
</svg>
"""


def summary(page: str) -> list[str]:
    """Return the lines of the summary: the second output, with the table of the first one in it."""
    _, fit, whole = page.split(OUTPUT)
    table = fit.split("\n* ")[0].splitlines()
    lines = whole.split("\n```")[0].splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("(here"))
    return [f"$ {COMMAND}", *lines[:place], *table, *lines[place + 1 :]]


def wrapped(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield lines as wide as the picture, each with its colour."""
    for line in lines:
        for number, part in enumerate(wrap(line, COLUMNS, drop_whitespace=False) or [""]):
            yield part.lstrip() if number else part.rstrip(), colour_of(line)


def colour_of(line: str) -> str:
    """Return the name of a line's colour."""
    if line.startswith("$ "):
        return "command"
    if not line.strip(RULE):
        return "dim"
    if " * " in line:
        return "selected"
    return "heading" if line.rstrip().endswith(":") else "text"


def drawn_line(text: str, colour: str, y: float) -> str:
    """Return a line of text, stretched to its columns whatever the font, or a rule."""
    if not text.strip(RULE):
        end = MARGIN + len(text) * CHARACTER
        return f'<path d="M{MARGIN} {y - 4:g}H{end:g}" stroke="{COLOURS["dim"]}"/>'
    shown = escape(text, quote=False).replace(" ", KEPT_SPACE)
    bold = ' font-weight="bold"' if colour in ("heading", "selected") else ""
    return (
        f'<text x="{MARGIN}" y="{y:g}" textLength="{len(text) * CHARACTER:g}" '
        f'fill="{COLOURS[colour]}"{bold}>{shown}</text>'
    )


def write() -> bool:
    """Draw the picture of `quickstart.md`; return whether it changed."""
    after = drawn((DOCS / "quickstart.md").read_text(encoding="utf-8"))
    before = PICTURE.read_text(encoding="utf-8") if PICTURE.exists() else ""
    PICTURE.write_text(after, encoding="utf-8", newline="\n")
    return after != before
