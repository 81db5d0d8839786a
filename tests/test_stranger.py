"""A task and a supplier from packages that are not gft work in every command."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from forking import Forking
from ran import Ran

EXAMPLES = Path(__file__).parents[1] / "examples"
PACKAGE = EXAMPLES / "a_task_of_your_own"
EQUATION = ("--eqn", "ordinal: stars ~ text")
Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def stars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reviews whose words say how many stars they give, 1 to 3; the first of test says 1, has 3."""
    folder = tmp_path_factory.mktemp("stars")
    for split, count in (("train", 96), ("val", 24), ("test", 24)):
        rows = [f"river mark{n % 3} stone,{n % 3 + 1}" for n in range(count)]
        if split == "test":
            rows[0] = "river mark0 stone,3"
        (folder / f"stars.{split}").write_text("\n".join(["text,stars", *rows]) + "\n")
    return folder / "stars"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Install the packages beside gft and yield what runs a command there."""
    place = tmp_path_factory.mktemp("stranger")
    names = ("a_task_of_your_own", "a_supplier_of_your_own")
    copies = [str(shutil.copytree(EXAMPLES / name, place / name)) for name in names]
    installed = place / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation",
         "--no-index", "--target", str(installed), *copies],
        check=True, capture_output=True,
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(installed), "COLUMNS": "200"}

    process = Forking(environment)

    def command(function: str, *words: object, stdin: str = "") -> Ran:
        script = Path(sys.executable).parent / f"gft_{function}"
        return process.run(script, *words, stdin=stdin)

    yield command
    process.close()


def test_every_command_knows_it(run: Run, tiny: Path, stars: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("--model", f"H:{tiny}", "--data", f"C:{stars}", *EQUATION, "--output_dir", out)
    settings = ("--num_train_epochs", 8, "--learning_rate", "5e-3")
    planned = run("fit", *words, *settings, "--dry_run")
    assert planned.status == 0, planned.err
    assert not out.exists()
    fitted = run("fit", *words, *settings)
    assert fitted.status == 0, fitted.err
    assert json.loads((out / "gft.json").read_text())["task"]["name"] == "ordinal"
    measured = json.loads((out / "metrics.json").read_text())
    assert "mean_distance" in measured["splits"]["test"]["metrics"]
    majority = measured["baselines"]["majority"]["splits"]["test"]["metrics"]
    # Always 1, of 7 rows with one star, 8 with two and 9 with three.
    assert majority["mean_distance"] == pytest.approx((8 * 1 + 9 * 2) / 24)
    html = (out / "report.html").read_text()
    assert "Furthest errors" in html and "1 rows of test whose prediction is furthest off" in html

    scored = run("eval", "--model", f"C:{out}", "--data", f"C:{stars}", "--split", "test",
                 "--format", "json")  # fmt: skip
    assert scored.status == 0, scored.err
    scores = json.loads(scored.out)["metrics"]
    assert list(scores) == ["accuracy", "mean_distance", "f1", "loss"]
    refused = run("eval", "--model", f"C:{out}", "--data", f"C:{stars}", "--metric", "H:pearson")
    assert "metric pearson measures numbers; this task has accuracy" in refused.err
    assert "mean_distance" in refused.err
    predicted = run("predict", "--model", f"C:{out}", stdin="river mark2 stone\n")
    assert predicted.out.split("\t")[:2] == ["river mark2 stone", "3"]
    assert "ordinal: stars ~ text" in run("summary", out).out
    assert "classes are numbers in an order" in run("summary", "--task", "ordered").out
    assert run("cat_data", "--data", f"C:{stars}", "--split", "val", *EQUATION).out.startswith(
        "river mark0 stone\t1\n"
    )


def test_its_kind_of_input(run: Run, tiny: Path, tmp_path: Path) -> None:
    for split, count in (("train", 48), ("val", 12)):
        rows = [{"text": ["river", f"mark{n % 2} stone"], "stars": n % 2 + 1, "n": {"a": n}}
                for n in range(count)]  # fmt: skip
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{split}.jsonl").write_text(lines)
    data, out = f"C:{tmp_path}", tmp_path / "out"
    fitted = run("fit", "--model", f"H:{tiny}", "--data", data, *EQUATION, "--output_dir", out)
    assert fitted.status == 0, fitted.err
    told = run(
        "predict", "--model", f"C:{out}", "--data", data, "--split", "val", "--format", "csv"
    )
    assert told.out.splitlines()[1].startswith("river; mark0 stone,1,"), told.err
    assert run("cat_data", "--data", data, "--split", "val", *EQUATION).out.startswith(
        "river; mark0 stone\t1\n"
    )
    wrong = run("fit", "--model", f"H:{tiny}", "--data", data, "--output_dir", tmp_path / "no",
                "--eqn", "ordinal: stars ~ n")  # fmt: skip
    assert (
        f"column 'n' of {tmp_path.name} holds objects with the fields a; ordinal needs "
        "remarks: a list" in wrong.err
    )


def test_its_argument(run: Run, tiny: Path, stars: Path, tmp_path: Path) -> None:
    data, out = ("--data", f"C:{stars}", "--num_train_epochs", "0"), tmp_path / "out"
    words = ("--model", f"H:{tiny}", *data, *EQUATION, "--output_dir", out)
    assert "how much a far miss costs more" in run("fit", "--help_all").out
    assert "did you mean --strictness?" in run("fit", "--strictnes", "2").err
    assert "--strictness: expected more than 0, found -1" in run("fit", "--strictness=-1").err
    assert run("fit", *words, "--strictness", 2).status == 0
    assert json.loads((out / "gft.json").read_text())["program"]["arguments"]["strictness"] == 2
    assert "belongs to another program (strictness 2.0, now 1.0)" in run("fit", *words).err
    planned = ("--output_dir", tmp_path / "other", "--dry_run")
    smoothed = run("fit", *words, *planned, "--label_smoothing_factor", "0.1").err
    assert "--label_smoothing_factor belongs to classify" in smoothed
    other = ("--eqn", "classify: stars ~ text", "--strictness", 2)
    noted = run("fit", *words, *planned, *other).err
    assert "note: --strictness belongs to ordinal; it has no effect on classify" in noted


def test_an_argument_that_came_later_leaves_a_program_the_same(
    run: Run, tiny: Path, stars: Path, tmp_path: Path
) -> None:
    words = ["--model", f"H:{tiny}", "--data", f"C:{stars}", "--eqn", "classify: stars ~ text",
             "--num_train_epochs", "0", "--output_dir", str(tmp_path / "out")]  # fmt: skip
    without = [str(Path(sys.executable).parent / "gft_fit"), *words]
    assert subprocess.run(without, capture_output=True, check=False).returncode == 0
    later = run("fit", *words)
    assert later.status == 0 and "holds this program's fit already" in later.err
    again = subprocess.run(without, capture_output=True, text=True, check=False)
    assert again.returncode == 0 and "holds this program's fit already" in again.stderr


def test_its_loss_and_its_mistakes(run: Run, tiny: Path, colours: Path, tmp_path: Path) -> None:
    said = run("fit", "--model", f"H:{tiny}", "--data", f"C:{colours}", "--output_dir",
               tmp_path / "out", "--eqn", "ordinal: colour ~ text")  # fmt: skip
    assert said.status == 2
    assert "column 'colour' of colours is not in an order" in said.err
    without = subprocess.run(
        [str(Path(sys.executable).parent / "gft_fit"), "--model", f"H:{tiny}", *EQUATION],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "no task 'ordinal'" in without.stderr


def test_its_loss_prefers_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.syspath_prepend(str(PACKAGE))
    from gft_ordinal import Ordinal

    task = Ordinal(("text",), ("stars",), ("1", "2", "3"), ("1", "2", "3"))

    def loss(*logits: float) -> float:
        batch = {"labels": torch.tensor([0])}
        return float(task.loss(lambda **_: {"logits": torch.tensor([logits])}, batch))

    assert loss(4, 0, 0) < loss(0, 4, 0) < loss(0, 0, 4)
    # Worked out by hand: targets exp(-0), exp(-1), exp(-2) over their sum; equal logits say 1/3.
    assert loss(0, 0, 0) == pytest.approx(1.0986, abs=1e-4)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Letters and their moods, with the split of each; and a table that is none of ours."""
    path = tmp_path_factory.mktemp("database") / "corpus.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE letters (text TEXT, mood TEXT, year INTEGER, split TEXT)")
        connection.execute("CREATE TABLE odd (cell)")
        connection.executemany("INSERT INTO odd VALUES (?)", [("a",), (1,)])
        rows = [
            (
                f"river mark{n % 2}",
                ["calm", "wild"][n % 2],
                1900 + n,
                "val" if n % 4 < 2 else "train",
            )
            for n in range(40)
        ]
        connection.executemany("INSERT INTO letters VALUES (?, ?, ?, ?)", rows)
    connection.close()
    return path


def test_a_supplier_from_elsewhere(run: Run, tiny: Path, database: Path, tmp_path: Path) -> None:
    data, out = f"S:{database},letters", tmp_path / "out"
    said = run("summary", "--data", data)
    assert said.status == 0, said.err
    assert "train 20, val 20" in said.out
    assert run("cat_data", "--data", data, "--split", "val", "--format", "csv").out.startswith(
        "text,mood,year\nriver mark0,calm,1900\n"
    )
    fitted = run("fit", "--model", f"H:{tiny}", "--data", data, "--output_dir", out,
                 "--eqn", "classify: mood ~ text", "--num_train_epochs", 1)  # fmt: skip
    assert fitted.status == 0, fitted.err
    record = json.loads((out / "gft.json").read_text())
    assert record["program"]["data"] == data
    assert record["data"]["supplier"] == "S"
    scored = run("eval", "--model", f"C:{out}", "--split", "val", "--format", "json")
    assert scored.status == 0, scored.err
    assert json.loads(scored.out)["rows"] == 20


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (
            ",leters",
            "no table 'leters' in {} (did you mean 'letters'?); available: letters and odd",
        ),
        ("", "has 2 tables; say which: S:{},TABLE with letters and odd"),
        (",odd", "column 'cell' mixes int and str"),
        (".no", "there is no file {}.no"),
    ],
)
def test_mistakes_with_a_supplier_from_elsewhere(
    run: Run, database: Path, key: str, said: str
) -> None:
    ran = run("summary", "--data", f"SQLite:{database}{key}")
    assert (ran.status, ran.out) == (2, "")
    assert said.format(database) in ran.err


def test_it_has_no_models(run: Run) -> None:
    ran = run("summary", "--model", "S:corpus.db")
    assert ran.status == 2 and "S: has data sets and no models" in ran.err
