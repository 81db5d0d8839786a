"""`transformers.pipeline` over a model that is in memory."""

from __future__ import annotations

from typing import Any

from gft.predict_only.protocol import Applied


def pipeline(task: str, applied: Applied) -> Any:
    """Return the pipeline of a task, with the parts of the processor that exist."""
    import transformers

    whole = applied.processor
    parts: dict[str, Any] = {}
    if hasattr(whole, "image_processor"):
        parts = {"image_processor": whole.image_processor, "processor": whole}
    elif hasattr(whole, "do_rescale") or hasattr(whole, "image_mean"):
        parts = {"image_processor": whole}
    tokenizer = getattr(whole, "tokenizer", whole if not parts else None)
    if tokenizer is not None:
        parts["tokenizer"] = tokenizer
    return transformers.pipeline(task, model=applied.model, device=applied.model.device, **parts)
