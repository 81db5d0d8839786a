"""Stopped at any moment and started again, a fit ends with the same weights, bit for bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from forking import Forking
from interrupted import MOMENTS
from ran import TWO_PROCESSES

DRIVER = Path(__file__).with_name("interrupted.py")


def command(tiny: Path, colours: Path, out: Path) -> tuple[Path, *tuple[str, ...]]:
    words = {
        "--model": f"C:{tiny}", "--data": f"C:{colours}", "--eqn": "classify: colour ~ text",
        "--output_dir": out, "--num_train_epochs": 6, "--per_device_train_batch_size": 4,
    }  # fmt: skip
    flat = [str(word) for pair in words.items() for word in pair]
    return (Path(sys.executable).parent / "gft_fit", *flat)


def wait_for(place: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not place() and process.poll() is None:
        time.sleep(0.001)


@pytest.fixture(scope="module")
def uninterrupted(
    tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory, forking: Forking
) -> Path:
    out = tmp_path_factory.mktemp("whole") / "out"
    assert forking.run(*command(tiny, colours, out)).status == 0
    return out


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_goes_on(
    moment: str,
    number: signal.Signals,
    tiny: Path,
    colours: Path,
    uninterrupted: Path,
    tmp_path: Path,
    forking: Forking,
) -> None:
    out, mark = tmp_path / "out", tmp_path / "hit"
    fit, *words = command(tiny, colours, out)
    ran = forking.run(DRIVER, moment, int(number), mark, *words)
    assert mark.exists()
    assert ran.status == (-9 if number == signal.SIGKILL else 143)
    if number == signal.SIGTERM:
        assert "the same command resumes from there" in ran.err
    for _ in range(2):
        again = forking.run(fit, *words)
        assert again.status == 0, again.err
        if "resuming from" not in again.err:
            assert "holds this program's fit already" in again.err
    for name in ("model.safetensors", "predictions.parquet"):
        assert (out / name).read_bytes() == (uninterrupted / name).read_bytes(), name
    scores = [json.loads((one / "metrics.json").read_text()) for one in (out, uninterrupted)]
    assert scores[0]["splits"] == scores[1]["splits"]
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in uninterrupted.iterdir())


def test_two_runs_are_the_same(
    tiny: Path, colours: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    """One in a process that begins from nothing, the other in a fork."""
    words = [str(word) for word in command(tiny, colours, tmp_path / "o")]
    subprocess.run(words, check=True, capture_output=True)
    again = (tmp_path / "o" / "model.safetensors").read_bytes()
    assert again == (uninterrupted / "model.safetensors").read_bytes()


def in_two_processes(tiny: Path, colours: Path, out: Path) -> subprocess.Popen[str]:
    _, *words = command(tiny, colours, out)
    return subprocess.Popen(
        [*TWO_PROCESSES, "-m", "gft", "fit", *words, "--precision", "fp32"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def test_two_processes_go_on_from_where_both_were(
    tiny: Path, colours: Path, tmp_path: Path
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    process = in_two_processes(tiny, colours, whole)
    assert process.communicate(timeout=300)[1].count("the fitted model is in") == 1
    process = in_two_processes(tiny, colours, out)
    wait_for(lambda: any(out.glob("checkpoint-*")), process)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: the launcher and both
    said = process.communicate(timeout=300)[1]
    assert process.returncode and not (out / "model.safetensors").exists()
    assert said.count("the same command resumes from there") == 1
    said = in_two_processes(tiny, colours, out).communicate(timeout=300)[1]
    assert said.count("resuming from") == 1
    for name in ("model.safetensors", "predictions.parquet"):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name
