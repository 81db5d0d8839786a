"""The graphs that a fit's folder has: whether they are what was written, of the model beside."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gft import notes
from gft.errors import UserError
from gft.graphs.files import FOLDER, Guide, read_guide
from gft.suppliers.installed import letters

LISTED = "onnx"
"""The part of `gft.json` that lists the files of graphs, and those they were made of."""


def stamps(folder: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """Return sizes, SHA-256 and times of change of some files of a folder."""
    with ThreadPoolExecutor() as pool:
        hashes = pool.map(lambda name: _hash(folder / name), names)
        return {name: {**_stat(folder / name), "sha256": one}
                for name, one in zip(names, hashes, strict=True)}  # fmt: skip


def kept_guide(
    folder: Path, record: Mapping[str, Any] | None, with_model: bool = True
) -> Guide | None:
    """Return what is known of the graphs in a fit's folder, None where it has none to rely on.

    The files that they were made of are looked at `with_model`, where these are there. A note says
    why, where a file of theirs or one they were made of has changed since.
    """
    listed = (record or {}).get(LISTED)
    if not listed:
        return None
    changed = _changed(folder, listed["files"], listed["made_of"] if with_model else {})
    if changed is not None:
        notes.note(
            f"the graph in {folder / FOLDER} is not used: {changed} since it was made; "
            f"gft_export --model {letters().of_paths}:{folder} makes it again"
        )
        return None
    try:
        return read_guide(folder / FOLDER)
    except UserError as problem:
        notes.note(f"the graph in {folder / FOLDER} is not used: {problem}")
        return None


def _changed(
    folder: Path, files: Mapping[str, Mapping[str, Any]], made_of: Mapping[str, Mapping[str, Any]]
) -> str | None:
    """Return what has changed, or None.

    A file is hashed only where its modification time differs, as in a copy,
    or not listed, as in what was pushed: that of large weights takes as long as an answer.
    """
    every = {**made_of, **files}
    for name in every:
        if not (folder / name).is_file():
            return f"{name} was deleted"
        if (folder / name).stat().st_size != every[name]["bytes"]:
            return f"{name} was changed"
    doubtful = [
        name for name, one in every.items() if _stat(folder / name)["changed"] != one.get("changed")
    ]
    with ThreadPoolExecutor() as pool:
        hashes = pool.map(lambda name: _hash(folder / name), doubtful)
        for name, one in zip(doubtful, hashes, strict=True):
            if one != every[name]["sha256"]:
                return f"{name} was changed"
    return None


def _stat(file: Path) -> dict[str, int]:
    found = file.stat()
    return {"bytes": found.st_size, "changed": found.st_mtime_ns}


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
