"""Spans of characters, as people annotate texts, and the tags of words that they amount to.

Words are what stands between whitespace. A word has the tag of the span that covers any of it: `B-`
and the label in its first word, `I-` in the others, `O` outside.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gft.cells.lists import written_in
from gft.inputs.words import WORD

STARTS = ("start", "start_offset", "begin", "start_char", "startOffset")
ENDS = ("end", "end_offset", "stop", "end_char", "endOffset")
LABELS = ("label", "labels", "tag", "type", "entity", "entity_group", "entity_type", "class")
"""What tools call the parts of a span."""
OUTSIDE = "O"
SHOWN = 40
"""So many characters of a span are shown in a message."""


class Span(NamedTuple):
    """Some characters of a text, from 0, `end` behind the last; `text` is what they should be."""

    start: int
    end: int
    label: str
    text: str | None = None


def spans_of(cell: Any) -> list[Span] | None:
    """Return the spans in a cell, None where it has something else.

    It is a list of objects, or of lists `[start, end, label]`, an object with such a list, or
    either of them written as text. An empty list has no span.
    """
    if isinstance(cell, str):
        cell = written_in(cell)
    if isinstance(cell, Mapping):
        inside = (value for value in cell.values() if isinstance(value, list))
        return next((found for one in inside if (found := spans_of(one)) is not None), None)
    if not isinstance(cell, list | tuple):
        return None
    spans: list[Span] = []
    for member in cell:
        found = _spans_in(member)
        if not found:
            return None
        spans += found
    return spans


def _spans_in(member: Any) -> list[Span]:
    """Return the spans at one pair of offsets: several where it has several labels."""
    text = None
    if isinstance(member, Mapping):
        start, end, labels = (_first(member, names) for names in (STARTS, ENDS, LABELS))
        text = member.get("text")
    elif isinstance(member, list | tuple) and len(member) in (3, 4):
        start, end, labels = member[:3]
    else:
        return []
    if not all(isinstance(offset, int) and not isinstance(offset, bool) for offset in (start, end)):
        return []
    if isinstance(labels, int | str):
        labels = [labels]
    if not isinstance(labels, list) or not all(isinstance(one, int | str) for one in labels):
        return []
    known = text if isinstance(text, str) else None
    return [Span(start, end, str(label), known) for label in labels]


def _first(member: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((member[name] for name in names if member.get(name) is not None), None)


@dataclass
class SpanCounts:
    """How many spans became tags and what else became of them, with the first example of each."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, example: str) -> None:
        """Count one."""
        self.counts[what] += 1
        self.examples.setdefault(what, example)


TAGGED, PARTLY, BESIDE, OVERLAPPING, OFF = "tagged", "inside a word", "beside", "overlapping", "off"
"""Spans that became tags; of these, those that part a word, and those that leave punctuation of one
out; spans that gave way to a longer one, and spans that are not in their text."""


def tags_of(text: str, spans: Sequence[Span], tally: SpanCounts, where: str) -> list[str]:
    """Return the tag of each word of a text. Of spans that overlap the longest is taken.

    `where` names the row in the examples of `tally`.
    """
    words = [found.span() for found in WORD.finditer(text)]
    begins, ends = [begin for begin, _ in words], [end for _, end in words]
    tags = [OUTSIDE] * len(words)
    for span in sorted(spans, key=lambda one: (one.start - one.end, one.start)):
        start, end = _offsets(text, span)
        first, last = bisect_right(ends, start), bisect_left(begins, end)
        if not 0 <= start < end <= len(text) or first >= last:
            tally.add(OFF, f"{where}: {span.label} from {span.start} to {span.end}")
            continue
        shown = repr(text[start : min(end, start + SHOWN)])
        if any(tag != OUTSIDE for tag in tags[first:last]):
            tally.add(OVERLAPPING, f"{where}: {shown} as {span.label}")
            continue
        tags[first:last] = [f"I-{span.label}"] * (last - first)
        tags[first] = f"B-{span.label}"
        tally.counts[TAGGED] += 1
        beside = text[begins[first] : start] + text[end : ends[last - 1]]
        if beside:
            parts = any(character.isalnum() for character in beside)
            around = text[begins[first] : ends[last - 1]][: 2 * SHOWN]
            tally.add(PARTLY if parts else BESIDE, f"{where}: {shown} in {around!r}")
    return tags


def _offsets(text: str, span: Span) -> tuple[int, int]:
    """Return where a span is; (-1, -1) where the text that it names is not there.

    Programs in JavaScript count an emoji as two characters; a span that is elsewhere is found by
    its text where this stands once.
    """
    start, end, named = span.start, span.end, span.text
    if not named or " ".join(text[max(start, 0) : end].split()) == " ".join(named.split()):
        return start, end
    units = text.encode("utf-16-le", "surrogatepass")
    before, inside = (
        part.decode("utf-16-le", "ignore")
        for part in (units[: 2 * max(start, 0)], units[2 * max(start, 0) : 2 * max(end, 0)])
    )
    if inside == named:
        return len(before), len(before) + len(inside)
    if text.count(named) == 1:
        return text.index(named), text.index(named) + len(named)
    return -1, -1
