"""gft_eval of several models, and of models whose labels have other names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gft = Callable[..., Any]


@pytest.fixture(scope="module")
def models(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A model that knows the colours, and one that does not."""
    import gft

    folders = []
    for epochs, rate in ((6, 5e-3), (1, 0.0)):
        out = tmp_path_factory.mktemp("model") / "out"
        gft.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                output_dir=str(out), num_train_epochs=epochs, learning_rate=rate)  # fmt: skip
        folders.append(out)
    return folders


def test_a_row_each_best_first_and_a_failure_stops_nobody(models: list[Path], gft: Gft) -> None:
    good, bad = models
    given = ["--model", f"C:{bad}", "C:nowhere", f"C:{good}", "--metric", "H:accuracy"]
    ran = gft("eval", *given, "--split", "test")
    assert ran.status == 1
    rows = [line.split()[0] for line in ran.out.splitlines() if line.startswith("C:")]
    assert rows == [f"C:{good}", f"C:{bad}", "C:nowhere", "C:nowhere:"]
    assert "no model folder nowhere" in ran.out
    found = json.loads(gft("eval", *given, "--split", "test", "--format", "json").out)
    assert [one["model"] for one in found] == [f"C:{good}", f"C:{bad}", "C:nowhere"]
    assert found[0]["metrics"]["accuracy"]["value"] == 1.0 and "error" in found[2]
    plain = gft("eval", *given, "--split", "test", "--format", "tsv").out.splitlines()
    assert [line.split("\t")[:2] for line in plain] == [
        [f"C:{good}", "accuracy"], [f"C:{bad}", "accuracy"], ["C:nowhere", "error"]]  # fmt: skip


def test_others_are_compared_with_the_best(models: list[Path], colours: Path, gft: Gft) -> None:
    good, bad = (f"C:{folder}" for folder in models)
    given = ["--model", bad, good, "--data", f"C:{colours}", "--metric", "H:f1", "H:accuracy"]
    ran = gft("eval", *given, "--figure_of_merit", "accuracy", "--json")
    best, other = json.loads(ran.out)
    assert best["model"] == good and "compared" not in best
    compared = other["compared"]
    assert (compared["metric"], compared["test"]) == ("accuracy", "McNemar's exact test")
    value = other["metrics"]["accuracy"]["value"]
    assert compared["difference"]["value"] == pytest.approx(value - 1)
    wrong = round((1 - value) * 20)
    assert compared["p"] == compared["p_adjusted"] == pytest.approx(2 * 0.5**wrong)
    table = gft("eval", *given).out
    assert (
        "difference: f1 (red) minus the best model's on the same rows; p by approximate rand"
        in table
    )
    assert "\x1b" not in table
    assert "2 of 2: " in ran.err


def test_several_data_sets_and_one_that_is_not_there(
    models: list[Path], colours: Path, tmp_path: Path, gft: Gft
) -> None:
    lines = colours.with_suffix(".test").read_text().splitlines()
    (tmp_path / "few.test").write_text("\n".join(lines[:9]) + "\n")
    given = ["--model", *(f"C:{one}" for one in models), "--data", f"C:{tmp_path / 'few'}",
             f"C:{colours}", "C:nowhere", "--metric", "H:accuracy", "--split", "test"]  # fmt: skip
    ran = gft("eval", *given)
    assert ran.status == 1
    rows = [line.split() for line in ran.out.splitlines() if line.startswith("C:")]
    assert [(row[0][2:], row[3]) for row in rows[:4]] == [
        (str(one), data) for data in ("few", "colours") for one in models]  # fmt: skip
    assert "C:nowhere: no data at nowhere" in ran.out
    found = json.loads(gft("eval", *given, "--json").out)
    assert [one.get("rows") for one in found] == [8, 8, 20, 20, None]
    assert [("compared" in one) for one in found] == [False, True, False, True, False]
    tsv = gft("eval", *given, "--format", "tsv").out.splitlines()
    assert tsv[0].split("\t")[:3] == [f"C:{models[0]}", "test of few", "accuracy"]
    assert len({line.count("\t") for line in tsv}) == 1


def test_the_best_is_bold_on_a_terminal(
    models: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gft.report.of_models import models_table

    scores = {"accuracy": {"value": 0.5, "low": None, "high": None}}
    rows = [{"model": f"m{n}", "data": "d", "split": "test", "rows": 9, "metrics": scores}
            for n in range(3)]  # fmt: skip
    nothing = {"value": None, "low": None, "high": None}
    for one in rows[1:]:
        one["compared"] = {"metric": "accuracy", "difference": nothing, "p": None,
                           "p_adjusted": None, "test": None}  # fmt: skip
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    bold = [line for line in models_table(rows, plain=False).splitlines() if "\x1b[1m" in line]
    assert len(bold) == 1 and "m0" in bold[0]


def test_mistakes_that_leave_nothing_to_score(colours: Path, gft: Gft) -> None:
    ran = gft("eval", "--model", "C:nowhere", "C:nix", "--data", f"C:{colours}")
    assert ran.status == 2 and len(ran.errors) == 2
    assert "no model folder nix" in ran.errors[1]


def test_in_python(models: list[Path], colours: Path) -> None:
    import gft

    names = [f"C:{colours}", f"C:{colours}"]
    found = gft.evaluate(model=[f"C:{one}" for one in models], data=names, split="val")
    assert [one.model for one in found] == [f"C:{models[0]}"] * 2 + [f"C:{models[1]}"] * 2
    assert found[0].comparison is None and found[2].comparison.p < 0.01


def test_other_commands_take_one_model(models: list[Path], gft: Gft) -> None:
    ran = gft("predict", "--model", *(f"C:{folder}" for folder in models))
    assert ran.status == 2 and "gft_predict takes one --model, found 2" in ran.errors[0]
    ran = gft("fit", "--model", "C:x", "--data", "C:a", "C:b", "--eqn", "classify: a ~ b")
    assert ran.status == 2 and "gft_fit takes one --data, found 2: C:a and C:b" in ran.errors[0]


@pytest.fixture
def french(tmp_path: Path) -> Path:
    rows = ["text,colour", "river mark0 river,rouge", "stone mark1 stone,bleu",
            "market mark0 market,vermeil", "letter letter letter,autre"]  # fmt: skip
    (tmp_path / "french.test").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "french"


def test_a_label_map_says_which_label_is_which(models: list[Path], french: Path, gft: Gft) -> None:
    given = ["--model", f"C:{models[0]}", "--data", f"C:{french}", "--split", "test",
             "--metric", "H:accuracy", "--format", "json"]  # fmt: skip
    ran = gft("eval", *given)
    assert ran.status == 2 and "--label_map DATA=MODEL" in ran.errors[0]
    ran = gft("eval", *given, "--label_map", "rouge=red", "vermeil=Red", "bleu=blue", "autre=")
    found = json.loads(ran.out)
    assert (found["rows"], found["rows_without_label"]) == (3, 1)
    assert found["metrics"]["accuracy"]["value"] == 1.0


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (["rouge=red"], "autre, bleu and vermeil of the data is not a label of the model"),
        (["rouge=green"], "no label 'green' in the model"),
        (["roug=red"], "no label 'roug' in the data (did you mean 'rouge'?)"),
        (["rouge"], "expected DATA=MODEL, found 'rouge'"),
    ],
)
def test_label_maps_that_are_wrong(
    pairs: list[str], told: str, models: list[Path], french: Path, gft: Gft
) -> None:
    ran = gft("eval", "--model", f"C:{models[0]}", "--data", f"C:{french}", "--split", "test",
              "--label_map", *pairs)  # fmt: skip
    assert ran.status == 2 and told in ran.errors[0]


def test_top_k(models: list[Path], shell: Callable[..., Any]) -> None:
    ran = shell("predict", "--model", f"C:{models[0]}", "--top_k", "2", stdin="river mark0\n")
    fields = ran.out.rstrip("\n").split("\t")
    assert fields[1::2] == ["red", "blue"] and float(fields[2]) > float(fields[4])


def test_models_scored_on_different_rows_are_told_of(tmp_path: Path, gft: Gft) -> None:
    """Each fit drew a test split of its own, so there is no difference on the same rows."""
    table = tmp_path / "t.csv"
    table.write_text("a,y\n" + "".join(f"{n % 37},{'yn'[n * 7 % 10 < 5]}\n" for n in range(120)))
    for share in ("0.2", "0.3"):
        gft("fit", "--data", table, "--eqn", "classify: y ~ num(a)", "--test_size", share,
            "--output_dir", tmp_path / share)  # fmt: skip
    models = [f"C:{tmp_path / share}" for share in ("0.2", "0.3")]
    ran = gft("eval", "--model", *models, "--split", "test", "--metric", "H:accuracy")
    warning = f"{models[0]} and {models[1]} were scored on different rows of t.csv"
    assert f"gft_eval: warning: {warning}, as each fit drew splits of its own" in ran.err
    assert "difference" not in ran.out
    again = gft("eval", "--model", models[0], models[0], "--split", "test")
    assert "different rows" not in again.err
