"""A terminal that is closed: the training is saved as after SIGTERM; `nohup` does not hear it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from faults.commands import waited
from gft.engine.interruption import Interruption
from gft.errors import Interrupted

AT_A_TERMINAL = """
import fcntl, signal, sys, termios
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run with nohup
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from gft.commands.fit import main
main()
"""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no such terminals on Windows")
def test_a_terminal_that_is_closed(tiny: Path, colours: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["--model", f"C:{tiny}", "--data", f"C:{colours}", "--output_dir", str(out),
             "--eqn", "classify: colour ~ text", "--num_train_epochs", "4000"]  # fmt: skip
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL, *words], stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    os.set_blocking(ours, False)

    def begun() -> bool:
        with suppress(BlockingIOError):
            os.read(ours, 65536)
        return any(out.glob("checkpoint-*")) or process.poll() is not None

    assert waited(begun, 120)
    os.close(ours)
    assert process.wait(120) == 128 + signal.SIGHUP
    saved = [path for path in out.iterdir() if path.name.startswith("checkpoint-")]
    assert saved and not list(out.glob(".*"))


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no such signal on Windows")
def test_who_does_not_hear_it() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption().installed():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with pytest.raises(Interrupted), Interruption().installed():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no such terminals on Windows")
def test_what_is_written_while_a_terminal_goes_ends_nothing() -> None:
    script = """
import os, sys
from gft.engine.interruption import Interruption
with Interruption().installed():
    print("ready")
    sys.stdin.readline()  # until the terminal is gone
    print("into the void", file=sys.stderr)
    print("once more")
os._exit(7)
"""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    assert b"ready" in os.read(ours, 100)
    os.close(ours)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 7
