"""Paths as users write them: what they mean, and whether a disk can have one at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from gft.errors import UserError

_WHY = {
    errno.ENAMETOOLONG: "is too long for a path: a name in it has 255 bytes at most",
    errno.ELOOP: "is a link that leads back to itself",
}


def expanded(path: str, variables: bool = True) -> Path:
    """Return a path as the user means it, with `~` and, if asked, `$VARIABLES` expanded.

    Raises `UserError` for what is no path on this machine: somebody's home who is not known, a
    name that is too long, a circle of links.
    """
    try:
        found = Path(os.path.expandvars(path) if variables else path).expanduser()
    except RuntimeError:
        raise UserError(f"{path}: there is no user of that name, whose home ~ would be") from None
    return possible(found)


def possible(path: Path) -> Path:
    """Return the path. Raises `UserError` if there can be nothing of that name."""
    try:
        path.stat()
    except ValueError:
        raise UserError(f"{str(path)!r} is not a path: it contains a NUL character") from None
    except OSError as problem:
        if problem.errno in _WHY:
            raise UserError(f"{path} {_WHY[problem.errno]}") from None
    return path


def to_write(path: str) -> Path:
    """Return a folder that is written to, as `expanded` does.

    Raises `UserError` also for a link to what is not there.
    """
    found = expanded(path)
    for one in (found, *found.parents):
        if one.is_symlink() and not one.exists():
            raise UserError(
                f"{one} is a link to {one.readlink()}, which does not exist; make that folder, "
                "or remove the link"
            )
    return found
