"""The hub's lists: `/api/models` and `/api/datasets` with their filters, in pages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from hub.server import Repo

LARGEST_PAGE = 1000
ALWAYS = {"models": ("_id", "id", "modelId"), "datasets": ("_id", "id")}
USUAL = {
    "models": ("likes", "private", "downloads", "tags", "pipeline_tag", "library_name"),
    "datasets": ("author", "sha", "gated", "likes", "private", "downloads", "tags"),
}
"""What a list says of each repository unless `expand` names fields, or `full` asks for all."""


def row_of(name: str, repo: Repo) -> dict[str, Any]:
    """Return everything that a list can say of a repository."""
    return {
        "_id": f"{abs(hash(name)):024x}"[:24],
        "id": name,
        "modelId": name,
        "author": name.partition("/")[0],
        "sha": repo.commit("main"),
        "private": False,
        "gated": repo.gated,
        "downloads": repo.downloads,
        "likes": repo.likes,
        "tags": list(repo.tags),
        "pipeline_tag": repo.pipeline_tag,
        "library_name": "transformers",
        "cardData": repo.card or None,
        "siblings": [{"rfilename": file} for file in repo.files("main")],
    }


def listed(
    kind: str, repos: dict[str, Repo], query: dict[str, list[str]], address: str
) -> tuple[int, Any, dict[str, str]]:
    """Return status, body and headers of a list's page; the next page is in the `Link` header."""
    fields = query.get("expand", []) + query.get("expand[]", [])
    known = row_of("some/name", next(iter(repos.values()))) if repos else {}
    strange = [field for field in fields if field not in known]
    if strange and repos:
        return 400, {"error": f'Invalid option "expand": {strange[0]}'}, {}
    found = [(name, repo) for name, repo in repos.items() if _fits(name, repo, query)]
    order = query.get("sort", [""])[0]
    if order in ("downloads", "likes"):
        found.sort(key=lambda one: -int(getattr(one[1], order)))
    if order not in ("", "downloads", "likes", "createdAt", "lastModified", "trendingScore"):
        return 400, {"error": f'Invalid option "sort": {order}'}, {}
    start = int(base64.b64decode(query["cursor"][0])) if "cursor" in query else 0
    limit = min(int(query.get("limit", [str(LARGEST_PAGE)])[0]), LARGEST_PAGE)
    wanted = (*ALWAYS[kind], *(fields or USUAL[kind]))
    rows = [row_of(name, repo) for name, repo in found[start : start + limit]]
    if "full" not in query:
        rows = [{field: row[field] for field in wanted if row[field] is not None} for row in rows]
    headers = {}
    if start + limit < len(found):
        cursor = base64.b64encode(str(start + limit).encode()).decode()
        ask = urlencode({**query, "cursor": cursor}, doseq=True)
        headers["Link"] = f'<{address}?{ask}>; rel="next"'
    return 200, rows, headers


def _fits(name: str, repo: Repo, query: dict[str, list[str]]) -> bool:
    """Say whether a repository has every word in its name, every tag, and the rest."""
    words = " ".join(query.get("search", [])).lower().split()
    tags = [tag for text in query.get("filter", []) for tag in text.split(",")]
    of_task = query.get("pipeline_tag", [repo.pipeline_tag])[0]
    author = query.get("author", [name.partition("/")[0]])[0]
    return (
        all(word in name.lower() for word in words)
        and all(tag in (*repo.tags, repo.pipeline_tag) for tag in tags)
        and of_task == repo.pipeline_tag
        and author == name.partition("/")[0]
    )
