"""Where a graph that was made is kept: in the folder of its fit, or in one of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gft.errors import UserError
from gft.folder import OutputFolder, copy_results
from gft.graphs.files import FOLDER, GRAPHS, TOKENIZER, read_guide
from gft.graphs.kept import LISTED, stamps
from gft.storage.lock import held
from gft.storage.manifest import read_manifest
from gft.suppliers.graph_model import GUIDE


@dataclass(frozen=True)
class Destination:
    """Where a graph goes: `folder`, which is inside that of the fit `fitted`, or anywhere."""

    folder: Path
    fitted: Path | None


def keep(made: Path, destination: Destination, precision: str) -> None:
    """Move what was made where it is kept, beside a graph of another precision."""
    if destination.fitted is None:
        destination.folder.mkdir(parents=True, exist_ok=True)
        _join(made, destination.folder, precision)
        for path in made.iterdir():
            shutil.copyfile(path, destination.folder / path.name)
        return
    output = OutputFolder(destination.fitted)
    with held(destination.fitted):
        output.recover()
        record = output.record()
        if record is None:
            raise UserError(f"{destination.fitted} is no finished fit any more")
        _join(made, destination.folder, precision)
        replaced = [name for name in record["files"] if name.startswith(f"{FOLDER}/")]
        kept = [name for name in replaced if not (made / name.partition("/")[2]).exists()]
        sealed = read_manifest(destination.fitted)
        model = sorted(sealed.model) if sealed else _of_model(record["files"])
        try:
            stage = output.stage()
            copy_results(
                destination.fitted, record, stage, [one for one in replaced if one not in kept]
            )
            (stage / FOLDER).mkdir(exist_ok=True)
            for path in made.iterdir():
                shutil.move(path, stage / FOLDER / path.name)
            files = sorted(f"{FOLDER}/{path.name}" for path in (stage / FOLDER).iterdir())
            listing = {
                "files": stamps(stage, files),
                "made_of": stamps(stage, [one for one in model if (stage / one).is_file()]),
                "graphs": dict(read_guide(stage / FOLDER).graphs),
            }
            output.publish({**record, LISTED: listing}, model)
        finally:
            output.abandon()  # What is published is not there any more.


def _of_model(files: Sequence[str]) -> list[str]:
    """Return the names of a model's files, where nothing says which they are."""
    ends = (".safetensors", "config.json", TOKENIZER)
    return [name for name in files if name.endswith(ends) and "/" not in name]


def _join(made: Path, folder: Path, precision: str) -> None:
    """Have the new guide speak of the graphs in a folder that stay, if they are of this model."""
    if not (folder / GUIDE).is_file():
        return
    try:
        before = read_guide(folder)
    except UserError:
        return
    guide = read_guide(made)
    same = replace(before, graphs={}) == replace(guide, graphs={})
    others = {
        name: one
        for name, one in before.graphs.items()
        if name != precision and same and (folder / GRAPHS[name]).is_file()
    }
    replace(guide, graphs={**others, **guide.graphs}).write(made)
