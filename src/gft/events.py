"""What happens while a command works, as events, and who listens to them.

Notes, warnings, errors and progress are events. A command line and a function called from Python
run in a `command`; whoever subscribes hears what happens in it. Standard error is what listens if
nobody else does.
"""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeAlias, TypeVar

from gft.digits import in_digits
from gft.errors import Interrupted
from gft.visible import visible

T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """How far the work is, in words."""

    kind: ClassVar[str] = "message"
    text: str

    def line(self) -> str:
        """Return what a terminal shows."""
        return self.text if self.kind == "message" else f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Note(Message):
    """Something worth knowing."""

    kind: ClassVar[str] = "note"


@dataclass(frozen=True)
class Caution(Message):
    """Something that may make the result wrong: a warning."""

    kind: ClassVar[str] = "warning"


@dataclass(frozen=True)
class Error(Message):
    """Why a command stops. In Python that is an exception."""

    kind: ClassVar[str] = "error"


@dataclass(frozen=True)
class Step:
    """A step of a training, or, before the first one, where it begins.

    `loss` and `learning_rate` are those that were logged last, `rows_per_second` is the mean since
    the training began; None before there are any.
    """

    kind: ClassVar[str] = "step"
    step: int
    steps: int
    epoch: float
    loss: float | None
    learning_rate: float | None
    rows_per_second: float | None


@dataclass(frozen=True)
class Evaluated:
    """The metrics of val after so many epochs of a training; `loss` is the last one on train."""

    kind: ClassVar[str] = "evaluated"
    step: int
    epoch: float
    epochs: float
    loss: float | None
    metrics: Mapping[str, float]

    def line(self) -> str:
        """Return what a terminal shows."""
        known = {name: one for name, one in self.metrics.items() if not math.isnan(one)}
        metrics = [f"{name} {in_digits(one)}" for name, one in known.items()]
        loss = f"train loss {in_digits(self.loss)}, " if self.loss is not None else ""
        epochs = f"{round(self.epoch, 2):,g} of {round(self.epochs, 2):,g}"
        return f"epoch {epochs}: {loss}val {', '.join(metrics)}"


@dataclass(frozen=True)
class Ended:
    """The end of a command and its exit status: 0 is success."""

    kind: ClassVar[str] = "ended"
    status: int


Event: TypeAlias = Message | Step | Evaluated | Ended
Subscriber: TypeAlias = Callable[[Event], object]


class Stop(Exception):
    """Raised by a subscriber to end the command, as Ctrl-C does: a training is saved first."""


@dataclass(frozen=True)
class Command:
    """What runs: the name that its lines begin with, who listens, and the notes that were given.

    `worded` says a text in Python's words, None where a command line is spoken to.
    """

    speaker: str
    subscribers: tuple[Subscriber, ...]
    noted: set[str] = field(default_factory=set)
    worded: Callable[[str], str] | None = None


def on_standard_error(event: Event) -> None:
    """Show an event as a line on standard error, or not at all."""
    if isinstance(event, Message | Evaluated):
        line = visible(f"{_command().speaker}: {event.line()}")
        print(line, file=sys.stderr, flush=True)


_running: ContextVar[Command | None] = ContextVar("command", default=None)
_stopper: ContextVar[Callable[[], None] | None] = ContextVar("stopper", default=None)


def _command() -> Command:
    return _running.get() or Command("gft", (on_standard_error,))


@contextmanager
def command(speaker: str, worded: Callable[[str], str] | None = None) -> Iterator[None]:
    """Run a command in the block, such as `gft_fit`: a note is given once in it, and `worded`."""
    with _set(_running, Command(speaker, _command().subscribers, worded=worded)):
        yield


@contextmanager
def to(*subscribers: Subscriber) -> Iterator[None]:
    """Send the events of the block to `subscribers` instead of to standard error."""
    now = _command()
    with _set(_running, replace(now, subscribers=subscribers)):
        yield


@contextmanager
def also_to(*subscribers: Subscriber) -> Iterator[None]:
    """Send the events of the block to `subscribers` too."""
    with to(*_command().subscribers, *subscribers):
        yield


@contextmanager
def _set(variable: ContextVar[T | None], value: T) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def stopped_by(stop: Callable[[], None]) -> AbstractContextManager[None]:
    """Call `stop` when a subscriber wants the block to end."""
    return _set(_stopper, stop)


def speaker() -> str:
    """Return the name of the command that runs, `gft` where none does."""
    return _command().speaker


def speaks_python() -> bool:
    """Say whether what runs was called from Python."""
    return _command().worded is not None


def are_shown() -> bool:
    """Say whether standard error shows what happens."""
    return on_standard_error in _command().subscribers


def is_new(text: str) -> bool:
    """Say whether the command has not noted a text before; from now on it has."""
    noted = _command().noted
    known = text in noted
    noted.add(text)
    return not known


def emit(event: Event) -> None:
    """Tell whoever listens. Raises `Interrupted` if one of them raises `Stop` and nothing waits."""
    wanted, worded = False, _command().worded
    if worded is not None and isinstance(event, Message):
        event = replace(event, text=worded(event.text))
    for subscriber in _command().subscribers:
        try:
            subscriber(event)
        except Stop:
            wanted = True
    if wanted:
        stop = _stopper.get()
        if stop is None:
            raise Interrupted(signal.SIGINT)
        stop()
