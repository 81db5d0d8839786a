"""The limits of a server: of one request, and of all requests at the same time."""

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
"""The number of bodies of the largest size that fit into memory at the same time."""


@dataclass
class Held:
    """The bytes of request bodies that are in memory now, at most `most`."""

    most: int
    bytes: int = 0

    def take(self, count: int) -> None:
        """Reserve bytes. Raises `Refused` if there would be too many."""
        if self.bytes + count > self.most:
            raise Refused(
                503, "too many large requests at once; retry in 1 second", {"Retry-After": "1"}
            )
        self.bytes += count


@dataclass(frozen=True)
class Limits:
    """The limits of a server: rows, bytes and seconds of a request, and waiting rows."""

    rows: int
    bytes: int
    seconds: float
    waiting: int
    held: Held = field(compare=False)

    @contextmanager
    def holding(self) -> Iterator[Body]:
        """Reserve the bytes of a body inside the block, and release them at its end."""
        body = Body(self)
        try:
            yield body
        finally:
            self.held.bytes -= body.counted


class Body:
    """The body of one request, whose bytes are counted as they arrive."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.counted = 0

    async def read(self, request: Request) -> bytes:
        """Return the body of a request. Raises `Refused` (413) as soon as it is too large."""
        size = request.headers.get("content-length", "")
        if size.isascii() and size.isdigit() and int(size[:20]) > self.limits.bytes:
            raise self._too_large(f"{int(size[:20]):,} bytes")
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

    def _too_large(self, size: str) -> Refused:
        most = f"{self.limits.bytes / MEGABYTE:,g} megabytes"
        return Refused(413, f"the body has {size}; expected at most {most}")


def limits_of(options: Options) -> Limits:
    """Return the limits that the arguments set."""
    serving = options.of(Serving)
    most = max(1, round(serving.max_megabytes * MEGABYTE))
    held = Held(BODIES_AT_ONCE * most)
    return Limits(serving.max_rows, most, serving.max_seconds, serving.max_waiting, held)


def content_type(headers: Mapping[str, str]) -> str:
    """Return the type of a body, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()
