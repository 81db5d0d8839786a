"""`fit`: from a program to a fitted folder."""

from __future__ import annotations

from gft import notes, processes
from gft.data.table import DataSet
from gft.engine.interruption import Interruption
from gft.engine.options import Computing
from gft.errors import Mistakes
from gft.folder import State
from gft.functions.options import Fitting, Folder
from gft.functions.preparing import encode, prepare
from gft.functions.running import opened, output_folder, run
from gft.functions.seeds import fit_seeds
from gft.language.program import Program
from gft.model import Fit
from gft.registry import arguments


def fit(program: Program, in_memory: DataSet | None = None) -> Fit:
    """Fine-tune `program.model` on `program.data` and return the fitted model.

    Raises `UserError` for mistakes, all before a weight is asked for and with nothing left
    behind, and `Interrupted` when a signal stopped the training, with a checkpoint on disk.
    Several processes share the work; the first one writes. With `--seeds` it is done so many times.
    """
    if program.options.of(Fitting).seeds:
        return fit_seeds(program, in_memory)
    processes.join(program.options.of(Computing).use_cpu)
    folder, mistakes = output_folder(program), Mistakes()
    with mistakes.collect():
        with processes.first_before_others():
            afresh = program.options.of(Folder).overwrite_output_dir
            state = folder.state(program.identity(arguments()), afresh)
        if state is State.FINISHED:
            if processes.is_first():
                folder.drop_checkpoints()
            notes.note(
                f"{folder.path} holds this program's fit already; "
                "--overwrite_output_dir fits it again"
            )
            return opened(folder.path, program.options)
    prepared = prepare(program, folder, mistakes, in_memory)
    interruption = Interruption()
    with interruption.installed():
        return run(prepared, encode(prepared), interruption)[0]
