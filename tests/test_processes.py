"""Several processes, as `torchrun` starts them, against one: the same results, said once."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ran import TWO_PROCESSES, Ran

LINES = "mark1 stone\nriver mark0 stone\nmark1\n"
COMMANDS = """
import json, sys
from importlib import import_module
from gft import processes
from gft.commands.shell import run
for function, *words in json.loads(sys.argv[1]):
    body = getattr(import_module("gft.commands." + function), function + "_command")
    status = run(function, body, words)
    if status:
        sys.exit(status)
    if processes.is_first():
        print("=====", flush=True)
"""


def launched(*commands: list[object], stdin: str = "") -> Ran:
    """Run commands one after the other in two processes."""
    words = json.dumps([[str(word) for word in command] for command in commands])
    place = Path(os.environ["HF_HOME"]) / "commands.py"
    place.write_text(COMMANDS, encoding="utf-8")
    done = subprocess.run(
        [*TWO_PROCESSES, str(place), words],
        input=stdin, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """Data whose splits do not divide evenly: 48 rows of train, 13 of val, 11 of test."""
    for split, rows in (("train", 48), ("val", 13), ("test", 11)):
        lines = [f"{'river ' * (n % 5)}mark{n % 2} stone,{['red', 'blue'][n % 2]}"
                 for n in range(rows)]  # fmt: skip
        text = "\n".join(["text,colour", *lines, ""])
        (tmp_path / f"rows.{split}").write_text(text, encoding="utf-8")
    return tmp_path / "rows"


def test_two_processes_do_what_one_does(
    gft: Callable[..., Ran], tiny: Path, several: Path, tmp_path: Path
) -> None:
    both, alone = tmp_path / "both", tmp_path / "alone"
    common = ["--model", f"C:{tiny}", "--data", f"C:{several}", "--eqn", "classify: colour ~ text",
              "--hidden_dropout", 0, "--attention_dropout", 0, "--num_train_epochs", 2,
              "--learning_rate", 1e-3, "--precision", "fp32"]  # fmt: skip
    ran = launched(
        ["fit", *common, "--per_device_train_batch_size", 4, "--output_dir", both],
        ["eval", "--model", f"C:{both}", "--format", "tsv"],
        ["predict", "--model", f"C:{both}", "--data", f"C:{several}", "--split", "test"],
        ["predict", "--model", f"C:{both}"],
        stdin=LINES,
    )
    assert ran.status == 0, ran.err
    assert ran.err.count("epoch 1 of 2") == ran.err.count("the fitted model is in") == 1
    _, scored, predicted, streamed, rest = ran.out.split("=====\n")
    assert rest == ""
    gft("fit", *common, "--per_device_train_batch_size", 4, "--gradient_accumulation_steps", 2,
        "--output_dir", alone)  # fmt: skip
    assert scores(both) == pytest.approx(scores(alone), abs=1e-4)
    assert record(both)["training"]["effective_batch"] == 8
    assert scored == gft("eval", "--model", f"C:{both}", "--format", "tsv").out
    split = gft("predict", "--model", f"C:{both}", "--data", f"C:{several}", "--split", "test")
    assert predicted == split.out and len(predicted.splitlines()) == 11
    assert [line.split("\t")[0] for line in streamed.splitlines()] == LINES.splitlines()


def test_a_mistake_is_said_once(colours: Path, tmp_path: Path) -> None:
    ran = launched(["fit", "--model", f"C:{tmp_path}", "--data", f"C:{colours}",
                    "--eqn", "classify: colour ~ text"])  # fmt: skip
    assert ran.status != 0
    assert len(ran.errors) == 1 and "no config.json" in ran.errors[0]


def test_shares_of_rows_come_back_in_order() -> None:
    from gft.engine.inference import _interleaved

    rows = np.arange(14).reshape(7, 2)
    for count in (1, 2, 3, 9):
        assert (_interleaved([rows[first::count] for first in range(count)]) == rows).all()
        texts = [str(row) for row in rows]
        assert _interleaved([texts[first::count] for first in range(count)]) == texts


def scores(folder: Path) -> dict[str, float]:
    splits = json.loads((folder / "metrics.json").read_text())["splits"]
    return {f"{role} {name}": score["value"] for role, split in splits.items()
            for name, score in split["metrics"].items()}  # fmt: skip


def record(folder: Path) -> Any:
    return json.loads((folder / "gft.json").read_text())
