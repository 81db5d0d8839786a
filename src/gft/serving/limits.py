"""How much a server takes: of one request, and of all that it has at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request

from gft.language.program import Options
from gft.serving.options import Serving
from gft.serving.refused import Refused

MEGABYTE = 1_000_000
BODIES_AT_ONCE = 16
"""Bodies of the largest size that are held at the same time; more requests of smaller ones."""


@dataclass
class Held:
    """How many bytes of bodies are held now, at most `most`."""

    most: int
    bytes: int = 0

    def take(self, count: int) -> None:
        """Hold so many bytes more. Raises `Refused` where there are too many."""
        if self.bytes + count > self.most:
            raise Refused(
                503, "too many large requests at once; come again in 1 second", {"Retry-After": "1"}
            )
        self.bytes += count


@dataclass(frozen=True)
class Limits:
    """The limits of a server: rows and bytes of a request, seconds for it, rows that wait."""

    rows: int
    bytes: int
    seconds: float
    waiting: int
    held: Held = field(compare=False)

    @contextmanager
    def holding(self) -> Iterator[Body]:
        """Hold the bytes of a body within, and let go of them at the end."""
        body = Body(self)
        try:
            yield body
        finally:
            self.held.bytes -= body.counted


class Body:
    """The bytes of one request, as they are counted."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.counted = 0

    async def read(self, request: Request) -> bytes:
        """Return the body of a request. Raises `Refused` (413) as soon as it is too large."""
        told = request.headers.get("content-length", "")
        if told.isascii() and told.isdigit() and int(told[:20]) > self.limits.bytes:
            raise self._too_large(f"{int(told[:20]):,} bytes")
        parts = []
        try:
            async for part in request.stream():
                if self.counted + len(part) > self.limits.bytes:
                    raise self._too_large("more")
                self.limits.held.take(len(part))
                self.counted += len(part)
                parts.append(part)
        except ClientDisconnect:
            raise Refused(400, "the connection was closed before the body had arrived") from None
        return b"".join(parts)

    def _too_large(self, told: str) -> Refused:
        most = f"{self.limits.bytes / MEGABYTE:,g} megabytes"
        return Refused(413, f"the body has {told}; at most {most} are taken")


def limits_of(options: Options) -> Limits:
    """Return the limits that arguments ask for."""
    asked = options.of(Serving)
    most = max(1, round(asked.max_megabytes * MEGABYTE))
    held = Held(BODIES_AT_ONCE * most)
    return Limits(asked.max_rows, most, asked.max_seconds, asked.max_waiting, held)


def content_type(headers: Mapping[str, str]) -> str:
    """Return the type of a body, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()
