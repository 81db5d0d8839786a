"""Checkpoints that are whole or not there: staged beside, put on the disk, then renamed.

Each holds a manifest, so that damage is seen. Two are kept: the last one with the best one that it
needs, or, where the last is the best, one before it that needs no other. While a checkpoint is
written there are three.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from gft import notes
from gft.adapters.options import LoraOptions
from gft.errors import Damaged
from gft.language.program import Options
from gft.storage.durable import sync_folder
from gft.storage.manifest import MANIFEST, read_manifest, seal, what_is_wrong

OPTIMIZER_COPIES = 3
"""A checkpoint holds the weights and two moments of AdamW."""
ADAPTER_SHARE = 0.05
"""An adapter and the head are not expected to be more of a model than this."""
KEPT = 2
PROGRAM_FILE = "gft_program.json"
_NAME = re.compile(r"checkpoint-(\d+)")
_TORN = re.compile(r"\.checkpoint-(\d+)(\.old)?\.partial")


def bytes_needed(weights: int, options: Options) -> int:
    """Return how much a fit's folder holds at most: the model and three checkpoints.

    `weights` is the size of the model's weights. LoRA writes what is trained, and the model only
    if it is merged.
    """
    trained = weights * (1 if options.of(LoraOptions).peft == "none" else ADAPTER_SHARE)
    written = weights if options.of(LoraOptions).merge_lora else trained
    return int(written + (KEPT + 1) * OPTIMIZER_COPIES * trained)


def staging(folder: Path, step: int) -> Path:
    """Return a fresh, empty place to write the checkpoint of `step` to."""
    place = folder / f".checkpoint-{step}.partial"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def publish(folder: Path, staged: Path, step: int, program: dict[str, Any]) -> Path:
    """Turn a complete staged folder into the checkpoint of `step`, and remove those not needed.

    `best_step` in `program` is the step whose checkpoint it needs, None if it needs no other.
    When this returns, a power cut does not undo it. Raises `OSError`.
    """
    program = {"step": step, "best_step": None, **program}
    (staged / PROGRAM_FILE).write_text(json.dumps(program, indent=1), encoding="utf-8")
    files = [path for path in staged.rglob("*") if path.is_file()]
    seal(staged, [path.relative_to(staged).as_posix() for path in files])
    place = folder / f"checkpoint-{step}"
    old = folder / f".checkpoint-{step}.old.partial"
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
    staged.rename(place)
    sync_folder(folder)
    shutil.rmtree(old, ignore_errors=True)
    _remove(folder, saved(folder), {place.name, *_beside(folder, step, program["best_step"])})
    return place


def _beside(folder: Path, step: int, best: int | None) -> list[str]:
    """Return the checkpoint to keep beside that of `step`: the best, or one that needs no other."""
    if best not in (None, step):
        return [f"checkpoint-{best}"]
    for place in reversed(saved(folder)):
        try:
            before = program_of(place)
            if before["step"] < step and before["best_step"] in (None, before["step"]):
                return [place.name]
        except (OSError, ValueError, KeyError, TypeError):  # It is damaged, and no use.
            continue
    return []


def saved(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, whole or damaged, oldest step first."""
    named = [(_NAME.fullmatch(place.name), place) for place in folder.glob("checkpoint-*")]
    found = [(int(name[1]), place) for name, place in named if name]
    ours = (PROGRAM_FILE, MANIFEST)
    return [place for _, place in sorted(found) if any((place / one).is_file() for one in ours)]


def damage(checkpoint: Path) -> str | None:
    """Return what is wrong with a checkpoint, None if it holds the bytes that were written."""
    try:
        manifest = read_manifest(checkpoint)
    except Damaged:
        return f"{MANIFEST} is damaged"
    if manifest is None:
        return f"{MANIFEST} is missing"
    if PROGRAM_FILE not in manifest.files:
        return f"{MANIFEST} does not name {PROGRAM_FILE}"
    return what_is_wrong(checkpoint, manifest.files)


def last_whole(folder: Path) -> Path | None:
    """Return the last checkpoint that can be gone on from, None where there is none at all.

    Every byte of it is compared with the manifest; a warning tells of each that is damaged.
    Raises `Damaged` if there are checkpoints and all are.
    """
    told: list[str] = []
    for place in reversed(saved(folder)):
        problem = damage(place)
        if problem is None:
            best = program_of(place).get("best_step")
            needed = place if best is None else folder / f"checkpoint-{best}"
            if needed != place and (
                wrong := damage(needed) if needed.is_dir() else "it is missing"
            ):
                problem = f"it needs {needed.name}, the best on val, and of that {wrong}"
        if problem is None:
            for one in told:
                notes.warn(f"{one}; going on from {place.name}, which is whole")
            return place
        told.append(f"{place} is damaged: {problem}")
    if told:
        raise Damaged(
            f"{told[0]}; no checkpoint in {folder} is whole: --overwrite_output_dir starts afresh"
        )
    return None


def program_of(checkpoint: Path) -> dict[str, Any]:
    """Return the program that a checkpoint belongs to."""
    program: dict[str, Any] = json.loads((checkpoint / PROGRAM_FILE).read_text(encoding="utf-8"))
    return program


def recover(folder: Path) -> None:
    """Remove torn checkpoints; one that was being replaced when the power went is put back."""
    for place in list(folder.glob(".checkpoint-*.partial")):
        torn = _TORN.fullmatch(place.name)
        if torn and torn[2] and not (folder / f"checkpoint-{torn[1]}").exists():
            place.rename(folder / f"checkpoint-{torn[1]}")
        elif torn:
            shutil.rmtree(place, ignore_errors=True)


def drop(folder: Path) -> None:
    """Remove every checkpoint."""
    _remove(folder, saved(folder), set())


def _remove(folder: Path, places: list[Path], keep: set[str]) -> None:
    """Remove checkpoints but those to `keep`, the last first: no other needs it."""
    doomed = {}
    for place in reversed(places):
        if place.name not in keep:
            # Renamed first, so that a removal cut short leaves a torn checkpoint, not a false one.
            doomed[place] = folder / f".{place.name}.partial"
            shutil.rmtree(doomed[place], ignore_errors=True)
            place.rename(doomed[place])
    if doomed:
        sync_folder(folder)
    for torn in doomed.values():
        shutil.rmtree(torn, ignore_errors=True)
