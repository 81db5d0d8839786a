"""`gft_predict`."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from gft.commands.shell import run, write_lines

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    status = run("predict", predict_command)
    # All is written. To look for garbage in all that was imported would take Python a tenth of the
    # time from the shell to the answer.
    gc.freeze()
    sys.exit(status)


def predict_command(program: Program, words: tuple[str, ...]) -> int:
    """Predict, and write the rows as they are computed."""
    from gft.functions.predict import predict
    from gft.suppliers.lean_imports import importing_little

    with importing_little():
        return write_lines(predict(program))
