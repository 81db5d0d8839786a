"""A function of gft that is called from Python: a command of its own, in Python's words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar, cast

from gft import events
from gft.data.folders import SPLIT_NAMES
from gft.errors import GftError, Interrupted
from gft.event_log import logged
from gft.language.python_words import PythonWords
from gft.registry import arguments, predict_only_names, task_names

P = ParamSpec("P")
R = TypeVar("R")


@cache
def python_words() -> PythonWords:
    """Return how Python calls gft's arguments."""
    known = {
        "split": SPLIT_NAMES,
        "task": {*task_names(), *predict_only_names()},
        "class_weight": ("balanced",),
        "keep": ("all",),
        "eval_strategy": ("no", "steps", "epoch"),
    }
    return PythonWords(arguments(), known)


def spoken(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function as a command: its notes are given once, its log is written.

    Notes and errors name arguments as Python does. What one function of gft calls another for is
    said by the first.
    """
    speaker = f"gft.{function.__qualname__}"

    @wraps(function)
    def run(*positional: P.args, **arguments: P.kwargs) -> R:
        if events.speaks_python():
            return function(*positional, **arguments)
        log = cast("str | None", arguments.get("log_json"))

        def worded(text: str) -> str:
            return python_words().knowing(arguments).spoken(text, speaker)

        try:
            with events.command(speaker, worded), logged(log):
                return function(*positional, **arguments)
        except GftError as problem:
            problem.args = tuple(worded(message) for message in problem.messages)
            raise
        except Interrupted as stop:
            stop.advice = worded(stop.advice)
            raise

    return run
