"""What comes out of a model, of `torch` or of a graph, as arrays."""

from __future__ import annotations

from typing import Any

from gft.metrics.protocol import Array


def as_array(output: Any) -> Array:
    """Return an output, a tensor or an array, as an array of fp32."""
    import numpy as np

    return output if isinstance(output, np.ndarray) else output.float().cpu().numpy()


def softmax(logits: Array) -> Array:
    """Return the probabilities of classes along the last axis."""
    import numpy as np

    shares: Array = np.exp(logits - logits.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    return shares


def sigmoid(logits: Array) -> Array:
    """Return the probability of each output by itself."""
    import numpy as np

    shares: Array = np.exp(-np.logaddexp(0, -logits))
    return shares
