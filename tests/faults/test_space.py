"""A full disk: what is needed is counted, a part goes again, and the folder is named."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from gft.commands.disk_full import explained
from gft.engine import checkpoints
from gft.storage import space

Gft = Callable[..., Any]


@pytest.fixture
def fit(gft: Gft, tiny: Path, colours: Path, tmp_path: Path) -> Callable[..., Any]:
    return lambda *more: gft(
        "fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
        "classify: colour ~ text", "--output_dir", tmp_path / "out", "--num_train_epochs", 2,
        "--per_device_train_batch_size", 8, *more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("size", "words"),
    [(12, "12 bytes"), (2_345, "2.3 kB"), (41_000_000, "41 MB"), (1_260_000_000, "1.3 GB"),
     (999_600, "1,000 kB"), (0, "0 bytes")],
)  # fmt: skip
def test_sizes(size: int, words: str) -> None:
    assert space.in_words(size) == words


def test_too_little_room_is_said_beforehand(
    fit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gft.functions.output.free_bytes", lambda _: 200_000)
    ran = fit()
    assert ran.status == 2
    [line] = ran.errors
    assert (
        "200 kB are free there and" in line and "needed (three checkpoints and the model)" in line
    )
    assert "0.0" not in line


def test_a_checkpoint_that_has_no_room(
    fit: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, publish = tmp_path / "out", checkpoints.publish

    def full(folder: Path, staged: Path, step: int, program: dict[str, Any]) -> Path:
        if step < 16:
            return publish(folder, staged, step, program)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "publish", full)
        ran = fit()
    assert ran.status == 1
    [line] = ran.errors
    assert f"no space left in {out} for the checkpoint of step 16 (" in line
    assert f"free some space, and the same command resumes from {out / 'checkpoint-8'}" in line
    assert [path.name for path in out.iterdir()] == ["checkpoint-8"]
    ran = fit()
    assert ran.status == 0 and f"resuming from {out / 'checkpoint-8'}" in ran.err


def test_results_that_have_no_room(
    fit: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("gft.folder.seal", full)
        ran = fit()
    assert ran.status == 1
    [line] = ran.errors
    assert f"no space left in {out} (" in line and "resumes from" in line
    assert all(path.name.startswith("checkpoint-") for path in out.iterdir())
    assert fit().status == 0


def test_what_libraries_say_of_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert space.is_full(OSError(errno.EDQUOT, "quota"), tmp_path)
    assert space.is_full(RuntimeError("I/O error: No space left on device (os error 28)"), tmp_path)
    behind = ValueError("cannot be read")
    behind.__cause__ = OSError(errno.ENOSPC, "full")
    assert space.is_full(behind, tmp_path)
    cut = RuntimeError("[enforce fail at inline_container.cc:668] . unexpected pos 64 vs 0")
    assert not space.is_full(cut, tmp_path)
    monkeypatch.setattr(space, "free_bytes", lambda _: 0)
    assert space.is_full(cut, tmp_path)
    assert not space.is_full(ValueError("something else"), tmp_path)
    own = ValueError("its own cause")
    own.__cause__ = own
    assert list(space.causes(own)) == [own] and not space.says_full(own)


def test_the_full_place_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "x"))
    assert str(explained(named)) == f"no space left for {tmp_path / 'x'}; free some space there"
    copied = OSError(errno.ENOSPC, "No space left on device", "from", None, str(tmp_path / "to"))
    assert str(explained(copied)) == f"no space left for {tmp_path / 'to'}; free some space there"
    large = OSError(errno.EFBIG, "File too large")
    assert space.says_full(large) and "a file would be larger than files may" in str(
        explained(large)
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("gft.storage.space.free_bytes", lambda one: 10**9 * (one != tmp_path))
    told = str(explained(OSError(errno.ENOSPC, "No space left on device")))
    assert (
        told.startswith(f"no space left in {tmp_path}; free some space there") and "TMPDIR" in told
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("words", [["--help"], ["--data", "C:colours"]])
def test_standard_output_that_is_full(words: list[str], colours: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gft", "cat_data", *words], stdout=full, check=False,
            stderr=subprocess.PIPE, text=True, cwd=colours.parent,
        )  # fmt: skip
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if "note:" not in line]
    said = "standard output cannot be written: no space left where it goes"
    assert told == [f"gft_cat_data: error: {said}"]
