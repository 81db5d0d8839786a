"""The models of a server, by name; a model whose folder is fitted again is reloaded."""

from __future__ import annotations

import contextvars
import gc
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.data.folders import path_of
from gft.errors import GftError, Mistakes, UserError, first_line
from gft.language.program import Options, Program
from gft.language.spec import Spec
from gft.model.fit import Fit
from gft.opening import on_disk
from gft.record_file import RECORD
from gft.registry import acts, configured
from gft.suppliers.installed import letters, parse
from gft.tasks.protocol import Task

if TYPE_CHECKING:
    from gft.engine.inference import Predicting

_NAMED = re.compile(r"([\w.-]+)=(.+)", re.DOTALL | re.ASCII)
_MISNAMED = re.compile(r"([^:/\\=]*)=.*:.+", re.DOTALL)
_UNNAMED = re.compile(r"[^\w.-]+", re.ASCII)
EVERY_SCORE, BEST = SCORES = ("return_all_scores", "top_k")
"""The arguments of gft_predict that a request may set."""
LOOKS_EVERY = 1.0
"""Seconds between two checks of the models' folders."""


@dataclass(frozen=True)
class Served:
    """A loaded model, which does not change with its folder."""

    name: str
    fit: Fit
    predictor: Predicting
    loaded: float = field(default_factory=time.time)

    @property
    def task(self) -> Task:
        """The task of the model, with the columns that requests need."""
        return self.predictor.task

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The facts about the model, as JSON."""
        pairs = zip(self.task.inputs, self.task.input_kinds, strict=True)
        equation = self.fit.opened.equation
        return {
            "name": self.name,
            "task": self.task.name,
            "equation": None if equation is None else str(equation),
            "columns": {name: dict(kind.in_json) for name, kind in pairs},
            "labels": list(self.task.labels),
            "answer": self.task.answer,
            "answer_schema": _schema_of(self.task),
            "scores": [name for name in SCORES if acts(name, "predict", self.task)],
        }

    def with_scores(self, options: Options) -> Predicting:
        """Return the predictor for the scores that the options request."""
        if not options.given:
            return self.predictor
        program = replace(self.fit.program, function="predict", options=options)
        return self.predictor.with_task(configured(self.task, program))


class Models:
    """The models of a server. Their folders are watched until it is closed.

    Raises `UserError` where one cannot be opened, or two have the same name; no weight is read.
    """

    def __init__(self, program: Program, words: Sequence[str] = ()) -> None:
        self._programs = {
            name: replace(program, models=(spec,)) for name, spec in named(program, words).items()
        }
        mistakes = Mistakes()
        found = {name: mistakes.attempt(Fit, one) for name, one in self._programs.items()}
        mistakes.raise_any()
        self._folders = {name: fit.folder for name, fit in found.items() if fit and fit.folder}
        self._stamps = self._looked()
        self._failed: dict[str, str] = {}
        self._closed = threading.Event()
        self.by_name: dict[str, Served] = {}

    @property
    def names(self) -> list[str]:
        """The names that requests use."""
        return list(self._programs)

    def load(self) -> None:
        """Load every model. Raises `GftError`."""
        for name in self._programs:
            self.by_name[name] = self._loaded(name)

    def watch(self, replaced: Callable[[str], None]) -> None:
        """Begin to watch the folders; `replaced` is called with the name of a reloaded model."""
        run = contextvars.copy_context().run
        threading.Thread(
            target=run, args=(self._watch, replaced), name="gft-watch", daemon=True
        ).start()

    def close(self) -> None:
        """Stop watching the folders."""
        self._closed.set()

    def _loaded(self, name: str) -> Served:
        fit = Fit(self._programs[name])
        return Served(name, fit, fit.predictor)

    def _watch(self, replaced: Callable[[str], None]) -> None:
        while not self._closed.wait(LOOKS_EVERY):
            for name, stamp in self._looked().items():
                if stamp != self._stamps.get(name) and self._take_over(name):
                    self._stamps[name] = stamp
                    replaced(name)

    def _take_over(self, name: str) -> bool:
        """Reload a model from its folder; say whether that was possible."""
        try:
            self.by_name[name] = self._loaded(name)
        except Exception as problem:
            message = f"{type(problem).__name__}: {first_line(problem)}"
            if isinstance(problem, GftError):
                message = problem.messages[0]
            if self._failed.get(name) != message:
                notes.warn(f"{name}: the loaded model keeps answering; {message}")
            self._failed[name] = message
            return False
        self._failed.pop(name, None)
        gc.collect()
        notes.say(f"{name}: its folder was fitted again; the new model answers from now on")
        return True

    def _looked(self) -> dict[str, tuple[int, int, int]]:
        """Return the stamp of each folder's record: time, inode, size."""
        found = {}
        for name, folder in self._folders.items():
            with suppress(OSError):  # A fit that is under way has not written it yet.
                about = (folder / RECORD).stat()
                found[name] = (about.st_mtime_ns, about.st_ino, about.st_size)
        return found


def _schema_of(task: Task) -> dict[str, Any]:
    """Return what the answer to a row is, as JSON Schema says it."""
    label: dict[str, Any] = {"type": "string"}
    if task.labels:
        label["enum"] = list(task.labels)
    of_labels = {"label": label, "labels": {"type": "array", "items": label}}
    return of_labels.get(task.answer, dict(task.answer_schema))


def named(program: Program, words: Sequence[str]) -> dict[str, Spec]:
    """Return the models that a program and words name, by the names that requests use.

    A word may be `NAME=C:FOLDER`; else the name is the last part of the path or of the name.
    Raises `UserError` where two have the same one.
    """
    found: dict[str, Spec] = {}
    pairs: list[tuple[str | None, Spec]] = [(None, spec) for spec in program.models]
    for word in words:
        given, wrong = _NAMED.fullmatch(word), _MISNAMED.fullmatch(word)
        if given is None and wrong:
            raise UserError(
                f"{word}: expected a name of letters (a to z), digits, '-', '_' and '.' before "
                f"the =, found {wrong[1]!r}"
            )
        spec = on_disk(parse(given[2] if given else word), program.options)
        pairs.append((given[1] if given else None, spec))
    for given_name, spec in pairs:
        name = given_name or _name_of(spec)
        if name in found:
            raise UserError(
                f"{found[name]} and {spec} would both be called {name}; give one a name of its "
                f"own: {name}2={spec}"
            )
        found[name] = spec
    if not found:
        raise UserError("gft_serve needs a model: gft_serve C:FOLDER")
    return found


def _name_of(spec: Spec) -> str:
    name = path_of(spec).resolve().name if spec.supplier == letters().of_paths else spec.key
    return _UNNAMED.sub("-", name.rpartition("/")[2]).strip("-") or "model"
