"""What a fitted folder knows of its data: where it is, its splits, and which row was where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gft.data.partition import Partition, read_partition
from gft.folder import PARTITION
from gft.language.program import Program
from gft.language.spec import Spec
from gft.suppliers.installed import parse


def with_fitted_data(
    program: Program, record: Mapping[str, Any] | None, has_data: bool = False
) -> Program:
    """Return a program with the data that a model was fitted to, unless it has data of its own.

    Where they are the same it has the fit's `--splits` too, unless it names others.
    """
    if record is None:
        return program
    known = None if has_data else fitted_data(record)
    same = [str(known), record["program"]["data"]]
    if known is not None and (program.data is None or str(program.data) in same):
        program = replace(program, datas=(program.data or known,))
        if program.splits is None and record["program"]["splits"]:
            names = record["program"]["splits"]
            # A supplier may read no more than what is named.
            options = program.options.but(splits=",".join(names))
            program = replace(program, splits=tuple(names), options=options)
    return program


def fitted_data(record: Mapping[str, Any]) -> Spec | None:
    """Return the data that a model was fitted to: files where they were; None if it had no name."""
    origin = record["data"]
    if origin["supplier"] == "memory":
        return None
    if origin.get("path"):
        return Spec(origin["supplier"], origin["path"])
    return parse(record["program"]["data"])


def fitted_partition(folder: Path | None) -> Partition | None:
    """Return which row was where when the model in a folder was fitted, None if nobody wrote it."""
    return None if folder is None else read_partition(folder / PARTITION)
