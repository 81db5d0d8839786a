"""What the server counts, in the text format of Prometheus."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
TEXT = "text/plain; version=0.0.4; charset=utf-8"
_PAGE = 4096


class Histogram:
    """The number of values up to each of some limits."""

    def __init__(self, name: str, about: str, limits: Sequence[float]) -> None:
        self.name, self.about, self.limits = name, about, limits
        self.counts = [0] * (len(limits) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.limits, value)] += 1
        self.sum += value

    def lines(self) -> Iterator[str]:
        """Yield what Prometheus reads."""
        yield from _head(self.name, self.about, "histogram")
        total = 0
        for limit, count in zip((*map("{:g}".format, self.limits), "+Inf"), self.counts,
                                strict=True):  # fmt: skip
            total += count
            yield f'{self.name}_bucket{{le="{limit}"}} {total}'
        yield f"{self.name}_sum {self.sum:.9g}"
        yield f"{self.name}_count {total}"


class Counters:
    """What happened since the server started; safe to use from several threads.

    The counters of the `models` begin at 0, so that the first scrape has them already.
    """

    def __init__(self, models: Iterable[str] = ()) -> None:
        self._lock = Lock()
        self._requests: dict[tuple[str, int], int] = defaultdict(int)
        zeros = dict.fromkeys(models, 0)
        self._rows: dict[str, int] = defaultdict(int, zeros)
        self._truncated: dict[str, int] = defaultdict(int, zeros)
        self._taken_over: dict[str, int] = defaultdict(int, zeros)
        self._seconds = Histogram(
            "gft_request_seconds", "How long requests to predict took to be answered.", SECONDS
        )
        self._batches = Histogram("gft_batch_rows", "Rows that were predicted together.", ROWS)

    def request(self, model: str, status: int, seconds: float | None) -> None:
        """Count an answer; `model` is the name of a model, or empty."""
        with self._lock:
            self._requests[model, status] += 1
            if seconds is not None:
                self._seconds.add(seconds)

    def batch(self, model: str, rows: int, truncated: int) -> None:
        """Count rows that were predicted together, of which some were truncated."""
        with self._lock:
            self._rows[model] += rows
            self._truncated[model] += truncated
            self._batches.add(rows)

    def taken_over(self, model: str) -> None:
        """Count a model whose folder was fitted anew."""
        with self._lock:
            self._taken_over[model] += 1

    def text(self, waiting: int) -> str:
        """Return all metrics in Prometheus's format; `waiting` is the number of waiting rows."""
        with self._lock:
            lines = [
                *_head("gft_requests_total", "Requests that were answered.", "counter"),
                *(f'gft_requests_total{{model="{model}",status="{status}"}} {count}'
                  for (model, status), count in sorted(self._requests.items())),
                *_of_models("gft_rows_total", "Rows that were predicted.", self._rows),
                *_of_models("gft_truncated_rows_total", "Rows that were too long.",
                            self._truncated),
                *_of_models("gft_models_taken_over_total", "Models that were fitted anew.",
                            self._taken_over),
                *self._seconds.lines(),
                *self._batches.lines(),
                *_head("gft_waiting_rows", "Rows that wait to be predicted.", "gauge"),
                f"gft_waiting_rows {waiting}",
            ]  # fmt: skip
        memory = _resident_bytes()
        if memory is not None:
            name = "process_resident_memory_bytes"
            lines += [*_head(name, "Memory of the server.", "gauge"), f"{name} {memory}"]
        return "\n".join(lines) + "\n"


def _head(name: str, about: str, metric_type: str) -> list[str]:
    return [f"# HELP {name} {about}", f"# TYPE {name} {metric_type}"]


def _of_models(name: str, about: str, counts: dict[str, int]) -> list[str]:
    found = [f'{name}{{model="{model}"}} {count}' for model, count in sorted(counts.items())]
    return [*_head(name, about, "counter"), *found]


def _resident_bytes() -> int | None:
    """Return the resident memory of this process, None where the system does not say."""
    if sys.platform == "linux":
        with suppress(OSError, ValueError, IndexError):
            return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    return None
