"""gft_init finds words and their tags, however a file writes them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gft = Callable[..., Any]
WORDS = ["Ada", "lives", "in", "Bonn"]
TAGS = ["B-PER", "O", "O", "B-LOC"]
SPANS = [[0, 3, "PER"], [13, 17, "LOC"]]
TEXT = " ".join(WORDS)


def init(gft: Gft, folder: Path, rows: list[dict[str, Any]]) -> Any:
    path = folder / "x.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return gft("init", path)


@pytest.mark.parametrize(
    ("row", "equation"),
    [
        ({"tokens": WORDS, "tags": TAGS}, "tags ~ tokens"),
        ({"id": 7, "text": TEXT, "label": SPANS}, "label ~ text"),
        ({"text": TEXT, "entities": [{"start_offset": 0, "end_offset": 3, "label": "PER"}],
          "relations": []}, "entities ~ text"),
        ({"text": TEXT, "tokens": [{"id": 0, "start": 0, "end": 3, "tag": "NNP"}],
          "ents": [{"start": 0, "end": 3, "label": "PER"}]}, "ents ~ text"),
        ({"note": "a b", "text": TEXT, "annotations": {"entities": SPANS}}, "annotations ~ text"),
        ({"words": WORDS, "column_2": ["X", "Y", "Z", "W"], "tags": TAGS}, "tags ~ words"),
        ({"text": TEXT, "tags": TAGS}, "tags ~ text"),
        ({"form": WORDS, "lemma": ["M", "l", "i", "P"], "upos": TAGS}, "upos ~ form"),
        ({"text": TEXT, "tags": " ".join(TAGS)}, "tags ~ text"),
        ({"sentence": TEXT, "pos": "NN VB IN NN"}, "pos ~ sentence"),
        ({"a": WORDS, "b": TAGS}, "b ~ a"),
    ],
)  # fmt: skip
def test_tags_of_words(gft: Gft, tmp_path: Path, row: dict[str, Any], equation: str) -> None:
    ran = init(gft, tmp_path, [{**row, "number": n} for n in range(4)])
    assert ran.status == 0, ran.err
    assert f"--eqn 'classify_tokens: {equation}'" in ran.out


def test_lists_written_into_a_csv(gft: Gft, tmp_path: Path) -> None:
    with (tmp_path / "x.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("tokens", "ner_tags"), *[(repr(WORDS), repr(TAGS))] * 3])
    ran = gft("init", tmp_path / "x.csv")
    assert "--eqn 'classify_tokens: ner_tags ~ tokens'" in ran.out


@pytest.mark.parametrize(
    "row",
    [
        {"text": TEXT, "label": "calm hard calm hard"},
        {"question": TEXT, "answer": "no one knows that"},
        {"text": TEXT, "label": ["calm", "hard"]},
        {"text": TEXT, "more": "WHO KNOWS IT NOW", "label": "x"},
    ],
)
def test_other_columns_are_no_tags(gft: Gft, tmp_path: Path, row: dict[str, Any]) -> None:
    others = {"text": "one more of these", "question": "one more of these", "more": "A B C d",
              "answer": "and so on", "label": "calm"}  # fmt: skip
    second = {name: others[name] for name in row}
    if isinstance(row.get("label"), list):
        second["label"] = ["calm"]
    ran = init(gft, tmp_path, [row, second] * 3)
    assert "classify_tokens" not in ran.out


def test_a_tag_too_many_is_told_by_init_and_summary(gft: Gft, tmp_path: Path) -> None:
    rows = [{"tokens": WORDS, "tags": TAGS}] * 8 + [{"tokens": WORDS, "tags": [*TAGS, "O"]}]
    told = "row 9 of train: 'tokens' has 4 words and 'tags' has 5 tags; every word needs one tag"
    ran = init(gft, tmp_path, rows)
    assert (ran.status, ran.out) == (2, "") and told in ran.err
    words = ("--data", tmp_path / "x.jsonl", "--eqn", "classify_tokens: tags ~ tokens")
    assert f"- not to be fitted: {told}" in gft("summary", *words).out
    ran = gft("summary", *words, "--strict")
    assert ran.status == 2 and told in ran.err


def test_a_tag_for_each_character(gft: Gft, tmp_path: Path) -> None:
    ran = init(gft, tmp_path, [{"text": "我爱北京", "tags": ["O", "O", "B-LOC", "I-LOC"]}] * 4)
    assert (ran.status, ran.out) == (2, "")
    assert "the text has 4 characters: to tag these, give a list of characters" in ran.err
