"""The middleware of every request: who may send it, its time limit, and its line in the log."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gft import notes
from gft.errors import counted
from gft.functions.row_formats import as_json
from gft.serving.access import Access, hosts_text
from gft.serving.refused import Refused
from gft.visible import visible

OPEN = ("/health",)
"""Paths that need no token."""
LONGEST_PATH = 200
ALWAYS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
          "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}  # fmt: skip


@dataclass
class Course:
    """The state of a server: whether it logs requests, shows tracebacks, and is stopping."""

    logs: bool = False
    debug: bool = False
    stopping: bool = False


@dataclass
class Handled:
    """What an endpoint records about a request, for the log and the counters."""

    model: str = ""
    rows: int | None = None
    arrived: bool = False
    status: int = 500
    began: float = field(default_factory=time.monotonic)


def in_json(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer in JSON."""
    return Response(
        as_json(content) + "\n", status, dict(headers or {}), media_type="application/json"
    )


def refusal(problem: Refused) -> Response:
    """Return the answer to a request that is refused."""
    return in_json(problem.status, {"error": problem.message}, problem.headers)


class Guard:
    """Lets only allowed requests reach the application, and answers every request in time."""

    def __init__(self, app: ASGIApp, access: Access, seconds: float, course: Course) -> None:
        self.app = app
        self.access = access
        self.seconds = seconds
        self.course = course

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        handled = Handled()
        scope["state"] = {**scope.get("state", {}), "handled": handled}
        began = False

        async def sending(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                handled.status = message["status"]
                more = {**ALWAYS, **({"Connection": "close"} if self.course.stopping else {})}
                headers = [(name.lower().encode(), text.encode()) for name, text in more.items()]
                message = {**message, "headers": [*message.get("headers", ()), *headers]}
            await send(message)

        try:
            async with asyncio.timeout(self.seconds):
                try:
                    self._check(scope)
                    await self.app(scope, receive, sending)
                except Refused as problem:
                    if began:
                        raise
                    await refusal(problem)(scope, receive, sending)
        except TimeoutError:
            if not began:
                await refusal(_late(handled, self.seconds))(scope, receive, sending)
        except Exception as problem:
            handled.status = 500
            notes.error(f"a request failed: {type(problem).__name__}; --debug shows where")
            if self.course.debug:
                # Where it happened, without its message: that may hold data of a request.
                notes.say(visible("".join(traceback.format_tb(problem.__traceback__))))
            if not began:
                failed = Refused(500, "the server failed; its log says more")
                await refusal(failed)(scope, receive, sending)
        finally:
            if self.course.logs:
                notes.say(_line(scope, handled))

    def _check(self, scope: Scope) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self.access.knows_host(hosts[0].decode("latin-1")):
            raise Refused(
                421,
                f"unknown host; expected the Host header {hosts_text(self.access)}; others "
                "with --allowed_hosts",
            )
        if {b"transfer-encoding", b"content-length"} <= headers.keys():
            # A proxy may go by one of them, and see other requests than this server.
            raise Refused(
                400, "a body has a Content-Length or a Transfer-Encoding, not both",
                {"Connection": "close"},
            )  # fmt: skip
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        given = headers.get(b"authorization", b"").decode("latin-1")
        if path not in OPEN and not self.access.knows_token(given):
            if path == "/" and scope["method"] in ("GET", "HEAD"):
                scope["state"]["locked"] = True  # The page asks for the token itself.
                return
            raise Refused(
                401, "expected a header 'Authorization: Bearer TOKEN' with the server's token",
                {"WWW-Authenticate": "Bearer"},
            )  # fmt: skip


def _late(handled: Handled, seconds: float) -> Refused:
    """Return the answer to a request that took too long to arrive or to be answered."""
    if handled.arrived:
        message = f"the request could not be answered within {seconds:g} seconds; retry"
        return Refused(503, message, {"Retry-After": str(max(1, round(seconds)))})
    message = f"the request did not arrive within {seconds:g} seconds"
    return Refused(408, message, {"Connection": "close"})


def _line(scope: Scope, handled: Handled) -> str:
    """Return a request's line for the log, without its body and query."""
    path = visible(str(scope["path"]).replace("\n", "\\n").replace("\t", "\\t"))[:LONGEST_PATH]
    rows = "" if handled.rows is None else f" {counted(handled.rows, 'row')}"
    seconds = time.monotonic() - handled.began
    return f"{scope['method']} {path} {handled.status}{rows} {seconds * 1000:.0f} ms"
