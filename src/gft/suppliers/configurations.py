"""Configurations as gft needs them: what they say that would break a training is set right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gft import notes

STARTS = "decoder_start_token_id"
_OF_SAMPLING = (
    "temperature", "top_p", "min_p", "top_h", "typical_p", "top_k", "epsilon_cutoff", "eta_cutoff",
)  # fmt: skip
_OF_SEARCH = ("early_stopping", "length_penalty")
_OF_OUTPUTS = ("output_attentions", "output_hidden_states", "output_scores", "output_logits")


def make_fit(config: Any) -> None:
    """Have a model return what tasks read, by name, and nothing that nobody reads.

    With `output_attentions` the configuration could not be saved at the end of a training, for
    most kinds of attention give none; with `return_dict: false` outputs have no names.
    """
    for part in _parts(config):
        part.output_attentions = False
        part.output_hidden_states = False
        part.return_dict = True


def set_start(config: Any, generation: Mapping[str, Any], processor: Any, name: str) -> None:
    """Say which token a decoder begins with, where the configuration of a model `name` does not.

    That is the one that its settings of generation name, else the one of its kind, else the one
    that pads, as in T5, or for a decoder that was an encoder the one that begins its texts.
    """
    if not getattr(config, "is_encoder_decoder", False) or config.model_type == "mbart":
        return  # mBART begins with a language.
    if getattr(config, STARTS, None) is not None:
        return
    joined = config.model_type == "encoder-decoder"
    first = getattr(processor, "cls_token_id" if joined else "pad_token_id", None)
    usual = None if joined else getattr(type(config)(), STARTS, None)
    candidates = (generation.get(STARTS), usual, first, getattr(config, "pad_token_id", None))
    found = next((one for one in candidates if one is not None), None)
    if found is None:
        return
    setattr(config, STARTS, found)
    if generation.get(STARTS) is None:
        token = processor.convert_ids_to_tokens(found) if processor is not None else found
        notes.note(f"{name} does not say what texts begin with ({STARTS}): {token} is taken")


def make_savable(settings: Any) -> None:
    """Take out of settings of generation what has no effect: it could not be saved otherwise.

    What is only for sampling, where nothing is sampled, and what is only for a search, where there
    is none, are warned of as long as nobody changes a setting, and then refused.
    """
    without = [] if settings.do_sample else list(_OF_SAMPLING)
    if settings.num_beams in (None, 1):
        without += _OF_SEARCH
    if not settings.return_dict_in_generate:
        without += _OF_OUTPUTS
    for name in without:
        if getattr(settings, name, None) is not None:
            setattr(settings, name, None)


def _parts(config: Any) -> Iterator[Any]:
    """Yield a configuration and those of its parts."""
    yield config
    for name in getattr(config, "sub_configs", {}):
        part = getattr(config, name, None)
        if part is not None and part is not config:
            yield from _parts(part)
