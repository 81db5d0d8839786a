"""Commands in processes of their own, which start at once: forks of one that has read it all."""

from __future__ import annotations

import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from ran import Ran

LIMIT_SECONDS = 120.0
KILLED = 99
"""The status of a command that was still running after the limit."""


def warm_up() -> None:
    """Import what commands import, once, and let torch compute on one core: it is forked."""
    os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")
    import torch
    import transformers

    torch.set_num_threads(1)
    assert transformers.Trainer and transformers.BertForSequenceClassification
    for name in ("fit", "predict", "eval", "summary", "cat_data"):
        import_module(f"gft.commands.{name}")
        import_module(
            "gft.functions." + {"eval": "evaluate", "summary": "summarize"}.get(name, name)
        )
    import_module("gft.engine.fitting")


def run(
    function: str, *words: object, stdin: str = "", before: Callable[[], None] = lambda: None
) -> Ran:
    """Run a command in a fork, `before` first in it; return what it answered."""
    with tempfile.TemporaryDirectory() as place:
        child = start(function, words, Path(place), stdin, before)
        return ended(child, Path(place))


def start(
    function: str, words: Sequence[object], place: Path, stdin: str, before: Callable[[], None]
) -> int:
    """Start a command in a fork whose outputs are files in `place`; return its process id."""
    (place / "in").write_text(stdin, encoding="utf-8")
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        for number, name, mode in ((0, "in", "r"), (1, "out", "w"), (2, "err", "w")):
            file = (place / name).open(mode, encoding="utf-8")
            os.dup2(file.fileno(), number)
            setattr(sys, ("stdin", "stdout", "stderr")[number], os.fdopen(number, mode))
        from gft.commands.shell import run as run_command

        body = getattr(import_module(f"gft.commands.{function}"), f"{function}_command")
        before()
        status = run_command(function, body, [str(word) for word in words])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def ended(child: int, place: Path, limit: float = LIMIT_SECONDS) -> Ran:
    """Wait for a command; return what it answered."""
    handle, status = os.pidfd_open(child), KILLED
    if not select.select([handle], [], [], limit)[0]:
        os.kill(child, signal.SIGKILL)
    os.close(handle)
    _, raw = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(raw)
    status = code if code >= 0 or code != -signal.SIGKILL else KILLED
    texts = [
        (place / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err")
    ]
    return Ran(status, *texts)


def one_line(ran: Ran) -> bool:
    """Say whether a command ended with success, or with one line that says what is wrong."""
    if "Traceback" in ran.err or "--debug shows" in ran.err or "Traceback" in ran.out:
        return False
    return ran.status == 0 or (ran.status in (1, 2) and len(ran.errors) == 1)


def waited(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Wait for a condition; say whether it came true in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
