"""Numbers: one a row, or one for each output.

`Scored.gold` and `Scored.prediction` are numbers, shape (n, outputs), `scores` is None and `names`
the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from gft.metrics.protocol import Array, Metric, Scored
from gft.targets.classes import PROBLEMS
from gft.targets.protocol import Noticed, NumberSpread, Plot, Predicted, Target, Worst, largest

if TYPE_CHECKING:
    from gft.baselines.generalised import GlmFamily
    from gft.baselines.protocol import Baseline, Learner, Sample

_TINY = 1e-12


class Numbers(Target):
    """Numbers, one for each output."""

    name: ClassVar[str] = "numbers"
    numeric: ClassVar[bool] = True
    cells_in: ClassVar[str | None] = "gft.cells.decimals"
    problems: ClassVar[frozenset[str]] = PROBLEMS
    metric_by_length: ClassVar[str | None] = "mean_absolute_error"
    worst: ClassVar[Worst] = Worst("Largest errors", which="that are furthest off", remark="off by")
    doubtful_from: ClassVar[float | None] = 0.5
    plots: ClassVar[tuple[Plot, ...]] = ("residuals",)

    def handed(self, value: Any, label: Callable[[int], Any]) -> Any:
        """Return the number, or the list of them for several outputs."""
        numbers = [float(one) for one in value]
        return numbers[0] if len(numbers) == 1 else numbers

    def specimens(self, count: int) -> Sequence[Any]:
        """Return rows of equal numbers."""
        return [[float(n)] * count for n in range(max(2, count))]

    def spread(self, scored: Scored) -> NumberSpread | None:
        """Return how far apart the numbers of each output lie; None of no rows."""
        return NumberSpread.of(scored) if len(scored) else None

    def described(self, golds: Sequence[Any], labels: tuple[str, ...]) -> dict[str, Any]:
        """Return mean, standard deviation, least and most of each output."""
        return {
            name: {"mean": float(one.mean()), "sd": float(one.std()),
                   "least": float(one.min()), "most": float(one.max())}
            for name, one in zip(labels, _columns(golds).T, strict=True)
        }  # fmt: skip

    def baselines(
        self, golds: Sequence[Any], labels: tuple[str, ...], sample: Sample | None
    ) -> list[Baseline]:
        """Return the mean, and a ridge regression on the words."""
        from gft.baselines import constant, linear

        return [constant.of_numbers(golds), *linear.of_sample(self.learner(), sample)]

    def learner(self) -> Learner:
        """Return ridge regression."""
        from gft.baselines.learners import Ridge

        return Ridge()

    def family(self) -> GlmFamily:
        """Return least squares."""
        from gft.baselines.generalised import GaussianFamily

        return GaussianFamily()

    def errors(
        self, scored: Scored, predicted: Predicted, metric: Metric, most: int
    ) -> list[Noticed]:
        """Return the rows that are furthest off, in standard deviations of the gold values."""
        import numpy as np

        spread = np.maximum(np.asarray(scored.gold).std(0), _TINY)
        off = (np.abs(scored.prediction - scored.gold) / spread).max(1)
        return [Noticed(n, f"{off[n]:.2f} sd") for n in largest(np.nan_to_num(off), most)]

    def belief(
        self, golds: Sequence[Any], predicted: Array, among: Sequence[Any] | None = None
    ) -> Array:
        """Return the mean distance in standard deviations of the gold values."""
        import numpy as np

        gold = _columns(golds)
        every = gold if among is None else _columns(among)
        off = np.abs(gold - predicted) / np.maximum(every.std(0), _TINY)
        return np.asarray(np.nan_to_num(off.mean(1)))

    def belief_text(self, belief: float) -> str:
        """Return the distance."""
        return f"{belief:.2f} sd"


def _columns(golds: Sequence[Any]) -> Array:
    """Return gold values as numbers of shape (rows, outputs)."""
    import numpy as np

    return np.asarray(golds, dtype=np.float64).reshape(len(golds), -1)
