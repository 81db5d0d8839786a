"""PaddleNLP's files of lines, read as tables of text under PaddleNLP's own columns.

Each reader takes the files of one split and the layout that the table of data sets gives. Marks
of quotation are text in these files. Rows stand in the files' order, as PaddleNLP reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.data.blocks import blocks, size_of_value
from gft.data.lines import text_lines
from gft.errors import UserError, no_such

if TYPE_CHECKING:
    import pyarrow as pa

Layout = Mapping[str, Any]
Row = tuple[Any, ...]

ROWS_PER_CHUNK = 20_000
BETWEEN_WORDS = "\x02"


def read_cells(path: Path, layout: Layout) -> pa.Table:
    """Return lines of cells between tabs.

    `columns` says where each column's cell is, None for an empty column; `skip` how many lines
    are a header; `most` how many cells a row has at the most; `optional` that as many of the last
    may be missing; `rest` that tabs after the last column's first are text.
    """
    columns: dict[str, int | None] = layout["columns"]
    indices = list(columns.values())
    least = max(index for index in indices if index is not None) + 1
    splits = least - 1 if layout.get("rest") else -1
    needed = least - layout.get("optional", 0)

    def rows() -> Iterator[Row | None]:
        for number, line in enumerate(text_lines(path)):
            if number < layout.get("skip", 0):
                continue
            cells = line.rstrip("\r\n").split("\t", splits)
            # PaddleNLP strips whole lines; here no cell moves to another column for it.
            cells = [cells[0].lstrip(), *cells[1:]]
            cells[-1] = cells[-1].rstrip()
            if cells == [""] and least > 1:
                continue
            if not needed <= len(cells) <= layout.get("most", len(cells)):
                yield None
                continue
            cells += [""] * (least - len(cells))
            yield tuple("" if index is None else cells[index] for index in indices)

    return table_of_rows(counted(rows(), path), dict.fromkeys(columns, "text"))


def read_headed(path: Path, layout: Layout) -> pa.Table:
    """Return lines of cells whose first line names the columns.

    `columns` maps ours to the file's, all if it is missing; rows with an empty cell among them
    are left out, as PaddleNLP does. `where` keeps the rows with these cells; `replace` changes
    the spelling of values.
    """
    lines = text_lines(path)
    header = next(lines, "").rstrip("\r\n").split("\t")
    columns: dict[str, str] = layout.get("columns") or {name: name for name in header}
    where: dict[str, str] = layout.get("where", {})
    for name in (*columns.values(), *where):
        if name not in header:
            raise UserError(no_such("column", name, header, str(path)))
    indices = [header.index(name) for name in columns.values()]
    wanted = [(header.index(name), value) for name, value in where.items()]
    replace: dict[str, str] = layout.get("replace", {})

    def rows() -> Iterator[Row | None]:
        for line in lines:
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) < len(header):
                yield None
            elif all(cells[index] == value for index, value in wanted):
                found = tuple(replace.get(cells[index], cells[index]) for index in indices)
                if all(found) or "columns" not in layout:
                    yield found

    return table_of_rows(counted(rows(), path), dict.fromkeys(columns, "text"))


def read_leveled(path: Path, layout: Layout) -> pa.Table:
    """Return a sentence, then a cell for each level of labels, with commas between labels."""
    levels: list[str] = layout["levels"]

    def rows() -> Iterator[Row | None]:
        for line in text_lines(path):
            cells = [cell.strip() for cell in line.split("\t")]
            ragged = len(cells) != len(levels) + 1
            yield None if ragged else (cells[0], *(cell.split(",") for cell in cells[1:]))

    kinds = {"sentence": "text", **dict.fromkeys(levels, "texts")}
    return table_of_rows(counted(rows(), path), kinds)


def read_conll(path: Path, layout: Layout) -> pa.Table:
    """Return sentences, a word a line, with an empty line between them, as lists.

    `columns` says where each column's cell is, between `separator`s. `numbered` lines begin with
    the number of the word; others are comments.
    """
    columns: dict[str, int] = layout["columns"]

    def rows() -> Iterator[Row]:
        words: list[list[str]] = []
        # A last empty line ends the last sentence.
        for number, line in enumerate(chain(text_lines(path), [""]), 1):
            if not line.strip() or line.startswith("-DOCSTART-"):
                if words:
                    yield tuple(list(column) for column in zip(*words, strict=True))
                    words = []
                continue
            cells = line.rstrip("\r\n").split(layout["separator"])
            if layout.get("numbered") and not cells[0].isdigit():
                continue
            if len(cells) <= max(columns.values()):
                raise UserError(
                    f"{path}, line {number}: found {len(cells)} cells, expected "
                    f"{max(columns.values()) + 1}"
                )
            words.append([cells[index].strip() for index in columns.values()])

    return table_of_rows(rows(), dict.fromkeys(columns, "texts"))


def read_tagged(path: Path, layout: Layout) -> pa.Table:
    """Return a sentence a line: its characters, a tab, their tags; test files may have no tags."""

    def rows() -> Iterator[Row | None]:
        for line in islice(text_lines(path), layout.get("skip", 0), None):
            tokens, _, tags = line.strip().partition("\t")
            words = tokens.split(BETWEEN_WORDS)
            labels = tags.split(BETWEEN_WORDS) if tags else []
            if tokens:
                yield None if tags and len(words) != len(labels) else (words, labels)

    return table_of_rows(counted(rows(), path), {"tokens": "texts", "labels": "texts"})


def read_entities(path: Path, layout: Layout) -> pa.Table:
    """Return an entity and the text around it as characters with the tags B, I and O."""
    plain = layout.get("without_labels", False)

    def rows() -> Iterator[Row | None]:
        for line in islice(text_lines(path), layout.get("skip", 0), None):
            entity, _, text = (cell.strip() for cell in line.partition("\t"))
            start = text.find(entity)
            if plain:
                yield (list(text),) if text else None
            elif not entity or start < 0:
                yield None
            else:
                tags = ["O"] * len(text)
                tags[start : start + len(entity)] = ["B", *"I" * (len(entity) - 1)]
                yield list(text), tags, entity

    kinds = {"tokens": "texts"} | ({} if plain else {"labels": "texts", "entity": "text"})
    return table_of_rows(counted(rows(), path), kinds)


def read_parallel(*paths: Path, layout: Layout) -> pa.Table:
    """Return files that have the same number of lines as columns, side by side."""

    def rows() -> Iterator[Row]:
        try:
            for lines in zip(*map(text_lines, paths), strict=True):
                found = tuple(line.strip() for line in lines)
                if any(found):
                    yield found
        except ValueError:
            names = " and ".join(str(path) for path in paths)
            raise UserError(f"{names} do not have the same number of lines") from None

    return table_of_rows(rows(), dict.fromkeys(layout["columns"], "text"))


def counted(rows: Iterable[Row | None], path: Path) -> Iterator[Row]:
    """Yield rows; those that are None are left out, and counted in a note."""
    left_out = 0
    for row in rows:
        if row is None:
            left_out += 1
        else:
            yield row
    if left_out:
        notes.note(f"{path}: incomplete rows are left out: {left_out}")


def table_of_rows(rows: Iterable[Row], kinds: Mapping[str, str]) -> pa.Table:
    """Return rows as a table; kinds are text, texts (a list), integers (a list) and boolean."""
    import pyarrow as pa

    types = {
        "text": pa.large_string(),
        "texts": pa.list_(pa.string()),
        "integers": pa.list_(pa.int64()),
        "boolean": pa.bool_(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in kinds.items()])
    chunks = []
    for block in blocks(rows, ROWS_PER_CHUNK, size_of_value):
        arrays = zip(zip(*block, strict=True), schema.types, strict=True)
        columns = [pa.array(values, kind) for values, kind in arrays]
        chunks.append(pa.RecordBatch.from_arrays(columns, schema=schema))
    return pa.Table.from_batches(chunks, schema)
