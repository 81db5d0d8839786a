"""A time limit without progress: a hub that sends a byte a second would never end.

The client gives up where nothing comes for some seconds; it waits for ever where something does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

SECONDS = 20.0
"""How long an answer may come slower than that."""
LEAST = 1000.0
"""Bytes a second."""


@cache
def watch_downloads() -> None:
    """Have the hub's client end answers that come too slowly, as it ends those that do not come."""
    from huggingface_hub import set_client_factory
    from huggingface_hub.utils import _http

    def watched() -> Any:
        client = _http.default_client_factory()
        hooks = client.event_hooks
        client.event_hooks = {**hooks, "response": [*hooks.get("response", []), _watch]}
        return client

    set_client_factory(watched)


def _watch(response: Any) -> None:
    library: Any = import_module(type(response).__module__.partition(".")[0])
    inner = response.stream

    class Watched(library.SyncByteStream):  # type: ignore[misc]
        """The bytes of an answer, as long as they come."""

        def __iter__(self) -> Iterator[bytes]:
            waited = came = 0.0
            parts = iter(inner)
            while True:
                started = time.monotonic()
                part = next(parts, None)
                if part is None:
                    return
                waited += time.monotonic() - started
                came += len(part)
                if waited >= SECONDS:
                    if came < LEAST * waited:
                        message = f"only {came:.0f} bytes came in {waited:.0f} s"
                        raise library.ReadTimeout(message, request=response.request)
                    waited = came = 0.0
                yield part

        def close(self) -> None:
            inner.close()

    response.stream = Watched()
