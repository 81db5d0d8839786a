"""`C:FILE.py`: a metric of the user's own, in a function `compute(predictions, references)`."""

from __future__ import annotations

import runpy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from gft.errors import UserError, listed
from gft.metrics.protocol import Array, Measurable, Measure, Scored
from gft.storage.paths import expanded

FUNCTION = "compute"
QUICK_SECONDS = 0.005
"""A slower function gets no interval: that would be drawn from a thousand samples of the rows."""
SLOW_CALLS = 3
"""One after the other: a single one may have waited for the processor."""


@dataclass(frozen=True)
class Custom:
    """Metrics of a function that sees predictions and gold values as gft_predict writes them.

    `spec` is how the user names it.

    Labels come as text, or as whole numbers when all of them are; numbers as numbers, lists of
    them for several outputs; multi-label classes, and the tags of its words, as lists. Of a
    sample of the rows it sees each row as often as it was drawn. More is better, unless
    `--better_figure_of_merit -1` says less.
    """

    spec: str
    compute: Callable[..., Any]
    measured: Measurable
    by_number: bool = False
    """Whether labels are handed over as their numbers, as the library evaluate wants them."""

    @property
    def name(self) -> str:
        """The name of the file, or of the metric."""
        return Path(self.spec.partition(":")[2]).stem

    @property
    def target(self) -> str:
        """The target type of the task that it was asked for."""
        return self.measured.name

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the measures that the function gives of an example in which all is right."""
        values = self._handed(self.measured.specimens(len(names)), names)
        return tuple(Measure(name) for name in self._called(values, values))

    def rows(self, scored: Scored) -> Array:
        """Return prediction and gold value of each row, objects of shape (n, 2)."""
        pairs = np.empty((len(scored), 2), dtype=object)
        for column, values in enumerate((scored.prediction, scored.gold)):
            for row, value in enumerate(self._handed(values, scored.names)):
                pairs[row, column] = value
        return pairs

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the function's values of each sample; NaN after the first if it is slow."""
        found: list[list[float]] = []
        slow = 0
        for weight in weights:
            started = time.perf_counter()
            drawn = np.repeat(np.arange(len(statistics)), weight.astype(np.int64))
            found.append(list(self._called(*statistics[drawn].T.tolist()).values()))
            slow = slow + 1 if time.perf_counter() - started > QUICK_SECONDS else 0
            if slow == SLOW_CALLS:
                found = found[:1]
                break
        values = np.full((len(found[0]), len(weights)), np.nan)
        values[:, : len(found)] = np.array(found, dtype=np.float64).T
        return values

    def _called(self, predictions: list[Any], references: list[Any]) -> dict[str, float]:
        """Return what the function says. Raises `UserError` when it fails or gives no numbers."""
        try:
            found = self.compute(predictions=predictions, references=references)
        except Exception as problem:
            line = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
            raise UserError(f"--metric {self.spec}: {FUNCTION} fails: {line}") from problem
        if isinstance(found, dict) and found and all(_is_number(one) for one in found.values()):
            return {str(name): float(value) for name, value in found.items()}
        raise UserError(
            f"--metric {self.spec}: {FUNCTION} has to return a dict of numbers by name, "
            f"not {found!r:.80}"
        )

    def _handed(self, values: Sequence[Any], names: tuple[str, ...]) -> list[Any]:
        """Return predictions or gold values as the function sees them."""
        whole = all(name.removeprefix("-").isdecimal() for name in names)

        def label(number: int) -> str | int:
            if self.by_number:
                return number
            return int(names[number]) if whole else names[number]

        return [self.measured.handed(value, label) for value in values]


def of_evaluate(name: str, config: str | None, measured: Measurable) -> Custom:
    """Return a metric of the library evaluate, whose code is downloaded and run.

    Raises `UserError` when it is not installed, or has no such metric.
    """
    try:
        import evaluate
    except ImportError as problem:
        raise UserError(
            f"metric H:{name} is not built in, and the library evaluate, which may have it, is not "
            "installed: pip install 'gft[evaluate]'"
        ) from problem
    try:
        loaded = evaluate.load(name, config) if config else evaluate.load(name)
    except Exception as problem:
        line = " ".join(f"{problem}".split())[:200] or type(problem).__name__
        raise UserError(f"metric H:{name}: evaluate cannot load it: {line}") from problem
    spec = f"H:{name}" + (f",{config}" if config else "")
    return Custom(spec, loaded.compute, measured, by_number=True)


def read_custom(path: str, measured: Measurable) -> Custom:
    """Return the metric in a Python file of the user's own, which is run. Raises `UserError`."""
    file = expanded(path)
    if not file.is_file():
        raise UserError(f"--metric C:{path}: no file {file}; expected Python with {_EXPECTED}")
    try:
        names = runpy.run_path(str(file))
    except Exception as problem:
        line = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
        raise UserError(f"--metric C:{path} cannot be run: {line}") from problem
    compute = names.get(FUNCTION)
    if not callable(compute):
        functions = [name for name, value in names.items() if _is_function(name, value)]
        raise UserError(f"--metric C:{path} has no {_EXPECTED}; it has {listed(functions, 6)}")
    return Custom(f"C:{path}", compute, measured)


_EXPECTED = f"{FUNCTION}(predictions, references)"


def _is_function(name: str, value: Any) -> bool:
    return callable(value) and not name.startswith("_")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real | np.number) and not isinstance(value, bool)
