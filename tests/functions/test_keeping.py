"""The linear baseline as a model of its own: kept, applied, scored, described, refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gft as python

WORDS = ["river", "stone", "market"]
HEAVY = ("torch", "transformers", "datasets", "sklearn", "huggingface_hub")


def written(folder: Path, sizes: dict[str, int]) -> None:
    for split, rows in sizes.items():
        lines = ["id,kind,text"]
        for n in range(rows):
            sign = ["lovely", "dreadful"][n % 2] if n % 10 else "so"
            lines.append(f"{n},{['good', 'bad'][n % 2]},{WORDS[n % 3]} {sign} {WORDS[n % 7 % 3]}")
        (folder / f"rows.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def made(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, a fit `out` that learns nothing, and the same again with the linear."""
    folder = tmp_path_factory.mktemp("keeping")
    written(folder, {"train": 120, "test": 80})
    (folder / "out").mkdir()
    python.fit(**program(folder, tiny))
    shutil.copytree(folder / "out", folder / "plain")
    python.fit(**program(folder, tiny), keep_baseline=True)
    return folder


def program(folder: Path, tiny: Path) -> dict[str, Any]:
    return {
        "model": f"C:{tiny}",
        "data": f"C:{folder / 'rows'}",
        "eqn": "classify: kind ~ text",
        "output_dir": str(folder / "out"),
        "num_train_epochs": 1,
        "learning_rate": 1e-8,
    }


def words(arguments: dict[str, Any]) -> list[str]:
    return [word for name, value in arguments.items() for word in (f"--{name}", str(value))]


def test_the_sentence_of_a_fit_that_loses_can_be_followed(
    made: Path, tiny: Path, tmp_path: Path, gft: Callable[..., Any], shell: Callable[..., Any]
) -> None:
    shutil.copytree(made / "plain", tmp_path / "out")
    arguments = {**program(made, tiny), "output_dir": tmp_path / "out"}
    before = gft("summary", f"C:{tmp_path / 'out'}").out.splitlines()
    assert any(line.startswith("The linear model is better on these rows") for line in before[:2])
    assert any("the same gft_fit with --keep_baseline keeps it" in line for line in before[:3])
    weights = (tmp_path / "out" / "model.safetensors").read_bytes()
    ran = gft("fit", *words(arguments), "--keep_baseline")
    assert ran.status == 0 and "the linear baseline is now in" in ran.err
    assert "--overwrite_output_dir" not in ran.err
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == weights
    assert "epoch" not in ran.err
    for told in (ran.out, gft("summary", f"C:{tmp_path / 'out'}").out):
        [line] = [line for line in told.splitlines() if line.startswith("To use the linear model")]
        command = line.partition(": gft_predict ")[2]
        assert f"C:{tmp_path}/out/linear" in command
    done = shell("predict", *command.split(), stdin="a lovely river\na dreadful river\n")
    assert done.status == 0, done.err
    assert [line.split("\t")[1] for line in done.out.splitlines()] == ["good", "bad"]
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "the same gft_fit with --keep_baseline keeps it" in card
    fitted = (made / "out" / "README.md").read_text(encoding="utf-8")
    assert fitted == card  # People write on it.
    again = gft("fit", *words(arguments), "--keep_baseline")
    assert again.status == 0 and "is now in" not in again.err
    shutil.rmtree(tmp_path / "out" / "linear")
    assert gft("fit", *words(arguments), "--keep_baseline").status == 0
    assert (tmp_path / "out" / "linear" / "linear.safetensors").is_file()


def test_its_metrics_are_those_that_the_fit_measured(made: Path, gft: Callable[..., Any]) -> None:
    of_fit = json.loads((made / "out" / "metrics.json").read_text())["baselines"]["linear"]
    assert of_fit["kept"] == "linear"
    expected = of_fit["splits"]["test"]["metrics"]
    own = json.loads((made / "out" / "linear" / "metrics.json").read_text())["splits"]["test"]
    ran = gft("eval", "--model", f"C:{made / 'out' / 'linear'}", "--format", "json")
    assert ran.status == 0, ran.err
    scored = json.loads(ran.out)
    for name, value in expected.items():
        assert own["metrics"][name]["value"] == pytest.approx(value, abs=1e-9)
        assert scored["metrics"][name]["value"] == pytest.approx(value, abs=1e-9)
        for end in ("low", "high"):
            assert scored["metrics"][name][end] == own["metrics"][name][end]
    both = gft("eval", "--model", f"C:{made / 'out'}", f"C:{made / 'out' / 'linear'}",
               "--format", "json")  # fmt: skip
    best, other = json.loads(both.out)
    assert best["model"].endswith("linear") and other["compared"]["difference"]["high"] < 0


def test_eval_says_what_a_fit_says_first(made: Path, gft: Callable[..., Any]) -> None:
    for folder, linear in (("out", True), ("plain", False)):
        ran = gft("eval", "--model", f"C:{made / folder}", "--data", f"C:{made / 'rows.test'}",
                  "--format", "json")  # fmt: skip
        assert ran.status == 0, ran.err
        told = json.loads(ran.out)["verdict"]
        assert told[0].startswith("The model answers '") and "rows of" in told[0]
        assert any(one.startswith("The linear model is better") for one in told) == linear
        command = f"gft_predict --model C:{made / folder}/linear"
        assert any(one.endswith(command) for one in told) == linear
        assert all(f"gft_eval: warning: {one}" in ran.err for one in told)
    good = gft("eval", "--model", f"C:{made / 'out' / 'linear'}", "--format", "json")
    assert json.loads(good.out)["verdict"] == [] and "better" not in good.err
    both = gft("eval", "--model", f"C:{made / 'out'}", f"C:{made / 'out' / 'linear'}")
    assert f"C:{made / 'out'}: The linear model is better" in both.err


def test_eval_knows_a_model_that_is_worse_than_a_constant(
    made: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    lines = (made / "rows.test").read_text(encoding="utf-8").splitlines()
    turned = {"good": "bad", "bad": "good"}
    rows = [line.split(",") for line in lines[1:]]
    wrong = [",".join([n, turned[kind], text]) for n, kind, text in rows if "so" not in text]
    (tmp_path / "wrong.test").write_text("\n".join([lines[0], *wrong]) + "\n", encoding="utf-8")
    ran = gft("eval", "--model", f"C:{made / 'out' / 'linear'}", "--format", "json",
              "--data", f"C:{tmp_path / 'wrong.test'}")  # fmt: skip
    [told] = json.loads(ran.out)["verdict"]
    assert told.startswith("The same answer for every row, always ")


def test_it_is_applied_as_any_other_folder(made: Path, gft: Callable[..., Any]) -> None:
    model = f"C:{made / 'out' / 'linear'}"
    ran = gft("predict", "--model", model, "--split", "test", "--format", "jsonl",
              "--keep", "id", "--top_k", "2")  # fmt: skip
    assert ran.status == 0, ran.err
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["id"] for row in rows] == [str(n) for n in range(80)]
    assert all(sum(row["scores"].values()) == pytest.approx(1, abs=1e-5) for row in rows)
    loaded = python.load(model)
    texts = [row["text"] for row in rows]
    assert loaded.predict(texts) == [row["prediction"] for row in rows]
    assert loaded.predict({"text": texts[:3]}) == [row["prediction"] for row in rows[:3]]
    assert "lovely" in str(loaded.summary())
    with pytest.raises(python.UserError, match="is a linear model, not a net"):
        loaded.model  # noqa: B018  (a property that loads)


def test_data_of_ones_own_columns_and_labels(
    made: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    model = f"C:{made / 'out' / 'linear'}"
    (tmp_path / "own.test").write_text(
        "words,answer\n" + "a lovely one,fine\na dreadful one,bad\n" * 3
    )
    (tmp_path / "own.train").write_text("words,answer\na,fine\nb,bad\n")
    ran = gft("eval", "--model", model, "--data", f"C:{tmp_path / 'own'}", "--format", "json",
              "--eqn", "classify: answer ~ words", "--label_map", "fine=good")  # fmt: skip
    assert ran.status == 0, ran.err
    assert json.loads(ran.out)["metrics"]["accuracy"]["value"] == 1
    two = gft("predict", "--model", model, "--data", f"C:{tmp_path / 'own'}",
              "--eqn", "classify: answer ~ words + answer")  # fmt: skip
    assert two.status == 2 and "was fitted to 1 column of text (text), not to 2" in two.err
    long = gft("predict", "--model", model, "--max_length", "5", "--data", f"C:{tmp_path / 'own'}",
               "--eqn", "classify: answer ~ words")  # fmt: skip
    assert long.status == 0 and "--max_length has no effect on a linear model" in long.err


def test_predicting_needs_no_deep_learning(made: Path) -> None:
    code = (
        "import sys\nfrom gft.commands.shell import run\nfrom gft.commands.predict import *\n"
        f"run('predict', predict_command, ['--model', {str(made / 'out' / 'linear')!r}, "
        f"'--data', {str(made / 'rows.test')!r}])\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 80
    assert not {*HEAVY} & set(done.stderr.splitlines()[-1].split())


def test_summary_says_what_it_is(made: Path, gft: Callable[..., Any]) -> None:
    ran = gft("summary", f"C:{made / 'out' / 'linear'}")
    assert ran.status == 0, ran.err
    assert "logistic regression on TF-IDF of words and pairs; no net" in ran.out
    assert " --keep_baseline\n" in ran.out and "108 rows of train" in ran.out
    [good] = [line for line in ran.out.splitlines() if line.startswith("good ") and "+" in line]
    assert good.split()[1] == "lovely"
    found = json.loads(gft("summary", f"C:{made / 'out' / 'linear'}", "--format", "json").out)
    terms = found["fit"]["linear"]["heaviest"]
    assert terms["bad"][0]["term"] == "dreadful" and terms["bad"][0]["weight"] > 1
    assert "kept in the folder linear" in gft("summary", f"C:{made / 'out'}").out
    both = gft("summary", "--model", f"C:{made / 'out' / 'linear'}", "--data", f"C:{made / 'rows'}")
    assert "gft_fit:        refuses: the model is no net" in both.out and "To fit" not in both.out


BROKEN: dict[str, Callable[[Path], object]] = {
    "is incomplete": lambda folder: (folder / "linear.safetensors").unlink(),
    "without gft.json": lambda folder: (folder / "gft.json").unlink(),
    "cannot be read": lambda folder: (folder / "linear.json").write_text("{"),
    "holds a list": lambda folder: (folder / "linear.json").write_text("[]"),
    "has the labels good and bad, its": lambda folder: relabelled(folder, ["good", "bad"]),
}


def relabelled(folder: Path, labels: list[str]) -> None:
    record = json.loads((folder / "gft.json").read_text())
    record["task"] |= {"labels": labels, "raw_labels": labels}
    (folder / "gft.json").write_text(json.dumps(record))


def test_a_flipped_bit_is_found(made: Path, tmp_path: Path, gft: Callable[..., Any]) -> None:
    shutil.copytree(made / "out" / "linear", tmp_path / "linear")
    file = tmp_path / "linear" / "linear.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    ran = gft("predict", "--model", f"C:{tmp_path / 'linear'}", "--split", "test")
    assert ran.status == 1 and "is damaged: linear.safetensors does not hold the bytes" in ran.err


@pytest.mark.parametrize("message", BROKEN)
@pytest.mark.parametrize("function", ["predict", "eval"])
def test_a_broken_folder_is_one_line(
    message: str, function: str, made: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    shutil.copytree(made / "out" / "linear", tmp_path / "linear")
    (tmp_path / "linear" / "gft_manifest.json").unlink()  # It would say that they are damaged.
    BROKEN[message](tmp_path / "linear")
    ran = gft(function, "--model", f"C:{tmp_path / 'linear'}", "--data", f"C:{made / 'rows'}")
    assert ran.status == 2 and ran.out == "", ran.err
    errors = [line for line in ran.err.splitlines() if "error" in line]
    assert len(errors) == 1 and message in errors[0]


def test_what_is_refused(made: Path, tiny: Path, tmp_path: Path, gft: Callable[..., Any]) -> None:
    linear = {**program(made, tiny), "model": f"C:{made / 'out' / 'linear'}"}
    ran = gft("fit", *words({**linear, "output_dir": tmp_path / "a"}))
    assert ran.status == 2 and "is a logistic regression on TF-IDF" in ran.err
    ran = gft("fit", *words({**program(made, tiny), "output_dir": made / "out" / "linear"}))
    assert ran.status == 2 and "belongs to another program (model the linear baseline" in ran.err
    ran = gft("predict", "--task", "embeddings", "--model", linear["model"])
    assert ran.status == 2 and "is a logistic regression on TF-IDF" in ran.err
    (tmp_path / "b" / "linear").mkdir(parents=True)
    (tmp_path / "b" / "linear" / "mine.txt").write_text("mine")
    own = {**program(made, tiny), "output_dir": tmp_path / "b"}
    ran = gft("fit", *words(own), "--keep_baseline")
    assert ran.status == 2 and "gft_fit did not write mine.txt" in ran.err
    (tmp_path / "tags.jsonl").write_text('{"w": ["a", "b"], "t": ["X", "Y"]}\n' * 9)
    tags = {"model": f"C:{tiny}", "data": f"C:{tmp_path / 'tags.jsonl'}", "output_dir": "c",
            "eqn": "classify_tokens: t ~ w"}  # fmt: skip
    ran = gft("fit", *words(tags), "--keep_baseline")
    assert ran.status == 2 and "--keep_baseline: classify_tokens has no linear baseline" in ran.err


def test_it_is_of_the_data_that_the_fit_read(
    made: Path, tiny: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    shutil.copytree(made / "plain", tmp_path / "out")
    before = (made / "rows.train").read_text(encoding="utf-8")
    (made / "rows.train").write_text(before.replace("lovely", "fine"), encoding="utf-8")
    arguments = words({**program(made, tiny), "output_dir": tmp_path / "out"})
    ran = gft("fit", *arguments, "--keep_baseline")
    (made / "rows.train").write_text(before, encoding="utf-8")
    assert ran.status == 2 and "--keep_baseline: the data has changed since" in ran.err
    assert not (tmp_path / "out" / "linear").exists()
    assert gft("fit", *arguments, "--keep_baseline").status == 0
    assert (tmp_path / "out" / "linear" / "linear.json").is_file()


def test_each_seed_has_its_own(
    made: Path, tiny: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    arguments = {**program(made, tiny), "output_dir": tmp_path / "out", "seeds": 2}
    assert gft("fit", *words(arguments), "--max_train_samples", "16", "--keep_baseline").status == 0
    assert (tmp_path / "out" / "seed-42" / "linear" / "linear.json").is_file()
    for folder in (tmp_path / "out", tmp_path / "out" / "seed-43"):
        ran = gft("eval", "--model", f"C:{folder / 'linear'}", "--format", "json")
        assert json.loads(ran.out)["rows"] == 80
    ran = gft("fit", *words(arguments), "--max_train_samples", "16", "--keep_baseline",
              "--overwrite_output_dir", "--max_steps", "1")  # fmt: skip
    assert ran.status == 0 and (tmp_path / "out" / "linear" / "gft.json").is_file()
