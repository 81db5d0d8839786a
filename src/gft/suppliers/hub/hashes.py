"""Files of the hub's cache against the hashes that the hub named them by.

The cache calls a file by its `ETag`: sha256 of large files, git's sha1 of a blob of small ones. The
client looks at lengths alone, so what a proxy, a broken disk or somebody else put there of the
right length would be used for ever.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from gft.errors import GftError

_SHA256, _SHA1 = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{40}")
_BLOCK = 1 << 20
_REMEMBERED = 1 << 20
"""From this size on it is kept in mind which files were right: smaller ones are read each time."""


def check_files(files: Iterable[Path], what: str, since: float) -> None:
    """Raise `GftError` for a file of `what` that has other bytes than the hub named.

    One that came after `since`, in seconds as `time.time`, is removed; an older one is named, with
    what to delete. A file that no hash of the hub names, such as a mirror's, is not checked.
    """
    known = _read()
    right: dict[str, list[int]] = {}
    try:
        for file in files:
            blob = file.resolve()
            about = blob.stat()
            size, seen = about.st_size, [about.st_size, about.st_mtime_ns]
            if known.get(str(blob)) == seen:
                continue
            if not _is_right(blob, size):
                raise GftError(_wrong(file, blob, what, about.st_mtime >= since))
            if size >= _REMEMBERED:
                right[str(blob)] = seen
    finally:
        if right:
            _write({**known, **right})


def files_of_snapshot(folder: Path) -> Iterator[Path]:
    """Yield the files of a repository that are in the cache at one commit."""
    yield from (one for one in sorted(folder.rglob("*")) if one.is_file())


def _is_right(blob: Path, size: int) -> bool:
    if _SHA256.fullmatch(blob.name):
        return _digest(blob, hashlib.sha256()) == blob.name
    if _SHA1.fullmatch(blob.name):
        # Git's hash is that of a blob with its length; a mirror may name the bare bytes' own.
        of_git = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
        bare = hashlib.sha1(usedforsecurity=False)
        return blob.name in (_digest(blob, of_git), _digest(blob, bare))
    return True


def _digest(blob: Path, made: Any) -> str:
    with blob.open("rb") as file:
        while block := file.read(_BLOCK):
            made.update(block)
    return str(made.hexdigest())


def _wrong(file: Path, blob: Path, what: str, just_came: bool) -> str:
    message = f"{what}: {file.name} does not match the hub's hash ({blob.name[:12]}...)"
    if not just_came:
        return f"{message}: the copy in the cache is damaged; delete {blob} to download it again"
    with suppress(OSError):
        file.unlink()
        blob.unlink(missing_ok=True)
    return f"{message}: it was altered in transit, perhaps by a proxy, and is not kept: try again"


def _memory() -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HOME) / "gft" / "checked.json"


def _read() -> dict[str, Any]:
    try:
        known = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(known: dict[str, Any]) -> None:
    """Keep in mind which files are right; a cache that cannot be written is only slower."""
    there = {name: seen for name, seen in known.items() if Path(name).exists()}
    with suppress(OSError):
        _memory().parent.mkdir(parents=True, exist_ok=True)
        beside = _memory().with_suffix(f".{os.getpid()}.partial")
        beside.write_text(json.dumps(there), encoding="utf-8")
        beside.replace(_memory())
