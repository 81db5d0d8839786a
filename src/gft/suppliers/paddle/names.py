"""Where a model's name leads: PaddleNLP's built-in models, its cache, its community."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gft.data.folders import path_of
from gft.errors import GftError, UserError, nearest
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.files import read_json
from gft.suppliers.paddle.config import TABLE
from gft.suppliers.paddle.downloads import NotFound, Unreachable, fetch_file, mirrored, paddle_home
from gft.suppliers.paddle.folders import PaddleFiles, read_folder, weight_file
from gft.suppliers.paddle.form import (
    BYTE_PAIRS,
    CONFIGS,
    MERGES,
    SETTINGS,
    SPECIAL,
    VOCAB,
    WEIGHTS,
)

ENDPOINT = "PPNLP_ENDPOINT"
HOST = "https://bj.bcebos.com/paddlenlp"

RENAMED: Mapping[str, str] = TABLE["renamed models"]
"""What models were called before PaddleNLP put their owner or size into the name."""

_NAME = re.compile(r"[\w.+-]+(/[\w.+-]+)*")


def find_model(spec: Spec, options: Options) -> PaddleFiles:
    """Return the files of the model that a specification names; its weights are not asked for.

    A path; else what is in PaddleNLP's cache; else a built-in name; else one of the community.
    Raises `UserError` when there is none, `GftError` when nobody can tell.
    """
    if spec.is_path:
        return read_folder(path_of(spec), str(spec))
    if spec.revision or spec.config:
        raise UserError(f"{spec}: PaddleNLP's models have no revisions; write P:{spec.key}")
    parts = spec.key.split("/")
    if not _NAME.fullmatch(spec.key) or any(part.strip(".") == "" for part in parts):
        raise UserError(f"{spec.key!r} cannot be the name of a model; write a path as P:./PATH")
    home = paddle_home(options) / "models"
    name = RENAMED.get(spec.key, spec.key)
    entry = built_in().get(name)
    folders = [home / one for one in dict.fromkeys((name, spec.key))]
    if entry is not None:
        folder = next((one for one in folders if weight_file(one)), folders[0])
        return BuiltIn(name, entry, folder, options)
    cached = next((one for one in folders if _has_config(one) and weight_file(one)), None)
    if cached is not None:
        found = read_folder(cached, str(spec))
        found.folder = None  # It was asked for by name.
        return found
    for pattern, why in TABLE["refused models"].items():
        if re.match(pattern, name):
            raise UserError(f"{spec} {why.replace('NAME', spec.key)}")
    return Community(spec, home, options)


@cache
def built_in() -> dict[str, dict[str, Any]]:
    """Return what is known of each built-in model: `family`, `config`, `files`, `tokenizer`."""
    return read_json(Path(__file__).with_name("models.json"), "P:")


class Cached(PaddleFiles):
    """A model that is fetched into a folder of PaddleNLP's cache."""

    cache: Path

    def weight_bytes(self) -> int | None:
        """Return the size of the weights, None before they are here."""
        there = weight_file(self.cache)
        return there.stat().st_size if there else None


class BuiltIn(Cached):
    """A model of PaddleNLP's table: its configuration is known, its files are fetched.

    They are kept where PaddleNLP looks for them, and what is there already is taken.
    """

    def __init__(self, name: str, entry: Mapping[str, Any], folder: Path, options: Options) -> None:
        self.name = name
        self.entry = entry
        self.cache = folder
        self.options = options
        own = read_folder(folder, name).config if _has_config(folder) else {}
        self.config = {"model_type": entry["family"], **entry["config"], **own}

    def small(self) -> dict[str, Path]:
        """Return the tokenizer's files by the names that PaddleNLP gives them in a folder."""
        found = {}
        for role, url in self.entry["files"].items():
            if role != WEIGHTS:
                there = self.cache / role
                target = self.cache / urlsplit(url).path.rpartition("/")[2]
                found[role] = there if there.is_file() else self._fetch(url, target)
        for role in (SETTINGS, SPECIAL):
            if (self.cache / role).is_file():
                found[role] = self.cache / role
        return found

    def settings(self) -> Mapping[str, Any]:
        """Return the settings of its tokenizer."""
        settings: Mapping[str, Any] = self.entry["tokenizer"]
        return settings

    def weights(self) -> Path:
        """Return the file of the weights."""
        there = weight_file(self.cache)
        return there or self._fetch(self.entry["files"][WEIGHTS], self.cache / WEIGHTS)

    def _fetch(self, url: str, target: Path) -> Path:
        """Fetch a file into the cache. Raises `GftError` that says whose it is."""
        try:
            return fetch_file(mirrored(url), target, None, self.options)
        except (NotFound, Unreachable) as problem:
            raise type(problem)(
                f"P:{self.name}: no {target.name} in {target.parent}, and {problem}"
            ) from problem


class Community(Cached):
    """A model that somebody gave to PaddleNLP's community."""

    def __init__(self, spec: Spec, home: Path, options: Options) -> None:
        """Fetch its configuration. Raises `UserError` if there is none such."""
        self.name = spec.key
        self.cache = home / spec.key
        self.options = options
        endpoint = os.environ.get(ENDPOINT) or mirrored(HOST)
        self.url_of_models = f"{endpoint.rstrip('/')}/models/community"
        created = [one for one in (self.cache, *self.cache.parents) if not one.exists()]
        try:
            found = any(self._fetch(config) for config in CONFIGS)
        except Unreachable as problem:
            raise GftError(
                _unknown(spec, home, f"and the community's models cannot be checked: {problem}")
            ) from problem
        except GftError as problem:
            raise type(problem)(f"{spec}: {problem}") from problem
        finally:
            _forget_empty(created)
        if not found:
            raise UserError(_unknown(spec, home, f"and none is at {self.url_of_models}"))
        self.config = read_folder(self.cache, str(spec)).config

    def small(self) -> dict[str, Path]:
        """Return the tokenizer's files by their names."""
        names = [name for name in (SETTINGS, SPECIAL) if self._fetch(name)]
        if self._fetch(VOCAB):
            names.append(VOCAB)
        elif self._fetch(BYTE_PAIRS) and self._fetch(MERGES):
            names += (BYTE_PAIRS, MERGES)
        return {name: self.cache / name for name in names}

    def weights(self) -> Path:
        """Return the file of the weights. Raises `UserError` if there is none."""
        there = weight_file(self.cache)
        if there is None and not self._fetch(WEIGHTS):
            raise UserError(f"P:{self.name} has no {WEIGHTS} at {self.url_of_models}/{self.name}")
        return there or self.cache / WEIGHTS

    def _fetch(self, file: str) -> bool:
        """Fetch a file of the model; say whether it has one."""
        url = f"{self.url_of_models}/{self.name}/{file}"
        try:
            fetch_file(url, self.cache / file, None, self.options)
        except NotFound:
            return False
        return True


def _unknown(spec: Spec, home: Path, others: str) -> str:
    known = [*built_in(), *RENAMED]
    short = {name.rpartition("/")[2]: name for name in built_in()}
    near = short.get(spec.key) or nearest(spec.key, known)
    near = near or short.get(nearest(spec.key, short) or "")
    hint = f" (did you mean P:{near}?)" if near else ""
    if Path(spec.key).is_dir():
        hint = f"; to read the folder here, write P:./{spec.key}"
    return (
        f"no model {spec}{hint}: PaddleNLP has none built in of that name, "
        f"none is in {home}, {others}"
    )


def _has_config(folder: Path) -> bool:
    return any((folder / name).is_file() for name in CONFIGS)


def _forget_empty(created: list[Path]) -> None:
    """Remove folders that were made and stayed empty."""
    for path in created:
        with suppress(OSError):
            path.rmdir()
