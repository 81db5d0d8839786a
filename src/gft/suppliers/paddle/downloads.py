"""Files at fixed addresses: fetched once, whole, by one process at a time.

What came before the line broke is kept in `NAME.partial` and gone on with, in ranges. Requests go
through the client of `huggingface_hub`, so that proxies, certificates and HF_HUB_OFFLINE act here
as they do there.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gft.errors import GftError, UserError, first_line
from gft.language.options import Shared
from gft.language.program import Options
from gft.storage.paths import expanded
from gft.suppliers.options import Downloading

MIRROR = "GFT_PADDLE_MIRROR"
HOME = "PPNLP_HOME"
SECONDS = 15.0
"""To wait for a connection, or for the next bytes on it."""
WAITS = (0.5, 2.0, 5.0)
"""Seconds before the next attempts of a request that only stumbled."""
BUSY = (408, 425, 429, 500, 502, 503, 504)

_refreshed: set[Path] = set()


class NotFound(GftError):
    """The server has no such file."""


class Unreachable(GftError):
    """No answer, or none worth the name: what is in the cache may do."""


class _Stumbled(Exception):
    """An answer that may be another one the next time."""


def paddle_home(options: Options) -> Path:
    """Return the cache of PaddleNLP: `--cache_dir`, else `$PPNLP_HOME`, else `~/.paddlenlp`."""
    named = options.of(Downloading).cache_dir or os.environ.get(HOME) or "~/.paddlenlp"
    return expanded(str(named))


def mirrored(url: str) -> str:
    """Return a built-in address, at `$GFT_PADDLE_MIRROR` if that is set: scheme and host change.

    Raises `UserError` when the variable is no address.
    """
    mirror = os.environ.get(MIRROR)
    if not mirror:
        return url
    if not re.match(r"https?://[^/]", mirror):
        raise UserError(
            f"{MIRROR}={mirror}: expected an address such as http://mirror.example:8000"
        )
    address = urlsplit(url)
    query = f"?{address.query}" if address.query else ""
    return f"{mirror.rstrip('/')}{address.path}{query}"


def fetch_file(url: str, target: Path, md5: str | None, options: Options) -> Path:
    """Return `target`, holding what is at `url`; nothing is asked if it is there.

    With `md5` (hexadecimal) a file that differs does not count, and is replaced. Raises
    `NotFound`, `Unreachable` or another `GftError`, one line each, and leaves no wrong file.
    """
    again = options.of(Downloading).overwrite_cache and md5 is None and target not in _refreshed
    if not again and is_whole(target, md5):
        return target
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with alone(target):
            # Another process may have fetched it while this one waited.
            if again or not is_whole(target, md5):
                _fetch(url, target, md5, options)
    _refreshed.add(target)
    return target


def is_whole(path: Path, md5: str | None) -> bool:
    """Say whether a file is there and, if `md5` is given, holds what it should."""
    return path.is_file() and (md5 is None or md5_of(path) == md5)


def md5_of(path: Path) -> str:
    """Return the MD5 of a file in hexadecimal. Raises `UserError` if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as problem:
        raise UserError(f"{path} cannot be read: {problem.strerror}") from None


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one process at a time do the block for `path`; the others wait."""
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]  # loaded lazily

    lock = path.with_name(f"{path.name}.lock")
    with WeakFileLock(lock):
        try:
            yield
        finally:
            with suppress(OSError):  # Windows does not remove what is open.
                lock.unlink()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what goes wrong on the disk in the block, which writes `path`, into one line."""
    try:
        yield
    except OSError as problem:
        if isinstance(problem, ConnectionError | TimeoutError):
            raise
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise GftError(
                f"{path}: the disk is full; free some space and run it again"
            ) from problem
        why = problem.strerror or first_line(problem)
        where = f"{path.parent} ({HOME} or --cache_dir names another folder)"
        raise UserError(f"{path.name} cannot be written to {where}: {why}") from problem


def _fetch(url: str, target: Path, md5: str | None, options: Options) -> None:
    partial = target.with_name(f"{target.name}.partial")
    mark = target.with_name(f"{target.name}.partial.etag")
    resumed = _drop_unless_usable(partial, mark, md5)
    if not (resumed and md5 and md5_of(partial) == md5):
        _receive_all(url, partial, mark, options)
    found = md5_of(partial) if md5 else None
    if found != md5 and resumed:
        # The beginning may have been another file's, or damaged: once more, from the start.
        partial.unlink()
        _receive_all(url, partial, mark, options)
        found = md5_of(partial)
    mark.unlink(missing_ok=True)
    if found != md5:
        partial.unlink()
        raise GftError(
            f"{url}: the file that came has the md5 {found} and should have {md5}; it was removed"
        )
    partial.replace(target)


def _drop_unless_usable(partial: Path, mark: Path, md5: str | None) -> bool:
    """Return whether the beginning of the file is there, to be gone on with.

    Without a mark of the server's nor an md5 nobody could tell whether the rest belongs to it.
    """
    if not partial.is_file() or not partial.stat().st_size:
        return False
    if md5 is None and not mark.is_file():
        partial.unlink()
        return False
    return True


def _receive_all(url: str, partial: Path, mark: Path, options: Options) -> None:
    """Receive the whole file, in several requests when the line breaks."""
    waits = list(WAITS)
    while True:
        before = _size(partial)
        try:
            return _receive(url, partial, mark, options)
        except Exception as problem:
            if not _is_of_the_line(problem):
                raise
            if _size(partial) > before:
                waits = list(WAITS)  # It goes on, slowly.
            hopeless = isinstance(problem, OSError) or "Connect" in type(problem).__name__
            if hopeless or not waits:
                raise _unreachable(url, problem) from problem
        time.sleep(waits.pop(0))


def _receive(url: str, partial: Path, mark: Path, options: Options) -> None:
    """Receive the file, or what is missing of it, in one request."""
    from huggingface_hub import get_session

    have = _size(partial)
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if mark.is_file():
            headers["If-Range"] = mark.read_text(encoding="latin-1")
    session: Any = get_session()
    with session.stream(
        "GET", url, headers=headers, timeout=SECONDS, follow_redirects=True
    ) as response:
        _check(url, response.status_code, partial)
        rest = int(response.headers.get("Content-Length") or 0)
        if response.status_code != 206 or not _continues(response, have):
            if response.status_code == 206:
                partial.unlink()
                raise _Stumbled("another range than the one requested")
            have = 0
            _keep_mark(response.headers, mark)
        _check_room(partial, rest)
        with partial.open("ab" if have else "wb") as file:
            for chunk in _with_bar(response, partial.name, have, have + rest, options):
                file.write(chunk)
    if rest and _size(partial) != have + rest:
        raise _Stumbled(f"{_size(partial) - have} bytes of {rest}")


def _check(url: str, status: int, partial: Path) -> None:
    """Raise what a status other than 200 or 206 means."""
    if status in (200, 206):
        return
    if status == 416:  # What is here is no beginning of what is there.
        partial.unlink(missing_ok=True)
        raise _Stumbled("no such range")
    if status in BUSY:
        raise _Stumbled(f"it answers {status}")
    if status in (404, 410):
        raise NotFound(f"there is no file at {url} (the server answers {status})")
    raise GftError(f"{url} was refused: the server answers {status}")


def _continues(response: Any, have: int) -> bool:
    return bool(re.match(rf"bytes {have}-", response.headers.get("Content-Range") or ""))


def _keep_mark(headers: Any, mark: Path) -> None:
    """Remember how the server tells this file from a later one of the same name."""
    etag = headers.get("ETag") or "W/"
    known = headers.get("Last-Modified") if etag.startswith("W/") else etag
    if known:
        mark.write_text(known, encoding="latin-1")
    else:
        mark.unlink(missing_ok=True)


def _check_room(partial: Path, needed: int) -> None:
    free = shutil.disk_usage(partial.parent).free
    if needed > free:
        raise GftError(
            f"{partial.parent} has {free / 1e6:,.0f} MB free, and {needed / 1e6:,.0f} MB of "
            f"{partial.name.removesuffix('.partial')} are still to come; free some space first"
        )


def _with_bar(response: Any, name: str, have: int, total: int, options: Options) -> Iterator[bytes]:
    """Yield the bytes as they come, with a bar if somebody looks at a terminal."""
    # Of no fixed size: what waits for more to come is lost when the line breaks.
    chunks = response.iter_raw()
    if not sys.stderr.isatty() or options.of(Shared).disable_tqdm:
        yield from chunks
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(*columns, TransferSpeedColumn(), console=console, transient=True) as bar:
        label = name.removesuffix(".partial")
        task = bar.add_task(label, total=total or None, completed=have)
        for chunk in chunks:
            yield chunk
            bar.advance(task, len(chunk))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_of_the_line(problem: Exception) -> bool:
    # Whatever library the client speaks HTTP with, this is the root of its errors.
    roots = {base.__name__ for base in type(problem).__mro__}
    ours = isinstance(problem, _Stumbled | ConnectionError | TimeoutError)
    return ours or "HTTPError" in roots


def _unreachable(url: str, problem: Exception) -> Unreachable:
    from huggingface_hub.errors import OfflineModeIsEnabled

    if isinstance(problem, OfflineModeIsEnabled):
        return Unreachable("HF_HUB_OFFLINE is set")
    address = urlsplit(url)
    host = f"{address.scheme}://{address.netloc}"
    if isinstance(problem, _Stumbled):
        return Unreachable(f"{url} could not be fetched ({problem}); run it again later")
    if "Connect" in type(problem).__name__ or not str(problem):
        return Unreachable(f"{host} cannot be reached ({first_line(problem)})")
    return Unreachable(
        f"the connection to {host} was lost ({first_line(problem)}); the part downloaded is kept, "
        "so run it again"
    )
