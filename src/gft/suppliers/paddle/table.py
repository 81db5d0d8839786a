"""The table of PaddleNLP's data sets: addresses, checksums, files, columns, labels, splits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gft.errors import UserError, listed, nearest, no_such
from gft.language.spec import Spec
from gft.suppliers.files import read_json

TABLE = Path(__file__).with_name("datasets.json")
CHECKSUMS = "GFT_PADDLE_MD5"
"""For a mirror whose files are others: `off`, or a JSON file of checksums by PaddleNLP's."""
_NOT_LAYOUT = frozenset({"form", "archive", "classes", "splits", "versions", "made_from"})


@dataclass(frozen=True)
class File:
    """A file at `path` under the cache's `datasets`; `url` is None when it is in an archive."""

    path: str
    md5: str | None
    url: str | None = None


@dataclass(frozen=True)
class Split:
    """The files of a split, how to read them, and where they come from if not from their urls.

    `layout` is what the reader of the form wants to know; `made_from` the files that MRPC's are
    made of.
    """

    files: tuple[File, ...]
    layout: Mapping[str, Any]
    archive: File | None = None
    made_from: tuple[File, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A data set in one configuration, '' when it has none.

    `classes` names the classes of columns; `versions` are endings of splits, `_v1` and `_v2`, that
    belong together.
    """

    key: str
    config: str
    form: str
    classes: Mapping[str, tuple[str, ...]]
    splits: Mapping[str, Split]
    versions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name as it follows `P:`."""
        return f"{self.key},{self.config}" if self.config else self.key


def find_entry(spec: Spec) -> Entry:
    """Return what the table says of `P:glue,qqp`. Raises `UserError` with the nearest names.

    Case, hyphens and underscores do not matter: `sst2` is `sst-2`.
    """
    table = _table(TABLE)
    if spec.revision:
        raise UserError(f"{spec}: PaddleNLP's data sets have no revisions; write P:{spec.key}")
    key = _canonical(spec.key, [*table["data sets"], *table["refused"]])
    if key in table["refused"]:
        raise UserError(f"P:{key} is not read: {table['refused'][key]}")
    if key is None:
        raise UserError(_no_data_set(spec, table))
    configs = table["data sets"][key]
    named = [config for config in configs if config]
    if not named and spec.config:
        raise UserError(f"P:{key} has no configurations; write P:{key}")
    if named and not spec.config:
        raise UserError(
            f"P:{key} has several configurations: write P:{key},NAME "
            f"with NAME one of {listed(named, 30)}"
        )
    config = _canonical(spec.config or "", configs)
    refused = _canonical(f"{key},{spec.config}", table["refused"])
    if config is None and refused:
        raise UserError(f"P:{refused} is not read: {table['refused'][refused]}")
    if config is None:
        raise UserError(no_such("configuration", str(spec.config), named, f"P:{key}"))
    return _entry(key, config, configs[config])


def entries() -> list[Entry]:
    """Return every data set that is read, in every configuration."""
    sets = _table(TABLE)["data sets"].items()
    return [_entry(key, one, configs[one]) for key, configs in sets for one in configs]


def paddle_data_names() -> list[str]:
    """Return the names of all data sets that are read, such as `glue,cola`."""
    sets = _table(TABLE)["data sets"].items()
    return [f"{key},{one}" if one else key for key, configs in sets for one in configs]


def _canonical(name: str, names: Any) -> str | None:
    """Return the one of `names` that `name` spells, None if there is none."""
    if name in names:
        return name
    folded = {_folded(one): one for one in names}
    return folded.get(_folded(name))


def _folded(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _no_data_set(spec: Spec, table: Mapping[str, Any]) -> str:
    asked = f"{spec.key},{spec.config}" if spec.config else spec.key
    keys = list(table["data sets"])
    # Somebody may write a configuration of glue as if it were a data set.
    inner = {_folded(name.partition(",")[2]): name for name in paddle_data_names() if "," in name}
    near = (
        nearest(asked, paddle_data_names())
        or nearest(spec.key, keys)
        or inner.get(_folded(spec.key))
    )
    hint = f" (did you mean P:{near}?)" if near else ""
    return f"PaddleNLP has no data set {asked!r}{hint}; it has {listed(keys, 12 if near else 50)}"


def _entry(key: str, config: str, entry: Mapping[str, Any]) -> Entry:
    common = {name: value for name, value in entry.items() if name not in _NOT_LAYOUT}
    splits = {}
    for name, own in entry["splits"].items():
        layout = {k: v for k, v in own.items() if k not in ("files", "archive")}
        archive = own.get("archive") or entry.get("archive")
        splits[name] = Split(
            tuple(_file(*one) for one in own["files"]),
            {**common, **layout},
            _file(*archive) if archive else None,
            tuple(_file(*one) for one in entry.get("made_from", {}).get(name, ())),
        )
    classes = {column: tuple(names) for column, names in entry.get("classes", {}).items()}
    return Entry(key, config, entry["form"], classes, splits, tuple(entry.get("versions", ())))


def _file(path: str, md5: str | None, url: str | None = None) -> File:
    """Return a file with the checksum that it is held to: PaddleNLP's, unless another is given."""
    checksums = os.environ.get(CHECKSUMS)
    if checksums and md5:
        md5 = None if checksums == "off" else _checksums(Path(checksums)).get(md5, md5)
    return File(path, md5, url)


@cache
def _checksums(path: Path) -> dict[str, str]:
    """Return the checksums in a file by PaddleNLP's. Raises `UserError`."""
    return read_json(path.expanduser(), CHECKSUMS)


@cache
def _table(path: Path) -> dict[str, Any]:
    return read_json(path, "P:")
