"""A function of a library's that ours stands in for, while and where somebody asks for it.

What a library looks up by name is one for all threads: two that replaced it in turn would leave
it replaced. So what stands there meanwhile asks on whose behalf it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any

Function = Callable[..., Any]


class Replacement:
    """Ours in the place of a library's function; `read` returns what is there, `write` sets it."""

    def __init__(
        self, ours: Function, read: Callable[[], Function], write: Callable[[Function], object]
    ) -> None:
        self._ours, self._read, self._write = ours, read, write
        self._asked = ContextVar("asked", default=False)
        self._lock = Lock()
        self._contexts = 0
        self._library: Function = ours

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let ours be called within; other threads call the library's unless they enter too."""
        with self._lock:
            if not self._contexts:
                self._library = self._read()
                self._write(self._call)
            self._contexts += 1
        token = self._asked.set(True)
        try:
            yield
        finally:
            self._asked.reset(token)
            with self._lock:
                self._contexts -= 1
                if not self._contexts:
                    self._write(self._library)

    def is_installed(self) -> bool:
        """Say whether ours is called here and now."""
        return self._asked.get()

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        return (self._ours if self._asked.get() else self._library)(*args, **kwargs)
