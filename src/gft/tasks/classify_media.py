"""What classify_images and classify_audio share: a class for each file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.tasks import labels as labelling
from gft.tasks.classify import Classify
from gft.tasks.options import LabelMap, Positive, Ranking, Smoothing, Weights
from gft.tasks.protocol import Task


@dataclass(frozen=True)
class ClassifyMedia(Classify):
    """A classifier of files."""

    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "f1_macro")
    longest: ClassVar[int] = 0
    output_needs: ClassVar[str] = "one class per row: an integer, a string or a boolean"
    output_takes: ClassVar[tuple[str, ...]] = ("text", "class", "integer", "float", "boolean")
    left: ClassVar[str] = "one column of classes: integers, strings or booleans"
    several_outputs: ClassVar[bool] = False
    reads: ClassVar[Reads] = (Smoothing, Weights, LabelMap, Positive, Ranking)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the classifier that a configuration describes."""
        labels = labelling.logits_of(config)
        names = config.get("architectures") or ()
        if not any(head in name for head in cls.heads for name in names) or len(labels) < 2:
            return None
        return cls.of_columns(equation, labels=labels, raw_labels=labels)
