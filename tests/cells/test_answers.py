"""Answers are read in every form that data sets write them in, or refused in one line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.cells.answers import Answers, answers_of, are_answers
from gft.cells.reading import read_columns
from gft.data.memory import from_memory
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.tasks.classify_spans import ClassifySpans

Gft = Callable[..., Any]
EQUATION = "classify_spans: answers ~ question + context"
CONTEXT = "The Elbe flows. The Elbe!"


@pytest.mark.parametrize(
    ("cell", "texts", "starts"),
    [
        ({"text": ["a", "b"], "answer_start": [3, 9]}, ("a", "b"), (3, 9)),
        ({"text": [], "answer_start": []}, (), ()),
        ({"text": "a", "answer_start": 3}, ("a",), (3,)),
        ({"text": "a", "answer_start": [3, 9]}, ("a", "a"), (3, 9)),
        ({"text": ["a"], "answer_start": ["3"]}, ("a",), (3,)),
        ({"text": ["a"], "answer_start": [3.0]}, ("a",), (3,)),
        ({"text": ["a"], "answer_start": "3.0"}, ("a",), (3,)),
        ({"text": ["a", "b"], "answer_start": [3]}, ("a", "b"), (3, None)),
        ({"text": [["a"], ["b"]], "answer_start": [[3], [9]]}, ("a", "b"), (3, 9)),
        ({"text": ["a"], "answer_start": [-1]}, ("a",), (None,)),
        ({"text": [""], "answer_start": [-1]}, (), ()),
        ({"text": "", "answer_start": None}, (), ()),
        ({"text": [1843], "answer_start": [3]}, ("1843",), (3,)),
        ([{"text": "a", "answer_start": 3}], ("a",), (3,)),
        ([{"text": ["a"], "answer_start": [3]}], ("a",), (3,)),
        ([{"text": "a", "answer_start": 3}, {"text": "b", "answer_start": 9}], ("a", "b"), (3, 9)),
        ('{"text": ["a"], "answer_start": [3]}', ("a",), (3,)),
        ("{'text': ['a'], 'answer_start': [3]}", ("a",), (3,)),
        ("{'text': array(['a'], dtype=object), 'answer_start': array([3], dtype=int32)}", ("a",),
         (3,)),
        ("{'text': array([], dtype=object), 'answer_start': array([], dtype=int32)}", (), ()),
        ("[{'text': 'a', 'answer_start': 3}]", ("a",), (3,)),
        ("['a', 'b']", ("a", "b"), (None, None)),
        ("[1] is a footnote", ("[1] is a footnote",), (None,)),
        ("[3]", ("[3]",), (None,)),
        ("{'a': 3}", ("{'a': 3}",), (None,)),
        ("a text", ("a text",), (None,)),
        (["a", "b"], ("a", "b"), (None, None)),
        ([], (), ()),
    ],
)  # fmt: skip
def test_forms_of_answers(cell: Any, texts: Any, starts: Any) -> None:
    assert answers_of(cell) == Answers(texts, starts)
    assert are_answers([cell, None])


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ({"text": ["a", "b"], "answer_start": [1, 2, 3]}, "found 2 texts and 3 starts"),
        ({"text": ["a"], "answer_start": ["here"]}, "found the start 'here'; expected a whole"),
        ({"text": ["a"], "answer_start": [True]}, "found the start True"),
        ({"text": ["a"], "answer_start": [3.5]}, "found the start 3.5"),
        ({"said": ["a"], "answer_start": [3]}, "found an object with said and answer_start"),
        ([{"text": "a"}, "b"], "found 'b' among objects"),
        ({"name": "y"}, "found an object with name; expected objects with lists text and"),
        ([3], "found 3 in a list"),
        (
            "{'text': array(['a', ..., 'b'], dtype=object), 'answer_start'",
            "is truncated or damaged",
        ),
    ],
)
def test_what_is_no_answer(cell: Any, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        answers_of(cell)
    assert not are_answers([cell])


def test_no_label() -> None:
    assert answers_of(None) is None and answers_of("") is None
    assert answers_of({"text": None, "answer_start": None}) is None
    assert answers_of(["a", "b"], [3, 9]) == Answers(("a", "b"), (3, 9))
    assert answers_of("a", "[3, 9]") == Answers(("a", "a"), (3, 9))


def golds(**columns: list[Any]) -> tuple[list[bool], list[Answers], tuple[str, ...]]:
    rows = len(next(iter(columns.values())))
    data = from_memory({"question": ["x"] * rows, "context": [CONTEXT] * rows, **columns})
    assert data is not None
    name = next(iter(columns))
    equation = parse_equation(f"classify_spans: {name} ~ question + context")
    read = read_columns(equation, data, ClassifySpans, Options({}))
    train = read.data.splits["train"]
    task = ClassifySpans.bind(read.equation, read.data, {"train": train})
    found = task.golds_of(train)
    return found.known.tolist(), list(found.values), read.notes


def test_an_empty_list_of_paddles_is_no_answer_only_where_it_is_said_to_be() -> None:
    known, values, _ = golds(answers=[["y"], [], []], answer_starts=[[0], [], []],
                             is_impossible=[False, True, False])  # fmt: skip
    assert known == [True, True, False]
    assert values == [Answers(("y",), (0,)), Answers((), ())]


def test_columns_beside_texts_say_where_they_begin() -> None:
    known, values, notes = golds(answer_text=["Elbe", "", "Elbe", ""],
                                 answer_start=["4", "-1", "[4, 20]", ""],
                                 is_impossible=["False", "True", "False", ""])  # fmt: skip
    assert known == [True, True, True, False]
    assert values == [Answers(("Elbe",), (4,)), Answers((), ()), Answers(("Elbe",) * 2, (4, 20))]
    assert notes == (
        "where the answers of 'answer_text' begin, or that there is none, is read from the columns "
        "answer_start and is_impossible",
    )


def test_what_is_as_wanted_is_not_copied() -> None:
    answers = [{"text": ["Elbe"], "answer_start": [4]}, None]
    data = from_memory({"q": ["a", "b"], "c": [CONTEXT] * 2, "answers": answers})
    assert data is not None
    equation = parse_equation("classify_spans: answers ~ q + c")
    assert read_columns(equation, data, ClassifySpans, Options({})).data is data


def test_cells_of_csv(gft: Gft, tmp_path: Path) -> None:
    cell = "{'text': array(['Elbe'], dtype=object), 'answer_start': array([4], dtype=int32)}"
    with (tmp_path / "x.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("question", "context", "answers"), ("Where?", CONTEXT, cell)])
    ran = gft("cat_data", "--data", tmp_path / "x.csv", "--eqn", EQUATION)
    assert ran.out == f"Where?|{CONTEXT}\tElbe\n"


def rows(folder: Path, *answers: Any) -> Path:
    path = folder / "x.jsonl"
    lines = [{"question": "q", "context": CONTEXT, "answers": one} for one in answers]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def test_the_row_of_a_mistake(gft: Gft, tmp_path: Path) -> None:
    right, wrong = ({"text": ["a"], "answer_start": [one]} for one in ("4", "four"))
    path = rows(tmp_path, right, wrong)
    for function in ("cat_data", "summary"):
        ran = gft(function, "--data", path, "--eqn", EQUATION)
        assert (ran.status, ran.out) == (2, "")
        assert "row 2 of train: column 'answers': found the start 'four'" in ran.err


def test_a_fit_without_an_answer_in_its_context_ends_before_it_begins(
    gft: Gft, tiny: Path, tmp_path: Path
) -> None:
    path = rows(tmp_path, *[{"text": ["elbe river"], "answer_start": [4]}] * 8)
    ran = gft("fit", "--model", f"C:{tiny}", "--data", path, "--eqn", EQUATION,
              "--output_dir", tmp_path / "out")  # fmt: skip
    assert ran.status == 2
    assert "none of the 8 answers of train is in its context, letter by letter" in ran.err
    assert "'elbe river' is not in 'The Elbe flows. The Elbe!'" in ran.err
    assert not (tmp_path / "out" / "config.json").exists()
