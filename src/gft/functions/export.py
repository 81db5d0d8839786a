"""`export`: a model as a graph, compared with the model before it is kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gft import notes
from gft.adapters.lora import adapted, merge
from gft.covariates.covariates import NUMBERS, SETTINGS
from gft.engine.options import Computing
from gft.errors import Mistakes, UserError, listed
from gft.folder import OutputFolder
from gft.functions.graph_check import Candidate, checked
from gft.functions.inputs import Chosen, chosen_split
from gft.functions.kept_graph import Destination, keep
from gft.functions.options import Folder
from gft.functions.output import check_writable
from gft.graphs.files import FOLDER, GRAPHS, TOKENIZER, Guide
from gft.graphs.kept import kept_guide
from gft.graphs.options import Exporting
from gft.graphs.outputs import OUTPUTS
from gft.graphs.runtimes import ONNX, check_runtimes
from gft.language.command_line import normalize
from gft.language.options import Shared
from gft.language.program import Options, Program, build_program
from gft.markup import Printable, printable
from gft.model.fit import Fit
from gft.model.opened import Opened, open_model
from gft.model.predictors import load_weights, longest, net_predictor
from gft.predict_only.embeddings import FeatureExtraction
from gft.record_file import RECORD
from gft.registry import arguments as known_arguments
from gft.registry import predict_only, predict_only_names, task_names, tasks
from gft.storage.paths import to_write
from gft.suppliers.graph_model import GUIDE
from gft.suppliers.installed import letters
from gft.tasks.protocol import Task

NO_LIMIT = 1 << 30


@dataclass(frozen=True)
class Exported:
    """A graph that was kept: the folder, the file in it, and what the comparison found."""

    folder: Path
    file: str
    found: Mapping[str, Any]

    def text(self) -> str:
        """Return what `gft_export` prints."""
        from gft.report.of_graph import graph_text

        return graph_text(self.folder / self.file, self.found)

    def _repr_html_(self) -> str:
        return self._printable()._repr_html_()

    def _printable(self) -> Printable:
        return printable(self.text)


def export(program: Program) -> Exported:
    """Write a model as a graph, compare it with the model, and keep it if it answers alike.

    In the folder of a fit it is listed in `gft.json`. Raises `UserError` for a model that no
    graph can be made of, and where one in 8 bits answers otherwise and that is not accepted.
    """
    precision = _precision(program.options)
    _check_packages()
    if program.task in predict_only():
        return _export_vectors(program, precision)
    mistakes = Mistakes()
    opened = mistakes.attempt(open_model, program)
    if opened is not None:
        mistakes.attempt(_check, opened)
        mistakes.attempt(_destination, opened, program.options)
    mistakes.raise_any()
    assert opened is not None
    destination = _destination(opened, program.options)
    chosen = _rows(program, opened)
    with tempfile.TemporaryDirectory(prefix="gft-graph-") as made:
        fp32 = Path(made) if precision == "fp32" else _graph_beside(destination.folder)
        found = _made(opened, program.options, precision, chosen, Path(made), fp32)
        keep(Path(made), destination, precision)
    return Exported(destination.folder, GRAPHS[precision], found)


def _graph_beside(folder: Path) -> Path | None:
    """Return a folder if the graph in fp32 is in it that one in 8 bits will be next to."""
    return folder if (folder / GRAPHS["fp32"]).is_file() else None


def _export_vectors(program: Program, precision: str) -> Exported:
    """Return what `export` does for vectors of texts, which no fit has: in `--output_dir`."""
    from gft.functions.export_vectors import made_vectors

    if program.task != FeatureExtraction.name:
        raise UserError(_no_graph(str(program.task)))
    requested = program.options.of(Folder).output_dir
    if requested is None:
        raise UserError(f"gft_export --task {program.task} needs --output_dir for its graph")
    destination = _elsewhere(requested)
    with tempfile.TemporaryDirectory(prefix="gft-graph-") as made:
        found = made_vectors(program, precision, Path(made))
        keep(Path(made), destination, precision)
    return Exported(destination.folder, GRAPHS[precision], found)


def _precision(options: Options) -> str:
    requested = options.of(Computing).precision
    if requested == "auto":
        return "fp32"
    if requested not in GRAPHS:
        form = options.of(Exporting).to
        raise UserError(
            f"--precision {requested}: a graph in the form {form} is written in "
            f"{' or '.join(GRAPHS)}; the runtime may compute one of fp32 in bf16"
        )
    return requested


def export_fit(fitted: Fit, arguments: Mapping[str, Any]) -> Exported:
    """Return what `export` does for a model that is open, with the arguments of the function."""
    parsed = normalize("export", arguments, known_arguments())
    program = build_program("export", parsed.given, letters(), task_names(), predict_only_names())
    notes.note(*parsed.notes)
    given = {**fitted.program.options.given, **program.options.given}
    for name in ("output_dir", "split", "precision"):
        if name not in program.options.given:
            given.pop(name, None)
    return export(replace(program, models=fitted.program.models, options=Options(given)))


def add_graph(fitted: Fit) -> None:
    """Make the graph of a model that has just been fitted, unless it has one; say what was found.

    Raises what `export` does.
    """
    opened = fitted.opened
    guide = (
        None if opened.source.folder is None else kept_guide(opened.source.folder, opened.record)
    )
    if guide is not None and "fp32" in guide.graphs:
        return
    given = {
        name: value
        for name, value in fitted.program.options.given.items()
        if name not in ("output_dir", "split", "precision")
    }
    program = replace(fitted.program, function="export", options=Options(given))
    notes.say(export(program).text().rstrip())


def check_graphs(task: Task) -> None:
    """Raise `UserError` where no graph can be made for a task, or what makes it is missing."""
    _check_packages()
    _check_task(task)


def _check_packages() -> None:
    check_runtimes([ONNX])
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise UserError(
            "gft_export needs onnx, which is not installed: pip install 'gft[onnx]'"
        ) from None


def _check(opened: Opened) -> None:
    """Raise `UserError` for a model, or a task, that there are no graphs for."""
    model, name = opened.source.without_net(), opened.source.spec
    if model is not None:
        raise UserError(
            f"{name} is a {model.what}, not a neural network: no graph can be made of it"
        )
    _check_task(opened.task)


def _check_task(task: Task) -> None:
    if task.head not in OUTPUTS:
        raise UserError(_no_graph(task.name))


def _no_graph(name: str) -> str:
    there = sorted(one.name for one in tasks().values() if one.head in OUTPUTS)
    return f"no graph is made for {name} yet, only for {listed([*there, FeatureExtraction.name])}"


def _destination(opened: Opened, options: Options) -> Destination:
    """Return where a graph is kept. Raises `UserError` where nobody says, or others' files are."""
    requested, folder = options.of(Folder).output_dir, opened.source.folder
    if requested is None:
        if folder is None or opened.record is None:
            raise UserError(
                f"{opened.source.spec} is not a folder that gft_fit wrote: gft_export needs "
                "--output_dir for its graph"
            )
        _refuse_others(folder / FOLDER, OutputFolder(folder).owned())
        if not os.access(folder, os.W_OK):
            raise UserError(f"{folder} cannot be written to; --output_dir names another folder")
        return Destination(folder / FOLDER, folder)
    return _elsewhere(requested)


def _elsewhere(requested: str) -> Destination:
    """Return a folder that is no fit's. Raises `UserError` where others' files are in it."""
    destination = to_write(requested)
    check_writable(destination)
    if destination.name == FOLDER and (destination.parent / RECORD).is_file():
        raise UserError(
            f"--output_dir {destination} is for the graph of the fit in {destination.parent}, "
            "which gft_export writes there without --output_dir; give another folder"
        )
    others = destination.exists() and any(destination.iterdir())
    if others and not (destination / GUIDE).is_file():
        raise UserError(
            f"--output_dir {destination} is not empty, and holds no graph; give another folder"
        )
    return Destination(destination, None)


def _refuse_others(folder: Path, owned: set[str]) -> None:
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    others = [name for name in there if f"{FOLDER}/{name}" not in owned]
    if others or (folder.exists() and not folder.is_dir()):
        raise UserError(
            f"{folder} holds {listed(others) if others else 'a file'}, which gft did not write; "
            "give another folder with --output_dir"
        )


def _rows(program: Program, opened: Opened) -> Chosen | None:
    """Return the rows to compare on: of `--split`, else the fit's val."""
    split = program.options.of(Shared).split
    if split is None and opened.record is not None and program.data is None:
        if "val" not in opened.record["data"]["splits"]:
            return None
        program = replace(program, options=program.options.but(split="val"))
    found = chosen_split(program, opened.record, opened.source.folder, opened.task)
    if found is not None:
        opened.task.check_columns(found.data, {"split": found.rows})
    return found


def _made(
    opened: Opened,
    options: Options,
    precision: str,
    chosen: Chosen | None,
    folder: Path,
    fp32: Path | None,
) -> dict[str, Any]:
    """Write the graph with its guide and tokenizer into a folder; return what was found of it.

    `fp32` is the folder of the model's graph in fp32, where there is one. Raises `UserError` where
    it is to be refused, and `GftError` where it is no graph of the model.
    """
    from gft.graphs.making import write_graph
    from gft.graphs.tokenizing import settings_of, write_tokenizer

    source, task = opened.source, opened.task
    settings = settings_of(source.processor(), str(source.spec))
    exact = options.but(precision="fp32")
    placed = load_weights(opened, exact)
    if adapted(placed.model):
        merge(placed.model)
    model = net_predictor(opened, exact, lambda: placed)
    how = write_graph(
        placed.model, task.head, settings.parts, precision == "int8", folder, str(source.spec)
    )
    write_tokenizer(model.processor, folder / TOKENIZER)
    for name in (SETTINGS, NUMBERS):
        if source.folder is not None and task.covariates is not None:
            shutil.copyfile(source.folder / name, folder / name)
    guide = Guide(
        {"name": task.name, **task.saved()},
        str(opened.equation) if opened.equation else None,
        model.max_length,
        longest(None, model.processor, source.config, NO_LIMIT),
        model.known,
        settings,
        {},
    )
    found = checked(Candidate(opened, model, guide, precision, folder, options, fp32), chosen)
    file = GRAPHS[precision]
    size = sum(path.stat().st_size for path in folder.glob(f"{file}*"))
    found = {"file": file, "bytes": size, "made": how, **found}
    replace(guide, graphs={precision: found}).write(folder)
    return found
