"""`gft_case`."""

from __future__ import annotations

import shlex
import sys

from gft import notes
from gft.commands.shell import print_text, run
from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("case", case_command))


def case_command(program: Program, words: tuple[str, ...]) -> int:
    """Write the files, and print the command that fits a model to them."""
    from gft.functions.case import LABELS, TOKENS, case

    made = case(program)
    rows = ", ".join(f"{count:,} rows of {split}" for split, count in made.rows.items())
    notes.say(f"{made.folder} has {rows}")
    notes.say(f"the shapes of words, most frequent first: {' '.join(made.shapes)}")
    data = shlex.quote(f"C:{made.folder}")
    return print_text(
        f"gft_fit --model H:bert-base-uncased --data {data} "
        f"--eqn 'classify_tokens: {LABELS} ~ {TOKENS}' --figure_of_merit overall_accuracy\n"
    )
