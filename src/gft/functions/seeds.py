"""`fit --seeds N`: the same program with N seeds, and what their scores are together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gft import notes, processes
from gft.engine.interruption import Interruption
from gft.engine.options import HandedOn
from gft.errors import Mistakes
from gft.folder import CARD, METRICS, OutputFolder, copy_results
from gft.functions.encoding import EncodedSplits
from gft.functions.options import Fitting, Folder
from gft.functions.preparing import Prepared
from gft.functions.running import opened
from gft.functions.several import OneFit, fitted, one_fit
from gft.language.program import Program
from gft.metrics.seeds import metrics_over_seeds
from gft.model.fit import Fit
from gft.registry import arguments
from gft.results.fitted import read_metrics
from gft.storage.manifest import read_manifest

if TYPE_CHECKING:
    from gft.targets.protocol import Predicted


def fit_seeds(
    several: Mapping[int, OneFit],
    prepared: Prepared,
    encoded: EncodedSplits,
    interruption: Interruption,
) -> Fit:
    """Fit a program with several seeds and return the one that is best on val.

    Each is fitted in a folder of its own, `seed-42` and so on, as `--seed` alone would do it: what
    is finished there is not done again, what is not goes on. The folder above holds the best one
    and the metrics of all. Raises what `fit` raises.
    """
    options, results = prepared.program.options, {}
    if options.of(Folder).overwrite_output_dir and processes.is_first():
        prepared.folder.clear()
    for n, (seed, one) in enumerate(several.items()):
        notes.say(f"seed {seed}, {n + 1} of {len(several)}")
        results[seed] = fitted(one, prepared, encoded, interruption, "seeds")
    if processes.is_first():
        _publish(prepared, several, results)
    processes.wait()
    return opened(prepared.folder.path, options)


def each_seed(program: Program, folder: OutputFolder, mistakes: Mistakes) -> dict[int, OneFit]:
    """Return the fit of each of `--seeds`, from `--seed` on; mistakes are collected."""
    first = program.options.of(HandedOn).seed
    found = {
        seed: one_fit(program, folder, f"seed-{seed}", mistakes, "seeds", seed=seed)
        for seed in range(first, first + (program.options.of(Fitting).seeds or 1))
    }
    return {seed: one for seed, one in found.items() if one is not None}


def _publish(
    prepared: Prepared,
    several: Mapping[int, OneFit],
    results: Mapping[int, Mapping[str, Predicted]],
) -> None:
    """Fill the folder: the files of the seed that is best on val, and the metrics of all."""
    from gft.report.card import model_card
    from gft.results.files import write_metrics

    over_seeds = _over_seeds(prepared, results)
    chosen = several[over_seeds["chosen"]]
    record = chosen.folder.record()
    assert record is not None
    stage = prepared.folder.stage()
    copy_results(chosen.folder.path, record, stage, (METRICS, CARD))
    saved = {**prepared.program.saved(arguments()), "eqn": str(prepared.equation)}
    record |= {"program": saved, "identity": prepared.program.identity(arguments())}
    metrics = read_metrics(chosen.folder.path)
    metrics["seeds"] = over_seeds
    write_metrics(stage, metrics)
    (stage / CARD).write_text(model_card(record, metrics), encoding="utf-8")
    sealed = read_manifest(chosen.folder.path)
    prepared.folder.publish(record, sealed.model if sealed else ())


def _over_seeds(
    prepared: Prepared, results: Mapping[int, Mapping[str, Predicted]]
) -> dict[str, Any]:
    """Return the metrics of all seeds as JSON, and which seed is the best on val."""
    splits: dict[str, Any] = {}
    for role in next(iter(results.values())):
        scored = [prepared.task.scored(*of[role]) for of in results.values()]
        spreads = metrics_over_seeds(prepared.metrics, scored, groups=prepared.groups.get(role))
        splits[role] = {
            "rows": len(scored[0]),
            "metrics": {spread.name: spread.saved() for spread in spreads},
        }
    seeds = list(results)
    found: dict[str, Any] = {"seeds": seeds, "chosen": seeds[0], "chosen_by": None}
    if "val" in splits:
        sign = 1 if prepared.merit.greater_is_better else -1
        each = splits["val"]["metrics"][prepared.merit.name]["each"]
        known = [(sign * value, -n) for n, value in enumerate(each) if value is not None]
        if known:
            found |= {"chosen": seeds[-max(known)[1]], "chosen_by": "val"}
    return {**found, "splits": splits}
