"""Repositories of a hub: by old names or new, at a commit, with or without a network."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from gft import notes
from gft.errors import GftError, UserError, listed, nearest
from gft.language.program import Options
from gft.suppliers.hub import cache as hub_cache
from gft.suppliers.hub.errors import (
    KINDS,
    NoAnswer,
    asked,
    explained,
    reason,
    senseless,
    unknown,
    unreachable,
)
from gft.suppliers.hub.hashes import check_files
from gft.suppliers.hub.search import search_hub
from gft.suppliers.hub.slow import watch_downloads
from gft.suppliers.options import Downloading
from gft.suppliers.protocol import Search

_COMMIT = re.compile("[0-9a-f]{40,64}")
FACTS = ("tags", "pipeline_tag", "downloads", "likes", "gated")


@dataclass(frozen=True)
class Repository:
    """A model or data set of the hub under its present name, at one commit.

    `files` are the sizes in bytes by path, None where unknown; `card` what the hub says of it;
    `reachable` whether the hub said so just now, or the cache remembers; then
    `unreachable_because` says why, as the beginning of a sentence.
    """

    kind: str
    name: str
    commit: str
    files: dict[str, int | None]
    card: dict[str, Any] = field(default_factory=dict)
    reachable: bool = True
    unreachable_because: str = ""


def find_repository(kind: str, name: str, revision: str | None, options: Options) -> Repository:
    """Ask the hub for a repository; without a network, the cache.

    The hub is asked because it renames (`glue` is `nyu-mll/glue`), and its answer is remembered.
    Raises `UserError` when there is none such, `GftError` when nobody can tell.
    """
    from huggingface_hub import HfApi, constants

    watch_downloads()
    api = HfApi(token=options.of(Downloading).hub_token)
    ask: Any = api.model_info if kind == "model" else api.dataset_info
    how = {"files_metadata": kind == "model", "timeout": constants.HF_HUB_DOWNLOAD_TIMEOUT}
    try:
        found = _read(kind, asked(lambda: ask(name, revision=revision, **how)))
    except Exception as problem:
        if unreachable(problem) or senseless(problem):
            return _from_cache(kind, name, revision, options, problem)
        # To strangers the hub does not say whether a repository is missing or private.
        if unknown(problem):
            raise UserError(_not_found(kind, name, options)) from problem
        explanation = explained(problem, kind, name)
        if explanation is None:
            raise
        raise explanation from problem
    hub_cache.remember(_key(kind, name, revision), asdict(found))
    return found


def _read(kind: str, info: Any) -> Repository:
    """Return what the hub says of a repository. Raises `NoAnswer` if it is not what a hub says."""
    files = {one.rfilename: one.size for one in info.siblings or ()}
    found = Repository(kind, info.id, info.sha, files, _card(info))
    if not _is_whole(found):
        raise NoAnswer
    return found


def _is_whole(found: Repository) -> bool:
    sizes = all(
        isinstance(name, str) and isinstance(size, int | None) for name, size in found.files.items()
    )
    named = isinstance(found.name, str) and found.name and isinstance(found.commit, str)
    return bool(sizes and named and _COMMIT.fullmatch(found.commit))


def fetch(repository: Repository, files: Iterable[str], options: Options) -> Path:
    """Bring files into the cache; return the folder they are in. Raises `GftError`."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    download = partial(
        hf_hub_download,
        repository.name,
        repo_type=repository.kind,
        revision=repository.commit,
        cache_dir=options.of(Downloading).cache_dir,
        token=options.of(Downloading).hub_token,
        local_files_only=not repository.reachable,
    )
    folder, since = None, time.time()
    what = f"{KINDS[repository.kind]} {repository.name!r}"
    for file in files:
        try:
            path = download(file)  # The client asks again by itself.
        except Exception as problem:
            if not repository.reachable and isinstance(problem, LocalEntryNotFoundError):
                why = repository.unreachable_because
                raise GftError(f"{why}, and {file} of {what} is not in the cache") from problem
            explanation = explained(problem, repository.kind, repository.name)
            if explanation is None:
                raise
            raise explanation from problem
        check_files([Path(path)], what, since)
        folder = Path(path).parents[file.count("/")]
    if folder is None:
        raise GftError(f"{what} has no files to read")
    return folder


def _card(info: Any) -> dict[str, Any]:
    """Return what the hub says of a repository, as JSON."""
    facts = {name: getattr(info, name, None) for name in FACTS}
    if getattr(info, "safetensors", None) is not None:
        facts["parameters"] = info.safetensors.total
    card = info.card_data.to_dict() if info.card_data is not None else {}
    for name in ("datasets", "license", "language", "configs", "homepage"):
        facts[name] = card.get(name)
    return {name: value for name, value in facts.items() if value is not None}


def _from_cache(
    kind: str, name: str, revision: str | None, options: Options, problem: Exception
) -> Repository:
    """Return what the cache knows of a repository. Raises `GftError` if it does not know it."""
    found = _remembered(_key(kind, name, revision))
    if found is None:
        seen = hub_cache.snapshot(kind, name, revision, options.of(Downloading).cache_dir)
        if seen is None:
            cached = hub_cache.names(kind, options.of(Downloading).cache_dir)
            raise GftError(
                f"{reason(problem)}, and {KINDS[kind]} {_at(name, revision)!r} is not in the "
                f"cache; available: {listed(cached)}"
            ) from problem
        full_name, commit, files = seen
        found = Repository(kind, full_name, commit, files, reachable=False)
    why = reason(problem)
    if not why.startswith("HF_HUB_OFFLINE"):
        _say_once(f"{why}: using what is in the cache")
    return replace(found, unreachable_because=why)


def _remembered(key: str) -> Repository | None:
    """Return what the hub said of a repository the last time, None if that is not known."""
    try:
        found = Repository(**{**(hub_cache.recall(key) or {}), "reachable": False})
        return found if _is_whole(found) else None
    except (TypeError, AttributeError):
        return None


def _not_found(kind: str, name: str, options: Options) -> str:
    """Return the message for a name the hub does not know, with the nearest that it does."""
    if Path(name).exists():
        return f"the hub has no {KINDS[kind]} {name!r}; to read the one here, write C:{name}"
    found = _search(kind, name, options)
    if name in found:
        return (
            f"the hub lists the {KINDS[kind]} {name!r} and does not show it: if it is private or "
            "gated, log in with 'hf auth login' or set HF_TOKEN"
        )
    short = {one.rpartition("/")[2]: one for one in reversed(found)}
    near = nearest(name, found) or short.get(nearest(name.rpartition("/")[2], short) or "")
    hint = f" (did you mean {near!r}?)" if near else ""
    others = f"; it has {listed(found, 6)}" if found else ""
    return (
        f"the hub has no {KINDS[kind]} {name!r}{hint}{others}; "
        "if it is private, log in with 'hf auth login' or set HF_TOKEN"
    )


def _search(kind: str, name: str, options: Options) -> list[str]:
    """Return names on the hub that resemble `name`: the hub finds parts of names, not typos."""
    word = name.rpartition("/")[2]
    for part in dict.fromkeys((word, word[: max(4, len(word) * 2 // 3)], word[:4])):
        try:
            found, _ = search_hub(Search(kind, part, (), 10, only_names=True), options)
        except Exception:  # a hint is not worth an error of its own
            return []
        if found:
            return [one.name for one in found]
    return []


@cache
def _say_once(text: str) -> None:
    notes.note(text)


def _key(kind: str, name: str, revision: str | None) -> str:
    return f"{kind} {_at(name, revision)}"


def _at(name: str, revision: str | None) -> str:
    return f"{name}@{revision}" if revision else name
