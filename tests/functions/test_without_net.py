"""A fit without a text: a generalised linear model, at once, in a folder like any other."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gft as python

HEAVY = ("torch", "transformers", "datasets", "sklearn", "huggingface_hub")
EQN = "classify: vote ~ num(age) + cat(party) + log(income)"


def written(folder: Path, sizes: dict[str, int]) -> None:
    number = 0
    for split, rows in sizes.items():
        lines = ["age,party,income,vote,rating,topics"]
        for _ in range(rows):
            number = (number * 1103515245 + 12345) % 2**31
            age, income = 18 + number // 64 % 60, 900 + number // 4096 % 3000
            party = ("Con", "Green", "Lab", "LD")[number // 512 % 4]
            lean = age / 20 - 2.4 + {"Green": -1.2}.get(party, 0.3) + math.sin(number)
            old = age > 35 + number % 25
            topics = ["tax"] * old + ["war"] * (not old or number % 3 == 0)
            lines.append(
                f"{age},{party},{income},{'yes' if lean > 0 else 'no'},"
                f"{lean + number % 7 / 5:.3f},{';'.join(topics)}"
            )
        (folder / f"survey.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, and the fit `out` that another process made: without a heavy import."""
    folder = tmp_path_factory.mktemp("without_net")
    written(folder, {"train": 160, "val": 60, "test": 80})
    code = (
        "import gft, sys\n"
        f"fit = gft.fit(data='C:survey', eqn={EQN!r}, output_dir='out')\n"
        "print(fit.predict({'age': [20, 70], 'party': ['Green', 'Lab'], 'income': [1e3, 2e3]}))\n"
        f"print(sorted({{*{HEAVY!r}}} & {{*sys.modules}}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["['no', 'yes']", "[]"], done.stderr
    return folder


def test_the_folder_is_like_any_other(made: Path) -> None:
    names = {path.name for path in (made / "out").iterdir()}
    assert {"linear.json", "linear.safetensors", "covariates.json", "gft.json", "README.md",
            "predictions.parquet", "partition.parquet", "report.html"} <= names  # fmt: skip
    metrics = json.loads((made / "out" / "metrics.json").read_text())
    assert metrics["splits"].keys() == {"val", "test"} and metrics["baselines"].keys() == {
        "majority"
    }
    for split in metrics["splits"].values():
        assert split["metrics"]["accuracy"]["low"] > 0.5 and not split["chose_the_epoch"]
    assert metrics["baselines"]["majority"]["splits"]["test"]["differences"]["accuracy"]["low"] > 0
    [model] = metrics["regression"]["models"]
    assert (model["distribution"], model["reference"], model["rows"]) == ("binomial", "no", 160)
    names = [one["name"] for one in model["coefficients"]["yes"]]
    assert names == ["(Intercept)", "age", "party: Green", "party: Lab", "party: LD", "log(income)"]
    assert all(0 <= one["p"] <= 1 for one in model["coefficients"]["yes"])
    for name in ("README.md", "report.html"):
        text = (made / "out" / name).read_text(encoding="utf-8")
        assert "party: Green" in text and "A p-value says nothing about causes" in text
        assert "epoch" not in text.partition("Glossary")[0]


def test_it_predicts_and_is_scored(made: Path, gft: Callable[..., Any]) -> None:
    model = ("--model", f"C:{made / 'out'}", "--data", f"C:{made / 'survey'}")
    scored = json.loads(gft("eval", *model, "--format", "json").out)
    own = json.loads((made / "out" / "metrics.json").read_text())["splits"]["test"]["metrics"]
    assert {name: of["value"] for name, of in own.items()} == {
        name: pytest.approx(of["value"], abs=1e-12) for name, of in scored["metrics"].items()
    }
    ran = gft("predict", *model, "--split", "test")
    assert ran.status == 0 and len(ran.out.splitlines()) == 80
    fit = python.load(f"C:{made / 'out'}")
    assert fit.predict([(70, "Lab", 2000), (20, "Green", 1000)]) == ["yes", "no"]


def test_summary_prints_what_r_prints(made: Path, gft: Callable[..., Any]) -> None:
    ran = gft("summary", made / "out")
    assert ran.status == 0 and "yes, against no:" in ran.out
    for part in ("Pr(>|z|)", "(Intercept)", "Null deviance", "160 rows; AIC", "party: Con"):
        assert part in ran.out
    assert "--keep_baseline" not in ran.out and "independent" not in ran.out
    told = json.loads(gft("summary", made / "out", "--format", "json").out)["fit"]["metrics"]
    assert told["regression"]["models"][0]["quality"]["df_residual"] == 154


def test_numbers_and_several_labels(made: Path, tmp_path: Path) -> None:
    data = f"C:{made / 'survey'}"
    fit = python.fit(data=data, eqn="regress: rating ~ num(age) + cat(party)", group="income",
                     output_dir=str(tmp_path / "rating"))  # fmt: skip
    assert "Those of one income are not independent" in str(fit.summary())
    [model] = fit.metrics["regression"]["models"]
    assert model["quality"]["r2"] > 0.5 and model["quality"]["f_p"] < 1e-9
    assert fit.metrics["splits"]["test"]["metrics"]["pearson"]["value"] > 0.6
    fit = python.fit(data=data, eqn="classify: topics ~ num(age)", label_delimiter=";",
                     output_dir=str(tmp_path / "topics"))  # fmt: skip
    models = fit.metrics["regression"]["models"]
    assert [[*one["coefficients"]] for one in models] == [["tax"], ["war"]]
    assert fit.predict({"age": [78, 18]}) == [["tax"], ["war"]]


def test_separable_classes_are_told_of(tmp_path: Path, gft: Callable[..., Any]) -> None:
    rows = [f"{n},{n % 3},{'old' if n > 40 else 'young'}" for n in range(20, 60)]
    (tmp_path / "d.csv").write_text("age,sum,kind\n" + "\n".join(rows) + "\n")
    ran = gft("fit", "--data", f"C:{tmp_path / 'd.csv'}", "--splits", "train,train", "--eqn",
              "classify: kind ~ num(age) + num(sum)", "-o", tmp_path / "out")  # fmt: skip
    assert ran.status == 0, ran.err
    assert "the classes are separable by age" in ran.err and "normal prior of sd 2.5" in ran.err
    assert "val is not held out here (it is train)" in ran.out
    drawn = gft("fit", "--data", f"C:{tmp_path / 'd.csv'}", "--eqn", "regress: age ~ num(sum)",
                "-o", tmp_path / "drawn")  # fmt: skip
    assert "rows left in train; --splits train,train estimates" in drawn.err


def test_dry_run(made: Path, tmp_path: Path, gft: Callable[..., Any]) -> None:
    ran = gft("fit", "--data", f"C:{made / 'survey'}", "--eqn", EQN, "--dry_run",
              "-o", tmp_path / "out")  # fmt: skip
    assert ran.status == 0 and "no net: estimated at once" in ran.out
    assert "6: (Intercept), age, party: Green" in ran.out and not (tmp_path / "out").exists()


WRONG = {
    "--seeds 3 --learning_rate 1e-3": "--learning_rate and --seeds: an equation without a text",
    "--keep_baseline": "--keep_baseline: an equation without a text is fitted without a net",
    "--class_weight balanced": "--class_weight: an equation without a text",
}


@pytest.mark.parametrize("given", WRONG)
def test_what_means_nothing_without_a_net(
    given: str, made: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    ran = gft("fit", "--data", f"C:{made / 'survey'}", "--eqn", EQN, "-o", tmp_path / "out",
              *given.split())  # fmt: skip
    assert ran.status == 2 and WRONG[given] in ran.err and not (tmp_path / "out").exists()


def test_a_model_that_has_nothing_to_read(
    made: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    data = ("--data", f"C:{made / 'survey'}", "-o", tmp_path / "out", "--eqn")
    ran = gft("fit", "--model", "C:nowhere", *data, EQN)
    assert ran.status == 2 and "has no text to read in 'classify: vote ~ num(age)" in ran.err
    ran = gft("fit", *data, "classify: vote ~ party + num(age)")
    assert ran.status == 2 and "gft_fit needs --model: party is for a net to read; a num" in ran.err
    ran = gft("fit", *data, "classify: vote ~ sqrt(party) + num(age)")
    assert (
        ran.status == 2
        and "no function 'sqrt': compute a new column in the data first; available: cat" in ran.err
    )
