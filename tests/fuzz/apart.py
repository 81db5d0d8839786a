"""A call in a child process with limits: how it ended, and what it left behind."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gft.errors import GftError

REFUSED, FAILED = 2, 70
LONGEST_LINE = 1500
"""Characters of an error; more is not read."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: its status (None: it had to be killed), what it said, how long it took."""

    status: int | None
    said: str
    out: str
    seconds: float

    @property
    def trouble(self) -> str:
        """What is wrong with that, an empty text where nothing is."""
        if self.status is None:
            return "no end"
        if self.status < 0:
            return f"ended by {signal.Signals(-self.status).name}"
        if "Traceback (most recent call last)" in self.said + self.out:
            return "a traceback"
        if self.status not in (0, 1, 2):
            return f"status {self.status}"
        if "--debug shows where" in self.said:
            return "no words for it"
        if any(len(line) > LONGEST_LINE for line in self.said.splitlines()):
            return "a line that nobody reads to its end"
        if self.status and "error: " not in self.said:
            return "nothing said"
        return ""


def apart(
    call: Callable[[], int | None], folder: Path, seconds: float = 20, memory: int = 1 << 30
) -> Ended:
    """Run a call in a forked child that works in `folder`, and return how it ended.

    It has so many seconds, and so many bytes beyond what this process has. A `GftError` is said as
    a command says it. Only where there is `fork`.
    """
    said, out = folder / ".said", folder / ".out"
    began = time.monotonic()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        _run(call, folder, said, out, memory)
    status = _waited(child, began + seconds)
    took = time.monotonic() - began
    texts = [one.read_text(encoding="utf-8", errors="replace") for one in (said, out)]
    for one in (said, out):
        one.unlink()
    return Ended(status, *texts, took)


def _run(call: Callable[[], int | None], folder: Path, said: Path, out: Path, memory: int) -> None:
    """Run the call and end this process."""
    status = FAILED
    try:
        for number, path in ((2, said), (1, out)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        os.chdir(folder)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        status = call() or 0
    except GftError as problem:
        for message in problem.messages:
            print(f"error: {message}", file=sys.stderr)
        status = problem.status
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _waited(child: int, until: float) -> int | None:
    """Return a child's status, minus the signal that ended it; None if its time was up."""
    pause = 0.001
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(2 * pause, 0.1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None
