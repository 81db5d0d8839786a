"""A hub on loopback with the answers of the real one.

Redirects of renamed repositories, refusals, listings in pages, trees, branches, and files: small
ones directly, large ones by a redirect to another address, in ranges if asked.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub import pushes
from hub.listing import listed


@dataclass
class Repo:
    """Files of each revision, by path; the rest as the hub has it."""

    revisions: dict[str, dict[str, bytes]]
    card: dict[str, Any] = field(default_factory=dict)
    gated: bool = False
    downloads: int = 7
    likes: int = 3
    tags: tuple[str, ...] = ("small",)
    pipeline_tag: str | None = None
    private: bool = False

    def commit(self, revision: str) -> str | None:
        for name in self.revisions:
            commit = hashlib.sha1(name.encode()).hexdigest()
            if revision in (name, commit):
                return commit
        return None

    def files(self, revision: str) -> dict[str, bytes]:
        for name, files in self.revisions.items():
            if revision in (name, hashlib.sha1(name.encode()).hexdigest()):
                return files
        raise KeyError(revision)


LARGE = (".safetensors", ".bin", ".parquet", ".arrow")
WEIGHTS = (".safetensors", ".bin")


def read_from(files: dict[str, bytes]) -> dict[str, Any]:
    """Return what the hub reads from the header of safetensors: the number of parameters."""
    data = files.get("model.safetensors")
    if data is None:
        return {}
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    counts: dict[str, int] = {}
    for name, weight in header.items():
        if name != "__metadata__":
            size = math.prod(weight["shape"])
            counts[weight["dtype"]] = counts.get(weight["dtype"], 0) + size
    return {"safetensors": {"parameters": counts, "total": sum(counts.values())}}


class Hub:
    """`requests` are the paths that were asked for; `failing` statuses to answer with next.

    `pages` are other files by their path, such as those of a space; `altered` what becomes of the
    bytes of a file on their way, by its name; `uploaded` are large files that were pushed, by their
    SHA-256, and `tokens` what came with requests of a push; `stands_for` may answer in its
    place: it is asked with each path, and returns status and body, or None.
    """

    def __init__(self) -> None:
        self.repos: dict[str, dict[str, Repo]] = {"models": {}, "datasets": {}}
        self.aliases: dict[str, dict[str, str]] = {"models": {}, "datasets": {}}
        self.requests: list[str] = []
        self.failing: list[int] = []
        self.blobs: dict[str, bytes] = {}
        self.uploaded: dict[str, bytes] = {}
        self.tokens: list[str | None] = []
        self.pages: dict[str, bytes] = {}
        self.stands_for: Callable[[str], tuple[int, Any] | None] = lambda path: None
        self.seconds_a_byte = 0.0
        self.altered: dict[str, Callable[[bytes], bytes]] = {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None: ...

            def do_GET(self) -> None:
                hub.answer(self)

            do_HEAD = do_POST = do_PUT = do_GET

        # Large files come from another host, as from the real hub; here it is another port.
        self.servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
        self.url, self.cdn = (f"http://127.0.0.1:{one.server_port}" for one in self.servers)
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def weights_requested(self) -> list[str]:
        """Return the requests for weight files, redirected or not."""
        return [path for path in self.requests if path.endswith(WEIGHTS)]

    def close(self) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        address = urlsplit(request.path)
        path = unquote(address.path)
        self.requests.append(path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if self.failing:
            status = self.failing.pop(0)
            if status == 0:  # the line goes dead
                request.close_connection = True
                request.connection.close()
                return
            self.send(request, status, {"error": "Internal Error"})
            return
        instead = self.stands_for(path)
        if instead is not None:
            self.send(request, *instead)
        elif pushes.answered(self, request, path, body):
            pass
        elif path.startswith("/api/"):
            self.api(request, path.removeprefix("/api/"), parse_qs(address.query), body)
        elif path in self.pages:
            self.send(request, 200, self.pages[path])
        elif path.startswith("/cdn/"):
            self.send_blob(request, self.blobs[path])
        else:
            self.resolve(request, path.lstrip("/"))

    def send_blob(self, request: Any, data: bytes, headers: dict[str, str] | None = None) -> None:
        """Answer with a file's bytes, or with the range of them that was asked for."""
        headers = {"Accept-Ranges": "bytes", **(headers or {})}
        name = urlsplit(request.path).path.rpartition("/")[2]
        data = self.altered.get(name, bytes)(data)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range") or "")
        if wanted is None:
            self.send(request, 200, data, headers)
            return
        start = int(wanted[1])
        end = int(wanted[2] or len(data) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
        self.send(request, 206, data[start : end + 1], headers)

    def api(self, request: Any, path: str, query: dict[str, list[str]], body: bytes) -> None:
        kind, _, rest = path.partition("/")
        if kind not in self.repos:
            self.refuse(request, 404, "EntryNotFound")
            return
        if not rest:
            self.search(request, kind, query)
            return
        rest, _, tail = rest.partition("/revision/")
        what = "info"
        for verb in ("tree", "paths-info"):
            if f"/{verb}/" in rest:
                what = verb
                rest, _, tail = rest.partition(f"/{verb}/")
        if rest in self.aliases[kind]:
            new = request.path.replace(f"/{rest}", f"/{self.aliases[kind][rest]}", 1)
            self.send(request, 307, {}, {"Location": new})
            return
        repo = self.repos[kind].get(rest)
        if repo is None:
            self.send(request, 401, {"error": "Invalid username or password."})
            return
        revision, folder = self.split(repo, tail or "main")
        commit = repo.commit(revision)
        if commit is None:
            self.refuse(request, 404, "RevisionNotFound")
            return
        files = repo.files(revision)
        if what == "info":
            siblings = [
                {"rfilename": name, **({"size": len(data)} if "blobs" in query else {})}
                for name, data in files.items()
            ]
            self.send(
                request,
                200,
                {"id": rest, "sha": commit, "siblings": siblings, "tags": [*repo.tags],
                 "likes": repo.likes, "downloads": repo.downloads, "gated": False,
                 "private": repo.private, "cardData": repo.card or None, **read_from(files),
                 **({"pipeline_tag": repo.pipeline_tag} if repo.pipeline_tag else {})},
            )  # fmt: skip
        elif what == "tree":
            listing = self.listing(files, folder, "recursive" in query)
            self.send(request, 200, listing) if listing else self.refuse(
                request, 404, "EntryNotFound"
            )
        else:
            wanted = parse_qs(body.decode()).get("paths") or json.loads(body or b"{}").get("paths")
            every = self.listing(files, "", True)
            self.send(request, 200, [one for one in every if one["path"] in (wanted or ())])

    def search(self, request: Any, kind: str, query: dict[str, list[str]]) -> None:
        address = f"{self.url}/api/{kind}"
        status, body, headers = listed(kind, self.repos[kind], query, address)
        self.send(request, status, body, headers)

    def split(self, repo: Repo, tail: str) -> tuple[str, str]:
        for name in (*repo.revisions, *(repo.commit(name) or "" for name in repo.revisions)):
            if tail == name or tail.startswith(f"{name}/"):
                return name, tail[len(name) + 1 :]
        revision, _, rest = tail.partition("/")
        return revision, rest

    def listing(self, files: dict[str, bytes], folder: str, deep: bool) -> list[dict[str, Any]]:
        top = f"{folder}/" if folder else ""
        entries: dict[str, dict[str, Any]] = {}
        for name, data in files.items():
            if not name.startswith(top):
                continue
            parts = name[len(top) :].split("/")
            for depth in range(1, len(parts)):
                path = top + "/".join(parts[:depth])
                if deep or depth == 1:
                    entries[path] = {"type": "directory", "path": path, "oid": "0" * 40, "size": 0}
            if deep or len(parts) == 1:
                oid = hashlib.sha1(data).hexdigest()
                entries[name] = {"type": "file", "path": name, "oid": oid, "size": len(data)}
        return list(entries.values())

    def resolve(self, request: Any, path: str) -> None:
        kind = "datasets" if path.startswith("datasets/") else "models"
        name, _, rest = path.removeprefix("datasets/").partition("/resolve/")
        if name in self.aliases[kind]:
            new = request.path.replace(f"/{name}/", f"/{self.aliases[kind][name]}/", 1)
            self.send(request, 307, {}, {"Location": new})
            return
        repo = self.repos[kind].get(name)
        if repo is None:
            self.refuse(request, 404, "RepoNotFound")
            return
        revision, file = self.split(repo, rest)
        commit = repo.commit(revision)
        if commit is None:
            self.refuse(request, 404, "RevisionNotFound")
            return
        if repo.gated:
            self.refuse(request, 401, "GatedRepo")
            return
        data = repo.files(revision).get(file)
        if data is None:
            self.refuse(request, 404, "EntryNotFound", {"X-Repo-Commit": commit})
            return
        digest = hashlib.sha256(data).hexdigest()
        if not file.endswith(LARGE):
            git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            headers = {"ETag": f'"{git}"', "X-Repo-Commit": commit}
            self.send_blob(request, data, headers)
            return
        place = f"/cdn/{digest}/{file.rpartition('/')[2]}"
        self.blobs[place] = data
        self.send(
            request,
            302,
            {},
            {
                "Location": f"{self.cdn}{place}",
                "X-Repo-Commit": commit,
                "X-Linked-Etag": f'"{digest}"',
                "X-Linked-Size": str(len(data)),
            },
        )

    def refuse(
        self, request: Any, status: int, code: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send(request, status, {"error": code}, {"X-Error-Code": code, **(headers or {})})

    def send(
        self, request: Any, status: int, body: Any, headers: dict[str, str] | None = None
    ) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.send_response(status)
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        if data.startswith(b"<!doctype"):
            request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        if request.command != "HEAD":
            for byte in data if self.seconds_a_byte else ():
                try:
                    request.wfile.write(bytes([byte]))
                except OSError:
                    return
                time.sleep(self.seconds_a_byte)
            if not self.seconds_a_byte:
                request.wfile.write(data)
