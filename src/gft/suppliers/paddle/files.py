"""The files of PaddleNLP's data sets: in its own cache, or fetched to the same paths there."""

from __future__ import annotations

from pathlib import Path

from gft.errors import GftError
from gft.language.program import Options
from gft.suppliers.paddle.archives import unpack, unpack_folders
from gft.suppliers.paddle.downloads import (
    alone,
    fetch_file,
    is_whole,
    mirrored,
    paddle_home,
    writing,
)
from gft.suppliers.paddle.table import Entry, File, Split

MRPC_TEST_HEADER = "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n"


def obtain(entry: Entry, split_name: str, options: Options) -> list[Path]:
    """Return the files of a split, fetched unless they are in the cache and whole.

    Raises `GftError`: `Unreachable`, `NotFound`, an archive that is refused.
    """
    split = entry.splits[split_name]
    home = data_home(options)
    if not _missing(split, home):
        pass
    elif split.made_from:
        _make(split, split_name, home, options)
    elif split.archive:
        _unpack(entry, split.archive, home, options)
    else:
        for file in split.files:
            fetch_file(mirrored(str(file.url)), home / file.path, file.md5, options)
    return [home / file.path for file in split.files]


def data_home(options: Options) -> Path:
    """Return the folder where PaddleNLP keeps data sets."""
    return paddle_home(options) / "datasets"


def in_cache(entry: Entry, options: Options) -> list[str]:
    """Return the splits whose files are in the cache, whole or not."""
    home = data_home(options)
    return [
        name
        for name, split in entry.splits.items()
        if all((home / file.path).exists() for file in split.files)
    ]


def altered_files(entry: Entry, options: Options) -> list[Path]:
    """Return the files in the cache that are not what PaddleNLP's checksums say."""
    home = data_home(options)
    missing = [file for split in entry.splits.values() for file in _missing(split, home)]
    return [home / file.path for file in missing if (home / file.path).exists()]


def _missing(split: Split, home: Path) -> list[File]:
    # Of a folder's files nobody knows the checksums; it is moved into its place when it is whole.
    return [
        file
        for file in split.files
        if not (home / file.path).is_dir() and not is_whole(home / file.path, file.md5)
    ]


def _unpack(entry: Entry, archive: File, home: Path, options: Options) -> None:
    """Bring all files of an archive that splits want into their places; the archive goes."""
    path = home / archive.path
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path.with_name(f"{path.name}.unpacking")):
            splits = [one for one in entry.splits.values() if one.archive == archive]
            wanted = {home / file.path: file.md5 for one in splits for file in _missing(one, home)}
            if not wanted:
                return  # Another process did it while this one waited.
            was_there = path.exists()
            try:
                fetch_file(mirrored(str(archive.url)), path, archive.md5, options)
                if entry.form == "folders":
                    unpack_folders(path, list(wanted))
                else:
                    unpack(path, wanted)
            finally:
                if not was_there:
                    path.unlink(missing_ok=True)


def _make(split: Split, name: str, home: Path, options: Options) -> None:
    """Make a file of MRPC as PaddleNLP does: from the corpus, and the list of dev's rows."""
    sources = [
        fetch_file(mirrored(str(file.url)), home / file.path, file.md5, options)
        for file in split.made_from
    ]
    [file] = split.files
    target = home / file.path
    with writing(target), alone(target):
        beside = target.with_name(f"{target.name}.partial")
        lines = _test_lines(*sources) if name == "test" else _chosen_lines(name == "dev", *sources)
        with beside.open("w", encoding="utf-8", newline="\n") as made:
            made.writelines(lines)
        if not is_whole(beside, file.md5):
            beside.unlink()
            raise GftError(
                f"{target.name} of P:glue,mrpc, made of {sources[0]}, does not have the md5 "
                f"{file.md5}"
            )
        beside.replace(target)


def _chosen_lines(of_dev: bool, corpus: Path, dev_ids: Path) -> list[str]:
    """Return the header and the rows of dev, or those of train."""
    chosen = set(_rows(dev_ids))
    header, *rows = _rows(corpus)
    return [
        "\t".join(row) + "\n"
        for row in (header, *rows)
        if row is header or (row[1:3] in chosen) == of_dev
    ]


def _test_lines(corpus: Path) -> list[str]:
    """Return the rows of test under another header, without labels, with their numbers."""
    rows = _rows(corpus)[1:]
    return [MRPC_TEST_HEADER, *(f"{n}\t" + "\t".join(row[1:]) + "\n" for n, row in enumerate(rows))]


def _rows(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8") as file:
        return [tuple(line.strip().split("\t")) for line in file]
