"""Tags of words and answers in texts, as tools export them and people save them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

TAGS = "classify_tokens: tags ~ tokens"
ANSWERS = "classify_spans: answers ~ question + context"
CONTEXT = "The Elbe flows to Hamburg."


def test_lists_in_cells_of_csv(
    table: Any, fit: Any, labels_in: Any, rows: Any, equation_of: Any
) -> None:
    lines = ["tokens,tags"] + 8 * [
        "\"['Mary', 'lives', 'in', 'Paris']\",\"['B-PER', 'O', 'O', 'B-LOC']\"",
        "\"['the', 'film']\",\"['O', 'O']\"",
    ]
    file = table("d.csv", "\n".join(lines) + "\n")
    assert equation_of(file) == TAGS
    assert rows(file, TAGS)[1] == {"tokens": ["the", "film"], "tags": ["O", "O"]}
    assert fit(file, TAGS).status == 0
    assert labels_in() == ["B-LOC", "B-PER", "O"]


def test_tags_in_cells_of_csv_with_any_whitespace(
    table: Any, fit: Any, labels_in: Any, equation_of: Any
) -> None:
    lines = ["text,tags"] + 8 * ["Mary  lives\tin Paris,B-PER O O B-LOC", "a\u3000b c,O O"]
    file = table("d.csv", "\n".join(lines) + "\n")
    assert equation_of(file) == "classify_tokens: tags ~ text"
    assert fit(file, "classify_tokens: tags ~ text").status == 0
    assert labels_in() == ["B-LOC", "B-PER", "O"]


def test_answers_as_pandas_writes_them(table: Any, rows: Any) -> None:
    cell = "{'text': array(['Hamburg'], dtype=object), 'answer_start': array([18], dtype=int32)}"
    file = table("d.csv", f'question,context,answers\nWhere?,{CONTEXT},"{cell}"\n')
    [row] = rows(file, ANSWERS)
    assert row["answers"] == {"text": ["Hamburg"], "answer_start": [18]}


@pytest.mark.parametrize(
    "answers",
    [
        {"text": ["Elbe"], "answer_start": ["4"]},
        [{"text": ["Elbe"], "answer_start": [4]}],
        {"text": "Elbe", "answer_start": [4]},
        {"text": ["Elbe"], "answer_start": [4.0]},
    ],
    ids=["starts as text", "lists in a list", "one text", "starts as floats"],
)
def test_forms_of_answers(table: Any, rows: Any, fit: Any, answers: Any) -> None:
    row = {"question": "q", "context": CONTEXT, "answers": answers}
    file = table("d.jsonl", [row] * 8)
    assert rows(file, ANSWERS)[0]["answers"] == {"text": ["Elbe"], "answer_start": [4]}
    assert fit(file, ANSWERS, "--dry_run").status == 0


def test_answers_that_stand_in_no_context(table: Any, fit: Any, tmp_path: Path) -> None:
    answers = {"text": ["elbe river"], "answer_start": [4]}
    row = {"question": "q", "context": "The Elbe flows.", "answers": answers}
    done = fit(table("d.jsonl", [row] * 16), ANSWERS)
    assert (done.status, len(done.errors)) == (2, 1)
    assert "elbe river" in done.errors[0]
    assert not (tmp_path / "out").exists()


def test_a_missing_tag_keeps_its_place(table: Any, fit: Any, gft: Any, tmp_path: Path) -> None:
    full = {"tokens": ["Mary", "lives", "in"], "tags": ["B-PER", "O", "O"]}
    gap = {"tokens": ["x", "Mary"], "tags": [None, "B-PER"]}
    file = table("d.jsonl", [full] * 10 + [gap] * 2)
    assert fit(file, TAGS).status == 0
    done = gft("predict", "--model", tmp_path / "out", "--data", file, "--split", "train",
               "--format", "jsonl")  # fmt: skip
    assert json.loads(done.out.splitlines()[-1])["tags"] == [None, "B-PER"]


@pytest.mark.parametrize("form", ["spans", "objects"])
def test_doccano(table: Any, rows: Any, equation_of: Any, fit: Any, form: str) -> None:
    span: Any = [0, 2, "ORG"]
    if form == "objects":
        span = {"id": 1, "label": "ORG", "start_offset": 0, "end_offset": 2}
    name = "label" if form == "spans" else "entities"
    found = [
        {"id": 1, "text": "EU rejects it", name: [span]},
        {"id": 2, "text": "nothing", name: []},
    ]
    file = table("d.jsonl", found * 6)
    equation = equation_of(file)
    assert equation.startswith("classify_tokens: ")
    left, _ = equation.removeprefix("classify_tokens: ").split(" ~ ")
    first, second = rows(file, equation)[:2]
    assert first[left] == ["B-ORG", "O", "O"] and second[left] == ["O"]
    assert fit(file, equation, "--dry_run").status == 0


@pytest.mark.parametrize("nested", [False, True])
def test_spacy(table: Any, rows: Any, equation_of: Any, nested: bool) -> None:
    found: Any = [["Hello from India", {"entities": [[11, 16, "GPE"]]}]] * 6
    file = table("d.json", {"classes": ["GPE"], "annotations": found} if nested else found)
    equation = equation_of(file)
    left, _ = equation.removeprefix("classify_tokens: ").split(" ~ ")
    assert rows(file, equation)[0][left] == ["O", "O", "B-GPE"]


def test_a_row_with_too_many_tags_is_named(table: Any, fit: Any, gft: Any) -> None:
    good = {"tokens": ["Mary", "lives", "in", "Paris"], "tags": ["B-PER", "O", "O", "B-LOC"]}
    bad = {**good, "tags": [*good["tags"], "O"]}
    file = table("d.jsonl", [good] * 18 + [bad])
    told = "4 words and 'tags' has 5 tags"
    assert told in fit(file, TAGS).err
    for done in (gft("init", file), gft("summary", "--data", file, "--eqn", TAGS)):
        assert "row 19" in done.out + done.err and told in done.out + done.err


CONLL = {
    "train.conll": "-DOCSTART- -X- -X- O\n\nMary NNP B-NP B-PER\nlives VBZ B-VP O\n\n"
    "Paris NNP B-NP B-LOC\n",
    "train.txt": "Mary B-PER\nlives O\n\nParis B-LOC\nthe O\n",
    "c.tsv": "Mary\tB-PER\nlives\tO\n\nParis\tB-LOC\nthe\tO\n",
}


@pytest.mark.parametrize("name", CONLL)
def test_conll(table: Any, equation_of: Any, rows: Any, name: str) -> None:
    equation = equation_of(table(name, CONLL[name]))
    assert equation.startswith("classify_tokens: ")
    left, right = equation.removeprefix("classify_tokens: ").split(" ~ ")
    first = rows(table(name, CONLL[name]), equation)[0]
    assert (first[right], first[left]) == (["Mary", "lives"], ["B-PER", "O"])


def test_chinese_by_characters(table: Any, fit: Any, gft: Any) -> None:
    row = {"text": "我爱北京", "tags": ["O", "O", "B-LOC", "I-LOC"]}
    file = table("d.jsonl", [row] * 12)
    told = gft("init", file)
    assert "classify: tags" not in told.out
    assert "200 %" not in told.out
    done = fit(file, "classify_tokens: tags ~ text")
    assert done.status == 0 or "list of characters" in done.errors[0]


def test_an_answer_always_stands_in_its_context(table: Any, gft: Any) -> None:
    found = [{"question": f"q {n}", "context": f"The Elbe flows {n}.", "answers": ["Elbe"]}
             for n in range(20)]  # fmt: skip
    told = gft("init", table("d.jsonl", found))
    assert "classify_spans: answers ~ question + context" in told.out
    assert "label itself" not in told.out


def test_squad_as_it_is_published(table: Any, rows: Any, equation_of: Any) -> None:
    question = {"id": "1", "question": "Where?", "is_impossible": False,
                "answers": [{"text": "Hamburg", "answer_start": 18}]}  # fmt: skip
    none = {"id": "2", "question": "Who drinks it?", "answers": [], "is_impossible": True}
    paragraph = {"context": CONTEXT, "qas": [question, none]}
    content = {"version": "v2.0", "data": [{"title": "Rivers", "paragraphs": [paragraph]}]}
    file = table("train.json", content)
    assert equation_of(file) == ANSWERS
    one, other = rows(file, ANSWERS)
    assert one["answers"] == {"text": ["Hamburg"], "answer_start": [18]}
    assert other["answers"] == {"text": [], "answer_start": []}
