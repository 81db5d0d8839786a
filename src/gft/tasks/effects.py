"""Where effects of covariates meet the logits of a model, in training as in prediction."""

from __future__ import annotations

from typing import Any

from gft.inputs.features import COVARIATES, Batch

EFFECTS = "effects"
"""What a model with covariates returns beside its logits: what is added to those of each row, and
last by how much they are multiplied beyond once; shape (rows, outputs + 1)."""


def with_effects(outputs: Any, batch: Batch) -> Any:
    """Return the outputs of a model for rows, the effects of their covariates in the logits.

    Those of a batch without covariates are returned as they are.
    """
    if COVARIATES not in batch:
        return outputs
    logits, effects = outputs["logits"].float(), outputs[EFFECTS]
    return {"logits": logits + logits * effects[:, -1:] + effects[:, :-1]}
