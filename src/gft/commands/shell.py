"""What every command does: answer for help, run its function, report mistakes in one line."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias, cast

from gft import __version__, events, notes, processes
from gft.commands.disk_full import discard_output, explained
from gft.commands.standard import check_output, fill_closed_streams, use_utf_8
from gft.engine.interruption import Interruption
from gft.errors import GftError, Interrupted, UserError
from gft.language.help import help_text
from gft.registry import arguments
from gft.storage.memory import says_short
from gft.storage.space import says_full
from gft.visible import Terminal

if TYPE_CHECKING:
    from gft.language.program import Program

FLUSH_SECONDS = 0.02
SHARED = ("fit", "predict", "eval")
"""The commands that several processes run together; the first process runs any other alone."""
PATIENCE_SECONDS = 10.0
"""How long other processes wait to report a failure: the first one usually reports the same."""

COLLECTED_AFTER = 100_000
"""Objects between two garbage collections, which otherwise take a fifth of an import."""
NO_MEMORY = (
    "not enough memory; use a smaller model, --max_length or batch size, or close other programs"
)
PAGES = ("-h", "--help", "--help_all", "--help-all", "--version")

Body: TypeAlias = "Callable[[Program, tuple[str, ...]], int]"


def run(function: str, body: Body, words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    `body` takes the program and the positional arguments. The status is 0 for success (also after
    a closed pipe), 1 for a failure, 2 for a mistake of the user, and 130, 143 or 129 after Ctrl-C,
    SIGTERM or the hang-up of the terminal.
    """
    words = list(sys.argv[1:] if words is None else words)
    fill_closed_streams()
    use_utf_8()
    if not processes.is_first():
        return _run_beside(function, body, words)
    return _run(function, body, words, f"gft_{function}")


def _run_beside(function: str, body: Body, words: list[str]) -> int:
    """Run a process that is not the first of several: it writes nothing."""
    if function not in SHARED or _has_any(words, PAGES):
        return 0
    with Path(os.devnull).open("w", encoding="utf-8") as null, redirect_stdout(null):
        return _run(function, body, words, f"gft_{function}, process {processes.number()}")


def _run(function: str, body: Body, words: list[str], speaker: str) -> int:
    with events.command(speaker), ExitStack() as listening:
        if sys.stdout is not None and sys.stdout.isatty():
            listening.enter_context(redirect_stdout(cast("TextIO", Terminal(sys.stdout))))
        status = _status(function, body, words, listening)
        events.emit(events.Ended(status))
    return status


def _status(function: str, body: Body, words: list[str], listening: ExitStack) -> int:
    try:
        check_output()
    except UserError as problem:
        return refused(problem)
    if _has_any(words, PAGES[:2]):
        return print_text(help_text(function, arguments()))
    if _has_any(words, PAGES[2:4]):
        return print_text(help_text(function, arguments(), everything=True))
    if _has_any(words, PAGES[4:]):
        return print_text(f"gft {__version__}\n")
    debug = "--debug" in words
    gc.set_threshold(COLLECTED_AFTER, 50, 100)
    try:
        with Interruption().installed():
            from gft.commands.parsing import parse

            status = body(*parse(function, words, listening))
            sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at exit, although nobody reads it any more.
        discard_output()
        return 0
    except KeyboardInterrupt:
        notes.say("stopped")
        return 130
    except Interrupted as stop:
        notes.say(f"stopped; {stop.advice}" if stop.advice else "stopped")
        return stop.status
    except Exception as problem:
        if debug:
            import traceback

            traceback.print_exc()
        _wait_for_the_first()
        if isinstance(problem, GftError):
            return refused(problem)
        if says_full(problem):
            return refused(explained(problem))
        if says_short(problem):
            return refused(GftError(f"{NO_MEMORY} ({type(problem).__name__})"))
        text = " ".join(str(problem).split())[:300]
        notes.error(f"{type(problem).__name__}: {text}; --debug shows where")
        return 1
    return status


def refused(problem: GftError) -> int:
    """Report what is wrong; return the exit status."""
    for message in problem.messages:
        notes.error(message)
    return problem.status


def _wait_for_the_first() -> None:
    """Wait: every process finds a mistake, and the launcher ends the others."""
    if not processes.is_first():
        time.sleep(PATIENCE_SECONDS)


def write_lines(lines: Generator[str]) -> int:
    """Write lines to standard output as they are computed; return 0.

    Lines that come slowly are flushed at once, since somebody may be waiting for them.
    """
    written = time.monotonic()
    with closing(lines):
        for line in lines:
            sys.stdout.write(line)
            now = time.monotonic()
            if now - written > FLUSH_SECONDS:
                sys.stdout.flush()
            written = now
        sys.stdout.flush()
    return 0


def _has_any(words: Sequence[str], options: tuple[str, ...]) -> bool:
    return any(word in options for word in words)


def print_text(text: str) -> int:
    """Write a text to standard output; return 0, also if its reader closes the pipe early."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    except OSError as problem:
        if not says_full(problem):
            raise
        return refused(explained(problem))
    return 0
