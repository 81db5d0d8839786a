"""Data sets of the hub: through `datasets`, and through the cache that it leaves."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import Any

from gft.data.memory import from_datasets
from gft.data.table import DataSet, Rows
from gft.errors import GftError, UserError, first_line, listed
from gft.language.options import Shared
from gft.language.program import Options
from gft.language.spec import Spec
from gft.storage.space import causes
from gft.suppliers.hub import cache as hub_cache
from gft.suppliers.hub.errors import KINDS, explained, no_config
from gft.suppliers.hub.hashes import check_files, files_of_snapshot
from gft.suppliers.hub.repository import Repository, find_repository
from gft.suppliers.hub.scripts import converted, is_script
from gft.suppliers.options import Downloading
from gft.suppliers.quiet import quieten

Splits = dict[str, Rows]


def hub_data(spec: Spec, options: Options) -> DataSet:
    """Return a data set of the hub. Raises `UserError` or `GftError`."""
    quieten(options.of(Shared).debug, "huggingface_hub", "datasets")
    repository = find_repository("dataset", spec.key, spec.revision, options)
    origin = {"supplier": "H", "repository": repository.name, "commit": repository.commit}
    if is_script(repository):
        splits, config, commit = converted(repository, spec, options)
        origin["conversion"] = commit
    else:
        splits, config = _from_files(repository, spec, options)
    name = f"{spec.key},{spec.config}" if spec.config else spec.key
    return DataSet(name, splits, {**origin, "config": config})


def _from_files(repository: Repository, spec: Spec, options: Options) -> tuple[Splits, str]:
    """Return the splits and the configuration of a data set that is files."""
    config = _config(repository, spec)
    if not (options.of(Downloading).overwrite_cache and repository.reachable):
        prepared = _prepared(repository, config, options)
        if prepared is not None:
            return prepared
    if not repository.reachable:
        raise GftError(_not_cached(repository, spec, options))
    return _prepare(repository, spec, config, options)


def _config(repository: Repository, spec: Spec) -> str | None:
    """Return the configuration to read, None where the hub's card does not say.

    Raises `UserError`, before any file is asked for, when the card says there is none such or
    several and none by default.
    """
    listing = repository.card.get("configs")
    card = listing if isinstance(listing, list) else []
    names = [one["config_name"] for one in card if isinstance(one, dict) and "config_name" in one]
    if spec.config is not None:
        if names and spec.config not in names:
            raise UserError(no_config(spec, names))
        return spec.config
    default = [one["config_name"] for one in card if isinstance(one, dict) and one.get("default")]
    if default or len(names) == 1:
        return str((default or names)[0])
    if len(names) > 1 and "default" not in names:
        raise UserError(no_config(spec, names))
    return "default" if names else None


def _prepare(
    repository: Repository, spec: Spec, config: str | None, options: Options
) -> tuple[Splits, str]:
    """Let `datasets` download the files and write them as Arrow."""
    import datasets

    asked = options.of(Downloading)
    where = {"revision": repository.commit, "cache_dir": asked.cache_dir, "token": asked.hub_token}
    mode = "force_redownload" if asked.overwrite_cache else None
    since = time.time()
    try:
        builder = datasets.load_dataset_builder(repository.name, config, **where)
        # Sizes in a card go stale when files are added; the client checks what it downloads.
        builder.download_and_prepare(download_mode=mode, verification_mode="no_checks")
        loaded = builder.as_dataset()
    except Exception as problem:
        _check_downloaded(repository, since)  # Damage is the reason where there is some.
        raise _unreadable(problem, repository, spec) from problem
    try:
        _check_downloaded(repository, since)
    except GftError:
        shutil.rmtree(builder.cache_dir, ignore_errors=True)
        raise
    return {str(name): from_datasets(one) for name, one in loaded.items()}, builder.config.name


def _check_downloaded(repository: Repository, since: float) -> None:
    """Raise `GftError` if a file that `datasets` downloaded has other bytes than the hub named."""
    from huggingface_hub import constants

    top = Path(constants.HF_HUB_CACHE) / f"datasets--{repository.name.replace('/', '--')}"
    files = files_of_snapshot(top / "snapshots" / repository.commit)
    check_files(files, f"{KINDS[repository.kind]} {repository.name!r}", since)


def _unreadable(problem: Exception, repository: Repository, spec: Spec) -> GftError:
    """Return what to say of a data set that `datasets` did not read."""
    import datasets

    # `datasets` calls missing what was refused: the refusal lies behind what it says.
    for one in causes(problem):
        explanation = explained(one, "dataset", repository.name)
        if explanation is not None:
            return explanation
    available = re.search(r"(?s)(?:Available|available configs): \[(.*?)\]", str(problem))
    if isinstance(problem, ValueError) and available:
        return UserError(no_config(spec, re.findall(r"'([^']+)'", available[1])))
    if isinstance(problem, datasets.exceptions.DatasetNotFoundError | FileNotFoundError):
        return UserError(
            f"H:{spec.key} holds no data that 'datasets' reads: {first_line(problem)}; "
            f"its files are {listed(repository.files, 6)}"
        )
    if isinstance(problem, OSError):
        return GftError(f"H:{spec.key}: {first_line(problem)}")
    if isinstance(problem, ImportError):
        return UserError(f"H:{spec.key} needs something not installed: {first_line(problem)}")
    inner = problem.__cause__ or problem
    different = _different_columns(f"{problem}\n{inner}")
    if different is not None:
        return UserError(
            f"H:{spec.key}: its files differ in their columns: {different}; name a configuration "
            f"of files that agree, H:{spec.key},CONFIG, or download the files that you mean, and "
            "name their folder: C:FOLDER"
        )
    return UserError(f"H:{spec.key} cannot be read: {first_line(inner)}")


def _different_columns(explanation: str) -> str | None:
    """Return how files differ in their columns where `datasets` tells of that, else None."""
    counted = re.search(r"there are (\d+ (?:new|missing) columns .+)", explanation)
    if counted:
        return counted[1].rstrip(".")
    both = re.search(
        r"(?s)(?:Schema at index \d+ was different:|Couldn't cast)(.+?)\n(vs|to)\n(.+)", explanation
    )
    if both is None or (both[2] == "to" and "column names don't match" not in explanation):
        return None
    one, other = (
        re.findall(r"(?m)^'?([^\s:'{]+)'?: |'([^']+)': ", part) for part in (both[1], both[3])
    )
    first, second = ({a or b for a, b in found} for found in (one, other))
    return f"only some have {listed(sorted(first ^ second), 8)}"


def _prepared(
    repository: Repository, config: str | None, options: Options
) -> tuple[Splits, str] | None:
    """Return what `datasets` prepared from this very commit, None if it did not, or not surely.

    The library itself, without a network, takes the newest of whatever commits it has.
    """
    import datasets

    home = _home(repository, options)
    found = [
        folder
        for folder in home.glob(f"{config or '*'}/*/{repository.commit}")
        if (folder / "dataset_info.json").is_file()
    ]
    if len(found) != 1:
        return None
    splits = {}
    try:
        info = datasets.DatasetInfo.from_directory(str(found[0]))
        for split in info.splits or ():
            part = re.compile(rf".+-{re.escape(split)}(-\d{{5}}-of-\d{{5}})?\.arrow")
            files = sorted(str(one) for one in found[0].iterdir() if part.fullmatch(one.name))
            parts = [datasets.Dataset.from_file(file) for file in files]
            whole: Any = datasets.concatenate_datasets(parts)
            splits[str(split)] = from_datasets(whole)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # a cache that was left half-written: it is prepared again
    return (splits, str(info.config_name)) if splits else None


def _not_cached(repository: Repository, spec: Spec, options: Options) -> str:
    home = _home(repository, options)
    configs = sorted({folder.parts[-3] for folder in home.glob("*/*/*") if folder.is_dir()})
    of_it = f"; of it there is {listed(configs)}" if configs else ""
    every = listed(hub_cache.names("dataset", options.of(Downloading).cache_dir))
    return (
        f"{repository.unreachable_because}, and data {spec} at commit {repository.commit[:8]} "
        "is not in the cache"
        f"{of_it or f'; available: {every}'}"
    )


def _home(repository: Repository, options: Options) -> Path:
    """Return the folder where `datasets` keeps what it prepared of a repository."""
    from datasets.naming import camelcase_to_snakecase

    owner, _, name = repository.name.rpartition("/")
    folder = camelcase_to_snakecase(name)
    top = hub_cache.arrow_cache(options.of(Downloading).cache_dir)
    return top / (f"{owner}___{folder}" if owner else folder)
