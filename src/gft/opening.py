"""What a program names, opened by the supplier that has it: its data, and its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gft import processes
from gft.errors import UserError
from gft.suppliers.installed import supplier_of

if TYPE_CHECKING:
    from gft.data.table import DataSet
    from gft.language.program import Program
    from gft.suppliers.protocol import ModelSource


def open_data(program: Program, in_memory: DataSet | None = None) -> DataSet:
    """Return the data of a program: what is `in_memory`, else what `--data` names.

    Of several processes the first fills the caches that the others read. Raises `UserError`.
    """
    if in_memory is not None:
        return in_memory
    if program.data is None:
        raise UserError(f"gft_{program.function} needs --data")
    with processes.first_before_others():
        return supplier_of(program.data).data(program.data, program.options)


def open_source(program: Program) -> ModelSource:
    """Return the model of a program, of which no weight is asked for yet. Raises `UserError`."""
    if program.model is None:
        raise UserError(f"gft_{program.function} needs --model")
    with processes.first_before_others():
        return supplier_of(program.model).model(program.model, program.options)
