"""What the hub answers to whoever pushes: a new repository, uploads of large files, a commit.

As `huggingface_hub` asks for it: `repos/create`, `validate-yaml`, `preupload`, the batches of git
LFS with an upload to another host and its verification, and the commit as lines of JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.server import Hub

REGULAR = (".json", ".md", ".txt", ".jinja")
"""What git holds itself; everything else is a large file."""


def answered(hub: Hub, request: Any, path: str, body: bytes) -> bool:
    """Answer a request of a push; say whether it was one."""
    if request.command == "PUT" and path.startswith("/lfs/"):
        digest = path.rpartition("/")[2]
        assert hashlib.sha256(body).hexdigest() == digest
        hub.uploaded[digest] = body
        hub.send(request, 200, b"")
        return True
    if request.command != "POST":
        return False
    hub.tokens.append(request.headers.get("Authorization"))
    if path == "/api/validate-yaml":
        hub.send(request, 200, {"errors": [], "warnings": []})
    elif path == "/api/repos/create":
        _create(hub, request, json.loads(body))
    elif "/preupload/" in path:
        files = json.loads(body)["files"]
        modes = [{"path": one["path"], "shouldIgnore": False,
                  "uploadMode": "regular" if one["path"].endswith(REGULAR) else "lfs"}
                 for one in files]  # fmt: skip
        hub.send(request, 200, {"files": modes})
    elif path.endswith("/info/lfs/objects/batch"):
        _batch(hub, request, json.loads(body))
    elif path == "/lfs/verify":
        known = json.loads(body)["oid"] in hub.uploaded
        hub.send(request, 200 if known else 404, {})
    elif "/commit/" in path:
        _commit(hub, request, path, body)
    else:
        return False
    return True


def _create(hub: Hub, request: Any, asked: dict[str, Any]) -> None:
    from hub.server import Repo

    name = "/".join(one for one in (asked.get("organization") or "me", asked["name"]) if one)
    url = {"url": f"{hub.url}/{name}", "name": name, "id": "0" * 24}
    if name in hub.repos["models"]:
        error = {"error": "You already created this model repo", **url}
        hub.send(request, 409, error)
        return
    private = asked.get("visibility") == "private" or bool(asked.get("private"))
    hub.repos["models"][name] = Repo({"main": {}}, private=private)
    hub.send(request, 200, url)


def _batch(hub: Hub, request: Any, asked: dict[str, Any]) -> None:
    assert asked["operation"] == "upload" and asked["hash_algo"] == "sha256"
    objects = []
    for one in asked["objects"]:
        actions = {
            "upload": {"href": f"{hub.cdn}/lfs/{one['oid']}", "header": {}},
            "verify": {"href": f"{hub.url}/lfs/verify", "header": {}},
        }
        there = one["oid"] in hub.uploaded
        objects.append({**one, "authenticated": True, **({} if there else {"actions": actions})})
    hub.send(request, 200, {"transfer": "basic", "objects": objects})


def _commit(hub: Hub, request: Any, path: str, body: bytes) -> None:
    name, _, revision = path.removeprefix("/api/models/").partition("/commit/")
    repo = hub.repos["models"][name]
    files = dict(repo.revisions[revision])
    for line in body.decode().splitlines():
        one = json.loads(line)
        value = one["value"]
        if one["key"] == "file":
            assert value["encoding"] == "base64"
            files[value["path"]] = base64.b64decode(value["content"])
        elif one["key"] == "lfsFile":
            assert value["algo"] == "sha256"
            files[value["path"]] = hub.uploaded[value["oid"]]
        elif one["key"] == "deletedFile":
            del files[value["path"]]
        else:
            assert one["key"] == "header" and value["summary"]
    repo.revisions[revision] = files
    commit = repo.commit(revision)
    answer = {
        "success": True,
        "commitOid": commit,
        "commitUrl": f"{hub.url}/{name}/commit/{commit}",
    }
    hub.send(request, 200, answer)
