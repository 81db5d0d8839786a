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
from gft.functions.seeds import each_seed, fit_seeds
from gft.language.program import Program
from gft.model import Fit
from gft.registry import arguments


def fit(program: Program, in_memory: DataSet | None = None) -> Fit:
    """Fine-tune `program.model` on `program.data` and return the fitted model.

    Raises `UserError` for mistakes, all before a weight is asked for and with nothing left
    behind, and `Interrupted` when a signal stopped the training, with a checkpoint on disk.
    Several processes share the work; the first one writes. With `--seeds` it is done so many times.
    """
    options, mistakes = program.options, Mistakes()
    processes.join(options.of(Computing).use_cpu)
    folder, state = output_folder(program), None
    with mistakes.collect(), processes.first_before_others():
        afresh = options.of(Folder).overwrite_output_dir
        state = folder.state(program.identity(arguments()), afresh)
    several = options.of(Fitting).seeds
    if state is State.FINISHED:
        if processes.is_first():
            folder.drop_checkpoints()
        notes.note(
            f"{folder.path} holds this program's {'fits' if several else 'fit'} already; "
            "--overwrite_output_dir fits it again"
        )
        return opened(folder.path, options)
    seeds = each_seed(program, folder, mistakes) if several else []
    prepared = prepare(program, folder, mistakes, in_memory)
    interruption = Interruption()
    with interruption.installed():
        encoded = encode(prepared)
        if seeds:
            return fit_seeds(seeds, prepared, encoded, interruption)
        return run(prepared, encoded, interruption)[0]
