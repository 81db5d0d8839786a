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
    """Score, and print the figures; 1 if one of several models could not be scored."""
    from gft.functions.evaluate import Failed, evaluate, evaluate_each
    from gft.report.tables import evaluation_table, evaluations_table

    form = program.options.format or "table"
    if form not in ("table", "tsv", "json"):
        raise UserError(f"--format {form}: figures are written as table, tsv or json")
    if len(program.models) > 1:
        several = evaluate_each(program)
        saved = [one.saved() for one in several]
        if form == "json":
            print(json.dumps(saved, indent=1, ensure_ascii=False))
        else:
            print(evaluations_table(saved, plain=form == "tsv"), end="")
        return int(any(isinstance(one, Failed) for one in several))
    found = evaluate(program)
    if form == "json":
        print(json.dumps(found.saved(), indent=1, ensure_ascii=False))
    else:
        print(evaluation_table(found.saved(), plain=form == "tsv"), end="")
    return 0
