"""The heads that a graph can have, and its outputs, by their names."""

from __future__ import annotations

from collections.abc import Mapping

CLASSES, TAGS, SPANS, VECTORS = (
    "sequence-classification", "token-classification", "question-answering", "encoder",
)  # fmt: skip
"""The heads that a graph can have, as suppliers call them."""
LOGITS, BEGINS, ENDS, MEAN = "logits", "start_logits", "end_logits", "vectors"
"""The outputs of a graph."""
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    CLASSES: (LOGITS,), TAGS: (LOGITS,), SPANS: (BEGINS, ENDS), VECTORS: (MEAN,),
}  # fmt: skip
NAMES = frozenset({LOGITS, BEGINS, ENDS, MEAN})
