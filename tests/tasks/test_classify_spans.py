"""Answers in texts: what is learned, written, scored, and refused."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
import torch

from gft.cells.answers import Answers
from gft.data.memory import from_memory
from gft.data.table import Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.tasks import spans
from gft.tasks.answers import offsets_of, shown
from gft.tasks.classify_spans import ClassifySpans
from squad_rules import official

Gft = Callable[..., Any]
EQUATION = "classify_spans: answers ~ question + context"


def written(folder: Path, none: bool = False, long: int = 0) -> Path:
    """Write questions about marks; with `none` a third of the contexts has no mark."""
    generator = random.Random(1)
    folder.mkdir()
    for split, count in (("train", 90), ("val", 24), ("test", 20)):
        rows = []
        for n in range(count):
            words = [generator.choice(["river", "stone", "market"]) for _ in range(5 + long)]
            lacks = none and n % 3 == 0
            index = generator.randrange(len(words))
            words[index] = words[index] if lacks else f"mark{n % 7}"
            context = " ".join(words)
            texts = [] if lacks else [f"mark{n % 7}"]
            answers = {"text": texts, "answer_start": [context.index(one) for one in texts]}
            rows.append({"question": "which mark", "context": context, "answers": answers})
        text = "\n".join(map(json.dumps, rows))
        (folder / f"{split}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("spans") / "marks", long=20)


@pytest.fixture(scope="module")
def fitted(tiny: Path, marks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of windows so short that every context needs several."""
    import gft

    out = tmp_path_factory.mktemp("answered") / "out"
    gft.fit(model=f"C:{tiny}", data=f"C:{marks}", eqn=EQUATION, output_dir=str(out),
            num_train_epochs=8, learning_rate=5e-3, max_length=40, doc_stride=6)  # fmt: skip
    return out


def saved_metrics(folder: Path, role: str) -> dict[str, float]:
    found = json.loads((folder / "metrics.json").read_text())["splits"][role]["metrics"]
    return {name: score["value"] for name, score in found.items()}


def test_it_learns_to_find_answers_in_any_window(fitted: Path) -> None:
    assert saved_metrics(fitted, "test")["f1"] > 90
    record = json.loads((fitted / "gft.json").read_text())
    assert record["task"]["stride"] == 6 and record["task"]["negative"] is False


def test_metrics_are_those_of_the_rows_of_predict(fitted: Path, marks: Path, gft: Gft) -> None:
    words = ("--model", f"C:{fitted}", "--data", f"C:{marks}", "--split", "test")
    ran = gft("predict", *words, "--format", "jsonl")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    expected = official([(row["answers"]["text"], row["prediction"]) for row in rows], 1)
    found = saved_metrics(fitted, "test")
    assert found["f1"] == pytest.approx(expected["f1"], abs=1e-9)
    assert found["exact_match"] == pytest.approx(expected["exact"], abs=1e-9)
    kept = pyarrow.parquet.read_table(fitted / "predictions.parquet").to_pylist()
    mine = [row["prediction"] for row in kept if row["role"] == "test"]
    assert mine == [row["prediction"] for row in rows]
    for row in rows:
        assert row["context"][row["start"] : row["end"]] == row["prediction"]
        assert 0 < row["score"] <= 1
    ran = gft("eval", *words, "--format", "json")
    assert ran.status == 0, ran.err
    assert f"{found['f1']:.4f}" in gft("eval", *words).out


def test_rows_of_predict(fitted: Path, marks: Path, gft: Gft, shell: Gft) -> None:
    line = "which mark|river stone mark3 market river stone"
    ran = shell("predict", "--model", f"C:{fitted}", stdin=f"{line}\tmark3\n")
    inputs, gold, answer, score = ran.out.rstrip("\n").split("\t")
    assert (inputs, gold, answer) == (line, "mark3", "mark3") and float(score) > 0
    ran = gft("cat_data", "--data", f"C:{marks}", "--split", "val", "--eqn", EQUATION)
    assert ran.out.splitlines()[1].split("\t")[1] == "mark1"


def test_the_best_answers_on_request() -> None:
    task = ClassifySpans(("q", "c"), ("a",))
    found = [
        spans.FoundAnswer("a", 0.5, 0, 1),
        spans.FoundAnswer("b", 0.3, 2, 3),
        spans.FoundAnswer("", 0.2, -1, -1),
    ]
    assert task.fields("a", found, Options({})) == ["a", "0.5000"]
    assert task.fields("a", found, Options({"top_k": 2})) == ["a", "0.5000", "b", "0.3000"]
    assert len(task.fields("a", found, Options({"return_all_scores": True}))) == 6
    details = task.details("a", found, Options({"top_k": 2}))
    assert details["start"] == 0 and [one["text"] for one in details["n_best"]] == ["a", "b"]


def test_python(fitted: Path) -> None:
    import gft

    assert gft.load(str(fitted)).predict([("which mark", "river mark4 stone")]) == ["mark4"]


def test_rows_without_an_answer(tiny: Path, gft: Gft, tmp_path: Path) -> None:
    data = written(tmp_path / "marks", none=True)
    out = tmp_path / "out"
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{data}", "--eqn", EQUATION,
              "--output_dir", out, "--num_train_epochs", 10, "--learning_rate", "5e-3",
              "--metric", "H:squad_v2")  # fmt: skip
    assert ran.status == 0, ran.err
    found = saved_metrics(out, "test")
    assert found["f1"] > 80 and found["NoAns_exact"] > 50
    predict = ("predict", "--model", f"C:{out}", "--data", f"C:{data}", "--split", "test",
               "--format", "jsonl")  # fmt: skip
    rows = [json.loads(line) for line in gft(*predict).out.splitlines()]
    none = [row for row in rows if not row["prediction"]]
    assert none and all((row["start"], row["end"]) == (-1, -1) for row in none)
    never = gft(*predict, "--null_score_diff_threshold", "1000").out.splitlines()
    assert all(json.loads(line)["prediction"] for line in never)


def features_of(processor: Any, context: str, answers: Answers, **settings: Any) -> list[Any]:
    task = ClassifySpans(("q", "c"), ("a",), **settings)
    rows = {"q": ["which mark"], "c": [context]}
    return task.encode(processor, rows, 24, [answers]).features


@pytest.fixture(scope="module")
def processor(tiny: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny)


def test_every_window_knows_its_part_of_the_context(processor: Any) -> None:
    words = [["river", "stone", "market"][n % 3] for n in range(60)]
    words[31] = "mark5"
    context = " ".join(words)
    start = context.index("mark5")
    found = features_of(processor, context, Answers(("mark5",), (start,)), stride=4)
    assert len(found) > 3 and all(len(feature["input_ids"]) <= 24 for feature in found)
    answered = 0
    for feature in found:
        first, last = feature["labels"]
        if first == feature[spans.NONE][0]:
            continue
        answered += 1
        offsets = first - feature[spans.FIRST][0], last - feature[spans.FIRST][0]
        begin, end = feature[spans.BEGINS][offsets[0]], feature[spans.ENDS][offsets[1]]
        assert context[begin:end] == "mark5"
    assert answered
    covered = {n for one in found for a, b in zip(one[spans.BEGINS], one[spans.ENDS], strict=True)
               for n in range(a, b)}  # fmt: skip
    assert covered == {n for n, character in enumerate(context) if character != " "}
    whole = processor("which mark", context, truncation="only_second", max_length=24, stride=4,
                      return_overflowing_tokens=True)  # fmt: skip
    assert [list(one["input_ids"]) for one in found] == whole["input_ids"]
    assert [list(one["token_type_ids"]) for one in found] == whole["token_type_ids"]


def test_the_best_spans_are_those_of_a_search_of_all() -> None:
    generator = np.random.default_rng(0)
    begin, end = generator.normal(size=(2, 40))
    feature = {spans.FIRST: [7], spans.NONE: [0], spans.BEGINS: [10 * n for n in range(30)],
               spans.ENDS: [10 * n + 9 for n in range(30)]}  # fmt: skip
    found = spans.best_spans(begin, end, feature, longest=5, most=12)
    every = sorted(
        ((begin[7 + i] + end[7 + j], 10 * i, 10 * j + 9)
         for i in range(30) for j in range(i, min(30, i + 5))), reverse=True,
    )[:12]  # fmt: skip
    assert found.scores == pytest.approx([one[0] for one in every])
    assert found.offsets.tolist() == [[a, b] for _, a, b in every]
    assert found.no_answer == pytest.approx(begin[0] + end[0])


def test_windows_are_joined_and_no_answer_has_its_threshold() -> None:
    context = "one two three"
    first = spans.Spans(np.array([[0, 3]]), np.array([2.0]), 5.0)
    second = spans.Spans(np.array([[4, 7], [0, 3]]), np.array([4.0, 3.0]), 4.5)
    best = spans.best_answers([first, second], context, 20, False, 0.0)
    assert [one.text for one in best] == ["two", "one"]
    assert sum(one.score for one in best) == pytest.approx(1)
    refused = spans.best_answers([first, second], context, 20, True, 0.0)
    assert refused[0] == spans.FoundAnswer("", refused[0].score, -1, -1)
    assert refused[0].score == pytest.approx(np.exp(4.5) / np.exp([4.5, 4.0, 3.0]).sum())
    assert spans.best_answers([first, second], context, 20, True, 0.6)[0].text == "two"


def test_answers_for_people() -> None:
    assert shown({"text": ["a", "a", "b"], "answer_start": [0, 0, 2]}) == "a / b"


@pytest.mark.parametrize(
    ("text", "start", "offsets"),
    [("cat", 4, (4, 7)), ("cat", 5, (4, 7)), ("cat", 12, (14, 17)), ("cat", None, (4, 7)),
     (" cat ", 4, (3, 8)), ("cat  ", 4, (4, 7)), ("dog", 4, None), ("", 4, None)],
)  # fmt: skip
def test_an_answer_is_found_near_its_place(text: str, start: int | None, offsets: Any) -> None:
    assert offsets_of(Answers((text,), (start,)), "The cat and a cat sat") == offsets


def test_an_answer_that_is_not_there_is_counted_and_not_trained_on(
    capsys: pytest.CaptureFixture[str], processor: Any
) -> None:
    rows = from_memory({"q": ["which mark"] * 2, "c": ["river mark1", "river"],
                        "a": ["mark1", "mark9"]})  # fmt: skip
    assert rows is not None
    task = ClassifySpans(("q", "c"), ("a",))
    train: Rows = rows.splits["train"]
    task.learned(train, task.golds_of(train).values)
    assert "1 of the 2 rows of train have an answer that does not stand" in capsys.readouterr().err
    [feature] = features_of(processor, "river", Answers(("mark9",), (None,)))
    assert feature["labels"] == [-100, -100]


def test_the_loss_is_over_the_tokens_of_each_row() -> None:
    class Model(torch.nn.Module):
        def forward(self, **inputs: Any) -> Any:
            logits = torch.tensor([[1.0, 2.0, 3.0], [0.5, 1.5, 99.0]])
            return {"start_logits": logits, "end_logits": logits}

    batch = {"input_ids": torch.zeros(2, 3), "attention_mask": torch.tensor([[1, 1, 1], [1, 1, 0]]),
             "labels": torch.tensor([[2, 2], [1, 0]])}  # fmt: skip
    one = torch.tensor([1.0, 2.0, 3.0]).log_softmax(0)
    two = torch.tensor([0.5, 1.5]).log_softmax(0)
    expected = -((one[2] + two[1]) / 2 + (one[2] + two[0]) / 2) / 2
    task = ClassifySpans(("q", "c"), ("a",))
    assert task.loss(Model(), batch) == pytest.approx(float(expected))
    batch["labels"][1] = -100
    assert task.loss(Model(), batch) == pytest.approx(-float(one[2]))
    task = task.configured(Options({"label_smoothing_factor": 0.1}))
    assert task.loss(Model(), batch) == pytest.approx(-float(0.9 * one[2] + 0.1 * one.mean()))


@pytest.mark.parametrize(
    ("equation", "told"),
    [
        (
            "classify_spans: a ~ q",
            "takes two columns of text on the right of '~', the",
        ),
        ("classify_spans: a + q ~ q + c", "takes one column on the left of '~', found a and q"),
        ("classify_spans: n ~ q + c", "column 'n' of data holds integer values"),
        ("classify_spans: a ~ q + n", "column 'n' of data holds integer values"),
    ],
)
def test_mistakes(equation: str, told: str) -> None:
    data = from_memory({"q": ["x"], "c": ["y"], "a": ["y"], "n": [3]})
    assert data is not None
    with pytest.raises(UserError, match=told.replace("+", r"\+")):
        ClassifySpans.bind(parse_equation(equation), data, {"train": data.splits["train"]})
