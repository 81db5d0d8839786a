"""What targets that are made of classes have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from gft.data.spelling import comparing
from gft.metrics.protocol import Array, Scored
from gft.targets.protocol import Target, Worst

TINY = 1e-12


class Labelled(Target):
    """A target whose values are the numbers of labels: one a row, several, or one for each word."""

    worst: ClassVar[Worst] = Worst(
        "Most confident errors",
        which="whose wrong prediction has the highest probability",
        remark="probability",
    )

    def doubt(self, belief: Array) -> Array:
        """Return -ln of probabilities."""
        import numpy as np

        return np.asarray(-np.log(inside(belief)))

    @abstractmethod
    def numbers(self, gold: Any) -> Sequence[int]:
        """Return the numbers of a gold value's labels; less than 0: there is none."""
        ...

    @abstractmethod
    def renumbered(self, scored: Scored, to: Array, names: tuple[str, ...]) -> Scored:
        """Return values whose label n is the label `to[n]` of `names`."""
        ...

    def in_order_of(self, scored: Scored, names: tuple[str, ...]) -> Scored | None:
        """Return values with their classes numbered as in `names`; None if these are others."""
        if scored.names == names:
            return scored
        import numpy as np

        key = comparing(names, scored.names)
        index = {key(name): n for n, name in enumerate(names)}
        if sorted(index) != sorted(map(key, scored.names)):
            return None
        to = np.array([index[key(name)] for name in scored.names])
        return self.renumbered(scored, to, names)

    def described(self, golds: Sequence[Any], labels: tuple[str, ...]) -> dict[str, Any]:
        """Return how often each label is gold."""
        import numpy as np

        every = np.fromiter((n for gold in golds for n in self.numbers(gold)), np.int64)
        counts = np.bincount(every[every >= 0], minlength=len(labels))
        return dict(zip(labels, counts.tolist(), strict=True))


def inside(predicted: Array) -> Array:
    """Return probabilities kept away from 0 and 1, so that their logarithms are numbers."""
    import numpy as np

    return np.clip(np.asarray(predicted, dtype=np.float64), TINY, 1 - TINY)


def counts_of(names: tuple[str, ...], numbers: Array) -> Counter[str]:
    """Return how often each label is there, as sentences call it, of the numbers of labels."""
    import numpy as np

    counts = np.bincount(np.asarray(numbers, dtype=np.int64), minlength=len(names)).tolist()
    return Counter({repr(name): n for name, n in zip(names, counts, strict=True) if n})
