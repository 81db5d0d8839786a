"""A finished folder, damaged: files are checked before they are used, and a new fit gets out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from faults.damages import Damage, of_finished
from gft.engine import checkpoints
from gft.errors import Damaged, GftError, UserError
from gft.folder import STAGE, OutputFolder, State
from gft.record_file import read_record
from gft.results.fitted import read_fit, read_metrics
from gft.storage.manifest import MANIFEST, check_model

IDENTITY: dict[str, Any] = {"model": "m", "arguments": {}}
MODEL = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
RECORD = {
    "gft_format": 1, "program": {"eqn": "classify: a ~ b"}, "identity": IDENTITY, "data": {},
    "task": {"name": "classify"},
}  # fmt: skip
DAMAGES = of_finished()


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    folder = OutputFolder(tmp_path / "out")
    place = folder.stage()
    for name in MODEL:
        (place / name).write_text(json.dumps({"name": name, "numbers": list(range(200))}))
    (place / "metrics.json").write_text(json.dumps({"splits": {}, "seconds": 1}))
    (place / "history.csv").write_text("step,epoch,loss\n" + "1,1,0.5\n" * 20)
    for name in ("predictions.parquet", "partition.parquet"):
        (place / name).write_bytes(bytes(range(256)))
    folder.publish(RECORD, MODEL)
    return folder.path


def used(folder: Path) -> None:
    """Read everything of a folder that commands read."""
    record = read_record(folder)
    assert record is not None
    check_model(folder)
    read_fit(folder, record)


def test_a_whole_one(finished: Path) -> None:
    used(finished)
    assert OutputFolder(finished).state(IDENTITY) is State.FINISHED
    assert {path.name for path in finished.iterdir()} == {
        *MODEL, MANIFEST, "gft.json", "metrics.json", "history.csv", "predictions.parquet",
        "partition.parquet",
    }  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=[one.name for one in DAMAGES])
def test_damage_is_seen_and_a_new_fit_gets_out(damage: Damage, finished: Path) -> None:
    damage.do(finished)
    edited = damage.name == "finished: config.json flipped"
    unread = "parquet" in damage.name or damage.name == f"finished: {MANIFEST} missing"
    unread |= damage.name == "finished: history.csv missing"
    if not unread and not edited:
        with pytest.raises(GftError):
            used(finished)
    folder = OutputFolder(finished)
    if "a folder" in damage.name:
        with pytest.raises(UserError, match=r"holds gft\.json, which gft did not write"):
            folder.state(IDENTITY, afresh=True)
        return
    assert folder.state(IDENTITY, afresh=True) is State.FRESH
    (finished / "mine.txt").write_text("mine")
    folder.clear()
    assert [path.name for path in finished.iterdir()] == ["mine.txt"]


def test_what_is_said(finished: Path) -> None:
    weights = finished / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + b"?")
    with pytest.raises(
        Damaged, match=r"out is damaged: model\.safetensors does not hold the bytes that"
    ):
        check_model(finished)
    with pytest.raises(Damaged, match="--overwrite_output_dir fits it again"):
        OutputFolder(finished).state(IDENTITY)
    weights.write_bytes(content)
    (finished / "metrics.json").write_text("")
    with pytest.raises(Damaged, match=r"metrics\.json has no bytes, but 28 were written"):
        read_metrics(finished)
    (finished / MANIFEST).unlink()
    with pytest.raises(Damaged, match=r"metrics\.json cannot be read: .*gft_eval measures"):
        read_metrics(finished)
    (finished / "gft.json").write_text('{"gft_format": 1, "program": [], "data": {}, "task": {}}')
    with pytest.raises(UserError, match=r"gft\.json is broken: its program cannot be read"):
        read_record(finished)


def test_a_configuration_may_be_edited(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (finished / "config.json").write_text('{"id2label": {"0": "better"}}')
    check_model(finished)
    assert "config.json has been changed since gft_fit wrote it" in capsys.readouterr().err


@pytest.mark.parametrize("journal", ["", "{}", "[1", "[" * 20_000, None])
def test_a_damaged_journal(journal: str | None, tmp_path: Path) -> None:
    (tmp_path / STAGE).mkdir()
    (tmp_path / "config.json").write_text("moved already")
    if journal is not None:
        (tmp_path / STAGE / "files.json").write_text(journal)
    folder = OutputFolder(tmp_path)
    assert "config.json" in folder.owned()
    assert folder.state(IDENTITY) is State.FRESH
    place = folder.stage()
    (place / "config.json").write_text("new")
    folder.publish(RECORD, ("config.json",))
    assert (tmp_path / "config.json").read_text() == "new"


def test_results_that_were_complete_are_moved_by_the_next_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = OutputFolder(tmp_path)
    place = folder.stage()
    (place / "inner").mkdir()
    for name in ("config.json", "inner/x", "model.safetensors"):
        (place / name).write_text(name)
    replace = Path.replace

    def stopped(self: Path, target: Path) -> Path:
        if target.name == "model.safetensors":
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stopped)
        with pytest.raises(KeyboardInterrupt):
            folder.publish(RECORD, ("config.json", "inner/x", "model.safetensors"))
    assert not (tmp_path / "gft.json").exists() and (tmp_path / "config.json").exists()
    folder.abandon()
    OutputFolder(tmp_path).recover()
    assert OutputFolder(tmp_path).state(IDENTITY) is State.FINISHED
    check_model(tmp_path)
    assert not (tmp_path / STAGE).exists()
    (folder.stage() / "more").write_text("what a finished folder was to get")
    folder.abandon()
    assert not (tmp_path / STAGE).exists()
    assert OutputFolder(tmp_path).state(IDENTITY) is State.FINISHED


def test_looking_leaves_a_checkpoint_alone_that_another_fit_is_writing(tmp_path: Path) -> None:
    staged = checkpoints.staging(tmp_path, 8)
    assert OutputFolder(tmp_path).state(IDENTITY) is State.FRESH
    assert staged.is_dir()
    OutputFolder(tmp_path).recover()
    assert not staged.exists()
