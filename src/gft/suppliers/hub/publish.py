"""Files that go to the hub: a repository, and one commit with all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gft.language.program import Options
from gft.suppliers.hub.errors import (
    PERHAPS_PUSHED,
    PUSHED,
    asked,
    explained,
    explained_push,
    unknown,
)
from gft.suppliers.options import Downloading

MESSAGE = "Pushed with gft"


def visibility(name: str, options: Options) -> str | None:
    """Return `public` or `private` for a repository of ours that is there, None if there is none.

    Raises `GftError`.
    """
    api = _api(options)
    try:
        info = asked(lambda: api.model_info(name))
    except Exception as problem:
        if unknown(problem):
            return None
        explanation = explained(problem, "model", name, PUSHED)
        if explanation is None:
            raise
        raise explanation from problem
    return "private" if info.private else "public"


def publish(
    name: str,
    files: Mapping[str, bytes | Path],
    ours: Callable[[str], bool],
    private: bool,
    options: Options,
) -> str:
    """Put files into a repository, which is made if need be; return its address.

    They are one commit, so that nobody finds half of it. Those of an earlier push (`ours`) that are
    not among them are removed. Raises `GftError`.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    api, left = _api(options), PUSHED
    try:
        made = api.create_repo(name, private=private, exist_ok=True)
        full = made.repo_id
        there = {one.rfilename for one in api.model_info(full).siblings or ()}
        additions = [
            CommitOperationAdd(path, content if isinstance(content, bytes) else str(content))
            for path, content in files.items()
        ]
        deletions = [
            CommitOperationDelete(path) for path in sorted(there - files.keys()) if ours(path)
        ]
        api.preupload_lfs_files(full, additions)
        left = PERHAPS_PUSHED
        api.create_commit(full, [*additions, *deletions], commit_message=MESSAGE)
    except Exception as problem:
        explanation = explained_push(problem, name, left)
        if explanation is None:
            raise
        raise explanation from problem
    return str(made)


def _api(options: Options) -> Any:
    from huggingface_hub import HfApi

    return HfApi(token=options.of(Downloading).hub_token)
