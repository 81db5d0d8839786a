"""`gft_eval`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from gft.commands.shell import run
from gft.errors import UserError
from gft.functions.options import Writing

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("eval", eval_command))


def eval_command(program: Program, words: tuple[str, ...]) -> int:
    """Score, and print the metrics; return 1 if one of several models could not be scored."""
    from gft.functions.evaluate import evaluate
    from gft.functions.evaluate_several import Failed, evaluate_each, is_several
    from gft.report.of_models import models_table
    from gft.report.of_subgroups import evaluation_text, subgroups_text
    from gft.report.tables import data_and_split

    form = program.options.of(Writing).format or "table"
    if form not in ("table", "tsv", "json"):
        raise UserError(f"--format {form}: metrics are written as table, tsv or json")
    if is_several(program):
        several = evaluate_each(program)
        saved = [one.saved() for one in several]
        if form == "json":
            print(json.dumps(saved, indent=1, ensure_ascii=False))
        else:
            print(models_table(saved, plain=form == "tsv"), end="")
            for one in saved if form == "table" else ():
                if "by" in one:
                    print(
                        f"\n{one['model']} on {data_and_split(one)}:\n{subgroups_text(one['by'])}",
                        end="",
                    )
        return int(any(isinstance(one, Failed) for one in several))
    found = evaluate(program)
    if form == "json":
        print(json.dumps(found.saved(), indent=1, ensure_ascii=False))
    else:
        print(evaluation_text(found.saved(), plain=form == "tsv"), end="")
    return 0
