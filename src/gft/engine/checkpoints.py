"""Checkpoints that are whole or not there: staged beside, then renamed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from gft.adapters.options import LoraOptions
from gft.language.program import Options

OPTIMIZER_COPIES = 3
"""A checkpoint holds the weights and two moments of AdamW."""
ADAPTER_SHARE = 0.05
"""An adapter and the head are not expected to be more of a model than this."""
PROGRAM_FILE = "gft_program.json"
_NAME = re.compile(r"checkpoint-(\d+)")
_TORN = re.compile(r"\.checkpoint-(\d+)(\.old)?\.partial")


def bytes_needed(weights: int, options: Options) -> int:
    """Return how much a fit's folder holds at most: the model and two checkpoints.

    `weights` is the size of the model's weights. LoRA writes what is trained, and the model only
    if it is merged.
    """
    trained = weights * (1 if options.of(LoraOptions).peft == "none" else ADAPTER_SHARE)
    written = weights if options.of(LoraOptions).merge_lora else trained
    return int(written + 2 * OPTIMIZER_COPIES * trained)


def staging(folder: Path, step: int) -> Path:
    """Return a fresh, empty place to write the checkpoint of `step` to."""
    place = folder / f".checkpoint-{step}.partial"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def publish(folder: Path, staged: Path, step: int, program: dict[str, Any]) -> Path:
    """Turn a complete staged folder into the checkpoint of `step`."""
    (staged / PROGRAM_FILE).write_text(json.dumps(program, indent=1), encoding="utf-8")
    place = folder / f"checkpoint-{step}"
    old = folder / f".checkpoint-{step}.old.partial"
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
    staged.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    return place


def whole(folder: Path) -> list[Path]:
    """Return the whole checkpoints in a folder, oldest step first."""
    named = [(_NAME.fullmatch(place.name), place) for place in folder.glob("checkpoint-*")]
    found = [(int(name[1]), place) for name, place in named if name]
    return [place for _, place in sorted(found) if (place / PROGRAM_FILE).is_file()]


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


def rotate(folder: Path, keep: set[str]) -> None:
    """Remove every whole checkpoint whose name is not in `keep`."""
    for place in whole(folder):
        if place.name not in keep:
            # Renamed first, so that a removal cut short leaves a torn checkpoint, not a false one.
            doomed = folder / f".{place.name}.partial"
            shutil.rmtree(doomed, ignore_errors=True)
            place.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)
