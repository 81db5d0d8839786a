"""A list of files with their sizes and hashes, beside them: whether they are what was written.

It shows damage (an incomplete write, a flipped bit, a file that is gone), not an attack: whoever
can change the files can change the list. SHA-256 (FIPS 180-4), which most processors have
instructions for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gft import notes
from gft.errors import Damaged, counted
from gft.storage.durable import allow_as_usual, sync_file, sync_folder, write_durably

MANIFEST = "gft_manifest.json"
FORMAT = 1
_THREADS = 4
_ON_PURPOSE = f"if it was changed on purpose, delete {MANIFEST}"


@dataclass(frozen=True)
class Stamp:
    """What a file was when it was written: how many bytes, and their SHA-256 in hex."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The files of a folder by their names in it; `model` are those that a model is loaded from."""

    files: Mapping[str, Stamp]
    model: frozenset[str]


def seal(folder: Path, names: Iterable[str], model: Iterable[str] = ()) -> None:
    """Put the files of a folder on the disk, and the manifest that says what they are.

    They get the modes that the user's umask gives. Raises `OSError` if the disk is full or broken.
    """
    every = sorted(set(names))
    with ThreadPoolExecutor(_THREADS) as pool:
        for name in every:
            allow_as_usual(folder / name)
        # The disk writes while the processor hashes.
        synced = [pool.submit(sync_file, folder / name) for name in every]
        files = dict(zip(every, pool.map(lambda name: _written(folder / name), every), strict=True))
        for one in synced:
            one.result()
    for inner in {(folder / name).parent for name in every} - {folder}:
        sync_folder(inner)
    content = {
        "gft_manifest": FORMAT,
        "model": sorted(model),
        "files": {name: {"bytes": one.bytes, "sha256": one.sha256} for name, one in files.items()},
    }
    write_durably(folder / MANIFEST, json.dumps(content, indent=1))


def _written(path: Path) -> Stamp:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Stamp(file.tell(), digest)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a folder, None where there is none. Raises `Damaged`."""
    try:
        content: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {
            str(name): Stamp(int(one["bytes"]), str(one["sha256"]))
            for name, one in content["files"].items()
        }
        return Manifest(files, frozenset(map(str, content["model"])))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Damaged(
            f"{folder / MANIFEST} is damaged, so the files beside it cannot be verified; if you "
            "know that they are complete, delete it"
        ) from None


def what_is_wrong(folder: Path, files: Mapping[str, Stamp]) -> str | None:
    """Return what is wrong with the first of some files that is not as it was written, or None."""
    for name, one in files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError:
            return f"{name} is missing"
        if size != one.bytes:
            has = counted(size, "byte") if size else "no bytes"
            return f"{name} has {has}, but {one.bytes:,} were written"
    with ThreadPoolExecutor(_THREADS) as pool:
        found = pool.map(lambda named: _other(folder, *named), files.items())
        return next((problem for problem in found if problem), None)


def _other(folder: Path, name: str, one: Stamp) -> str | None:
    try:
        same = _written(folder / name) == one
    except OSError as problem:
        return f"{name} cannot be read ({problem.strerror})"
    return None if same else f"{name} does not hold the bytes that were written"


def check_file(path: Path) -> None:
    """Raise `Damaged` if the manifest beside a file says that it was written otherwise."""
    manifest = read_manifest(path.parent)
    if manifest is not None and path.name in manifest.files:
        wrong = what_is_wrong(path.parent, {path.name: manifest.files[path.name]})
        if wrong:
            raise Damaged(f"{path.parent} is damaged: {wrong}; {_ON_PURPOSE}")


def check_model(folder: Path, names: Iterable[str] | None = None) -> None:
    """Raise `Damaged` if files of a model are not as they were written, or any is gone.

    `names` are those to look into, all if there are none. Of a configuration that still can be
    read a warning is enough: people edit them.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return
    every = sorted(manifest.model & set(manifest.files))
    wanted = set(every if names is None else names)
    gone = [name for name in every if not (folder / name).is_file()]
    for name in gone or every:
        if not gone and name not in wanted:
            continue
        wrong = what_is_wrong(folder, {name: manifest.files[name]})
        if wrong and not gone and _is_edited(folder / name):
            notes.note(f"{folder / name} has been changed since gft_fit wrote it")
        elif wrong:
            raise Damaged(f"{folder} is damaged: {wrong}; {_ON_PURPOSE}")


def _is_edited(path: Path) -> bool:
    """Say whether a file that has changed is a configuration that can be read."""
    if not path.name.endswith("config.json"):
        return False
    try:
        return isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError, RecursionError):
        return False
