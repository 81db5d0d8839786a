"""Members of objects as columns of an equation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import gft as package
from ran import Ran

PAIRS = [("good", "gut"), ("bad", "schlecht"), ("fine", None)]


def write(folder: Path, *more: dict[str, object]) -> Path:
    rows = [{"id": n, "translation": {"en": en, "de": de}} for n, (en, de) in enumerate(PAIRS)]
    file = folder / "d.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in [*rows, *more]))
    return file


def test_a_translation_is_a_pair_of_columns(gft: Callable[..., Ran], tmp_path: Path) -> None:
    words = ("--data", write(tmp_path), "--eqn", "generate: translation.de ~ translation.en")
    done = gft("cat_data", *words, "--format", "jsonl")
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"translation.en": en, "translation.de": de} for en, de in PAIRS
    ]


def test_members_of_a_column_of_several_forms(gft: Callable[..., Ran], tmp_path: Path) -> None:
    odd = {"id": 4, "translation": {"en": "odd", "de": "seltsam", "note": [1, "x"]}}
    words = ("--data", write(tmp_path, odd), "--eqn", "generate: translation.de ~ translation.en")
    done = gft("cat_data", *words)
    assert (done.status, done.out.splitlines()[-1]) == (0, "odd\tseltsam")


def test_an_error_lists_them(gft: Callable[..., Ran], tmp_path: Path) -> None:
    words = ("--data", write(tmp_path), "--eqn", "generate: translation.fr ~ translation.en")
    [error] = gft("cat_data", *words).errors
    assert error.endswith("available: id, translation, translation.en and translation.de"), error


def test_data_stays_what_it_was(tmp_path: Path) -> None:
    data = package.load_data(str(write(tmp_path)))
    assert list(data.columns) == ["id", "translation"]
