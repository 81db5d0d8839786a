"""Searches of a hub: models and data sets by a part of their names or by tags."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gft.errors import UserError
from gft.language.options import Shared
from gft.language.program import Options
from gft.suppliers.hub.errors import NoAnswer, asked, explained_search
from gft.suppliers.hub.slow import watch_downloads
from gft.suppliers.options import Downloading
from gft.suppliers.protocol import Found, Search
from gft.suppliers.quiet import quieten

PAGE = 1000
"""The most rows that the hub gives at once."""
PIPELINE_TAGS = Path(__file__).with_name("pipeline_tags.json")
"""The tasks as the hub tags models with them (huggingface.co/tasks)."""
ASKED_FOR = ("downloads", "likes", "tags")
"""What the hub is asked to say of each; without such a list it says much more."""


def search_hub(search: Search, options: Options) -> tuple[list[Found], bool]:
    """Return what a search finds, most downloads first, and whether there is more.

    One request for a page of a thousand and, for other names of the same data set, one more each.
    Raises `GftError` when the hub cannot be asked.
    """
    quieten(options.of(Shared).debug, "huggingface_hub")
    watch_downloads()
    lists = [_listed(search, tag, options) for tag in search.any_of or (None,)]
    found = {row.name: row for rows, _ in lists for row in rows}
    ranked = sorted(found.values(), key=lambda row: -(row.downloads or 0))
    return ranked[: search.most], any(more for _, more in lists) or len(ranked) > search.most


def _listed(search: Search, tag: str | None, options: Options) -> tuple[list[Found], bool]:
    """Return the first rows of one list of the hub, and whether it goes on."""
    from huggingface_hub import constants

    fields = [*ASKED_FOR, *(["pipeline_tag"] if search.kind == "model" else [])]
    params: dict[str, Any] = {
        "search": search.part or None,
        "filter": tag,
        "sort": "downloads",
        "limit": min(search.most, PAGE),
        "expand": fields[:1] if search.only_names else fields,
    }
    params = {name: value for name, value in params.items() if value is not None}
    address: str | None = f"{constants.ENDPOINT}/api/{search.kind}s"
    rows: list[Found] = []
    while address and len(rows) < search.most:
        page, address = _page(address, params, search, options)
        params = {}  # The address of a following page has them.
        rows += map(_found, page)
    return rows[: search.most], address is not None or len(rows) > search.most


def _page(
    address: str, params: Mapping[str, Any], search: Search, options: Options
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of a list, and the address of the next.

    The client's own lists would try an absent network for half a minute before they say so.
    """
    from huggingface_hub import constants, utils

    hub: Any = utils

    def ask() -> Any:
        answer = hub.get_session().get(
            address,
            params=params or None,
            headers=hub.build_hf_headers(token=options.of(Downloading).hub_token),
            timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
        )
        hub.hf_raise_for_status(answer)
        return answer

    try:
        answer = asked(ask)
        page = answer.json()
        rows = page if isinstance(page, list) else [page]
        if not all(isinstance(row, dict) and "id" in row for row in rows):
            raise NoAnswer
    except Exception as problem:
        explanation = explained_search(problem, search.kind)
        if explanation is None:
            raise
        raise explanation from problem
    return rows, answer.links.get("next", {}).get("url")


def _found(row: Mapping[str, Any]) -> Found:
    return Found(
        str(row["id"]),
        row.get("downloads"),
        row.get("likes"),
        tuple(row.get("tags") or ()),
        row.get("pipeline_tag"),
    )


def pipeline_tags(spellings: Sequence[str]) -> tuple[str, ...]:
    """Return the hub's tags among spellings of a task: the first alone, if it is one.

    Raises `UserError` if none is.
    """
    hyphenated = [one.lower().replace("_", "-") for one in spellings]
    known = json.loads(PIPELINE_TAGS.read_text(encoding="utf-8"))
    tags = tuple(dict.fromkeys(one for one in hyphenated if one in known))
    if not tags:
        raise UserError(
            f"the hub has no tag for {spellings[0]}, so its models cannot be listed; "
            "--model H:__contains__WORD searches by name"
        )
    return tags[:1] if tags[0] == hyphenated[0] else tags
