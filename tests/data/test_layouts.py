"""Files that nest their rows: SQuAD's articles, spaCy's and Label Studio's exports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gft import notes
from gft.data.files import read_data
from gft.data.memory import from_memory
from gft.errors import UserError

SPAN = {"start": 0, "end": 4, "label": "LOC"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(notes, "note", lambda *texts: found.extend(filter(None, texts)))
    return found


def rows(folder: Path, content: Any, name: str = "x.json") -> list[dict[str, Any]]:
    lines = content if name.endswith("jsonl") else [content]
    (folder / name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found: list[dict[str, Any]] = read_data(folder / name).splits["train"].table.to_pylist()
    return found


def test_squad(tmp_path: Path, told: list[str]) -> None:
    asked = [
        {"id": "1", "question": "Where?", "answers": [{"text": "Elbe", "answer_start": 4}]},
        {"id": "2", "question": "Who?", "answers": [], "is_impossible": True,
         "plausible_answers": [{"text": "Elbe", "answer_start": 4}]},
        {"id": "3", "question": "What?"},
    ]  # fmt: skip
    article = {"title": "Rivers", "paragraphs": [{"context": "The Elbe.", "qas": asked}]}
    first, second, third = rows(tmp_path, {"version": "v2.0", "data": [article]})
    assert first == {"id": "1", "question": "Where?", "title": "Rivers", "context": "The Elbe.",
                     "answers": {"text": ["Elbe"], "answer_start": [4]},
                     "is_impossible": None}  # fmt: skip
    assert second["answers"] == {"text": [], "answer_start": []}
    assert third["answers"] is None
    assert told[-1].endswith("x.json is in SQuAD's nested form: a row for each of its 3 questions")
    again = rows(tmp_path, article["paragraphs"], "x.jsonl")
    assert [row["question"] for row in again] == ["Where?", "Who?", "What?"]


def test_spacy(tmp_path: Path, told: list[str]) -> None:
    pairs = [["Elbe flows", {"entities": [[0, 4, "LOC"]]}], ["stone", {"entities": []}]]
    expected = [{"text": "Elbe flows", "entities": [SPAN]}, {"text": "stone", "entities": []}]
    assert rows(tmp_path, pairs) == expected
    assert rows(tmp_path, pairs, "x.jsonl") == expected
    assert rows(tmp_path, {"classes": ["LOC"], "annotations": [None, *pairs]}) == expected
    assert "in spaCy's form: one text per row, with the columns text, entities" in told[-1]
    cats = [["fine", {"cats": {"GOOD": 1.0, "BAD": 0.0}}], ["no", {"cats": {"BAD": 1}}]]
    assert [row["cats"] for row in rows(tmp_path, cats)] == ["GOOD", "BAD"]
    words = [{"orth": "Elbe", "tag": "NN", "ner": "U-LOC"}, {"orth": "flows", "tag": "VB"}]
    documents = [{"id": 0, "paragraphs": [{"sentences": [{"tokens": words}]}]}]
    assert rows(tmp_path, documents) == [
        {"tokens": ["Elbe", "flows"], "tag": ["NN", "VB"], "ner": ["U-LOC", None]}
    ]


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_triples_in_cells_are_objects(tmp_path: Path, name: str) -> None:
    cells = [{"text": "Elbe flows", "label": [[0, 4, "LOC"]]}, {"text": "stone", "label": []}]
    found = rows(tmp_path, cells, name)
    assert found == [{"text": "Elbe flows", "label": [SPAN]}, {"text": "stone", "label": []}]
    nested = [{"text": "Elbe flows", "annotations": {"entities": [[0, 4, "LOC"]]}}]
    assert rows(tmp_path, nested, name)[0]["annotations"] == {"entities": [SPAN]}


def test_spans_in_memory_are_objects_too() -> None:
    label: list[Any] = [[(0, 4, "LOC")], []]
    expected = [{"text": "Elbe", "label": [SPAN]}, {"text": "no", "label": []}]
    columns = {"text": ["Elbe", "no"], "label": label}
    for thing in (columns, pd.DataFrame(columns)):
        data = from_memory(thing)
        assert data is not None and data.splits["train"].table.to_pylist() == expected


def test_a_docbin_is_told_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.spacy").write_bytes(b"\x78\x9c")
    with pytest.raises(
        UserError, match=r"x\.spacy is a DocBin of spaCy; in Python, write its docs"
    ):
        read_data(tmp_path / "x.spacy")


def task(text: str, *results: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    annotations = [{"result": result, **more} for result in results]
    return {"id": 1, "data": {"text": text, "source": "a"}, "annotations": annotations}


def result(kind: str, name: str, **value: Any) -> dict[str, Any]:
    return {"type": kind, "from_name": name, "to_name": "text", "value": value}


def test_label_studio(tmp_path: Path, told: list[str]) -> None:
    span = result("labels", "ner", start=0, end=4, text="Elbe", labels=["LOC"])
    tasks = [
        task("Elbe flows", [span, result("choices", "tone", choices=["calm"])]),
        task("stone", []),
        task("new"),
        task("skipped", [span], was_cancelled=True),
        task("twice", [result("choices", "tone", choices=["hard"])], []),
    ]
    found = rows(tmp_path, tasks)
    assert [(row["text"], row["tone"]) for row in found] == [
        ("Elbe flows", "calm"), ("stone", None), ("new", None), ("skipped", None),
        ("twice", "hard"), ("twice", None),
    ]  # fmt: skip
    assert found[0]["ner"] == [{"start": 0, "end": 4, "text": "Elbe", "label": "LOC"}]
    assert [row["ner"] for row in found[1:]] == [[], None, None, [], []]
    assert found[0]["source"] == "a"
    assert told[-1].endswith(
        "x.json is in Label Studio's form: a row for each annotation of a task; 2 tasks without "
        "one; 1 task with several; 1 skipped annotation left out"
    )


def test_choices_of_several_are_lists_in_every_row(tmp_path: Path) -> None:
    tasks = [task("a", [result("choices", "tone", choices=["x", "y"])]),
             task("b", [result("choices", "tone", choices=["x"])])]  # fmt: skip
    assert [row["tone"] for row in rows(tmp_path, tasks)] == [["x", "y"], ["x"]]
    beside = {"annotation_id": 1, "annotator": 2, "lead_time": 3.5}
    short = [{"text": "a", "tone": "x", **beside}, {"text": "b", "tone": {"choices": ["x", "y"]},
                                                    **beside}]  # fmt: skip
    assert [row["tone"] for row in rows(tmp_path, short)] == [["x"], ["x", "y"]]


def test_a_short_row_without_spans_has_none_to_mark(tmp_path: Path) -> None:
    beside = {"annotation_id": 1, "lead_time": 3.5}
    span = {"start": 0, "end": 1, "text": "a", "labels": ["X"]}
    found = rows(tmp_path, [{"text": "b", **beside}, {"text": "a", "ner": [span], **beside}])
    assert [row["ner"] for row in found] == [[], [span]]


def test_other_types_of_results(tmp_path: Path) -> None:
    given = [result("rating", "stars", rating=4), result("textarea", "why", text=["a", "b"]),
             result("hypertextlabels", "html", start="/p[1]", end="/p[1]", hypertextlabels=["X"],
                    globalOffsets={"start": 2, "end": 5}),
             result("rectanglelabels", "box", x=1)]  # fmt: skip
    [row] = rows(tmp_path, [task("some text", given)])
    assert (row["stars"], row["why"]) == (4, "a\nb")
    assert row["html"] == [{"start": 2, "end": 5, "text": None, "label": "X"}]
    assert "box" not in row


def test_what_begins_in_a_form_and_goes_on_otherwise(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="begins in Label Studio's form, and what follows is not"):
        rows(tmp_path, [task("a", []), {"text": "b"}])
    with pytest.raises(UserError, match="begins in SQuAD's nested form"):
        rows(tmp_path, [{"context": "a", "qas": []}, 7])
