"""`gft_eval`."""

from __future__ import annotations

import json
import sys

from gft.commands.shell import run
from gft.errors import UserError
from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("eval", eval_command))


def eval_command(program: Program, words: tuple[str, ...]) -> int:
    """Score, and print the figures."""
    from gft.functions.evaluate import evaluate
    from gft.report.tables import evaluation_table

    form = program.options.format or "table"
    if form not in ("table", "tsv", "json"):
        raise UserError(f"--format {form}: figures are written as table, tsv or json")
    found = evaluate(program)
    if form == "json":
        print(json.dumps(found.saved(), indent=1, ensure_ascii=False))
    else:
        print(evaluation_table(found.saved(), plain=form == "tsv"), end="")
    return 0
