"""Files of every data set that the table knows, a few rows in each, in the layouts it gives.

What is awkward in real files is in these: marks of quotation, blanks at the ends and inside,
characters beyond ASCII, empty lines between sentences, words that look like something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

Layout = Mapping[str, Any]
TEXTS = [
    'a "quoted" word',
    "他说 好 ，我爱你",
    "two  blanks, it's",
    "null",
    "caf\u00e9\u3000NA",
    "0",
]
BETWEEN = "\x02"
ROWS = len(TEXTS)


def files_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each file of a data set, by its path in the cache."""
    written: dict[str, str] = {}
    for name, split in entry["splits"].items():
        layout = {**entry, **split, "split": name}
        paths = [file[0] for file in split["files"]]
        if entry["form"] == "folders":
            for number, folder in enumerate(paths):
                for n, text in enumerate(TEXTS):
                    written[f"{folder}/{number}_{n}.txt"] = f"{text}\nanother line\n"
        elif entry["form"] == "parallel":
            for number, path in enumerate(paths):
                lines = [f"{text} {number}" for text in TEXTS]
                written[path] = "\n".join([*lines[:2], " ", *lines[2:]]) + "\n"
        else:
            written[paths[0]] = written.get(paths[0], "") or WRITERS[entry["form"]](layout)
    return written


def label(layout: Layout, column: str, n: int) -> str:
    """Return the label of row n: every class of the table comes, then begins again."""
    names = layout.get("classes", {}).get(column, ["3.250", "0.0"])
    return str(names[n % len(names)])


def cells(layout: Layout) -> str:
    """Return cells between tabs; labels where the table says, texts everywhere else."""
    places = {name: at for name, at in layout["columns"].items() if at is not None}
    lines = ["a header"] * layout.get("skip", 0)
    for n, text in enumerate(TEXTS):
        row = [f"cell {at}" for at in range(max(places.values()) + 1)]
        for name, at in places.items():
            of_class = name in ("label", "labels") and layout["splits"] and "tokens" not in places
            row[at] = label(layout, name, n) if of_class else f"{text} {name}"
        lines.append("\t".join(row))
    return "".join(f"{line}\n" for line in lines)


def headed(layout: Layout) -> str:
    """Return cells under the names of their columns."""
    columns = layout.get("columns") or {name: name for name in ("id", "text_a", "text_b", "label")}
    back = {new: old for old, new in layout.get("replace", {}).items()}
    names = [*layout.get("where", {}), *columns.values()]
    lines = ["\t".join(names)]
    for n, text in enumerate(TEXTS * 2):
        row = [value if n % 3 else "other" for value in layout.get("where", {}).values()]
        for ours, theirs in columns.items():
            name = label(layout, ours, n)
            row.append(back.get(name, name) if ours == "label" else f"{text} {theirs}")
        lines.append("\t".join(row))
    return "".join(f"{line}\n" for line in lines)


def leveled(layout: Layout) -> str:
    """Return a text and labels at two levels, several at the second."""
    return "".join(f"{text}\tA{n % 2}\tB{n % 3},C\n" for n, text in enumerate(TEXTS))


def conll(layout: Layout) -> str:
    """Return a word a line, with a line between sentences that has nothing in it."""
    lines = []
    for n, text in enumerate(TEXTS):
        for number, word in enumerate(text.split(), 1):
            # The trees of one of NLPCC's have two more cells, but in the test split.
            more = 2 if "_hit" in layout["files"][0][0] and layout["split"] != "test" else 0
            row = [f"x{at}" for at in range(max(layout["columns"].values()) + 1 + more)]
            for name, at in layout["columns"].items():
                row[at] = label(layout, name, n + number) if "tags" in name else word
            if layout.get("numbered"):
                row[0] = str(number)
            lines.append(layout["separator"].join(row))
        lines.append("")
    return "".join(f"{line}\n" for line in lines)


def tagged(layout: Layout) -> str:
    """Return characters and their tags."""
    lines = ["text\tlabel"] * layout.get("skip", 0)
    for n, text in enumerate(TEXTS):
        words = list(text.replace(" ", ""))
        tags = [label(layout, "labels", n + at) for at in range(len(words))]
        lines.append(f"{BETWEEN.join(words)}\t{BETWEEN.join(tags)}")
    return "".join(f"{line}\n" for line in lines)


def entities(layout: Layout) -> str:
    """Return an entity and its text; in one row it is not there."""
    lines = ["label\ttext_a"]
    for n, text in enumerate(TEXTS):
        lines.append(f"{'nowhere' if n == 1 else text[:3].strip()}\tso {text}")
    return "".join(f"{line}\n" for line in lines)


def objects(layout: Layout) -> str:
    """Return an object a line, or a list of them where PaddleNLP reads one."""
    found = []
    for n, text in enumerate(TEXTS):
        row: dict[str, Any] = {"id": n}
        if "columns" not in layout:
            row |= {name: f"{text} {name}" for name in layout.get("rename") or ("sentence",)}
            row |= {old: f'"{text}"##other' for old, new in layout.get("rename", {}).items()
                    if new in layout.get("parted", {})}  # fmt: skip
            if "label" in layout.get("classes", {"label": 0}):
                row["label"] = label(layout, "label", n)
            if "unlabelled" in layout and n == 2:
                row["label"] = layout["unlabelled"]
        for name, key in layout.get("columns", {}).items():
            inner = row
            *above, last = (key or "id").split(".")
            for part in above:
                inner = inner.setdefault(part, {})
            value: Any = f"{text} {name}"
            if name in layout.get("classes", {}):
                value = label(layout, name, n)
            inner.setdefault(last, value)
        if "meta" in row:
            row["meta"] = {
                "accusation": ["盗窃", ["诈骗", "抢劫"][n % 2]],
                "relevant_articles": [133, 315 + n % 2],
                "term_of_imprisonment": {
                    "imprisonment": n,
                    "life_imprisonment": n == 1,
                    "death_penalty": n == 2,
                },
            }
        found.append(row)
    if "CBLUE" in layout["files"][0][0]:
        return json.dumps(found, ensure_ascii=False)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)


def squad(layout: Layout) -> str:
    """Return questions: one answer, none, and several; in SQuAD's form."""
    paragraphs = []
    for n, text in enumerate(TEXTS):
        answers = [{"text": text[:4], "answer_start": 2}] * (n % 3)
        question = {layout.get("id", "id"): f"q{n}", "question": f" What {text}? ",
                    "answers": answers, "is_impossible": not answers,
                    "type": "in-domain"}  # fmt: skip
        # Where PaddleNLP strips a context it leaves the starts of answers as they were; gft moves
        # them. Where it does not strip anything (TriviaQA), gft does.
        if "one_answer" in layout:
            question["question"] = "What?"
        paragraphs.append({"context": f"{text} and so on", "qas": [question]})
    article = {"title": " A title ", "paragraphs": paragraphs}
    return json.dumps({"version": "1", "data": [article]}, ensure_ascii=False)


def xml(layout: Layout) -> str:
    """Return articles with mark-up inside them."""
    articles = "".join(
        f'<article hyperpartisan="{label(layout, "label", n)}" id="{n}"><p>{text}</p>'
        f"<p>more <a>of it</a></p></article>\n"
        for n, text in enumerate(TEXTS)
    )
    return f"<articles>{articles}</articles>"


WRITERS: dict[str, Callable[[Layout], str]] = {
    "cells": cells,
    "headed": headed,
    "leveled": leveled,
    "conll": conll,
    "tagged": tagged,
    "entities": entities,
    "objects": objects,
    "squad": squad,
    "xml": xml,
}
