"""The server: connections with time limits, and a shutdown that loses no request."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
from asyncio import TimerHandle
from contextlib import suppress
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from gft.functions.row_formats import as_json

if TYPE_CHECKING:
    from gft.serving.app import Service

HEADER_SECONDS = 10.0
"""The time limit for the headers of a request to arrive."""
MOST_CONNECTIONS = 512
FAREWELL_SECONDS = 0.3
"""How long idle connections are still read at shutdown."""
_REASONS = {400: b"Bad Request", 408: b"Request Timeout", 503: b"Service Unavailable"}


class Connection(H11Protocol):
    """A connection whose requests must arrive in time, and whose errors are JSON."""

    seconds = 30.0
    """The time limit for a whole request to arrive."""
    _arriving: TimerHandle | None = None
    _leaving: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer, or refuse: there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._answer(503, "too many connections; retry in 1 second", b"1")
            return
        self._expect(min(HEADER_SECONDS, self.seconds))

    def data_received(self, data: bytes) -> None:
        """Take some bytes; the time for a request counts from its first one to its last one."""
        if self.transport.is_closing():
            return
        before = self.cycle
        super().data_received(data)
        if self.transport.is_closing() or self.conn.their_state in (h11.DONE, h11.MUST_CLOSE):
            self._expect(None)
        elif self.conn.their_state is h11.IDLE:
            if self._arriving is None:
                self._expect(min(HEADER_SECONDS, self.seconds))
        elif self.cycle is not before or self._arriving is None:
            self._expect(self.seconds)

    def pause_writing(self) -> None:
        """Wait for a client that does not read its answer, up to the time limit."""
        super().pause_writing()
        self._leaving = self._leaving or self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Continue: the client reads its answer."""
        super().resume_writing()
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._expect(None)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer data that is not a request."""
        self._answer(400, "this is not an HTTP/1.1 request, or its headers are too long")

    def _expect(self, seconds: float | None) -> None:
        """Close the connection after some seconds unless its request arrives; None: it has."""
        if self._arriving is not None:
            self._arriving.cancel()
        self._arriving = None
        if seconds is not None:
            self._arriving = self.loop.call_later(seconds, self._too_late)

    def _too_late(self) -> None:
        """Close a connection whose request did not arrive."""
        self._arriving = None
        if self.transport.is_closing():
            return
        if self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
            self._answer(408, "the request did not arrive in time")
        elif self.conn.our_state is not h11.SEND_RESPONSE:  # Else the application answers.
            self.transport.close()

    def _answer(self, status: int, message: str, retry: bytes = b"") -> None:
        """Answer instead of the application, and close the connection."""
        body = (as_json({"error": message}) + "\n").encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            *([(b"retry-after", retry)] if retry else []),
        ]
        events = (
            h11.Response(status_code=status, headers=headers, reason=_REASONS[status]),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )
        with suppress(h11.LocalProtocolError):  # An answer may be under way.
            self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()


class Farewell(uvicorn.Server):
    """A server that announces `Connection: close` to its clients before it stops."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer the requests that have begun, and stop."""
        self.service.course.stopping = True
        await asyncio.sleep(0)  # Connections that are there already are accepted.
        for server in self.servers:
            server.close()
        await asyncio.sleep(FAREWELL_SECONDS)
        await super().shutdown(sockets)
        self.service.close()


def server_of(service: Service) -> Farewell:
    """Return a server of the models; `run(sockets=[...])` runs it until a signal stops it."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # What matters is said by gft.
    seconds = service.limits.seconds
    connection_type = type("Connection", (Connection,), {"seconds": seconds})
    return Farewell(
        uvicorn.Config(
            service.app(),
            loop="asyncio",
            http=connection_type,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=math.ceil(seconds) + 1,
        ),
        service,
    )
