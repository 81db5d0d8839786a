"""Files with one word per line and empty lines between sentences: CoNLL and its variants.

https://www.clips.uantwerpen.be/conll2003/ner/ and https://universaldependencies.org/format.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from gft import notes
from gft.data.blocks import blocks, size_of_value
from gft.data.lines import text_lines
from gft.data.spool import Spool
from gft.errors import UserError, counted, listed

TOKENS, TAGS = "tokens", "tags"
CONLL_U = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
DOCUMENT = "-DOCSTART-"
FIRST_LINES = 2000
"""Among this many lines one is empty, where empty lines separate sentences."""
SENTENCES_PER_CHUNK = 10_000
MANY_TAGS = 200
SINGLE = 0.05
"""The share of words with a space inside up to which a column can be one of words."""

_ENTITY = re.compile(r"O|[BIESLUM][-_]\S+")
_TAG = re.compile(r"[A-Z][A-Z0-9_:.+*|$-]{0,15}|[^\w\s]{1,5}|-[A-Z]{3}-")
_SPACES = re.compile(r"[ \t]+")
_ID = re.compile(r"\d+([-.]\d+)?")


@dataclass(frozen=True)
class Layout:
    """How a file is written: `width` fields in a line, separated by tabs or any whitespace.

    `tags` are the values of the last field in lines that are no comments; `counts` says that the
    first one counts the words of a sentence; `blocks` and `words` say how much there is.
    """

    tabs: bool
    width: int
    tags: Counter[str]
    counts: bool
    blocks: int
    words: int

    @property
    def is_conll_u(self) -> bool:
        """Whether the columns are those of CoNLL-U, or of CoNLL-X before it."""
        return self.tabs and self.counts and self.width == len(CONLL_U)

    def fields(self, line: str) -> list[str]:
        """Return the fields of a line. A no-break space may stand inside a word."""
        fields = line.split("\t") if self.tabs else line.split()
        return fields if self.tabs or len(fields) == self.width else _SPACES.split(line.strip(" "))

    def is_comment(self, line: str) -> bool:
        """Say whether a line that begins with `#` is none of a word.

        The word `#` has as many fields as others, and a tag that others have.
        """
        fields = self.fields(line)
        return len(fields) != self.width or (fields[-1] not in self.tags) or self.is_conll_u


def is_conll(path: Path, encoding: str | None = None) -> bool:
    """Say whether a file whose name does not tell holds one word a line, with a tag.

    Then empty lines separate sentences, every line has equally many fields, two or more, the first
    one without spaces, and the last ones are few and look like tags, in the first line too.
    """
    first = next(blocks(text_lines(path, encoding), FIRST_LINES, len), [])
    lines = [line.rstrip("\r\n") for line in first]
    while lines and not lines[-1].strip():
        lines.pop()
    parted = any(not line.strip() or line.startswith(DOCUMENT) for line in lines)
    layout = _layout(lines) if parted else None
    if layout is None or layout.width < 2 or layout.words == layout.blocks:
        return False
    words = [line for line in lines if _is_word(line) and not layout.is_comment(line)]
    rows = [layout.fields(line) for line in words]
    spaced = sum(" " in row[0].strip() for row in rows)
    if any(len(row) != layout.width for row in rows) or spaced > SINGLE * len(rows):
        return False
    if layout.is_conll_u:
        return True
    if "O" in layout.tags and all(map(_ENTITY.fullmatch, layout.tags)):
        return len(layout.tags) <= MANY_TAGS
    few = len(layout.tags) <= min(MANY_TAGS, layout.words // 2)
    recur = layout.words >= 2 * layout.blocks and layout.tags[rows[0][-1]] > 1
    return few and recur and all(map(_TAG.fullmatch, layout.tags))


def read_conll(path: Path, encoding: str | None = None) -> pa.Table:
    """Return a file of words as a table with one sentence a row, each column one of lists.

    The first column is `tokens` and the last one `tags`, those between are `column_2` and so on;
    a column that counts the words is left out. CoNLL-U's columns have its own names. Comments and
    lines of documents are left out. Raises `UserError` with the line.
    """
    layout = _layout(line.rstrip("\r\n") for line in text_lines(path, encoding))
    if layout is None:
        raise UserError(f"{path} holds no words; expected a word and its tag in each line")
    if layout.width < 2:
        raise UserError(
            f"{path}: found one field per line; expected a word and its tag, separated by a tab "
            "or a space, and an empty line between sentences"
        )
    names = _names(layout)
    schema = pa.schema([(name, pa.list_(pa.large_string())) for name in names.values()])
    spool, left_out = Spool(), Counter[str]()
    sentences = _sentences(path, layout, left_out, encoding)
    count = 0
    for block in blocks(sentences, SENTENCES_PER_CHUNK, size_of_value):
        columns = [[[row[index] for row in rows] for rows in block] for index in names]
        arrays = [pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)]
        spool.add(pa.table(arrays, schema=schema))
        count += len(block)
    notes.note(_note(path, layout, list(names.values()), count, left_out))
    return pa.concat_tables([schema.empty_table(), *spool.tables()])


def _is_word(line: str) -> bool:
    return not (line.isspace() or not line or line.startswith(DOCUMENT))


def _layout(lines: Iterable[str]) -> Layout | None:
    """Return how lines are written, None where none has a word. Lines with `#` tell nothing."""
    tabs: bool | None = None
    widths, tags = Counter[int](), Counter[str]()
    blocks, inside, counts, expected = 0, False, True, 1
    for line in lines:
        if not _is_word(line):
            inside = False
            continue
        if line[0] == "#":
            continue
        if not inside:
            blocks, inside, expected = blocks + 1, True, 1
        if tabs is None:
            tabs = "\t" in line
        fields = line.split("\t") if tabs else line.split()
        widths[len(fields)] += 1
        tags[fields[-1]] += 1
        if counts:
            number = _ID.fullmatch(fields[0])
            counts = number is not None and (number[1] is not None or int(fields[0]) == expected)
            expected += number is not None and number[1] is None
    if tabs is None:
        return None
    [(width, _)] = widths.most_common(1)
    words = widths.total()
    return Layout(tabs, width, tags, counts and words > blocks and width > 2, blocks, words)


def _names(layout: Layout) -> dict[int, str]:
    """Return the names of the columns that are read, by their indices."""
    if layout.is_conll_u:
        return dict(enumerate(CONLL_U[1:], 1))
    first = int(layout.counts)
    between = {index: f"column_{index + 1}" for index in range(first + 1, layout.width - 1)}
    return {first: TOKENS, **between, layout.width - 1: TAGS}


def _sentences(
    path: Path, layout: Layout, left_out: Counter[str], encoding: str | None
) -> Iterator[list[list[str | None]]]:
    """Yield sentences as the fields of their words. Counts what of CoNLL-U is left out."""
    words: list[list[str | None]] = []
    for number, whole in enumerate(text_lines(path, encoding), 1):
        line = whole.rstrip("\r\n")
        if not _is_word(line):
            if words:
                yield words
            words = []
            continue
        if line.startswith("#") and layout.is_comment(line):
            continue
        fields = layout.fields(line)
        if len(fields) != layout.width:
            raise UserError(
                f"{path}, line {number}: found {counted(len(fields), 'field')}, expected "
                f"{layout.width} as in most lines, separated by "
                f"{'tabs' if layout.tabs else 'spaces'}"
            )
        if layout.is_conll_u:
            if not fields[0].isdecimal():
                left_out["ranges" if "-" in fields[0] else "empty"] += 1
                continue
            words.append([*fields[:2], *(None if one == "_" else one for one in fields[2:])])
        else:
            words.append([*fields])
    if words:
        yield words


def _note(
    path: Path, layout: Layout, names: list[str], sentences: int, left_out: Counter[str]
) -> str:
    form = "CoNLL-U" if layout.is_conll_u else "CoNLL, one word per line"
    gone = [
        counted(left_out[kind], what)
        for kind, what in (("ranges", "multi-word token"), ("empty", "empty node"))
        if left_out[kind]
    ]
    without = f" (left out: {listed(gone)})" if gone else ""
    return (
        f"{path} is read as {form}: {counted(sentences, 'sentence')} with the columns "
        f"{listed(names)}{without}"
    )
