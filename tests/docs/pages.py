"""The markdown of the repository: its pages, their blocks, headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_LEFT_OUT = {".venv", ".git", "build", "dist", "site", "gft-runs", "node_modules", "src"}
_FENCE = re.compile(r"^( *)(```+|~~~+) *(\S*)[^`]*$")
_MARK = re.compile(r"^ *<!-- *(.+?) *-->$")
_HEADING = re.compile(r"^(#{1,6}) +(.*?)(?: +#+)?(?: *\{ *#([\w-]+) *\})?$")
_LINK = re.compile(
    r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^()\s>]+(?:\([^()]*\))?)>?(?: \"[^\"]*\")?\)"
)
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^()\s]+)\)")
_ANCHOR = re.compile(r"<(?:a|span)[^>]* (?:id|name)=\"([^\"]+)\"")
_CODE = re.compile(r"(`+)(.+?)(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its first line's number in the page, its language, text, and mark.

    The mark is the comment in the line before: `not run: REASON`, `file: NAME`, `status: 2`,
    `output: numbers vary` or `output: not checked, REASON`.
    """

    line: int
    language: str
    text: str
    mark: str


def pages() -> list[Path]:
    """Return every markdown file of the repository."""
    return [
        path
        for path in sorted(ROOT.rglob("*.md"))
        if not _LEFT_OUT & set(path.relative_to(ROOT).parts)
        and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]


def name_of(page: Path) -> str:
    """Return a page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


@cache
def _parts(page: Path) -> tuple[tuple[Block, ...], tuple[tuple[int, str], ...]]:
    """Return the blocks of a page, and its other lines with their numbers."""
    blocks, prose = [], []
    lines = page.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if fence is None:
            prose.append((at + 1, lines[at]))
            at += 1
            continue
        indent, ticks, language = len(fence[1]), fence[2], fence[3]
        end = at + 1
        while lines[end].strip() != ticks:
            end += 1
        marked = _MARK.match(lines[at - 1]) if at else None
        text = "\n".join(line[indent:] for line in lines[at + 1 : end]) + "\n"
        blocks.append(Block(at + 1, language, text, marked[1] if marked else ""))
        at = end + 1
    return tuple(blocks), tuple(prose)


def blocks_of(page: Path) -> tuple[Block, ...]:
    """Return the fenced blocks of a page."""
    return _parts(page)[0]


def prose_of(page: Path) -> tuple[tuple[int, str], ...]:
    """Return the lines of a page that are in no block, with their numbers."""
    return _parts(page)[1]


def links_of(page: Path) -> Iterator[tuple[int, str]]:
    """Yield every link and image of a page with the number of its line."""
    for number, line in prose_of(page):
        plain = _CODE.sub("code", line)
        for found in (*_LINK.findall(plain), *_IMAGE.findall(plain)):
            yield number, found


def code_of(page: Path) -> Iterator[tuple[int, str]]:
    """Yield everything of a page that is set as code, with the number of its line."""
    for number, line in prose_of(page):
        for found in _CODE.finditer(line):
            yield number, found[2]
    for block in blocks_of(page):
        yield block.line, block.text


def anchors_of(page: Path) -> set[str]:
    """Return what may follow `#` in a link to a page: its headings as slugs, and its anchors."""
    found: set[str] = set()
    for _, line in prose_of(page):
        found.update(_ANCHOR.findall(line))
        heading = _HEADING.match(line)
        if heading is None:
            continue
        slug = heading[3] or slug_of(heading[2])
        repeated = 1
        unique = slug
        while unique in found:
            unique = f"{slug}_{repeated}"
            repeated += 1
        found.add(unique)
    return found


def slug_of(heading: str) -> str:
    """Return the anchor of a heading, as GitHub and the site make it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    text = re.sub(r"[^\w\s-]", "", text).strip().lower()
    return re.sub(r"\s", "-", text)
