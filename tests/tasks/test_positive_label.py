"""Which of two classes is the positive one, and what becomes of that in fit and eval."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from gft.errors import UserError
from gft.storage.manifest import MANIFEST
from gft.tasks.positive import affirmed, named, positive_of

Gft = Callable[..., Any]


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("yes", "no"), ("Y", "N"), ("True", "False"), ("1", "0"), ("1.0", "0.0"), ("1", "-1"),
        ("positive", "negative"), ("pos", "neg"), ("+", "-"), ("spam", "ham"),
        ("LABEL_1", "LABEL_0"), ("hate_yes", "hate_no"), ("ja", "nein"),
        ("Sí", "No"), ("oui", "non"), ("wahr", "falsch"),
        ("sim", "não"), ("да", "нет"), ("是", "否"), ("はい", "いいえ"),
        ("irony", "non_irony"), ("Irony", "non-irony"), ("irony", "not irony"),
        ("irony", "NotIrony"), ("hate", "nohate"),
        ("related", "unrelated"), ("related", "un-related"), ("Spam", "kein Spam"),
        ("ironisch", "nicht-ironisch"), ("ironie", "pas d\'ironie"), ("讽刺", "非讽刺"),
        ("OFF", "NOT"), ("hate", "none"), ("x", "!x"),
    ],
)  # fmt: skip
def test_the_class_that_says_yes(yes: str, no: str) -> None:
    assert affirmed(yes, no) == affirmed(no, yes) == yes


@pytest.mark.parametrize(
    ("one", "other"), [("cat", "dog"), ("1", "2"), ("no irony", "no hate"), ("no", "maybe")]
)
def test_classes_of_which_none_says_yes(one: str, other: str) -> None:
    assert affirmed(one, other) is None and affirmed(other, one) is None


def test_else_the_rarer_and_of_equals_the_later() -> None:
    assert positive_of(("cat", "dog"), [0, 1, 1], None) == "cat"
    assert positive_of(("cat", "dog"), [0, 0, 1], None) == "dog"
    assert positive_of(("dog", "cat"), [0, 1], None) == "dog"
    assert positive_of(("10", "9"), [0, 1], None) == "10"
    assert positive_of(("a", "b", "c"), [0, 1, 2], None) is None


def test_the_one_asked_for() -> None:
    assert positive_of(("yes", "no"), [0, 1], "No") == "no"
    with pytest.raises(UserError, match=r"no label 'ironi'.*did you mean 'irony'\?"):
        named(("irony", "non_irony"), "ironi")
    with pytest.raises(UserError, match="it is for two classes, and there are 3"):
        named(("a", "b", "c"), "a")


@pytest.fixture(scope="module")
def fitted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fit to tweets, most of which are meant as they say."""
    import gft

    folder = tmp_path_factory.mktemp("positive")
    lines = ["kind,text", *(f"{'irony' if n % 3 == 0 else 'non_irony'},river mark{n % 2} {n}"
                            for n in range(60))]  # fmt: skip
    for split in ("train", "val", "test"):
        (folder / f"tweets.{split}").write_text("\n".join(lines) + "\n")
    gft.fit(model=f"C:{tiny}", data=f"C:{folder / 'tweets'}", eqn="classify: kind ~ text",
            output_dir=str(folder / "out"), num_train_epochs=1,
            metric=["H:f1", "H:accuracy", "H:average_precision"])  # fmt: skip
    return folder / "out"


def f1_of(folder: Path, label: str) -> float:
    rows = pyarrow.parquet.read_table(folder / "predictions.parquet").to_pylist()
    pairs = [(row["gold"], row["prediction"]) for row in rows if row["role"] == "test"]
    right = sum(gold == said == label for gold, said in pairs)
    return 2 * right / max(1, sum((gold == label) + (said == label) for gold, said in pairs))


def test_a_fit_stores_the_class_and_its_metrics_name_it(fitted: Path, gft: Gft) -> None:
    record = json.loads((fitted / "gft.json").read_text())
    assert record["task"]["positive_label"] == "irony"
    scores = json.loads((fitted / "metrics.json").read_text())["splits"]["test"]["metrics"]
    assert list(scores) == ["f1", "accuracy", "average_precision"]
    assert scores["f1"]["positive_label"] == "irony" and "positive_label" not in scores["accuracy"]
    assert scores["f1"]["value"] == pytest.approx(f1_of(fitted, "irony"))
    summary = gft("summary", f"C:{fitted}").out
    assert "f1 (irony) *" in summary and "average_precision (irony)" in summary
    for name in ("report.html", "README.md"):
        assert "f1 (irony)" in (fitted / name).read_text(encoding="utf-8")


def test_eval_keeps_to_it_unless_another_is_asked_for(fitted: Path, gft: Gft) -> None:
    words = ("eval", "--model", f"C:{fitted}", "--split", "test")
    assert "f1 (irony)" in gft(*words).out
    other = gft(*words, "--positive_label", "Non-Irony", "--format", "json")
    score = json.loads(other.out)["metrics"]["f1"]
    assert score["positive_label"] == "non_irony"
    assert score["value"] == pytest.approx(f1_of(fitted, "non_irony"))
    wrong = gft(*words, "--positive_label", "ironi")
    assert wrong.status == 2 and "did you mean 'irony'?" in wrong.errors[0]


def test_a_folder_without_the_record_has_the_second(fitted: Path, gft: Gft) -> None:
    kept = (fitted / "gft.json").read_text()
    record = json.loads(kept)
    del record["task"]["positive_label"]
    (fitted / "gft.json").write_text(json.dumps(record))
    (fitted / MANIFEST).rename(fitted / "kept")
    try:
        assert "f1 (non_irony)" in gft("eval", "--model", f"C:{fitted}", "--split", "test").out
    finally:
        (fitted / "gft.json").write_text(kept)
        (fitted / "kept").rename(fitted / MANIFEST)
