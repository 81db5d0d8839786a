"""What counts was synced before it did, and has the modes that the user's umask gives."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.storage import durable, manifest

Mark = tuple[int, int, int]


class Disk:
    """What was synced: each file as it was then, and how often each folder was."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self.files: set[Mark] = set()
        self.waiting: set[Path] = set()
        self.wrong: list[str] = []
        self.moved: list[str] = []
        sync = os.fsync

        def synced(file: int) -> None:
            sync(file)
            self.files.add(_mark(os.fstat(file)))

        sync_folder = durable.sync_folder

        def folder_synced(path: Path) -> None:
            sync_folder(path)
            self.waiting.discard(path)

        patched.setattr(os, "fsync", synced)
        for module in (durable, manifest, "gft.folder", "gft.engine.checkpoints"):
            name = module if isinstance(module, str) else module.__name__
            patched.setattr(f"{name}.sync_folder", folder_synced)
        for method in ("rename", "replace"):
            patched.setattr(Path, method, self._moving(getattr(Path, method)))

    def _moving(self, move: Callable[[Path, Any], Path]) -> Callable[[Path, Any], Path]:
        def moving(source: Path, target: Any) -> Path:
            counts = not Path(target).name.startswith(".")
            if counts:
                self.moved.append(Path(target).name)
                self._look(source, Path(target))
            found = move(source, target)
            if counts:
                self.waiting.add(Path(target).parent)
            return found

        return moving

    def _look(self, source: Path, target: Path) -> None:
        files = [path for path in source.rglob("*") if path.is_file()] or [source]
        for path in files if target.name != "README.md" else ():
            if _mark(path.stat()) not in self.files:
                self.wrong.append(f"{path} was not synced before it became {target}")
        if target.name == "gft.json" and target.parent in self.waiting:
            self.wrong.append("gft.json counted before the other names were on the disk")


def _mark(status: os.stat_result) -> Mark:
    return status.st_ino, status.st_size, status.st_mtime_ns


def test_a_fit_syncs_before_it_names(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    disk, out = Disk(monkeypatch), tmp_path / "out"
    words = ("--output_dir", out, "--num_train_epochs", 2, "--per_device_train_batch_size", 8)
    before = os.umask(0o027)
    try:
        ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
                  "classify: colour ~ text", *words)  # fmt: skip
    finally:
        os.umask(before)
    assert ran.status == 0, ran.err
    assert not disk.wrong
    assert out not in disk.waiting
    assert {"checkpoint-8", "checkpoint-16", "gft.json", "model.safetensors"} <= {*disk.moved}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()}
    assert os.name == "nt" or not {name for name, mode in modes.items() if mode != 0o640}
    assert manifest.read_manifest(out) is not None
    manifest.check_model(out)
    written = manifest.read_manifest(out)
    assert written and "model.safetensors" in written.model and "metrics.json" in written.files
    assert "README.md" not in written.files


def test_a_file_that_is_written_durably_is_whole_or_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    durable.write_durably(path, "before")

    def broken(_: Path) -> None:
        raise OSError("the power went")

    monkeypatch.setattr(durable, "sync_file", broken)
    with pytest.raises(OSError, match="the power went"):
        durable.write_durably(path, "after")
    assert path.read_text() == "before"
