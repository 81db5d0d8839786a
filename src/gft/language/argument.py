"""What an argument is, and the groups and commands that arguments belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FUNCTIONS = ("init", "fit", "predict", "eval", "summary", "cat_data")
EVERY = frozenset(FUNCTIONS)
FIT = frozenset({"fit"})
READS_DATA = EVERY
RUNS_MODEL = frozenset({"fit", "predict", "eval"})

MAIN = "what to do"
DATA = "data"
SCORES = "scores"
TRAINING = "training"
SPEECH = "the model's own, and sound"
SPEED = "speed and precision"
OUTPUT = "output"
SEARCH = "searches (H:__contains__WORD; --model H:__infer__ with --data or --task)"
SUPPLY = "where things come from"
GENERATION = "texts that are generated (generate)"
ANSWERS = "answers in texts (classify_spans)"
WITHOUT_EFFECT = "accepted, without effect"
TRAINER = "the trainer's own"


@dataclass(frozen=True)
class Argument:
    """One argument.

    `kind` is text, whole, number, flag, flag or text, texts (several values) or json. Values
    are `above` one limit, or between `least` and `most`. `functions` are the commands in which
    it acts. `identity` says whether another value makes another program.
    `common` arguments are in the short help. `no_effect` says why an accepted one does nothing.
    `trainer` marks a field that is handed on to `transformers.TrainingArguments`.
    `tasks` are those in which it acts, none for all of them.
    """

    name: str
    kind: str
    default: Any
    group: str
    help: str
    functions: frozenset[str] = EVERY
    choices: tuple[str, ...] = ()
    short: str | None = None
    identity: bool = True
    common: bool = False
    trainer: bool = False
    least: float | None = None
    most: float | None = None
    above: float | None = None
    no_effect: str | None = None
    tasks: tuple[str, ...] = ()
