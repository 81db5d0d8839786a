"""Code is run only if the user's own words name it: no folder and no file of arguments may."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.storage.manifest import MANIFEST

Gft = Callable[..., Any]
METRIC = """
from pathlib import Path
Path({mark!r}).write_text("run")
def compute(predictions, references):
    return {{"reds": sum(one == "red" for one in predictions) / len(predictions)}}
"""


@pytest.fixture
def mine(tmp_path: Path) -> tuple[Path, Path]:
    """A metric of one's own, and the file that is there once it was run."""
    mark = tmp_path / "was-run"
    (tmp_path / "reds.py").write_text(METRIC.format(mark=str(mark)))
    return tmp_path / "reds.py", mark


def test_the_record_of_a_folder_runs_no_file(
    tiny: Path, colours: Path, tmp_path: Path, mine: tuple[Path, Path], gft: Gft
) -> None:
    file, mark = mine
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
              "classify: colour ~ text", "--output_dir", tmp_path / "out", "--metric", f"C:{file}",
              "H:accuracy", "--max_steps", "1")  # fmt: skip
    assert ran.status == 0 and mark.exists()
    mark.unlink()
    model = ("--model", f"C:{tmp_path / 'out'}")
    refused = gft("eval", *model)
    assert refused.status == 2 and not mark.exists()
    assert refused.errors == [
        f"gft_eval: error: the record of C:{tmp_path / 'out'} names C:{file}: a Python file that "
        "would be run, which only your own command may ask for; read it, then say "
        f"--metric C:{file}"
    ]
    assert gft("eval", *model, "--metric", "H:accuracy").status == 0 and not mark.exists()
    named = gft("eval", *model, "--metric", f"C:{file}")
    assert named.status == 0 and "reds" in named.out and mark.exists()
    mark.unlink()
    assert gft("eval", *model, "--trust_remote_code").status == 0 and mark.exists()


def test_the_record_of_a_folder_expands_nothing(
    tiny: Path, colours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gft: Gft
) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    out = tmp_path / "out"
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
              "classify: colour ~ text", "--output_dir", out, "--max_steps", "1")  # fmt: skip
    assert ran.status == 0
    record = json.loads((out / "gft.json").read_text())
    record["data"]["path"] = "/nowhere/$SECRET/~"
    (out / "gft.json").write_text(json.dumps(record))
    (out / MANIFEST).unlink()
    for command in ("eval", "cat_data"):
        ran = gft(command, "--model", f"C:{out}")
        assert ran.status == 2 and "hunter2" not in ran.err and "$SECRET" in ran.err


def test_a_file_of_arguments_runs_nothing(
    tiny: Path, colours: Path, tmp_path: Path, mine: tuple[Path, Path], gft: Gft
) -> None:
    file, mark = mine
    content = {"model": f"C:{tiny}", "data": f"C:{colours}", "eqn": "classify: colour ~ text",
               "metric": [f"C:{file}", "H:f1"], "trust_remote_code": True}  # fmt: skip
    (tmp_path / "run.json").write_text(json.dumps(content))
    words = (tmp_path / "run.json", "--output_dir", tmp_path / "out", "--dry_run",
             "--preprocessing_only")  # fmt: skip
    refused = gft("fit", *words)
    assert refused.status == 2 and "only your own command may allow that" in refused.err
    refused = gft("fit", *words, "--trust_remote_code", "false")
    assert refused.status == 2 and f"run.json names C:{file}" in refused.err
    assert not mark.exists()
    taken = gft("fit", *words, "--trust_remote_code", "--metric", f"C:{file}")
    assert taken.status == 0 and mark.exists()
