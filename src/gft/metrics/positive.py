"""Metrics of one class out of two, such as F1: which of the two they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from gft.data.spelling import comparing
from gft.metrics.protocol import Measure, Metric, OneMeasure, Scored


@dataclass(frozen=True, kw_only=True)
class AboutOne(OneMeasure):
    """A metric that is of one class where there are two, if it is `of_one`.

    That is the class `about`, which goes by name; None: class 1. It is `always_second` where a
    benchmark has it so, whatever is chosen.
    """

    of_one: bool = False
    about: str | None = None
    always_second: bool = False

    def about_class(self, label: str) -> Self:
        """Return the same metric of the class `label`, unless it is always that of class 1."""
        return replace(self, about=label) if self.of_one and not self.always_second else self

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the one measure, of two classes with the name of the one that it is about."""
        about = names[class_number(self.about, names)] if self.of_one and len(names) == 2 else None
        span = (0.0, 1.0) if self.proportion else self.span
        return (Measure(self.name, self.greater_is_better, self.proportion, about, span),)

    def in_order(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of the classes as its statistics number them: of two, its own last."""
        if self.of_one and len(names) == 2 and class_number(self.about, names) == 0:
            return names[::-1]
        return names

    def is_turned(self, scored: Scored) -> bool:
        """Say whether it is about class 0 of two, so that the two change places."""
        names = scored.names
        return self.of_one and len(names) == 2 and class_number(self.about, names) == 0


def about(metrics: Sequence[Metric], label: str | None) -> list[Metric]:
    """Return metrics about the class `label`; None: about the second of two, as they are."""
    if label is None:
        return list(metrics)
    return [one.about_class(label) if isinstance(one, AboutOne) else one for one in metrics]


def class_number(label: str | None, names: Sequence[str]) -> int:
    """Return the number of a class among the `names` of two: 1 where it is not one of them."""
    if label is None:
        return 1
    key = comparing(names)
    return 0 if key(names[0]) == key(label) else 1
