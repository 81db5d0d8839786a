"""The server: connections that have to be quick, and an end that loses no request."""

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
"""How long the headers of a request may take to arrive."""
MOST_CONNECTIONS = 512
FAREWELL_SECONDS = 0.3
"""How long connections that wait for their next request are still listened to at the end."""
_REASONS = {400: b"Bad Request", 408: b"Request Timeout", 503: b"Service Unavailable"}


class Connection(H11Protocol):
    """A connection whose requests have to arrive in time, and whose errors are JSON."""

    seconds = 30.0
    """How long a request may take to arrive as a whole."""
    _arriving: TimerHandle | None = None
    _leaving: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to count the time, or say that there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._answer(503, "too many connections; come again in 1 second", b"1")
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
        """Wait for whoever does not read the answer, and at last no longer."""
        super().pause_writing()
        self._leaving = self._leaving or self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the answer is read."""
        super().resume_writing()
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Count no more."""
        self._expect(None)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request."""
        self._answer(400, "this is no request of HTTP/1.1, or its headers are too long")

    def _expect(self, seconds: float | None) -> None:
        """End the connection after so many seconds, unless its request arrived; None: it did."""
        if self._arriving is not None:
            self._arriving.cancel()
        self._arriving = None
        if seconds is not None:
            self._arriving = self.loop.call_later(seconds, self._too_late)

    def _too_late(self) -> None:
        """End a connection whose request did not arrive."""
        self._arriving = None
        if self.transport.is_closing():
            return
        if self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
            self._answer(408, "the request did not arrive in time")
        elif self.conn.our_state is not h11.SEND_RESPONSE:  # Else the application answers.
            self.transport.close()

    def _answer(self, status: int, message: str, retry: bytes = b"") -> None:
        """Answer in the place of the application, and close the connection."""
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
    """A server that first says to every connection that it is the last request, then stops."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer what was begun, and stop."""
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
    kind = type("Connection", (Connection,), {"seconds": seconds})
    return Farewell(
        uvicorn.Config(
            service.app(),
            loop="asyncio",
            http=kind,
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
