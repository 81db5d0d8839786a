"""Events: a fit is watched and stopped from Python, and a command writes its log."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gft as gft_package
from gft import events, notes
from ran import Ran


def fit(tiny: Path, colours: Path, out: Path, **arguments: Any) -> Any:
    return gft_package.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                           output_dir=str(out), num_train_epochs=3,
                           per_device_train_batch_size=8, **arguments)  # fmt: skip


def test_a_fit_is_watched(
    tiny: Path, colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[events.Event] = []
    fit(tiny, colours, tmp_path / "out", watch=heard.append, bf16=True, precision="fp32")
    steps = [one for one in heard if isinstance(one, events.Step)]
    assert [one.step for one in steps] == list(range(25))
    assert {one.steps for one in steps} == {24}
    assert (steps[0].epoch, steps[0].loss, steps[0].rows_per_second) == (0, None, None)
    assert steps[-1].epoch == 3 and steps[-1].learning_rate is not None
    assert steps[-1].loss is not None and (steps[-1].rows_per_second or 0) > 0
    scorings = [one for one in heard if isinstance(one, events.Evaluated)]
    assert [one.epoch for one in scorings] == [1, 2, 3]
    assert all("accuracy" in one.metrics for one in scorings)
    noted = [one.text for one in heard if isinstance(one, events.Note)]
    assert any("bf16=True has no effect" in text for text in noted)
    # Standard error goes on to be told.
    err = capsys.readouterr().err
    assert "gft.fit: note: bf16=True has no effect" in err and "gft.fit: epoch 3 of 3: " in err


def test_a_fit_is_stopped_and_goes_on_to_the_same_weights(
    tiny: Path, colours: Path, tmp_path: Path
) -> None:
    def stop(event: events.Event) -> None:
        if isinstance(event, events.Step) and event.step >= 11:
            raise gft_package.Stop

    fit(tiny, colours, tmp_path / "whole")
    with pytest.raises(gft_package.Interrupted) as stopped:
        fit(tiny, colours, tmp_path / "out", watch=stop)
    assert "resumes from there" in str(stopped.value)
    assert not (tmp_path / "out" / "gft.json").exists()
    heard: list[events.Event] = []
    fit(tiny, colours, tmp_path / "out", watch=heard.append)
    assert next(one.step for one in heard if isinstance(one, events.Step)) == 11
    assert any("resuming from" in one.text for one in heard if isinstance(one, events.Note))
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "out")]
    assert weights[0] == weights[1]


def test_a_stop_before_the_training_ends_the_fit_at_once(
    tiny: Path, colours: Path, tmp_path: Path
) -> None:
    def stop(event: events.Event) -> None:
        raise gft_package.Stop

    with pytest.raises(gft_package.Interrupted):
        fit(tiny, colours, tmp_path / "out", watch=stop, bf16=True, precision="fp32")
    assert not (tmp_path / "out").exists()


def test_events_go_elsewhere_instead_of_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    heard: list[events.Event] = []
    with events.to(heard.append):
        notes.warn("thin ice")
    assert heard == [events.Caution("thin ice")]
    assert capsys.readouterr().err == ""
    notes.warn("thin ice")
    assert capsys.readouterr().err == "gft: warning: thin ice\n"


def test_a_note_is_said_once_in_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with events.command("gft_fit"):
            notes.note("so it is")
            with events.also_to(lambda event: None):
                notes.note("so it is")
    assert capsys.readouterr().err == "gft_fit: note: so it is\n" * 2


def log_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_command_writes_its_log(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    log, out = tmp_path / "log.jsonl", tmp_path / "out"
    words = ("--model", f"C:{tiny}", "--data", f"C:{colours}", "--output_dir", out, "--eqn",
             "classify: colour ~ text", "--num_train_epochs", "1", "--log_json", log)  # fmt: skip
    ran = gft("fit", *words, "--max_len", "9")
    assert ran.status == 0, ran.err
    lines = log_of(log.read_text(encoding="utf-8"))
    assert all(one["time"].endswith("+00:00") and one["command"] == "gft_fit" for one in lines)
    kinds_of_lines = ("note", "warning", "step", "evaluated", "message", "ended")
    by_kind = {kind: [one for one in lines if one["kind"] == kind] for kind in kinds_of_lines}
    assert sum(map(len, by_kind.values())) == len(lines)
    assert "--max_len has no effect" in by_kind["note"][0]["text"]
    # The small data says all in its second word, and its splits share rows.
    known = ("are in train too", "colour away")
    assert all(any(one in line["text"] for one in known) for line in by_kind["warning"])
    assert [one["step"] for one in by_kind["step"]] == list(range(9))
    assert by_kind["evaluated"][0]["metrics"]["accuracy"] >= 0
    assert str(out) in by_kind["message"][-1]["text"]
    assert by_kind["ended"] == [lines[-1]] and lines[-1]["status"] == 0
    assert "gft_fit: epoch 1 of 1: " in ran.err

    ran = gft("eval", "--model", f"C:{out}", "--split", "train", "--log_json", log)
    kinds = [(one["kind"], one.get("text", "")) for one in log_of(log.read_text("utf-8"))]
    assert kinds[0][0] == "warning" and "was trained on train" in kinds[0][1]


def test_mistakes_are_in_the_log(gft: Callable[..., Any], tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    ran = gft("fit", "--learnin_rate", "1", "--eqn", "classify: a b ~ c", f"--log_json={log}")
    lines = log_of(log.read_text(encoding="utf-8"))
    assert [one["kind"] for one in lines] == ["error"] * (len(lines) - 1) + ["ended"]
    assert "".join(f"gft_fit: error: {one['text']}\n" for one in lines[:-1]) == ran.err
    assert lines[-1]["status"] == ran.status == 2
    ran = gft("summary", "--task", "classify", "--log_json", tmp_path)
    assert ran.status == 2
    assert f"--log_json {tmp_path} cannot be written: Is a directory" in ran.errors[0]


def test_a_log_on_standard_error_stands_alone(gft: Callable[..., Any], colours: Path) -> None:
    ran = gft("summary", "--data", f"C:{colours}", "--topn", "3", "--log_json", "-")
    assert ran.status == 0
    lines = log_of(ran.err)
    assert [one["kind"] for one in lines] == ["note", "ended"]
    assert "--topn has no effect" in lines[0]["text"]


def test_a_number_that_is_none_is_null(tmp_path: Path) -> None:
    from gft.event_log import logged

    with logged(str(tmp_path / "log")):
        events.emit(events.Evaluated(1, 1.0, 2.0, None, {"f1": float("nan"), "loss": 0.5}))
    [line] = log_of((tmp_path / "log").read_text())
    assert line["metrics"] == {"f1": None, "loss": 0.5}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_command_goes_on_when_nobody_reads_its_log(
    shell: Callable[..., Ran], tiny: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: pipe.open().close())
    reader.start()
    ran = shell("predict", "--model", f"C:{tiny}", "--task", "feature-extraction", "--top_k", 3,
                "--log_json", pipe, stdin="river\n" * 3)  # fmt: skip
    reader.join()
    assert ran.status == 0 and len(ran.out.splitlines()) == 3, ran.err
    assert "Traceback" not in ran.err
    assert ran.err.count(f"warning: --log_json {pipe} ends here: Broken pipe") == 1


def test_counts_of_epochs_are_written_out() -> None:
    told = events.Evaluated(9, 1234.5, 4000, None, {"f1": 0.5}).line()
    assert told == "epoch 1,234.5 of 4,000: val f1 0.5000"
    assert events.Evaluated(9, 1 / 3, 3, 0.25, {}).line().startswith("epoch 0.33 of 3: train loss")
