"""A server of files on loopback, with what goes wrong on the way to real ones."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Mirror:
    """`files` by path; `asked` are the requests with their ranges.

    The next answers break off after as many bytes as `cuts` says, or are the `statuses`; `pause`
    is in seconds, before the body. Without `ranges` every answer is the whole file.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.cuts: list[int] = []
        self.statuses: list[int] = []
        self.pause = 0.0
        self.ranges = True
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None: ...

            def do_GET(self) -> None:
                mirror.answer(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def put(self, path: str, data: bytes) -> str:
        """Serve a file; return its address."""
        self.files[path] = data
        return f"{self.url}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.asked.append((request.path, wanted))
        data = self.files.get(request.path)
        status = self.statuses.pop(0) if self.statuses else 200 if data is not None else 404
        if status != 200 or data is None:
            self.send(request, status, b"no", {})
            return
        headers = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"'}
        same = request.headers.get("If-Range") in (None, headers["ETag"])
        start = int(re.sub(r"\D", "", wanted)) if wanted and self.ranges and same else 0
        if start >= len(data) and start:
            self.send(request, 416, b"", {"Content-Range": f"bytes */{len(data)}"})
        elif start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            self.send(request, 206, data[start:], headers)
        else:
            self.send(request, 200, data, headers)

    def send(
        self, request: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str]
    ) -> None:
        request.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            request.send_header(name, value)
        request.end_headers()
        time.sleep(self.pause)
        if status in (200, 206) and self.cuts:
            request.wfile.write(data[: self.cuts.pop(0)])
            request.close_connection = True
        else:
            request.wfile.write(data)
