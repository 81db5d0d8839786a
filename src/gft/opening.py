"""What a program names, opened by the supplier that has it: its data, and its model."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gft import notes, processes
from gft.errors import GftError, UserError, listed, nearest
from gft.language.options import Shared
from gft.suppliers.installed import letters, supplier_of
from gft.suppliers.options import FilesOfText

if TYPE_CHECKING:
    from gft.data.table import DataSet
    from gft.language.program import Options, Program
    from gft.language.spec import Spec
    from gft.suppliers.protocol import ModelSource


def located(program: Program) -> Program:
    """Return a program in which data without a letter that exists on disk is a path, with a note.

    A program is parsed without a look at the disk: this is done once, to every program.
    """
    found = tuple(on_disk(one, program.options) for one in program.datas)
    for before, after in zip(program.datas, found, strict=True):
        if after is not before:
            notes.note(
                f"{after.key} is read from here, as {after}; {before} is looked for elsewhere"
            )
    return replace(program, datas=found)


def on_disk(spec: Spec, options: Options) -> Spec:
    """Return the path that a name without a letter is, if there is one; else what was given.

    No path has a configuration.
    """
    from gft.data.folders import files_beside
    from gft.storage.paths import expanded

    if not spec.bare or spec.is_search or spec.config is not None:
        return spec
    name = f"{spec.key}@{spec.revision}" if spec.revision else spec.key
    path = expanded(options.of(Shared).data_dir or "") / expanded(name)
    if not path.exists() and not (path.name and files_beside(path)):
        return spec
    return replace(spec, supplier=letters().of_paths, key=name, revision=None, bare=False)


@contextmanager
def _nothing_here(spec: Spec) -> Iterator[None]:
    """Say, where a name without a letter is not found, what is called so or alike on disk."""
    from gft.data.folders import names_in

    try:
        yield
    except GftError as problem:
        path, letter = Path(spec.key), letters().of_paths
        near = None
        with suppress(OSError):  # A name that is too long for a path is none that is here.
            if spec.bare and path.is_dir():
                near = f"{letter}:{spec.key} is the folder here"
            elif spec.bare and (name := nearest(path.name, names_in(path.parent))):
                near = f"nothing here has that name (did you mean {letter}:{path.with_name(name)}?)"
        if near and problem.messages:
            first, *others = problem.messages
            problem.args = (f"{first}; {near}", *others)
        raise


def open_data(program: Program, in_memory: DataSet | None = None) -> DataSet:
    """Return the data of a program: what is `in_memory`, else what `--data` names.

    Of several processes the first fills the caches that the others read. Raises `UserError`.
    """
    if in_memory is not None:
        _note_encoding(program, in_memory)
        return in_memory
    if program.data is None:
        raise UserError(f"gft_{program.function} needs --data")
    with processes.first_before_others(), _nothing_here(program.data):
        data = supplier_of(program.data).data(program.data, program.options)
    _note_encoding(program, data)
    return data


def _note_encoding(program: Program, data: DataSet) -> None:
    """Say where `--encoding` has nothing to say: in data that is no file of text."""
    from gft.data.folders import is_text

    files = data.origin.get("files")
    names = [name for split in files.values() for name in split] if isinstance(files, dict) else []
    if program.options.of(FilesOfText).encoding is not None and not any(map(is_text, names)):
        notes.note(f"--encoding has no effect: {data.name} is no file of text")


def open_source(program: Program) -> ModelSource:
    """Return the model of a program, of which no weight is asked for yet. Raises `UserError`."""
    if program.model is None:
        raise UserError(f"gft_{program.function} needs --model")
    with processes.first_before_others(), _nothing_here(program.model):
        return supplier_of(program.model).model(program.model, program.options)


def refuse_code(metrics: Iterable[Spec], where: str) -> None:
    """Raise `UserError` if a file, called `where`, names a metric that is Python to be run."""
    named = [str(one) for one in metrics if one.supplier == letters().of_paths]
    if named:
        raise UserError(
            f"{where} names {listed(named)}: a Python file that would be run, which only your own "
            f"command may ask for; read it, then say --metric {' '.join(map(shlex.quote, named))}"
        )
