"""Which programs are fitted without a net, and which arguments mean nothing then."""

from __future__ import annotations

from gft import notes
from gft.adapters.options import LoraOptions
from gft.engine.options import Computing, HandedOn, TrainingOptions
from gft.errors import UserError, listed
from gft.functions.options import Fitting, Freezing, ModelFields
from gft.inputs.kind import input_kinds, no_function
from gft.language.argument import Argument, Arguments, rows
from gft.language.equation import EVERYTHING, Equation
from gft.language.program import Options, Program
from gft.language.terms import quoted
from gft.tasks.options import Batches, Smoothing, TextLength, Weights, Windowing

OF_NETS: tuple[type[Arguments], ...] = (
    HandedOn, TrainingOptions, LoraOptions, ModelFields, Freezing, TextLength, Windowing, Smoothing,
    Weights,
)  # fmt: skip
"""Tables of arguments that say something of a net or of its training."""
OF_TRAININGS = ("seeds", "learning_curve", "early_stopping_patience", "keep_baseline")
"""Arguments of other tables that do so."""
IDLE = ("seed",)
"""An argument without effect where nothing is random, which scripts give to every fit."""
COMPUTING: tuple[type[Arguments], ...] = (Computing, Batches)
"""Tables of arguments that only say how one computes."""

SHOWN = 6
"""So many columns are named in a message."""


def is_without_net(program: Program) -> bool:
    """Say whether a program is fitted without a net: it names no model, and has no text."""
    equation = program.equation
    return program.model is None and equation is not None and not reads_texts(equation)


def reads_texts(equation: Equation) -> bool:
    """Say whether anything on the right is to be read by a net."""
    return bool(equation.texts) or EVERYTHING in equation.right or not equation.covariates


def why_a_model(equation: Equation) -> str:
    """Return why an equation has to have a model, to follow the words that say it has none.

    Raises `UserError` for a function that there is not: with it there is no saying.
    """
    kinds = input_kinds()
    for term in equation.factors:
        if term.function is not None and term.function not in kinds:
            raise UserError(no_function(term))
    texts = [quoted(name) for name in equation.texts]
    if EVERYTHING in equation.right:
        texts.append("what '.' stands for")
    if not texts:
        return ""
    read, are = listed(texts, SHOWN), "is" if len(texts) == 1 else "are"
    return f": {read} {are} for a net to read; a number in num() and a category in cat() need none"


def check_options(options: Options) -> None:
    """Raise `UserError` for arguments that mean nothing without a net; note what has no effect."""
    of_nets = [row for table in OF_NETS for row in rows(table)]
    of_nets += [row for row in rows(Fitting) if row.name in OF_TRAININGS]
    changed = [row for row in of_nets if _is_changed(row, options)]
    wrong = [
        f"--{row.name}" for row in changed
        if row.name not in IDLE and (row.identity or row.name in OF_TRAININGS)
    ]  # fmt: skip
    if wrong:
        raise UserError(
            f"{listed(wrong)}: an equation without a text is fitted without a net, at once and the "
            "same each time; leave it out, or add a column of text and --model"
        )
    idle = [*changed, *(row for table in COMPUTING for row in rows(table))]
    idle = [row for row in idle if _is_changed(row, options)]
    if idle:
        notes.note(f"{listed(f'--{row.name}' for row in idle)}: no effect without a net")


def _is_changed(row: Argument, options: Options) -> bool:
    """Say whether an argument was given another value than its default."""
    return bool(options.given.get(row.name, row.default) != row.default)
