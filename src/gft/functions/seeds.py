"""`fit --seeds N`: the same program with N seeds, and what their figures are together."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gft import notes, processes
from gft.engine.interruption import Interruption
from gft.engine.options import HandedOn
from gft.errors import Interrupted, Mistakes
from gft.folder import CARD, METRICS, OutputFolder, State, copy_results
from gft.functions.keeping import add_linear, lacks_linear
from gft.functions.options import Fitting, Folder
from gft.functions.preparing import EncodedSplits, Prepared
from gft.functions.running import opened, predicted_splits, run
from gft.language.program import Options, Program
from gft.metrics.seeds import figures_over_seeds
from gft.model import Fit, net_predictor
from gft.registry import arguments
from gft.results.fitted import read_metrics
from gft.storage.lock import held
from gft.storage.manifest import read_manifest

if TYPE_CHECKING:
    from gft.targets.protocol import Predicted


@dataclass(frozen=True)
class OneSeed:
    """The program of one seed, the folder it is fitted in, and in which state that was found."""

    seed: int
    program: Program
    folder: OutputFolder
    state: State


def fit_seeds(
    several: list[OneSeed], prepared: Prepared, encoded: EncodedSplits, interruption: Interruption
) -> Fit:
    """Fit a program with several seeds and return the one that is best on val.

    Each is fitted in a folder of its own, `seed-42` and so on, as `--seed` alone would do it: what
    is finished there is not done again, what is not goes on. The folder above holds the best one
    and the figures of all. Raises what `fit` raises.
    """
    options, results = prepared.program.options, {}
    if options.of(Folder).overwrite_output_dir and processes.is_first():
        prepared.folder.clear()
    for n, one in enumerate(several):
        notes.say(f"seed {one.seed}, {n + 1} of {len(several)}")
        results[one.seed] = _fitted(one, prepared, encoded, interruption)
    if processes.is_first():
        _publish(prepared, several, results)
    processes.wait()
    return opened(prepared.folder.path, options)


def each_seed(program: Program, folder: OutputFolder, mistakes: Mistakes) -> list[OneSeed]:
    """Return the program of each of `--seeds`, from `--seed` on; mistakes are collected."""
    found = []
    options = program.options
    afresh = options.of(Folder).overwrite_output_dir
    first = options.of(HandedOn).seed
    for seed in range(first, first + (options.of(Fitting).seeds or 1)):
        place = OutputFolder(folder.path / f"seed-{seed}")
        given = {name: value for name, value in options.given.items() if name != "seeds"}
        given |= {"seed": seed, "output_dir": str(place.path)}
        one = replace(program, options=Options(given))
        with mistakes.collect(), processes.first_before_others():
            found.append(OneSeed(seed, one, place, place.state(one.identity(arguments()), afresh)))
    return found


def _fitted(
    one: OneSeed, prepared: Prepared, encoded: EncodedSplits, interruption: Interruption
) -> dict[str, Predicted]:
    """Fit one seed unless that is done already; return what it predicts for val and test."""
    mine = replace(prepared, program=one.program, folder=one.folder)
    if one.state is State.FINISHED:
        if lacks_linear(one.program.options, one.folder):
            add_linear(mine)
        done = opened(one.folder.path, one.program.options)
        return predicted_splits(net_predictor(done.opened, one.program.options), encoded)
    try:
        with held(one.folder.path) if processes.is_first() else nullcontext():
            return run(mine, encoded, interruption)[1]
    except Interrupted as stop:
        stop.advice = stop.advice or (
            f"the seeds that are finished are in {one.folder.path.parent}; the same command goes on"
        )
        raise


def _publish(
    prepared: Prepared, several: list[OneSeed], results: Mapping[int, Mapping[str, Predicted]]
) -> None:
    """Fill the folder: the files of the seed that is best on val, and the figures of all."""
    from gft.report.card import model_card
    from gft.results.files import write_metrics

    told = _over_seeds(prepared, results)
    chosen = next(one for one in several if one.seed == told["chosen"])
    record = chosen.folder.record()
    assert record is not None
    place = prepared.folder.stage()
    copy_results(chosen.folder.path, record, place, (METRICS, CARD))
    saved = {**prepared.program.saved(arguments()), "eqn": str(prepared.equation)}
    record |= {"program": saved, "identity": prepared.program.identity(arguments())}
    metrics = read_metrics(chosen.folder.path)
    metrics["seeds"] = told
    write_metrics(place, metrics)
    (place / CARD).write_text(model_card(record, metrics), encoding="utf-8")
    sealed = read_manifest(chosen.folder.path)
    prepared.folder.publish(record, sealed.model if sealed else ())


def _over_seeds(
    prepared: Prepared, results: Mapping[int, Mapping[str, Predicted]]
) -> dict[str, Any]:
    """Return the figures of all seeds as JSON, and which seed is the best on val."""
    splits: dict[str, Any] = {}
    for role in next(iter(results.values())):
        scored = [prepared.task.scored(*of[role]) for of in results.values()]
        spreads = figures_over_seeds(prepared.metrics, scored, groups=prepared.groups.get(role))
        splits[role] = {
            "rows": len(scored[0]),
            "figures": {spread.name: spread.saved() for spread in spreads},
        }
    seeds = list(results)
    found: dict[str, Any] = {"seeds": seeds, "chosen": seeds[0], "chosen_by": None}
    if "val" in splits:
        sign = 1 if prepared.merit.greater_is_better else -1
        each = splits["val"]["figures"][prepared.merit.name]["each"]
        known = [(sign * value, -n) for n, value in enumerate(each) if value is not None]
        if known:
            found |= {"chosen": seeds[-max(known)[1]], "chosen_by": "val"}
    return {**found, "splits": splits}
