"""Files out of an archive, each where it belongs, or none of them.

An archive that names a path outside its folder, a link or a device is refused as a whole.
"""

from __future__ import annotations

import io
import lzma
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path, PurePosixPath
from typing import IO, cast

from gft.data.opening import open_member
from gft.data.readers import BLOCK
from gft.errors import GftError, first_line, listed
from gft.storage.space import check_room
from gft.suppliers.paddle.downloads import md5_of, writing

BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,  # a zip that is encrypted
    UnicodeDecodeError,
    ValueError,
)
GZIP_SAYS = ("Not a gzipped file", "CRC check failed", "Invalid data stream")
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Member:
    """A file in an archive; `special` says what it is if it is no ordinary file.

    `size` is the number of bytes that the archive declares.
    """

    name: str
    size: int
    open: Callable[[], IO[bytes]]
    special: str | None = None


def unpack(archive: Path, wanted: Mapping[Path, str | None]) -> None:
    """Bring the files `wanted` out of a zip or tar archive; values are their md5, if known.

    A file is found by the end of its path, the longest that a member has too. Nothing is written
    where it belongs before everything is unpacked and checked. Raises `GftError`.
    """
    with _members(archive) as members:
        chosen = {path: _find(archive, path, members) for path in wanted}
        _check_room(archive, chosen.values())
        with _staged(archive) as stage:
            for number, (path, md5) in enumerate(wanted.items()):
                member = chosen[path]
                copy = _copied(member, stage / str(number))
                if md5 is not None and (found := md5_of(copy)) != md5:
                    raise GftError(
                        f"{archive.name}: {member.name} has the md5 {found} and should have {md5}"
                    )
            _moved(stage, wanted)


def unpack_folders(archive: Path, wanted: Sequence[Path]) -> None:
    """Bring whole folders of plain files out of an archive. Raises `GftError`.

    A folder that is there already is replaced, for nobody knows whether it is whole.
    """
    with _members(archive) as members:
        chosen = [_inside(archive, folder, members) for folder in wanted]
        _check_room(archive, chain.from_iterable(chosen))
        with _staged(archive) as stage:
            for number, inside in enumerate(chosen):
                (stage / str(number)).mkdir()
                for member in inside:
                    _copied(member, stage / str(number) / PurePosixPath(member.name).name)
            _moved(stage, wanted)


@contextmanager
def _members(archive: Path) -> Iterator[list[Member]]:
    """Open an archive whose every member may be unpacked. Raises `GftError`, also in the block."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                yield _checked(archive, [_zip_member(zipped, one) for one in zipped.infolist()])
        else:
            with tarfile.open(archive) as tarred:
                yield _checked(archive, [_tar_member(tarred, one) for one in tarred])
    except (*BROKEN, OSError) as problem:
        if isinstance(problem, OSError) and not str(problem).startswith(GZIP_SAYS):
            raise
        raise GftError(f"{archive} is not a complete archive: {first_line(problem)}") from problem


def _zip_member(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    kind = stat.S_IFMT(info.external_attr >> 16)
    kinds = {0: None, stat.S_IFREG: None, stat.S_IFLNK: "link"}
    special = "folder" if info.is_dir() else kinds.get(kind, "device")
    # The raw name: `filename` is already cleaned of what a system dislikes.
    return Member(
        info.orig_filename,
        info.file_size,
        lambda: cast(IO[bytes], open_member(zipped, info)),
        special,
    )


def _tar_member(tarred: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    kinds = {tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "link"}
    special = None if info.isfile() else kinds.get(info.type, "device")
    return Member(info.name, info.size, lambda: tarred.extractfile(info) or io.BytesIO(), special)


def _checked(archive: Path, members: list[Member]) -> list[Member]:
    """Return the ordinary files. Raises `GftError` for the first member that may do harm."""
    for member in members:
        why = None
        if member.name.startswith(("/", "\\")) or _DRIVE.match(member.name):
            why = "an absolute path"
        elif ".." in re.split(r"[/\\]", member.name):
            why = "a path that leads out of its folder"
        elif member.special in ("link", "device"):
            why = f"a {member.special}"
        if why:
            raise GftError(
                f"{archive.name} is refused, and nothing of it was unpacked: "
                f"it holds {member.name!r}, {why}"
            )
    return [member for member in members if member.special is None]


def _find(archive: Path, path: Path, members: list[Member]) -> Member:
    """Return the member whose path has the longest end in common with `path`."""
    by_length: dict[int, list[Member]] = {}
    for member in members:
        ends = zip(path.parts[::-1], PurePosixPath(member.name).parts[::-1], strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))
        by_length.setdefault(same, []).append(member)
    longest = max(by_length, default=0)
    if not longest:
        names = listed([member.name for member in members], 6)
        raise GftError(f"{archive.name} has no file {path.name}; it holds {names}")
    # The one that is least deep in folders: copies of originals lie deeper.
    return min(by_length[longest], key=lambda member: member.name.count("/"))


def _inside(archive: Path, folder: Path, members: list[Member]) -> list[Member]:
    """Return the files right in the folder that ends as `folder` does."""
    tail = "/".join(folder.parts[-2:])
    inside = [one for one in members if PurePosixPath(one.name).parent.match(tail)]
    if not inside:
        raise GftError(f"{archive.name} has no folder {tail}")
    return inside


def _check_room(archive: Path, members: Iterable[Member]) -> None:
    """Raise `NoSpace` unless the disk has room for members, before one of them is unpacked."""
    check_room(archive.parent, sum(one.size for one in members), archive.name)


@contextmanager
def _staged(archive: Path) -> Iterator[Path]:
    """Give a new folder beside the archive, on the same disk; nothing of it stays."""
    with writing(archive):
        stage = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=archive.parent))
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _moved(stage: Path, wanted: Iterable[Path]) -> None:
    """Move what is staged, by number, to where it belongs; a folder that is there goes."""
    for number, path in enumerate(wanted):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        (stage / str(number)).replace(path)


def _copied(member: Member, path: Path) -> Path:
    """Unpack a member into a new file, up to the size that the archive declares."""
    left = member.size
    with member.open() as source, path.open("wb") as copy:
        while left and (block := source.read(min(left, BLOCK))):
            copy.write(block)
            left -= len(block)
        if left or source.read(1):
            raise ValueError(f"{member.name} does not have the {member.size:,} bytes it declares")
    return path
