"""What predicts the rows of a pipe: what starts soonest, then what is the fastest for many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gft import processes
from gft.functions.input_rows import InputRows
from gft.language.program import Options
from gft.model.opened import Opened
from gft.model.predictors import make_predictor, runtime_for

if TYPE_CHECKING:
    from gft.engine.inference import Predicting

SHORT = 1
"""What a pipe counts as at first, as it does not tell its length: somebody may be waiting."""
LONG = 128
"""After so many rows, and whenever it has had twice as many, it counts as what it has had."""


def predictors(
    opened: Opened, options: Options, windows: Iterator[InputRows], rows: int | None
) -> Iterator[tuple[Predicting, InputRows]]:
    """Yield windows of rows with what predicts them, `rows` of them, or a pipe's where it is None.

    Which rows of a pipe are predicted by what depends on their numbers alone, not on how many have
    arrived, so it is the same in every run. Raises what `make_predictor` does.
    """
    predictor = _made(opened, options, rows or SHORT)
    if rows is not None:
        yield from ((predictor, window) for window in windows)
        return
    made_for, seen, limit = SHORT, 0, LONG
    for window in windows:
        left = window
        while left.golds:
            if seen == limit:
                limit *= 2
                now, before = (runtime_for(opened, options, one) for one in (seen, made_for))
                if processes.of_first(now != before):
                    made_for, predictor = seen, _made(opened, options, seen)
            part, left = left.divided(limit - seen)
            seen += len(part.golds)
            yield predictor, part


def _made(opened: Opened, options: Options, rows: int) -> Predicting:
    with processes.first_before_others():
        return make_predictor(opened, options, rows=rows)
