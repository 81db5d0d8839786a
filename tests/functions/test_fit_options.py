"""What a fit can be asked for beside its equation: weights, patience, a plan, a metric."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.tasks.classify import Classify

Gft = Callable[..., Any]


def words(tiny: Path, colours: Path, out: Path, *more: str) -> list[str]:
    return ["--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn", "classify: colour ~ text",
            "--output_dir", str(out), *more]  # fmt: skip


def uneven() -> tuple[Any, Any]:
    import pyarrow as pa

    from gft.data.table import DataSet, Rows

    rows = Rows(pa.table({"x": ["t"] * 4, "y": ["a", "a", "a", "b"]}))
    data = DataSet("d", {"train": rows})
    return Classify.bind(parse_equation("classify: y ~ x"), data, {"train": rows}), rows


@pytest.mark.parametrize(
    ("asked", "weights"),
    [
        (["balanced"], (4 / 6, 2.0)),
        (["b=3"], (1.0, 3.0)),
        (["A=0.5", "b=2"], (0.5, 2.0)),
        (["a=0.5,b=2"], (0.5, 2.0)),
    ],
)
def test_class_weights(asked: list[str], weights: tuple[float, ...]) -> None:
    task, rows = uneven()
    weighted = task.configured(Options({"class_weight": asked})).learned(
        rows, task.golds_of(rows).values
    )
    assert weighted.weights == pytest.approx(weights)
    logits, labels = torch.randn(5, 2), torch.tensor([0, 1, 1, 0, 1])
    loss = weighted.loss(lambda **_: {"logits": logits}, {"labels": labels})
    wanted = torch.nn.functional.cross_entropy(logits, labels, torch.tensor(weights))
    assert loss.item() == pytest.approx(wanted.item())


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("often", "expected balanced, or LABEL=WEIGHT"),
        ("gren=2", "no label 'gren'"),
        ("red=heavy", "expected a number of 0 or more"),
        ("red=-1", "expected a number of 0 or more"),
    ],
)
def test_class_weights_that_are_wrong(
    asked: str, told: str, tiny: Path, colours: Path, tmp_path: Path, gft: Gft
) -> None:
    ran = gft("fit", *words(tiny, colours, tmp_path / "out", "--class_weight", asked))
    assert ran.status == 2 and told in ran.errors[0] and not (tmp_path / "out").exists()


def test_training_stops_when_val_becomes_no_better(
    tiny: Path, colours: Path, tmp_path: Path, gft: Gft
) -> None:
    out = tmp_path / "out"
    ran = gft("fit", *words(tiny, colours, out, "--num_train_epochs", "9", "--learning_rate", "0",
                            "--early_stopping_patience", "2"))  # fmt: skip
    assert ran.status == 0 and "training stops" in ran.err
    training = json.loads((out / "gft.json").read_text())["training"]
    assert training["steps"] == 3 * 8 and training["best_step"] == 8


def test_a_fit_that_had_stopped_early_stays_stopped(
    tiny: Path, colours: Path, tmp_path: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gft.functions.running as module

    out = tmp_path / "out"
    more = ["--num_train_epochs", "9", "--learning_rate", "0", "--early_stopping_patience", "2"]
    given = words(tiny, colours, out, *more, "--load_best_model_at_end", "false")
    with monkeypatch.context() as patched:
        patched.setattr(module, "write", lambda *_: (_ for _ in ()).throw(OSError("power")))
        assert gft("fit", *given).status == 1
    assert gft("fit", *given).status == 0
    assert json.loads((out / "gft.json").read_text())["training"]["steps"] == 3 * 8


def test_patience_needs_scorings(tiny: Path, colours: Path, tmp_path: Path, gft: Gft) -> None:
    ran = gft("fit", *words(tiny, colours, tmp_path / "out", "--early_stopping_patience", "1",
                            "--eval_strategy", "no"))  # fmt: skip
    assert ran.status == 2 and "--eval_strategy is no" in ran.errors[0]


def test_a_plan_checks_everything_and_writes_nothing(
    tiny: Path, colours: Path, tmp_path: Path, gft: Gft
) -> None:
    out = tmp_path / "out"
    ran = gft("fit", *words(tiny, colours, out, "--dry_run"))
    assert ran.status == 0 and not out.exists()
    facts = dict(line.split(":", 1) for line in ran.out.splitlines())
    assert "train 64, val 24, test 20 rows" in facts["Data"]
    assert "24 steps of 8 rows" in facts["Training"]
    assert "second" in facts["Time"] and "GB" in facts["Memory"]
    ran = gft("fit", *words(tiny, colours, out, "--preprocessing_only"))
    assert ran.status == 0 and "Time" not in ran.out and not out.exists()
    wrong = ["classify: color ~ text" if w.startswith("classify") else w
             for w in words(tiny, colours, out, "--dry_run", "--metric", "H:f2")]  # fmt: skip
    ran = gft("fit", *wrong)
    assert ran.status == 2 and "no column 'color'" in ran.errors[0]


def test_the_steps_of_a_plan_are_those_of_the_fit(
    tiny: Path, colours: Path, tmp_path: Path
) -> None:
    import gft

    given = {"model": f"C:{tiny}", "data": f"C:{colours}", "eqn": "classify: colour ~ text",
             "output_dir": str(tmp_path / "out"), "num_train_epochs": 1.5,
             "per_device_train_batch_size": 5, "gradient_accumulation_steps": 2}  # fmt: skip
    planned = gft.plan(**given)
    gft.fit(**given)
    record = json.loads((tmp_path / "out" / "gft.json").read_text())
    assert planned.steps == record["training"]["steps"]
    assert planned.profile.parameters == record["model"]["parameters"]


def test_a_metric_of_ones_own_picks_the_epoch(
    tiny: Path, colours: Path, tmp_path: Path, gft: Gft
) -> None:
    (tmp_path / "reds.py").write_text(
        "def compute(predictions, references):\n"
        "    return {'reds': sum(p == 'red' for p in predictions) / len(predictions)}\n"
    )
    out = tmp_path / "out"
    ran = gft("fit", *words(tiny, colours, out, "--metric", f"C:{tmp_path / 'reds.py'}",
                            "H:accuracy", "--num_train_epochs", "1"))  # fmt: skip
    assert ran.status == 0
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["figure_of_merit"] == "reds"
    assert 0 <= metrics["splits"]["test"]["metrics"]["reds"]["value"] <= 1
