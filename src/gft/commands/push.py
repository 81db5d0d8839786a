"""`gft_push`."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from gft.commands.shell import run
from gft.errors import UserError

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("push", push_command))


def push_command(program: Program, words: tuple[str, ...]) -> int:
    """Push a fit, and print the address of its repository."""
    from gft.model.fit import Fit, push_fit
    from gft.opening import on_disk
    from gft.suppliers.installed import parse

    *folders, name = words or ("",)
    if not name or len(folders) + len(program.models) != 1:
        raise UserError(
            "gft_push needs a fitted folder and the name of a repository: "
            "gft_push C:FOLDER NAME/MODEL"
        )
    models = program.models or (on_disk(parse(folders[0]), program.options),)
    print(push_fit(Fit(replace(program, models=models)), name, program.options))
    return 0
