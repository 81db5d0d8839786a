"""A library's function that is replaced by gft's, only in the contexts that request it.

A function that a library looks up by name is shared by all threads: two that replaced it in turn
would leave it replaced. So the replacement checks in which context it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any

Function = Callable[..., Any]


class Replacement:
    """gft's function instead of a library's; `read` returns the current one, `write` sets it."""

    def __init__(
        self, ours: Function, read: Callable[[], Function], write: Callable[[Function], object]
    ) -> None:
        self._ours, self._read, self._write = ours, read, write
        self._requested = ContextVar("requested", default=False)
        self._lock = Lock()
        self._contexts = 0
        self._library: Function = ours

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Call gft's function within; other threads call the library's unless they enter too."""
        with self._lock:
            if not self._contexts:
                self._library = self._read()
                self._write(self._call)
            self._contexts += 1
        token = self._requested.set(True)
        try:
            yield
        finally:
            self._requested.reset(token)
            with self._lock:
                self._contexts -= 1
                if not self._contexts:
                    self._write(self._library)

    def is_installed(self) -> bool:
        """Say whether gft's function is called in this context."""
        return self._requested.get()

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        return (self._ours if self._requested.get() else self._library)(*args, **kwargs)
