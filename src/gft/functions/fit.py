"""`fit`: from a program to a fitted folder."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.data.checks import check_named_columns, expand
from gft.data.roles import Roles, assign_roles
from gft.data.splits import Splits, take_splits
from gft.data.table import DataSet, Rows
from gft.engine import checkpoints
from gft.engine.interruption import Interruption
from gft.errors import Interrupted, Mistakes, UserError, listed
from gft.folder import FORMAT, OutputFolder, State
from gft.language.equation import Equation
from gft.language.program import Options, Program
from gft.language.spec import Spec
from gft.metrics.protocol import CLASSES, Array, Figure, Metric
from gft.metrics.table import choose_merit, choose_metrics
from gft.model import Fit, longest, program_of_model
from gft.registry import suppliers, tasks

if TYPE_CHECKING:
    from gft.engine.features import FeatureStore
    from gft.engine.fitting import Trained
    from gft.engine.inference import Predictor
    from gft.engine.precision import Precision
    from gft.suppliers.protocol import Loaded, ModelSource
    from gft.tasks.protocol import Task

DEFAULT_HOME = "gft-runs"
OPTIMIZER_COPIES = 3
"""A checkpoint holds the weights and two moments of AdamW."""


@dataclass(frozen=True)
class Prepared:
    """Everything that is checked before a weight is asked for."""

    program: Program
    equation: Equation
    data: DataSet
    roles: Roles
    splits: Splits
    source: ModelSource
    task: Task
    changes: dict[str, Any]
    metrics: list[Metric]
    merit: Figure
    folder: OutputFolder

    def program_record(self, precision: str) -> dict[str, Any]:
        """Return what a checkpoint says of the program it belongs to."""
        return {
            "identity": self.program.identity(),
            "fingerprint": self.data.fingerprint(),
            "precision": precision,
        }


@dataclass(frozen=True)
class Encoded:
    """The splits as the model reads them, and how many rows of each were cut."""

    stores: dict[str, FeatureStore]
    cut: dict[str, int]
    max_length: int


def fit(program: Program, in_memory: DataSet | None = None) -> Fit:
    """Fine-tune `program.model` on `program.data` and return the fitted model.

    Raises `UserError` for mistakes, all before a weight is asked for and with nothing left
    behind, and `Interrupted` when a signal stopped the training, with a checkpoint on disk.
    """
    folder, mistakes = output_folder(program), Mistakes()
    with mistakes.collect():
        if folder.state(program.identity(), program.options.overwrite_output_dir) is State.FINISHED:
            folder.drop_checkpoints()
            notes.note(
                f"{folder.path} holds this program's fit already; "
                "--overwrite_output_dir fits it again"
            )
            return _opened(folder.path, program.options)
    prepared = prepare(program, folder, mistakes, in_memory)
    interruption = Interruption()
    with interruption.installed():
        return _run(prepared, interruption)


def output_folder(program: Program) -> OutputFolder:
    """Return the folder a program writes to: `--output_dir`, or a telling name."""
    if program.options.output_dir:
        return OutputFolder(Path(os.path.expandvars(program.options.output_dir)).expanduser())
    words = [str(program.model), str(program.data), program.task, str(program.equation)]
    name = "-".join(re.sub(r"\W+", "_", str(word)).strip("_")[-40:] for word in words[:3])
    digest = _digest(program)
    return OutputFolder(Path(DEFAULT_HOME) / f"{name}-{digest}")


def _digest(program: Program) -> str:
    import hashlib
    import json

    identity = json.dumps(program.identity(), sort_keys=True, default=str)
    return hashlib.blake2b(identity.encode(), digest_size=4).hexdigest()


def prepare(
    program: Program,
    folder: OutputFolder,
    mistakes: Mistakes,
    in_memory: DataSet | None = None,
) -> Prepared:
    """Check what can be checked without weights. Raises `UserError` with all `mistakes`."""
    for name in ("model", "data", "eqn"):
        if program.saved()[name] is None and not (name == "data" and in_memory):
            mistakes.add(f"gft_fit needs --{name}")
    with mistakes.collect():
        _check_writable(folder.path)
    mistakes.raise_any()
    assert program.model is not None and program.equation is not None
    source = data = None
    with mistakes.collect():
        data = in_memory or _load_data(program)
    with mistakes.collect():
        source = suppliers()[program.model.supplier].model(program.model, program.options)
    kind = tasks()[str(program.task)]
    metrics: list[Metric] = []
    with mistakes.collect():
        metrics = choose_metrics(program.metrics, kind.metrics, kind.serves)
    if data is None:
        mistakes.raise_any()
    assert data is not None
    roles = None
    with mistakes.collect():
        roles = assign_roles(data, program.splits)
    with mistakes.collect():
        check_named_columns(program.equation, data)
    mistakes.raise_any()
    assert roles is not None and source is not None
    equation, told = expand(program.equation, data)
    for text in (*roles.notes, *([told] if told else [])):
        notes.note(text)
    used = {
        role: data.splits[name]
        for role, name in roles.names().items()
        if name in data.splits and set(equation.left) <= data.splits[name].columns.keys()
    }
    task = kind.bind(equation, data, used)
    task, changes, said = task.adapt(source.config)
    merit = choose_merit(
        metrics,
        task.labels,
        program.metrics,
        program.options.figure_of_merit,
        program.options.better_figure_of_merit,
    )
    splits = _take(data, roles, task, program.options)
    _check_disk(folder.path, source)
    for text in said:
        notes.note(text)
    changes.update(_dropouts(program.options, source.config))
    return Prepared(
        program,
        equation,
        data,
        roles,
        splits,
        source,
        task,
        changes,
        metrics,
        merit,
        folder,
    )


def _load_data(program: Program) -> DataSet:
    assert program.data is not None
    return suppliers()[program.data.supplier].data(program.data, program.options)


def _take(data: DataSet, roles: Roles, task: Task, options: Options) -> Splits:
    def golds(rows: Rows) -> list[Any]:
        return [gold for part in rows.batches(task.outputs, 10_000) for gold in task.golds(part)]

    splits = take_splits(data, roles, golds, task.serves == CLASSES, task.outputs)
    for role, count in splits.left_out.items():
        if count and len(splits.rows[role]):
            notes.note(f"{count} rows of {role} have no label and are left out")
    limits = {"train": options.max_train_samples}
    rows = {}
    for role, found in splits.rows.items():
        limit = limits.get(role, options.max_eval_samples)
        if not len(found):
            if role == "train":
                raise UserError(f"no row of train has a label in {listed(task.outputs)}")
            notes.note(f"no row of {role} has a label: it is not scored")
            continue
        rows[role] = found.select(range(limit)) if limit and limit < len(found) else found
    return replace(splits, rows=rows)


def _dropouts(options: Options, config: Any) -> dict[str, float]:
    """Return the configuration's own names for the dropouts that were asked for."""
    spelt = {
        "attention_dropout": ("attention_probs_dropout_prob", "attention_dropout", "attn_pdrop"),
        "hidden_dropout": ("hidden_dropout_prob", "dropout", "resid_pdrop", "hidden_dropout"),
    }
    changes = {}
    for name, names in spelt.items():
        if options[name] is not None:
            known = [one for one in names if one in config]
            if not known:
                raise UserError(f"--{name}: the model's configuration has no such dropout")
            changes[known[0]] = options[name]
    return changes


def _check_writable(path: Path) -> None:
    parent = path
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise UserError(f"--output_dir {path}: {parent} is a file")
    if not os.access(parent, os.W_OK):
        raise UserError(f"--output_dir {path}: {parent} cannot be written to")


def _check_disk(path: Path, source: ModelSource) -> None:
    """Raise `UserError` if two checkpoints and the model do not fit on the disk."""
    import shutil

    weights = source.weight_bytes()
    if not weights:
        return
    parent = path
    while not parent.exists():
        parent = parent.parent
    needed = weights * (2 * OPTIMIZER_COPIES + 1)
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise UserError(
            f"--output_dir {path}: {free / 1e9:.1f} GB are free there and "
            f"{needed / 1e9:.1f} GB are needed (two checkpoints and the model)"
        )


def _run(prepared: Prepared, interruption: Interruption) -> Fit:
    """Encode, load, train, score, and write."""
    import torch

    from gft.engine.precision import choose_precision

    folder, options = prepared.folder, prepared.program.options
    if options.overwrite_output_dir:
        folder.clear()
    saved = checkpoints.whole(folder.path)
    asked = options.precision
    if saved:
        before = checkpoints.program_of(saved[-1])
        if before["fingerprint"] != prepared.data.fingerprint():
            raise UserError(
                f"the data has changed since {folder.path} was begun; give another folder, or "
                "--overwrite_output_dir to start afresh"
            )
        asked = before["precision"]
        notes.note(f"going on from {saved[-1]}")
    precision = choose_precision(asked, options.use_cpu)
    encoded = encode(prepared)
    created = [path for path in (folder.path, *folder.path.parents) if not path.exists()]
    torch.manual_seed(options.seed)
    loaded = prepared.source.load(prepared.task.head, prepared.changes)
    folder.path.mkdir(parents=True, exist_ok=True)
    try:
        return _train_and_write(prepared, encoded, loaded, precision, interruption)
    except Interrupted as stop:
        _forget_empty(created)
        if checkpoints.whole(folder.path):
            stop.advice = f"saved in {folder.path}; the same command goes on from there"
        raise
    except BaseException:
        _forget_empty(created)
        raise


def _forget_empty(created: list[Path]) -> None:
    """Remove folders that this run made and left empty."""
    for path in created:
        try:
            path.rmdir()
        except OSError:
            return


def _train_and_write(
    prepared: Prepared,
    encoded: Encoded,
    loaded: Loaded,
    precision: Precision,
    interruption: Interruption,
) -> Fit:
    from gft.engine.fitting import train
    from gft.engine.inference import BATCH_SIZE, Predictor
    from gft.engine.progress import progress_callbacks
    from gft.engine.trainer import Plan
    from gft.metrics.intervals import point_figures

    options, task = prepared.program.options, prepared.task
    loaded.model.to(precision.device)
    predictor = Predictor(
        task,
        loaded.model,
        loaded.processor,
        precision,
        encoded.max_length,
        options.per_device_eval_batch_size or BATCH_SIZE,
    )
    plan = Plan(
        folder=prepared.folder.path,
        program=prepared.program_record(precision.name),
        merit=prepared.merit.name,
        greater_is_better=prepared.merit.greater_is_better,
        keep_best=options.load_best_model_at_end,
        seed=options.seed if options.data_seed is None else options.data_seed,
        group_by_length=options.train_sampling_strategy == "group_by_length",
        shuffle=options.train_sampling_strategy != "sequential",
    )
    score: Callable[[], dict[str, float]] | None = None
    if "val" in encoded.stores and options.eval_strategy != "no":

        def score() -> dict[str, float]:
            golds, values, scores = _predicted(predictor, encoded.stores["val"])
            return point_figures(prepared.metrics, task.scored(golds, values, scores))

    trained = train(
        plan=plan,
        task=task,
        loaded=loaded,
        options=options,
        precision=precision,
        store=encoded.stores["train"],
        score=score,
        interruption=interruption,
        callbacks=progress_callbacks(
            prepared.merit.name,
            options.per_device_train_batch_size * options.gradient_accumulation_steps,
            not options.disable_tqdm,
        ),
    )
    if trained.interrupted is not None:
        raise Interrupted(trained.interrupted)
    write(prepared, encoded, loaded, precision, trained, predictor)
    return _opened(prepared.folder.path, options, predictor)


def encode(prepared: Prepared) -> Encoded:
    """Return every split in tokens; rows that are cut are counted in a note."""
    from gft.engine.features import encode_split

    processor = prepared.source.processor()
    limit = longest(prepared.program.options.max_length, processor, prepared.source.config)
    stores, cut = {}, {}
    for role, rows in prepared.splits.rows.items():
        stores[role], cut[role] = encode_split(prepared.task, processor, rows, limit)
        if cut[role]:
            notes.note(
                f"{cut[role]} of {len(rows)} rows of {role} are longer than {limit} tokens and "
                "are cut there"
            )
    return Encoded(stores, cut, limit)


def _predicted(predictor: Predictor, store: FeatureStore) -> tuple[list[Any], Array, Array | None]:
    predictions = predictor.store(store)
    golds = [store[row]["labels"] for row in range(len(store))]
    return golds, predictions.values, predictions.scores


def write(
    prepared: Prepared,
    encoded: Encoded,
    loaded: Loaded,
    precision: Precision,
    trained: Trained,
    predictor: Predictor,
) -> None:
    """Score val and test with the chosen weights, and fill the output folder."""
    from gft.report.results import Predicted, write_results

    place = prepared.folder.stage()
    prepared.source.write(loaded, place)
    results: dict[str, Predicted] = {
        role: _predicted(predictor, encoded.stores[role])
        for role in ("val", "test")
        if role in encoded.stores
    }
    record = describe(prepared, encoded, loaded, precision, trained)
    write_results(
        place,
        prepared.task,
        prepared.metrics,
        prepared.splits.rows,
        trained,
        results,
        record,
    )
    prepared.folder.publish(record)


def describe(
    prepared: Prepared,
    encoded: Encoded,
    loaded: Loaded,
    precision: Precision,
    trained: Trained,
) -> dict[str, Any]:
    """Return `gft.json`: the whole program with every default resolved, enough to run it again."""
    parameters = list(loaded.model.parameters())
    saved = prepared.program.saved()
    saved["eqn"] = str(prepared.equation)
    return {
        "gft_format": FORMAT,
        "program": saved,
        "identity": prepared.program.identity(),
        "data": {
            **prepared.data.origin,
            "name": prepared.data.name,
            "fingerprint": prepared.data.fingerprint(),
            "splits": prepared.roles.names(),
            "rows": {role: len(rows) for role, rows in prepared.splits.rows.items()},
            "without_label": prepared.splits.left_out,
            "cut": encoded.cut,
            "test_is_optimistic": prepared.roles.optimistic,
        },
        "model": {
            **prepared.source.origin,
            "spec": str(prepared.source.spec),
            "architecture": type(loaded.model).__name__,
            "parameters": sum(p.numel() for p in parameters),
            "trained_parameters": sum(p.numel() for p in parameters if p.requires_grad),
            "new_weights": list(loaded.new_weights),
        },
        "task": {"name": prepared.task.name, **prepared.task.saved()},
        "metrics": [m.name for m in prepared.metrics],
        "figure_of_merit": prepared.merit.name,
        "greater_is_better": prepared.merit.greater_is_better,
        "max_length": encoded.max_length,
        "training": {
            "steps": trained.step,
            "best_step": trained.best_step,
            "best_epoch": trained.best_epoch,
            "chosen_by": "val"
            if prepared.program.options.load_best_model_at_end and trained.best_merit is not None
            else "the last step",
        },
        "seed": prepared.program.options.seed,
        **precision.saved(),
        "hardware": hardware(),
        "versions": versions(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def hardware() -> dict[str, Any]:
    """Return what this machine is."""
    import torch

    gpus = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    processor = torch.cpu.get_capabilities().get("cpu_name") or platform.processor()
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "gpus": gpus,
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Return the versions of what computed."""
    found = {"python": platform.python_version()}
    for name in ("gft", "torch", "transformers", "datasets", "tokenizers", "accelerate", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _opened(folder: Path, options: Options, predictor: Predictor | None = None) -> Fit:
    spec = Spec("C", str(folder.resolve()))
    given = {name: options[name] for name in options.given if name != "output_dir"}
    fitted = Fit(program_of_model(spec, given))
    fitted._predictor = predictor
    return fitted
