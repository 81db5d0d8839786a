"""PaddleNLP's files of objects and articles, read as tables under PaddleNLP's own columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gft.data.lines import text_lines
from gft.data.objects import read_json, read_jsonl
from gft.errors import UserError, listed
from gft.suppliers.paddle.lines import Layout, Row, table_of_rows

if TYPE_CHECKING:
    import pyarrow as pa


def read_objects(path: Path, layout: Layout) -> pa.Table:
    """Return a JSON object a line, or a list of them.

    `columns` maps ours to the file's keys, `a.b` inside an object, None to the number of the row;
    without it every key is a column, but for those that `rename` calls otherwise. Rows whose
    label is `unlabelled` are left out, as PaddleNLP does. `instead` has numbers that a label is
    where a key holds true; columns that are `parted` become lists, split at this mark.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    is_list = next(text_lines(path), "").lstrip().startswith("[")
    read = read_json(path) if is_list else read_jsonl(path)
    if isinstance(read, dict):
        raise UserError(f"{path}: expected a list of objects, found the splits {listed(read)}")
    found = read
    if "unlabelled" in layout and "label" in found.column_names:
        found = found.filter(pc.not_equal(found.column("label"), layout["unlabelled"]))
    if "columns" not in layout:
        names: dict[str, str] = layout.get("rename", {})
        renamed = found.rename_columns([names.get(name, name) for name in found.column_names])
        return _parted(renamed, layout.get("parted", {}))
    arrays = {}
    for name, key in layout["columns"].items():
        if key is None:
            arrays[name] = pa.array(range(found.num_rows), pa.int64())
        # A split without labels lacks their key.
        elif key.partition(".")[0] in found.column_names:
            arrays[name] = _inner(found, key)
    for key, number in layout.get("instead", {}).items():
        arrays["label"] = pc.if_else(_inner(found, key), number, arrays["label"])
    return pa.table(arrays)


def _inner(found: pa.Table, key: str) -> pa.ChunkedArray:
    """Return the values of a key, `a.b` inside an object."""
    import pyarrow.compute as pc

    first, *inner = key.split(".")
    return pc.struct_field(found.column(first), inner) if inner else found.column(first)


def _parted(found: pa.Table, marks: Mapping[str, str]) -> pa.Table:
    """Return texts with a mark between names as lists of the names, without quotation around."""
    import pyarrow as pa

    for column, mark in marks.items():
        # A split without labels has them empty, or not at all.
        if column in found.column_names:
            lists = [
                [name.strip('"') for name in text.split(mark)] if text else None
                for text in found.column(column).to_pylist()
            ]
            index = found.column_names.index(column)
            found = found.set_column(index, column, pa.array(lists, pa.list_(pa.string())))
    return found


def read_folders(*paths: Path, layout: Layout) -> pa.Table:
    """Return the first line of each file of folders that hold one class each, by name."""

    def rows() -> Iterator[Row]:
        for folder, label in zip(paths, layout["labels"], strict=True):
            for file in sorted(folder.iterdir()):
                yield next(text_lines(file), ""), label

    return table_of_rows(rows(), {"text": "text", "label": "text"})


def read_xml(path: Path, layout: Layout) -> pa.Table:
    """Return the articles of an XML file, marked up as they are, with their label."""
    from xml.dom import minidom
    from xml.parsers.expat import ExpatError

    try:
        top = minidom.parse(str(path)).documentElement
    except ExpatError as problem:
        raise UserError(f"{path} is no XML: {problem}") from None

    def rows() -> Iterator[Row]:
        for article in top.getElementsByTagName("article") if top else ():
            inner = (node.toprettyxml(indent="", newl="") for node in article.childNodes)
            yield "".join(inner), article.getAttribute("hyperpartisan")

    return table_of_rows(rows(), {"text": "text", "label": "text"})


def read_squad(path: Path, layout: Layout) -> pa.Table:
    """Return the questions of files in SQuAD's form, a list of answers for each.

    Texts are stripped, as PaddleNLP does; where that strips something in front, the offsets of
    answers move with it, so that `context[start:]` begins with the answer.
    """
    columns: list[str] = layout["columns"]

    def rows() -> Iterator[Row]:
        for article in json.loads(path.read_bytes())["data"]:
            title = article.get("title", "").strip()
            for paragraph in article["paragraphs"]:
                whole = paragraph["context"]
                stripped = len(whole) - len(whole.lstrip())
                for question in paragraph["qas"]:
                    answers = question.get("answers", [])
                    if layout.get("one_answer") and len(answers) != 1:
                        continue
                    texts = [answer["text"] for answer in answers]
                    found = {
                        "id": str(question[layout.get("id", "id")]),
                        "title": title,
                        "type": question.get("type", ""),
                        "context": whole.strip(),
                        "question": question["question"].strip(),
                        "answers": [text.strip() for text in texts],
                        "answer_starts": [
                            answer["answer_start"] + len(text) - len(text.lstrip()) - stripped
                            for answer, text in zip(answers, texts, strict=True)
                        ],
                        "is_impossible": bool(question.get("is_impossible", False)),
                    }
                    yield tuple(found[column] for column in columns)

    kinds = {"answers": "texts", "answer_starts": "integers", "is_impossible": "boolean"}
    try:
        return table_of_rows(rows(), {name: kinds.get(name, "text") for name in columns})
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UserError(f"{path} is not in SQuAD's form: {problem!r}") from None
