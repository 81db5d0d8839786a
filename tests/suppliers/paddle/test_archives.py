"""Archives give the files that are asked for, and nothing that leaves their folder."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.errors import GftError
from gft.suppliers.paddle.archives import unpack, unpack_folders

FILES = {
    "Set/original/train.tsv": b"older",
    "Set/train.tsv": b"a\tb\n",
    "Set/dev.tsv": b"c\td\n",
    "__MACOSX/Set/._train.tsv": b"junk",
}


def zipped(path: Path, files: dict[str, bytes], link: str | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    return path


def tarred(path: Path, files: dict[str, bytes], link: str | None = None, **kind: Any) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = kind.get("type", tarfile.SYMTYPE), "/etc/passwd"
            archive.addfile(info)
    return path


BOTH = pytest.mark.parametrize("make", [zipped, tarred])
Make = Callable[..., Path]


def refused(archive: Path, wanted: dict[Path, str | None]) -> str:
    before = set(archive.parent.rglob("*"))
    with pytest.raises(GftError) as caught:
        unpack(archive, wanted)
    [message] = caught.value.messages
    assert "\n" not in message
    assert set(archive.parent.rglob("*")) == before
    return str(message)


@BOTH
def test_files_come_to_their_places_and_no_others(make: Make, tmp_path: Path) -> None:
    archive = make(tmp_path / "data", FILES)
    train, dev = tmp_path / "Set" / "train.tsv", tmp_path / "Set" / "Set" / "dev.tsv"
    unpack(archive, {train: hashlib.md5(b"a\tb\n").hexdigest(), dev: None})
    assert (train.read_bytes(), dev.read_bytes()) == (b"a\tb\n", b"c\td\n")
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"data", "train.tsv", "dev.tsv"}


@BOTH
def test_folders_come_whole(make: Make, tmp_path: Path) -> None:
    files = {f"top/train/pos/{n}.txt": b"%d" % n for n in range(3)}
    archive = make(tmp_path / "data", {**files, "top/test/pos/9.txt": b"9", "top/x.txt": b""})
    folder = tmp_path / "there" / "train" / "pos"
    folder.mkdir(parents=True)
    (folder / "half.txt").write_text("of an earlier attempt")
    unpack_folders(archive, [folder])
    assert sorted(path.name for path in folder.iterdir()) == ["0.txt", "1.txt", "2.txt"]
    with pytest.raises(GftError, match="data has no folder train/neg"):
        unpack_folders(archive, [tmp_path / "train" / "neg"])


@BOTH
@pytest.mark.parametrize(
    ("name", "why"),
    [("/etc/cron.d/x", "an absolute path"), ("../x.tsv", "a path that leads out of its folder"),
     ("Set/../../x", "leads out"), ("C:/x.tsv", "an absolute path"),
     ("Set\\..\\..\\x", "leads out")],
)  # fmt: skip
def test_a_path_that_escapes(make: Make, tmp_path: Path, name: str, why: str) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    archive = make(folder / "data", {**FILES, name: b"harm"})
    message = refused(archive, {folder / "train.tsv": None})
    assert message.startswith("data is refused, and nothing of it was unpacked: it holds ")
    assert repr(name) in message
    assert why in message
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


@BOTH
def test_a_link(make: Make, tmp_path: Path) -> None:
    message = refused(make(tmp_path / "d", FILES, "Set/in"), {tmp_path / "train.tsv": None})
    assert "it holds 'Set/in', a link" in message


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_hard_links_and_devices(tmp_path: Path, kind: bytes) -> None:
    archive = tarred(tmp_path / "d", FILES, "Set/in", type=kind)
    message = refused(archive, {tmp_path / "train.tsv": None})
    assert f"'Set/in', a {'link' if kind == tarfile.LNKTYPE else 'device'}" in message


@BOTH
@pytest.mark.parametrize("part", ["first half", "second half", "damaged", "nothing", "text"])
def test_a_broken_archive(make: Make, tmp_path: Path, part: str) -> None:
    whole = make(tmp_path / "w", {**FILES, "Set/big": bytes(range(256)) * 999}).read_bytes()
    whole_size, half = len(whole), len(whole) // 2
    data = {
        "first half": whole[:half],
        "second half": whole[half:][: whole_size - half - 40],
        "damaged": whole[: half - 20] + b"\xff" * 40 + whole[half + 20 :],
        "nothing": b"",
        "text": b"<html>not found</html>",
    }[part]
    (tmp_path / "w").unlink()
    (tmp_path / "data").write_bytes(data)
    wanted: dict[Path, str | None] = {tmp_path / name: None for name in ("train.tsv", "big")}
    assert "is not a complete archive: " in refused(tmp_path / "data", wanted)


@BOTH
def test_a_file_that_is_missing_or_another(make: Make, tmp_path: Path) -> None:
    archive = make(tmp_path / "data", FILES)
    message = refused(archive, {tmp_path / "train.tsv": None, tmp_path / "test.tsv": None})
    assert message.startswith("data has no file test.tsv; it holds Set/original/train.tsv, ")
    message = refused(archive, {tmp_path / "dev.tsv": None, tmp_path / "train.tsv": "0" * 32})
    assert f"has the md5 {hashlib.md5(b'older').hexdigest()}" not in message
    assert "Set/train.tsv has the md5" in message


@BOTH
def test_what_does_not_fit_the_disk_is_not_unpacked(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path / "data", {"Set/train/a.tsv": b"x" * 2000, "Set/b.tsv": b"y"})
    monkeypatch.setattr("gft.storage.space.free_bytes", lambda _: 900)
    message = refused(archive, {tmp_path / "train" / "a.tsv": None})
    assert message == (
        f"data needs 2.0 kB of disk when unpacked, and 900 bytes are free in {tmp_path}; free some "
        "space there"
    )
    with pytest.raises(GftError, match=r"data needs 2\.0 kB of disk"):
        unpack_folders(archive, [tmp_path / "Set" / "train"])
    unpack(archive, {tmp_path / "b.tsv": None})
    assert (tmp_path / "b.tsv").read_bytes() == b"y"


def test_a_member_that_holds_more_than_it_declares(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "data", {"Set/a.tsv": b"x" * 5000})
    content = archive.read_bytes()
    declared, size = (5000).to_bytes(4, "little"), (300).to_bytes(4, "little")
    assert content.count(declared) == 2
    archive.write_bytes(content.replace(declared, size))
    assert "data is not a complete archive" in refused(archive, {tmp_path / "a.tsv": None})
