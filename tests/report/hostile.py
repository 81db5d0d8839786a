"""Data as hostile as can be, and a reader of the page that is made of it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np

EVIL = ['<script>alert("x")</script>', '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }} & 'a'"]
SIGNS = ["lovely", "dreadful", "odd"]
VOID = {"meta", "link", "img", "br", "input"}


class Page(HTMLParser):
    """Elements, their attributes and texts; unclosed elements are a mistake."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        named = {name: value or "" for name, value in attrs}
        self.seen.append((tag, named))
        self.ids += [named["id"]] if "id" in named else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.seen if name == tag]


def rows(count: int, seed: int) -> list[dict[str, str]]:
    """Rows whose class is a word of the text; classes and texts are as hostile as can be."""
    random = np.random.default_rng(seed)
    gold = random.integers(0, 3, count)
    return [
        {"text": f"{SIGNS[n]} river {EVIL[random.integers(0, 3)]}", "label": EVIL[n]} for n in gold
    ]


def write(base: Path, swapped: int = 0) -> set[int]:
    """Write three splits and return the numbers, from 1, of train rows with a wrong label."""
    wrong: set[int] = set()
    for split, count in (("train", 240), ("val", 60), ("test", 60)):
        found = rows(count, count + len(split))
        if split == "train":
            for n in np.random.default_rng(0).choice(count, swapped, replace=False).tolist():
                found[n]["label"] = EVIL[(EVIL.index(found[n]["label"]) + 1) % 3]
                wrong.add(n + 1)
        lines = "".join(json.dumps(row) + "\n" for row in found)
        (base / f"{split}.jsonl").write_text(lines, encoding="utf-8")
    return wrong
