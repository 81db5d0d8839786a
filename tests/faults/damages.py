"""Ways in which what a fit left can be damaged: files that are gone, cut, empty, or changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Change = Callable[[Path], None]


@dataclass(frozen=True)
class Damage:
    """One way: its name, and what it does to a folder.

    `goes_on` says that a whole checkpoint is left, which a fit has to go on from.
    """

    name: str
    do: Change
    goes_on: bool = True


def last_checkpoint(folder: Path) -> Path:
    """Return the checkpoint of the most steps."""
    return sorted(folder.glob("checkpoint-*"), key=lambda one: int(one.name.split("-")[1]))[-1]


def missing(path: Path) -> None:
    """Remove a file."""
    path.unlink()


def empty(path: Path) -> None:
    """Leave none of its bytes: what a power cut leaves of a file that was not synced."""
    path.write_bytes(b"")


def cut(path: Path) -> None:
    """Leave its first half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    """Flip one bit of one byte in its last quarter: weights, in a file of weights."""
    changed = bytearray(path.read_bytes())
    changed[len(changed) * 7 // 8] ^= 4
    path.write_bytes(bytes(changed))


def zeroed(path: Path) -> None:
    """Keep its size and set its second half to zero: blocks that did not reach the disk."""
    half = path.stat().st_size // 2
    path.write_bytes(path.read_bytes()[:half] + bytes(path.stat().st_size - half))


def longer(path: Path) -> None:
    """Add what does not belong to it."""
    path.write_bytes(path.read_bytes() + b"\0" * 100)


def a_folder(path: Path) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


def saying(text: str) -> Change:
    """Return a change that makes a file say something else."""
    return lambda path: path.write_text(text, encoding="utf-8")


def with_value(name: str, value: Any) -> Change:
    """Return a change of one value in a file of JSON."""

    def change(path: Path) -> None:
        told = json.loads(path.read_text(encoding="utf-8"))
        told[name] = value
        path.write_text(json.dumps(told), encoding="utf-8")

    return change


EVERY: dict[str, Change] = {"missing": missing, "empty": empty, "cut": cut, "flipped": flipped}
STATE, PROGRAM, MANIFEST = "trainer_state.json", "gft_program.json", "gft_manifest.json"
WEIGHTS, OPTIMIZER, SCHEDULER = "model.safetensors", "optimizer.pt", "scheduler.pt"


def of_checkpoints() -> list[Damage]:
    """Return what may be wrong with the checkpoints of a fit that was stopped; it has two."""

    def of_last(file: str, how: str, change: Change) -> Damage:
        def do(folder: Path) -> None:
            path = last_checkpoint(folder) / file
            if path.exists():  # An older gft wrote no manifest.
                change(path)

        return Damage(f"last checkpoint: {file} {how}", do)

    found = [
        of_last(file, how, change)
        for file in (WEIGHTS, OPTIMIZER, SCHEDULER, STATE, PROGRAM, MANIFEST)
        for how, change in EVERY.items()
    ]
    found += [of_last(file, "half zero", zeroed) for file in (WEIGHTS, OPTIMIZER)]
    found += [of_last(file, "too long", longer) for file in (WEIGHTS, SCHEDULER)]
    found += [
        of_last(WEIGHTS, "a folder", a_folder),
        of_last(STATE, "another step", with_value("global_step", 8)),
        of_last(STATE, "another best step", with_value("best_global_step", 999)),
        of_last(STATE, "an empty list", saying("[]")),
        of_last(PROGRAM, "an empty object", saying("{}")),
        of_last(PROGRAM, "another fingerprint", with_value("fingerprint", "0")),
    ]

    def in_every(change: Change, file: str) -> Change:
        def do(folder: Path) -> None:
            for place in folder.glob("checkpoint-*"):
                if (place / file).exists():
                    change(place / file)

        return do

    def emptied(folder: Path) -> None:
        last = last_checkpoint(folder)
        shutil.rmtree(last)
        last.mkdir()

    found.append(Damage("last checkpoint: an empty folder", emptied))
    for how, change in EVERY.items():
        found.append(Damage(f"all checkpoints: {WEIGHTS} {how}", in_every(change, WEIGHTS), False))
    found.append(
        Damage(f"all checkpoints: {OPTIMIZER} missing", in_every(missing, OPTIMIZER), False)
    )
    return found


def of_finished() -> list[Damage]:
    """Return what may be wrong with a folder that holds a finished fit."""

    def of(file: str, how: str, change: Change) -> Damage:
        def do(folder: Path) -> None:
            if (folder / file).exists():
                change(folder / file)

        return Damage(f"finished: {file} {how}", do)

    found = [
        of(file, how, change)
        for file in ("gft.json", "metrics.json", "partition.parquet", WEIGHTS, "config.json",
                     "tokenizer.json", MANIFEST)
        for how, change in EVERY.items()
    ]  # fmt: skip
    found += [
        of("gft.json", "an empty list", saying("[]")),
        of("gft.json", "only a format", saying('{"gft_format": 1}')),
        of("gft.json", "nested deep", saying("[" * 20_000)),
        of("gft.json", "a folder", a_folder),
        of("metrics.json", "an empty object", saying("{}")),
        of("tokenizer_config.json", "empty", empty),
        of("predictions.parquet", "empty", empty),
        of("history.csv", "empty", empty),
        of("history.csv", "half zero", zeroed),
        of(WEIGHTS, "half zero", zeroed),
    ]
    return found


def of_finishing() -> list[Damage]:
    """Return what may be wrong with a fit that was cut short while its results were moved."""

    def of(how: str, change: Change) -> Damage:
        return Damage(
            f"finishing: journal {how}",
            lambda folder: change(folder / ".gft-finishing" / "files.json"),
        )

    return [
        *(of(how, change) for how, change in EVERY.items()),
        of("an empty object", saying("{}")),
        of("numbers", saying("[1, 2]")),
        of("nested deep", saying("[" * 20_000)),
        of("a folder", a_folder),
    ]
