"""Asking a hub: present names of repositories, their commits, and errors in one clear line."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gft.errors import GftError, UserError, listed, nearest

KINDS = {"model": "model", "dataset": "data set"}


@dataclass(frozen=True)
class Repository:
    """A repository as the hub knows it today: `files` are its files' sizes in bytes, by path."""

    kind: str
    name: str
    commit: str
    files: dict[str, int]


def quieten() -> None:
    """Silence the clients: what the user needs to know, gft says in its own words."""
    import huggingface_hub

    warnings.filterwarnings("ignore", module=r"(huggingface_hub|datasets|transformers)(\.|$)")
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if not sys.stderr.isatty():
        huggingface_hub.utils.disable_progress_bars()


def find_repository(kind: str, name: str, revision: str | None) -> Repository:
    """Return a model or data set of the hub under its present name, at its commit.

    The hub is asked, because it renames: `glue` is `nyu-mll/glue`. The answer is remembered for
    times without a network. Raises `UserError` if there is none, `GftError` if the hub fails.
    """
    import huggingface_hub
    from huggingface_hub import errors

    quieten()
    memory = _Memory()
    if huggingface_hub.is_offline_mode():
        return memory.recall(kind, name, revision, "HF_HUB_OFFLINE is set")
    api = huggingface_hub.HfApi()
    ask: Any = api.model_info if kind == "model" else api.dataset_info
    try:
        info = ask(name, revision=revision, files_metadata=True)
    except errors.GatedRepoError:
        raise UserError(
            f"H:{name} asks you to accept its terms on its page first; then log in: hf auth login"
        ) from None
    except errors.RepositoryNotFoundError:
        raise UserError(_not_found(api, kind, name)) from None
    except errors.RevisionNotFoundError:
        raise UserError(f"H:{name} has no revision {revision!r}") from None
    except errors.HFValidationError:
        raise UserError(f"{name!r} cannot be the name of a {KINDS[kind]} on the hub") from None
    except errors.HfHubHTTPError as problem:
        raise GftError(f"the hub failed: {_one_line(problem)}; try again later") from None
    except Exception as problem:
        if not _is_network(problem):
            raise
        return memory.recall(kind, name, revision, "the hub cannot be reached")
    files = {one.rfilename: one.size or 0 for one in info.siblings or ()}
    repository = Repository(kind, info.id, info.sha, files)
    memory.remember(repository, name, revision)
    return repository


@contextmanager
def hub_errors(what: str) -> Iterator[None]:
    """Turn the clients' errors within the block into one line about `what`."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        raise UserError(
            f"{what} asks you to accept its terms on its page first; then log in: hf auth login"
        ) from None
    except errors.LocalEntryNotFoundError:
        raise GftError(f"{what} is not wholly in the cache, and there is no network") from None
    except errors.HfHubHTTPError as problem:
        raise GftError(f"{what}: the hub failed: {_one_line(problem)}") from None
    except (ConnectionError, TimeoutError) as problem:
        raise GftError(f"{what}: {_one_line(problem)}") from None
    except Exception as problem:
        if not _is_network(problem):
            raise
        raise GftError(f"{what}: the connection failed: {_one_line(problem)}") from None


def _is_network(problem: BaseException) -> bool:
    return isinstance(problem, OSError) or type(problem).__module__.startswith(("httpx", "httpcore"))


def _one_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0][:160]


def _not_found(api: Any, kind: str, name: str) -> str:
    """Return the message for a name that the hub does not know, with the nearest that it does."""
    search = api.list_models if kind == "model" else api.list_datasets
    word = name.rpartition("/")[2]
    try:
        found = [one.id for query in (word, word[:5]) for one in search(search=query, limit=20)]
    except Exception:
        found = []
    by_name = {one.rpartition("/")[2]: one for one in found}
    near = nearest(name, found) or by_name.get(nearest(word, by_name) or "")
    hint = f"; did you mean H:{near}?" if near else ""
    return f"the hub has no {KINDS[kind]} {name!r}, or it is private (log in: hf auth login){hint}"


class _Memory:
    """What the hub answered, in its cache folder: names and commits, for times without a network."""

    def __init__(self) -> None:
        from huggingface_hub import constants

        self.file = Path(constants.HF_HOME) / "gft" / "repositories.json"

    def remember(self, repository: Repository, asked: str, revision: str | None) -> None:
        known = self._read()
        known[self._key(repository.kind, asked, revision)] = asdict(repository)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            beside = self.file.with_suffix(".partial")
            beside.write_text(json.dumps(known), encoding="utf-8")
            beside.replace(self.file)
        except OSError:
            return  # a cache that cannot be written is only slower

    def recall(self, kind: str, name: str, revision: str | None, why: str) -> Repository:
        known = self._read()
        found = known.get(self._key(kind, name, revision))
        if found:
            return Repository(**found)
        cached = sorted(one["name"] for one in known.values() if one["kind"] == kind)
        raise GftError(
            f"{why}, and {KINDS[kind]} {name!r} is not in the cache; "
            f"there: {listed(dict.fromkeys(cached), 8)}"
        )

    def _read(self) -> dict[str, Any]:
        try:
            known: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known

    @staticmethod
    def _key(kind: str, name: str, revision: str | None) -> str:
        return f"{kind} {name}@{revision or 'main'}"
