"""Two fits cannot write to one folder, and a dead process keeps no lock."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.errors import UserError
from gft.storage.lock import LOCK, held

fcntl = pytest.importorskip("fcntl", reason="Windows has other locks")
HOLDER = """
import os, sys, time
from pathlib import Path
from gft.storage.lock import held
with held(Path(sys.argv[1])):
    if len(sys.argv) > 2:
        begun, says = os.pipe()
        if os.fork() == 0:
            os.write(says, b"!")
            time.sleep(60)
        os.read(begun, 1)
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder: Path, *more: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), *more],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


def test_the_second_says_who_holds_it(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = holder(out)
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
              "classify: colour ~ text", "--output_dir", out)  # fmt: skip
    assert ran.status == 2
    [line] = ran.errors
    assert f"{out} is being written to by another gft_fit, process {process.pid} on " in line
    assert "since 2" in line and "give another folder" in line
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with held(out):
        assert json.loads((out / LOCK).read_text())["pid"] == os.getpid()
    assert out.is_dir() and not any(out.iterdir())


def test_a_child_does_not_keep_the_lock_of_its_parent(tmp_path: Path) -> None:
    process = holder(tmp_path, "with a child")
    process.kill()
    process.wait()
    with held(tmp_path):
        pass
    os.killpg(process.pid, signal.SIGKILL)


def test_one_process_holds_a_folder_once(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(UserError, match=f"process {os.getpid()}"), held(tmp_path):
        pass


def test_nothing_is_left(tmp_path: Path) -> None:
    with held(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b" / LOCK).is_file()
    assert not any(tmp_path.iterdir())


def test_where_there_are_no_locks_a_living_process_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(file: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", none)
    with held(tmp_path):
        told = json.loads((tmp_path / LOCK).read_text())
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (tmp_path / LOCK).write_text(json.dumps({**told, "pid": process.pid}))
    with pytest.raises(UserError, match=f"process {process.pid} on"), held(tmp_path):
        pass
    process.kill()
    process.wait()
    with held(tmp_path):
        pass
    (tmp_path / LOCK).write_text(json.dumps({**told, "host": "elsewhere"}))
    with pytest.raises(UserError, match="on elsewhere"), held(tmp_path):
        pass
