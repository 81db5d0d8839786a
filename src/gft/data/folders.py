"""Which files hold which split: beside each other as PATH.train, or in a folder."""

from __future__ import annotations

import re
from pathlib import Path

from gft.data.forms import FOREIGN_FORMS
from gft.data.opening import COMPRESSED, stem_of, suffix_of
from gft.errors import UserError, listed, nearest
from gft.language.spec import Spec
from gft.storage.paths import expanded, possible

VAL_NAMES = ("val", "validation", "dev", "valid", "eval")
SPLIT_NAMES = ("train", *VAL_NAMES, "test")
CONLL_FORMS = (".conll", ".conllu", ".bio", ".iob")
"""The endings of files with one word per line, beside those recognised by their content."""
FORMS = (
    ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", *CONLL_FORMS,
    *FOREIGN_FORMS,
)  # fmt: skip
UNSURE = (".txt",)
"""Forms that are looked at where a folder has no other: they may be notes beside the data."""

_SPLIT = re.compile(rf"({'|'.join(SPLIT_NAMES)})(_(mis)?matched)?", re.IGNORECASE)
_SHARD = re.compile(r"(?P<split>.+?)[-_.](?P<number>\d+)(-of-(?P<count>\d+))?")
_BESIDE = re.compile(rf"\.({'|'.join(SPLIT_NAMES)})({'|'.join(map(re.escape, COMPRESSED))})?$")


def path_of(spec: Spec) -> Path:
    """Return the path that a specification names, as the user means it unless it is literal."""
    return possible(Path(spec.key)) if spec.literal else expanded(spec.key)


def is_text(name: str) -> bool:
    """Say whether a file of data is text, by its name."""
    return suffix_of(Path(name)) not in (".parquet", ".arrow", ".feather", *FOREIGN_FORMS)


def files_of(path: Path) -> dict[str, list[Path]]:
    """Return the files of each split, shards in order. Raises `UserError` when there is none."""
    if path.is_file():
        return {"train": [path]}
    beside = files_beside(path)
    if not path.is_dir():
        if not beside:
            raise UserError(_missing(path))
        return beside
    inside = files_inside(path)
    if beside and inside:
        raise UserError(
            f"both the folder {path} and {listed([file.name for [file] in beside.values()])} "
            "beside it hold splits; rename one"
        )
    if not beside and not inside:
        raise UserError(_nothing_inside(path))
    return beside or inside


def files_beside(path: Path) -> dict[str, list[Path]]:
    """Return `path.train` and the like, those that exist."""
    found: dict[str, list[Path]] = {}
    for split in SPLIT_NAMES:
        names = [f"{path.name}.{split}{packed}" for packed in ("", *COMPRESSED)]
        files = [path.with_name(name) for name in names if path.with_name(name).is_file()]
        if len(files) > 1:
            raise UserError(_several(path.parent, split, files))
        if files:
            found[split] = files
    return found


def files_inside(folder: Path) -> dict[str, list[Path]]:
    """Return the files of a folder that are named after splits, in the order of `SPLIT_NAMES`."""
    return _files_of_forms(folder, FORMS) or _files_of_forms(folder, UNSURE)


def _files_of_forms(folder: Path, known: tuple[str, ...]) -> dict[str, list[Path]]:
    whole: dict[str, list[Path]] = {}
    shards: dict[str, list[Path]] = {}
    for file in sorted(folder.iterdir()):
        if suffix_of(file) not in known or not file.is_file():
            continue
        stem = stem_of(file)
        shard = _SHARD.fullmatch(stem)
        split = shard["split"] if shard else stem
        if _SPLIT.fullmatch(split):
            (shards if shard else whole).setdefault(split.lower(), []).append(file)
    found = {}
    for split in sorted({*whole, *shards}, key=_rank):
        files = [*whole.get(split, ()), *shards.get(split, ())]
        forms = {suffix_of(file) for file in files}
        if len(forms) > 1 or (split in whole and len(files) > 1):
            raise UserError(_several(folder, split, files))
        found[split] = files if split in whole else _in_order(folder, split, files)
    return found


def is_split(name: str) -> bool:
    """Say whether a name is one that splits have."""
    return _SPLIT.fullmatch(name) is not None


def _rank(split: str) -> tuple[int, str]:
    return SPLIT_NAMES.index(split.partition("_")[0]), split


def _in_order(folder: Path, split: str, shards: list[Path]) -> list[Path]:
    """Return shards by their numbers. Raises `UserError` when one is missing or there twice."""
    matches = [_SHARD.fullmatch(stem_of(shard)) for shard in shards]
    numbers = [int(match["number"]) for match in matches if match]
    counts = {int(match["count"]) for match in matches if match and match["count"]}
    if len(set(numbers)) < len(numbers) or len(counts) > 1:
        raise UserError(_several(folder, split, shards))
    if counts:
        missing = sorted(set(range(counts.pop())) - set(numbers))
        if missing:
            raise UserError(
                f"{folder}: of the shards of {split}, number {listed(map(str, missing))} is "
                f"missing; available: {listed([shard.name for shard in shards], 4)}"
            )
    return [shard for _, shard in sorted(zip(numbers, shards, strict=True))]


def _several(folder: Path, split: str, files: list[Path]) -> str:
    names = listed(sorted(file.name for file in files), 4)
    return f"{folder} has more than one form of the split {split}: {names}; keep one of them"


def _nothing_inside(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir())
    stems = list(dict.fromkeys(_BESIDE.sub("", name) for name in names if _BESIDE.search(name)))
    if stems:
        paths = [str(folder / stem) for stem in stems]
        return f"{folder} holds several data sets; name one of them: {listed(paths, 4)}"
    return (
        f"{folder} holds no file named after a split, such as train.csv or test.jsonl, and no "
        "images or sounds in folders named after classes; "
        f"it holds {listed(names, 8)}"
    )


def names_in(folder: Path) -> list[str]:
    """Return what data in a folder may be called; nothing where there is no folder."""
    if not folder.is_dir():
        return []
    names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    return list(dict.fromkeys([*(_BESIDE.sub("", name) for name in names), *names]))


def _missing(path: Path) -> str:
    """Return the message for a path where nothing is: what is nearby."""
    unset = re.search(r"\$\{?(\w+)", str(path))
    if unset:
        return f"no data at {path}: the environment has no variable {unset[1]}"
    parent = path.parent
    if not parent.is_dir():
        while not parent.is_dir():
            parent, lost = parent.parent, parent
        return f"no data at {path}: there is no folder {lost}"
    names = sorted(entry.name for entry in parent.iterdir() if not entry.name.startswith("."))
    near = nearest(path.name, names_in(parent))
    hint = f" (did you mean {near!r}?)" if near else ""
    return (
        f"no data at {path}{hint}: neither a file, nor a folder, nor {path.name}.train; "
        f"{parent} holds {listed(names, 8)}"
    )
