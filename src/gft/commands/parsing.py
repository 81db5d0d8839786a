"""From the words of a command line, and a file of arguments, to the program that they make."""

from __future__ import annotations

from contextlib import ExitStack

from gft import notes
from gft.commands.argument_file import read_arguments
from gft.errors import Mistakes, UserError
from gft.event_log import logged
from gft.language.command_line import Parsed, parse_command_line
from gft.language.options import Shared
from gft.language.program import Program, build_program
from gft.opening import located, refuse_code
from gft.registry import arguments, predict_only_names, task_names
from gft.suppliers.installed import letters


def parse(function: str, words: list[str], listening: ExitStack) -> tuple[Program, tuple[str, ...]]:
    """Return the program; raise all mistakes of arguments, specifications and equation at once.

    `listening` is entered with the log of `--log_json`, with or without mistakes.
    """
    mistakes = Mistakes()
    parsed: Parsed | None = None
    with mistakes.collect():
        parsed = parse_command_line(function, words, arguments(), read_arguments)
    program = None
    values = parsed.given if parsed else salvaged(words)
    with mistakes.collect():
        listening.enter_context(logged(values.get("log_json")))
    with mistakes.collect():
        program = build_program(function, values, letters(), task_names(), predict_only_names())
    if parsed is not None and program is not None and parsed.of_file:
        mistakes.attempt(_refuse_code, program, parsed.of_file, words[0])
    mistakes.raise_any()
    assert parsed is not None and program is not None
    notes.note(*parsed.notes)
    return located(program), parsed.words


def _refuse_code(program: Program, of_file: frozenset[str], file: str) -> None:
    """Raise `UserError` if a file of arguments would run code: only the command line may."""
    if "trust_remote_code" in of_file and program.options.of(Shared).trust_remote_code:
        raise UserError(
            f"{file} sets trust_remote_code, which would run code that comes with a model; only "
            "your own command may allow that: read the code, then add --trust_remote_code"
        )
    if "metric" in of_file:
        refuse_code(program.metrics, file)


def salvaged(words: list[str]) -> dict[str, str]:
    """Return the arguments that can be read from a command line with mistakes elsewhere."""
    found = {}
    shorts = {"-m": "--model", "-d": "--data", "-e": "--eqn"}
    for word, value in zip(words, [*words[1:], ""], strict=True):
        option, equals, inner = word.partition("=")
        name = shorts.get(option, option).removeprefix("--")
        if name in ("model", "data", "eqn", "log_json") and (inner or value):
            found[name] = inner if equals else value
    return found
