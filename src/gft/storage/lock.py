"""One writer of a folder at a time: a lock that ends with the process that holds it."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gft.errors import UserError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".gft-lock"
_UNKNOWN = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
"""What a file system answers that has no locks, as some network file systems do."""
_TRIES = 20
_LONGEST = 4096
_BEHIND = 1 << 20
"""The byte that is locked on Windows, where nobody could read a locked one."""
_open: set[int] = set()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder within the block; it is made, and is gone after if nothing came into it.

    Raises `UserError` at once if another process holds it, which says who. What cannot be made or
    locked is not held: whoever writes there says why.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _locked(folder)
    except OSError:
        _forget(made)
        yield
        return
    _open.add(file)
    try:
        yield
    finally:
        # Gone before it is let go of: whoever opened it meanwhile sees that it is no longer there.
        with suppress(OSError):
            (folder / LOCK).unlink()
        _let_go(file)
        with suppress(OSError):
            _forget(made)


def _forget(made: list[Path]) -> None:
    """Remove folders that were made for the lock and are empty."""
    with suppress(OSError):
        for path in made:
            path.rmdir()


def _let_go(file: int) -> None:
    _open.discard(file)
    with suppress(OSError):
        os.close(file)


def _let_go_of_all() -> None:
    """Let go, in a child: it does not keep the lock of a parent that dies."""
    for file in list(_open):
        _let_go(file)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_of_all)


def _locked(folder: Path) -> int:
    """Return the open lock of a folder.

    Raises `UserError` if it is held, and `OSError` if there can be none.
    """
    path = folder / LOCK
    for _ in range(_TRIES):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not _take(file):
                raise UserError(_who(folder, _signature(file)))
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file), path.stat()):
                    _sign(file)
                    return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)  # Its holder ended and removed it meanwhile.
    raise OSError(f"{path} cannot be locked")


def _take(file: int) -> bool:
    """Lock an open file; say whether it could be.

    Where the file system has no locks, a process that signed the file and lives holds it.
    """
    try:
        if sys.platform == "win32":
            os.lseek(file, _BEHIND, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        return problem.errno in _UNKNOWN and not _may_live(_signature(file))
    return True


def _may_live(signature: dict[str, Any]) -> bool:
    """Say whether the process of a signature may live still: of another machine nobody knows."""
    if not signature or signature.get("host") != socket.gethostname():
        return bool(signature)
    try:
        os.kill(int(signature["pid"]), 0)
    except (ProcessLookupError, KeyError, ValueError, TypeError, OverflowError):
        return False
    except PermissionError:
        return True
    return bool(signature["pid"] != os.getpid())


def _sign(file: int) -> None:
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    os.lseek(file, 0, os.SEEK_SET)
    os.ftruncate(file, 0)
    os.write(file, json.dumps(holder).encode())


def _signature(file: int) -> dict[str, Any]:
    """Return what a holder wrote, empty where it did not come to that."""
    os.lseek(file, 0, os.SEEK_SET)
    try:
        holder: Any = json.loads(os.read(file, _LONGEST))
    except (OSError, ValueError):
        return {}
    return holder if isinstance(holder, dict) else {}


def _who(folder: Path, signature: dict[str, Any]) -> str:
    """Return the message about who holds a folder."""
    holder = "another gft_fit"
    if signature:
        pid, host, since = (signature.get(name, "?") for name in ("pid", "host", "since"))
        holder += f", process {pid} on {host}, since {since}"
    return (
        f"--output_dir {folder} is being written to by {holder}; wait until it ends, or give "
        "another folder"
    )
