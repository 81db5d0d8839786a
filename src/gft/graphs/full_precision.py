"""Rows close to a tie: a graph in lower precision has the one in fp32 compute them again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from gft.graphs.runtimes import Runtime


class FullPrecision:
    """The graph in fp32 for rows with a margin of less than `margin`, opened for the first one."""

    def __init__(self, margin: float, open_runtime: Callable[[], Runtime]) -> None:
        self.margin = margin
        self._open = open_runtime
        self._runtime: Runtime | None = None
        self._lock = Lock()

    def opened(self) -> Runtime:
        """Return the graph in fp32, ready. Raises what opening a runtime raises."""
        with self._lock:
            if self._runtime is None:
                self._runtime = self._open()
            return self._runtime
