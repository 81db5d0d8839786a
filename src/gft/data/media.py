"""Folders of images or of sounds: one folder for each class, with or without folders of splits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa

from gft import notes
from gft.data.folders import SPLIT_NAMES
from gft.data.table import Rows
from gft.errors import UserError, listed

KINDS = {
    "image": (
        ".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm",
    ),
    "audio": (
        ".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".m4a",
    ),
}  # fmt: skip
"""The columns that files become, and what such files are called."""
LABEL = "label"

Classes = dict[str | None, list[Path]]
"""The files of each class; None for those that are in no folder of a class."""


def read_media(folder: Path) -> dict[str, Rows] | None:
    """Return the splits of a folder of images or of sounds, None if there is no such file in it.

    `CLASS/x.jpg` is one split, train; `train/CLASS/x.jpg` and the like are the splits they say,
    and `test/x.jpg` has no label. Columns are `image` or `audio`, the file's name in the folder,
    and `label`. The classes take turns, so that the first rows have every class.
    """
    inside = sorted(one for one in folder.iterdir() if one.is_dir() and one.name[0] != ".")
    splits = [one for one in inside if one.name.lower() in SPLIT_NAMES]
    found = {one.name.lower(): _classes(one) for one in splits} or {"train": _classes(folder)}
    found = {split: found[split] for split in SPLIT_NAMES if found.get(split)}
    if not found:
        return None
    if len(splits) < len(inside) and splits:
        unread = listed([one.name for one in inside if one not in splits], 4)
        notes.note(f"{folder}: {unread} is not named after a split and is not read")
    kind = _kind(folder, [file for split in found.values() for of in split.values() for file in of])
    names = sorted({name for split in found.values() for name in split if name is not None})
    return {split: _rows(folder, kind, files, names) for split, files in found.items()}


def _classes(folder: Path) -> Classes:
    """Return the images and sounds in a folder by class: the first folder that they are in."""
    found: Classes = {}
    for file in sorted(folder.rglob("*")):
        within = file.relative_to(folder).parts
        if medium_of(file) and not any(part.startswith(".") for part in within):
            found.setdefault(within[0] if len(within) > 1 else None, []).append(file)
    if None in found and len(found) > 1:
        raise UserError(
            f"{folder} holds both folders of classes and files of no class, such as "
            f"{found[None][0].name}; put every file into the folder of its class"
        )
    return found


def medium_of(file: Path) -> str | None:
    """Return `image` or `audio` by the name of a file, None for any other file."""
    suffix = file.suffix.lower()
    return next((kind for kind, suffixes in KINDS.items() if suffix in suffixes), None)


def _kind(folder: Path, files: Sequence[Path]) -> str:
    first = {medium_of(file): file for file in reversed(files)}
    if len(first) > 1:
        raise UserError(
            f"{folder} holds both images and sounds, such as {first['image'].name} and "
            f"{first['audio'].name}; keep them in folders of their own"
        )
    return str(next(iter(first)))


def _rows(folder: Path, kind: str, files: Classes, names: Sequence[str]) -> Rows:
    number = {name: n for n, name in enumerate(names)}
    turns = zip_longest(*([(name, file) for file in of] for name, of in files.items()))
    taken = [one for turn in turns for one in turn if one is not None]
    paths = pa.array([file.relative_to(folder).as_posix() for _, file in taken], pa.string())
    if None in files:
        return Rows(pa.table({kind: paths}))
    labels = pa.array([number[str(name)] for name, _ in taken], pa.int64())
    return Rows(pa.table({kind: paths, LABEL: labels}), {LABEL: names})
