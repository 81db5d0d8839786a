"""Checkpoints that are complete or absent: staged in another folder, synced, then renamed.

Each has a manifest, so that damage is detected. Two are kept: the last one with the best one that
it needs, or, where the last is the best, an earlier one that needs no other. While a checkpoint
is written there are three.
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
"""Largest share of a model that an adapter and the head are expected to have."""
KEPT = 2
PROGRAM_FILE = "gft_program.json"
_NAME = re.compile(r"checkpoint-(\d+)")
_TORN = re.compile(r"\.checkpoint-(\d+)(\.old)?\.partial")


def bytes_needed(weights: int, options: Options) -> int:
    """Return the most bytes that a fit's folder holds: the model and three checkpoints.

    `weights` is the size of the model's weights. LoRA writes what is trained, and the model only
    if it is merged.
    """
    trained = weights * (1 if options.of(LoraOptions).peft == "none" else ADAPTER_SHARE)
    written = weights if options.of(LoraOptions).merge_lora else trained
    return int(written + (KEPT + 1) * OPTIMIZER_COPIES * trained)


def staging(folder: Path, step: int) -> Path:
    """Return a new, empty folder to write the checkpoint of `step` to."""
    staged = folder / f".checkpoint-{step}.partial"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    return staged


def publish(folder: Path, staged: Path, step: int, program: dict[str, Any]) -> Path:
    """Turn a complete staged folder into the checkpoint of `step`, and remove those not needed.

    `best_step` in `program` is the step whose checkpoint it needs, None if it needs no other.
    Once it returns, the checkpoint survives a power failure. Raises `OSError`.
    """
    program = {"step": step, "best_step": None, **program}
    (staged / PROGRAM_FILE).write_text(json.dumps(program, indent=1), encoding="utf-8")
    files = [path for path in staged.rglob("*") if path.is_file()]
    seal(staged, [path.relative_to(staged).as_posix() for path in files])
    checkpoint = folder / f"checkpoint-{step}"
    old = folder / f".checkpoint-{step}.old.partial"
    if checkpoint.exists():
        shutil.rmtree(old, ignore_errors=True)
        checkpoint.rename(old)
    staged.rename(checkpoint)
    sync_folder(folder)
    shutil.rmtree(old, ignore_errors=True)
    _remove(folder, saved(folder), {checkpoint.name, *_beside(folder, step, program["best_step"])})
    return checkpoint


def _beside(folder: Path, step: int, best: int | None) -> list[str]:
    """Return the checkpoint to keep beside that of `step`: the best, or one that needs no other."""
    if best not in (None, step):
        return [f"checkpoint-{best}"]
    for checkpoint in reversed(saved(folder)):
        try:
            before = program_of(checkpoint)
            if before["step"] < step and before["best_step"] in (None, before["step"]):
                return [checkpoint.name]
        except (OSError, ValueError, KeyError, TypeError):  # It is damaged.
            continue
    return []


def saved(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, intact or damaged, oldest step first."""
    named = [
        (_NAME.fullmatch(checkpoint.name), checkpoint) for checkpoint in folder.glob("checkpoint-*")
    ]
    found = [(int(name[1]), checkpoint) for name, checkpoint in named if name]
    ours = (PROGRAM_FILE, MANIFEST)
    return [
        checkpoint
        for _, checkpoint in sorted(found)
        if any((checkpoint / one).is_file() for one in ours)
    ]


def damage(checkpoint: Path) -> str | None:
    """Return what is wrong with a checkpoint, None if it holds the bytes that were written."""
    try:
        manifest = read_manifest(checkpoint)
    except Damaged:
        return f"{MANIFEST} is damaged"
    if manifest is None:
        return f"{MANIFEST} is missing"
    if PROGRAM_FILE not in manifest.files:
        return f"{MANIFEST} does not list {PROGRAM_FILE}"
    return what_is_wrong(checkpoint, manifest.files)


def last_whole(folder: Path) -> Path | None:
    """Return the last checkpoint that training can resume from, None if there is none at all.

    Every byte of it is compared with the manifest; a warning names each that is damaged.
    Raises `Damaged` if there are checkpoints and all are damaged.
    """
    messages: list[str] = []
    for checkpoint in reversed(saved(folder)):
        problem = damage(checkpoint)
        if problem is None:
            best = program_of(checkpoint).get("best_step")
            needed = checkpoint if best is None else folder / f"checkpoint-{best}"
            if needed != checkpoint and (
                wrong := damage(needed) if needed.is_dir() else "it is missing"
            ):
                problem = f"it needs {needed.name}, the best on val, where {wrong}"
        if problem is None:
            for one in messages:
                notes.warn(f"{one}; resuming from {checkpoint.name}, which is intact")
            return checkpoint
        messages.append(f"{checkpoint} is damaged: {problem}")
    if messages:
        raise Damaged(
            f"{messages[0]}; no checkpoint in {folder} is intact: start again with "
            "--overwrite_output_dir"
        )
    return None


def program_of(checkpoint: Path) -> dict[str, Any]:
    """Return the program that a checkpoint belongs to."""
    program: dict[str, Any] = json.loads((checkpoint / PROGRAM_FILE).read_text(encoding="utf-8"))
    return program


def recover(folder: Path) -> None:
    """Remove incomplete checkpoints; put back one that was being replaced at a power failure."""
    for checkpoint in list(folder.glob(".checkpoint-*.partial")):
        torn = _TORN.fullmatch(checkpoint.name)
        if torn and torn[2] and not (folder / f"checkpoint-{torn[1]}").exists():
            checkpoint.rename(folder / f"checkpoint-{torn[1]}")
        elif torn:
            shutil.rmtree(checkpoint, ignore_errors=True)


def drop(folder: Path) -> None:
    """Remove every checkpoint."""
    _remove(folder, saved(folder), set())


def _remove(folder: Path, checkpoints: list[Path], keep: set[str]) -> None:
    """Remove all checkpoints except those to `keep`, the last one first: no other needs it."""
    doomed = {}
    for checkpoint in reversed(checkpoints):
        if checkpoint.name not in keep:
            # Renamed first: an interrupted removal leaves a torn checkpoint, not a false one.
            doomed[checkpoint] = folder / f".{checkpoint.name}.partial"
            shutil.rmtree(doomed[checkpoint], ignore_errors=True)
            checkpoint.rename(doomed[checkpoint])
    if doomed:
        sync_folder(folder)
    for torn in doomed.values():
        shutil.rmtree(torn, ignore_errors=True)
