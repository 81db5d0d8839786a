"""What the hub's cache on this machine knows, when the hub itself cannot be asked."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from gft.storage.paths import expanded
from gft.suppliers.weights import weight_files

MANY_FILES = 5_000
"""Of a repository with more files, only those at its top are remembered."""


def remember(key: str, answer: dict[str, Any]) -> None:
    """Keep an answer of the hub; a cache that cannot be written is only slower."""
    files = answer["files"]
    if len(files) > MANY_FILES:
        top = {name: size for name, size in files.items() if "/" not in name}
        answer = {**answer, "files": top}
    known = _read()
    if known.get(key) == answer:
        return
    known[key] = answer
    with suppress(OSError):
        _memory().parent.mkdir(parents=True, exist_ok=True)
        beside = _memory().with_suffix(f".{os.getpid()}.partial")
        beside.write_text(json.dumps(known, default=str), encoding="utf-8")
        beside.replace(_memory())


def recall(key: str) -> dict[str, Any] | None:
    """Return the answer that the hub gave to `key` the last time, None if it was never asked."""
    found = _read().get(key)
    return found if isinstance(found, dict) else None


def snapshot(
    kind: str, name: str, revision: str | None, cache_dir: str | None
) -> tuple[str, str, dict[str, int | None]] | None:
    """Return name, commit and files of what another program left in the cache, None if nothing.

    An old name of one word matches the repository of any owner, if there is just one.
    """
    cached = dict(_repositories(kind, cache_dir))
    near = [full for full in cached if full.rpartition("/")[2] == name]
    full = name if name in cached else near[0] if "/" not in name and len(near) == 1 else None
    if full is None:
        return None
    folder = cached[full]
    reference = folder / "refs" / (revision or "main")
    commit = reference.read_text().strip() if reference.is_file() else revision
    if commit is None:
        newest = sorted((folder / "snapshots").iterdir(), key=lambda path: path.stat().st_mtime)
        commit = newest[-1].name if newest else ""
    top = folder / "snapshots" / commit
    if not commit or not top.is_dir():
        return None
    files: dict[str, int | None] = {
        path.relative_to(top).as_posix(): path.stat().st_size
        for path in top.rglob("*")
        if path.is_file()
    }
    return full, commit, files


def names(kind: str, cache_dir: str | None) -> list[str]:
    """Return the names of the models (with weights) or data sets in the cache."""
    found = dict(_repositories(kind, cache_dir))
    if kind == "model":
        return sorted(full for full, folder in found.items() if _has_weights(folder))
    return sorted({*found, *_prepared(cache_dir)})


def _has_weights(folder: Path) -> bool:
    snapshots = (folder / "snapshots").iterdir()
    return any(weight_files(path.name for path in one.iterdir()) for one in snapshots)


def arrow_cache(cache_dir: str | None) -> Path:
    """Return the folder where `datasets` keeps what it prepared."""
    from datasets import config

    return expanded(str(cache_dir or config.HF_DATASETS_CACHE), variables=False)


def _prepared(cache_dir: str | None) -> list[str]:
    top = arrow_cache(cache_dir)
    if not top.is_dir():
        return []
    folders = (path.name for path in top.iterdir() if path.is_dir())  # Files are locks.
    return [name.replace("___", "/") for name in folders if "___" in name]


def _repositories(kind: str, cache_dir: str | None) -> list[tuple[str, Path]]:
    from huggingface_hub import constants

    top = expanded(str(cache_dir or constants.HF_HUB_CACHE), variables=False)
    if not top.is_dir():
        return []
    return [
        (path.name.removeprefix(f"{kind}s--").replace("--", "/"), path)
        for path in sorted(top.glob(f"{kind}s--*"))
        if (path / "snapshots").is_dir()
    ]


def _memory() -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HOME) / "gft" / "hub.json"


def _read() -> dict[str, Any]:
    try:
        known = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
