"""Several fits in one folder: each in a folder of its own below it, and gone on with from there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gft import processes
from gft.engine.interruption import Interruption
from gft.errors import Interrupted, Mistakes
from gft.folder import OutputFolder, State
from gft.functions.encoding import EncodedSplits
from gft.functions.keeping import add_linear, lacks_linear
from gft.functions.options import Folder
from gft.functions.preparing import Prepared
from gft.functions.running import data_changed, opened, predicted_splits, run
from gft.language.program import Options, Program
from gft.model.predictors import net_predictor
from gft.registry import arguments
from gft.storage.lock import held

if TYPE_CHECKING:
    from gft.targets.protocol import Predicted


@dataclass(frozen=True)
class OneFit:
    """One of several fits: its program, the folder it is fitted in, and in which state it was."""

    program: Program
    folder: OutputFolder
    state: State


def one_fit(
    program: Program,
    above: OutputFolder,
    name: str,
    mistakes: Mistakes,
    without: str,
    **given: Any,
) -> OneFit | None:
    """Return a program as one of several fits, in the folder `name` below that `above`.

    It is not given the argument `without`, which asks for several, and `given` instead. A mistake
    is collected, with None.
    """
    options = program.options
    folder = OutputFolder(above.path / name)
    kept = {name: value for name, value in options.given.items() if name != without}
    one = replace(program, options=Options({**kept, **given, "output_dir": str(folder.path)}))
    afresh = options.of(Folder).overwrite_output_dir
    with mistakes.collect(), processes.first_before_others():
        if processes.is_first():
            folder.recover()
        return OneFit(one, folder, folder.state(one.identity(arguments()), afresh))
    return None


def fitted(
    one: OneFit,
    prepared: Prepared,
    encoded: EncodedSplits,
    interruption: Interruption,
    called: str,
) -> Mapping[str, Predicted]:
    """Fit one of several unless that is done already; return what it predicts for val and test.

    `called` is what the fits are in the plural. Raises what `fit` raises.
    """
    mine = replace(prepared, program=one.program, folder=one.folder)
    if one.state is State.FINISHED:
        if _fingerprint(one.folder.record()) != prepared.fingerprint:
            raise data_changed(one.folder.path)
        if lacks_linear(one.program.options, one.folder):
            add_linear(mine)
        done = opened(one.folder.path, one.program.options)
        return predicted_splits(net_predictor(done.opened, one.program.options), encoded)
    try:
        with held(one.folder.path) if processes.is_first() else nullcontext():
            return run(mine, encoded, interruption)[1]
    except Interrupted as stop:
        above = one.folder.path.parent
        stop.advice = stop.advice or (
            f"the {called} that are finished are in {above}; the same command goes on"
        )
        raise


def _fingerprint(record: Mapping[str, Any] | None) -> str | None:
    """Return the fingerprint that data and corrections had, of the `gft.json` of a fit."""
    if record is None:
        return None
    data = record["data"]
    corrected = data.get("corrections")
    return f"{data['fingerprint']}+{corrected['digest']}" if corrected else data["fingerprint"]
