"""Whatever form words and tags have in a file, a task is given lists of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gft = Callable[..., Any]


def cat(gft: Gft, folder: Path, rows: list[dict[str, Any]], eqn: str = "t: tags ~ words") -> Any:
    """Return what gft_cat_data says of rows as jsonl."""
    path = folder / "x.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return gft("cat_data", "--data", f"C:{path}", "--eqn", eqn)


def cat_csv(gft: Gft, folder: Path, *rows: tuple[str, str]) -> Any:
    """Return what gft_cat_data says of words and tags in a csv."""
    path = folder / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("words", "tags"), *rows])
    return gft("cat_data", "--data", f"C:{path}", "--eqn", "t: tags ~ words")


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        ("['Mary', 'lives']", "['B-PER', 'O']"),
        ("['Mary' 'lives']", "['B-PER' 'O']"),
        ("array(['Mary', 'lives'], dtype=object)", "[np.str_('B-PER'), np.str_('O')]"),
        ('["Mary", "lives"]', '["B-PER", "O"]'),
        ("Mary lives", "['B-PER', 'O']"),
        ("['Mary', 'lives']", "B-PER O"),
        ("Mary\tlives", "B-PER\tO"),
        ("Mary lives", "[(0, 4, 'PER')]"),
        ("Mary lives", "{'entities': [(0, 4, 'PER')]}"),
    ],
)
def test_cells_of_csv(gft: Gft, tmp_path: Path, words: str, tags: str) -> None:
    ran = cat_csv(gft, tmp_path, (words, tags), (words, ""))
    lines = ran.out.replace("\\t", " ").splitlines()
    assert lines == ["Mary lives\tB-PER O", "Mary lives\t"], ran.err


def test_a_no_break_space_keeps_a_word_together(gft: Gft, tmp_path: Path) -> None:
    ran = cat_csv(gft, tmp_path, ("10\u00a0000 people", "B-NUM O"))
    assert "no-break space, which does not separate words (row 1 of train has" in ran.err
    ran = gft("init", tmp_path / "x.csv")
    assert "--eqn 'classify_tokens: tags ~ words'" in ran.out


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([("a b", "['O', 'O']"), ("c", "O")],
         "column 'tags': row 2 of train has 'O', and 1 other row has a list"),
        ([("a b", "[O, B-PER]")],
         "column 'tags': row 1 of train has '[O, B-PER]', which looks like a list but is not one"),
        ([("a b", "['O' ... 'O']")], "looks like a list but is not one"),
        ([("['a', 'b']", "O O"), ("['a', 'c']", "O O"), ("d e", "O O")],
         "column 'words': row 3 of train has 'd e', and 2 other rows have a list"),
        ([("a b", "[(0, 1, 'X')]"), ("a", "O")],
         "column 'tags': row 2 of train has 'O', and other rows have spans of characters"),
    ],
)  # fmt: skip
def test_two_forms_in_a_column(
    gft: Gft, tmp_path: Path, rows: list[tuple[str, str]], problem: str
) -> None:
    ran = cat_csv(gft, tmp_path, *rows)
    assert ran.status == 2
    assert problem in ran.err


def test_a_text_that_looks_like_a_list_among_texts_is_a_text(gft: Gft, tmp_path: Path) -> None:
    ran = cat_csv(gft, tmp_path, ("[1]", "O"), ("see [2]", "O O"), ("and", "O"))
    assert ran.out.splitlines()[0] == "[1]\tO"


def test_spans_of_characters(gft: Gft, tmp_path: Path) -> None:
    rows = [
        {"text": "EU rejects it.", "label": [[0, 2, "ORG"], [11, 13, "X"], [90, 95, "X"]]},
        {"text": "nothing", "label": []},
        {"text": "unlabelled", "label": None},
    ]
    ran = cat(gft, tmp_path, rows, "t: label ~ text")
    assert ran.out.splitlines() == ["EU rejects it.\tB-ORG O B-X", "nothing\tO", "unlabelled\t"]
    assert "note: column 'label': 2 spans of characters became tags of words" in ran.err
    assert ("note: column 'label': 1 span next to punctuation of the same word: "
            "the whole word gets the tag (row 1 of train: 'it' in 'it.')") in ran.err  # fmt: skip
    assert ("warning: column 'label': 1 span outside the text, or not matching it: "
            "left out (row 1 of train: X from 90 to 95)") in ran.err  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{"text": "我爱北京", "tags": [[2, 4, "LOC"]]}],
         "spans that begin or end inside a word: 1 of 1 (row 1 of train: '北京' in '我爱北京')"),
        ([{"text": "a b", "tags": [[7, 9, "X"]]}],
         "none of its spans (1) is in the text of 'text' (row 1 of train: X from 7 to 9)"),
        ([{"text": ["a", "b"], "tags": [[0, 1, "X"]]}],
         "'text' of train holds list values; expected a column of text"),
        ([{"text": "a", "tags": [{"start": 0, "end": 1, "label": "X"}]},
          {"text": "a", "tags": [{"start": 0, "end": 1, "label": None}]}],
         "row 2 of train has [{'start': 0, 'end': 1, 'label': None}]"),
    ],
)  # fmt: skip
def test_spans_that_are_none_of_words(
    gft: Gft, tmp_path: Path, rows: list[dict[str, Any]], problem: str
) -> None:
    ran = cat(gft, tmp_path, rows, "t: tags ~ text")
    assert ran.status == 2
    assert problem in ran.err


def test_splits_are_read_alike(gft: Gft, tmp_path: Path) -> None:
    """A split without any span, whose column of empty lists has no type of its own, has tags O."""
    folder = tmp_path / "x"
    folder.mkdir()
    for split, label in (("train", [[0, 4, "LOC"]]), ("test", [])):
        row = json.dumps({"text": "Elbe flows", "label": label})
        (folder / f"{split}.jsonl").write_text(row, encoding="utf-8")
    ran = gft("cat_data", "--data", folder, "--eqn", "t: label ~ text", "--split", "test")
    assert ran.out == "Elbe flows\tO O\n"


def test_a_tag_for_each_character(gft: Gft, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(
        '{"text": "我爱北京", "tags": ["O", "O", "B-LOC", "I-LOC"]}\n', encoding="utf-8"
    )
    ran = gft("fit", "--model", f"C:{tiny}", "--data", path, "--eqn", "t: tags ~ text")
    assert ran.status == 2
    assert (
        "row 1 of train: 'text' has 1 word and 'tags' has 4 tags; every word needs one tag; the "
        'text has 4 characters: to tag these, give a list of characters ["我", "爱", ...]'
    ) in ran.err
