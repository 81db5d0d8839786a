"""A model and a data set together: the equation, the labels, and what a fit would do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gft as gft_package
from hub.models import bert
from hub.server import Hub


def together(gft: Callable[..., Any], *words: object) -> dict[str, Any]:
    ran = gft("summary", *words, "--format", "json")
    assert ran.status == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)["together"]
    return found


def test_labels_match_by_name_in_the_models_order(hub: Hub, gft: Callable[..., Any]) -> None:
    found = together(gft, "--model", "H:someone/mnli", "--data", "H:glue,mnli")
    assert found["equation"] == "classify: label ~ premise + hypothesis"
    assert found["meet"] == "by name"
    assert found["data_labels"] == ["entailment", "neutral", "contradiction"]
    assert found["order"] == ["contradiction", "neutral", "entailment"]
    assert found["fit"] == "keeps the head and goes on from its weights"
    out = gft("summary", "--model", "H:someone/mnli", "--data", "H:glue,mnli").out
    assert "by name; in the model's order: contradiction, neutral and entailment" in out


def test_by_position(hub: Hub, gft: Callable[..., Any]) -> None:
    out = gft("summary", "--model", "H:someone/generic", "--data", "H:glue,rte").out
    assert "by position: entailment is LABEL_0 and not_entailment is LABEL_1" in out
    assert "works, with a warning" in out


def test_not_at_all(hub: Hub, gft: Callable[..., Any]) -> None:
    found = together(gft, "--model", "H:someone/mnli", "--data", "H:glue,rte")
    assert found["meet"] == "not at all"
    assert found["evaluation"].startswith("refuses: the data's labels (entailment and not_ent")
    assert found["fit"].startswith("replaces the model's head for contradiction, neutral and ent")


def test_fit_does_what_the_summary_says(hub: Hub, gft: Callable[..., Any], tmp_path: Path) -> None:
    found = together(gft, "--model", "H:someone/mnli", "--data", "H:glue,rte")
    ran = gft("fit", "--model", "H:someone/mnli", "--data", "H:glue,rte", "--eqn",
              found["equation"], "--output_dir", tmp_path / "out", "--max_steps", "1")  # fmt: skip
    assert ran.status == 0
    assert "the model's head for contradiction, neutral and entailment is replaced" in ran.err
    assert found["command"].endswith("--eqn 'classify: label ~ sentence1 + sentence2'")


def test_a_model_without_a_head(hub: Hub, gft: Callable[..., Any]) -> None:
    found = together(gft, "--model", "H:bert-base-cased", "--data", "H:glue,qqp")
    assert found["meet"] == "no head"
    assert found["evaluation"] == "refuses: fit it first"
    assert found["fit"].startswith("makes a new head with 2 outputs")
    assert (found["limit"], found["over"], found["measured"]) == (512, 0.0, 40)


def test_a_fitted_folder_knows_its_equation(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    gft_package.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="regress: size ~ text",
                    output_dir=str(out), num_train_epochs=1)  # fmt: skip
    found = together(gft, "--model", f"C:{out}", "--data", f"C:{colours}")
    assert found["equation"] == "regress: size ~ text"
    assert found["why"] == "the model was fitted with it"
    assert found["meet"] == "by name"
    (tmp_path / "x.csv").write_text("text,length\nriver,1.5\nstone,2.5\nstone river,3\n")
    named = together(gft, "--model", f"C:{out}", "--data", tmp_path / "x.csv", "--eqn",
                     "regress: length ~ text")  # fmt: skip
    assert named["meet"] == "by position"
    other = together(gft, "--model", f"C:{out}", "--data", f"C:{colours}",
                     "--eqn", "classify: colour ~ text")  # fmt: skip
    assert other["meet"] == "no head"


def test_data_in_memory_has_no_command(tiny: Path) -> None:
    columns = {"text": ["river stone", "stone river"] * 8, "label": ["a", "b"] * 8}
    printed = gft_package.summary(data=columns, model=f"C:{tiny}", format="json")
    assert json.loads(printed)["together"]["command"] is None


def test_no_column_looks_like_labels(gft: Callable[..., Any], tiny: Path, tmp_path: Path) -> None:
    lines = ["text,note", *(f"river stone {n},market {n} letter" for n in range(20))]
    (tmp_path / "x.csv").write_text("\n".join(lines) + "\n")
    out = gft("summary", "--model", f"C:{tiny}", "--data", tmp_path / "x.csv").out
    assert "none (no column looks like labels: name the columns with --eqn)" in out


def test_a_suggestion_that_fit_would_refuse(
    gft: Callable[..., Any], tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.dev").write_text("label,text\n" + "a,river\nb,stone\n" * 9)
    command = ("summary", "--model", f"C:{tiny}", "--data", f"C:{tmp_path / 'x'}")
    ran = gft(*command)
    assert ran.status == 0
    assert "gft_fit refuses it: x has no split called train" in ran.out
    given = gft(*command, "--eqn", "classify: label ~ text")
    assert given.status == 2


def test_a_model_without_a_tokenizer(
    gft: Callable[..., Any], colours: Path, tmp_path: Path
) -> None:
    folder = bert(tmp_path / "bert")
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        (folder / name).unlink(missing_ok=True)
    ran = gft("summary", "--model", f"C:{folder}", "--data", f"C:{colours}")
    assert ran.status == 0
    assert "texts are not measured in tokens" in ran.err
    assert "makes a new head with 2 outputs" in ran.out
