"""Heads of models as `transformers` has them, and which weights belong to a head."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gft.errors import UserError, first_line, listed, no_such

if TYPE_CHECKING:
    import torch

    from gft.request import ModelRequest

ACTIVATIONS = "head_activations"
"""Our field in `config.json`: what a head applies, in order, where it is not what the class has."""
AUTO_CLASSES = {
    "sequence-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
    "ctc": "AutoModelForCTC",
    "image-classification": "AutoModelForImageClassification",
    "audio-classification": "AutoModelForAudioClassification",
    "seq2seq": "AutoModelForSeq2SeqLM",
    "causal": "AutoModelForCausalLM",
    "masked": "AutoModelForMaskedLM",
    "encoder": "AutoModel",
    "table-question-answering": "AutoModelForTableQuestionAnswering",
    "object-detection": "AutoModelForObjectDetection",
    "semantic-segmentation": "AutoModelForSemanticSegmentation",
    "universal-segmentation": "AutoModelForUniversalSegmentation",
    "zero-shot-image-classification": "AutoModelForZeroShotImageClassification",
    "image-to-text": "AutoModelForImageTextToText",
    "text-to-waveform": "AutoModelForTextToWaveform",
}


def auto_class(head: str) -> Any:
    """Return the Auto class of `transformers` for a head."""
    import transformers

    if head not in AUTO_CLASSES:
        raise UserError(no_such("model head", head, AUTO_CLASSES))
    return getattr(transformers, AUTO_CLASSES[head])


@dataclass(frozen=True)
class Head:
    """A model's class under a head, the names of all its weights, and of those of the labels."""

    model_class: Any
    every: tuple[str, ...]
    of_labels: tuple[str, ...]


def describe_head(head: str, config: Any, trust_remote_code: bool, model: str) -> Head:
    """Return what there is to know of a model under `head` before its weights are read.

    The labels' weights are those whose shape follows the number of labels: the same ones that
    are made afresh when that number changes. Where there are none (a vocabulary takes the place
    of labels), they are all that the model without a head lacks. No weight is read or made.
    Raises `UserError` when the model, called `model`, has no such head.
    """
    whole = _skeleton(head, config, trust_remote_code, model)
    shapes = {name: tuple(weight.shape) for name, weight in whole.named_parameters()}
    wider = copy.deepcopy(config)
    wider.num_labels = config.num_labels + 1
    changed = tuple(
        name
        for name, weight in _skeleton(head, wider, trust_remote_code, model).named_parameters()
        if shapes.get(name) != tuple(weight.shape)
    )
    prefix = f"{getattr(whole, 'base_model_prefix', '')}."
    outside = tuple(name for name in shapes if not name.startswith(prefix))
    return Head(type(whole), tuple(shapes), changed or outside)


def count_parameters(config: Mapping[str, Any]) -> int | None:
    """Return how many parameters a configuration makes, None for one of foreign code.

    The model is made as the configuration says, without memory for its weights.
    """
    import torch
    import transformers

    try:
        read = transformers.AutoConfig.for_model(**config)
        names = [name for name in config.get("architectures") or () if hasattr(transformers, name)]
        make = getattr(transformers, names[0]) if names else transformers.AutoModel.from_config
        with torch.device("meta"):
            made: torch.nn.Module = make(read)
    except Exception:  # whatever is strange in a configuration: the number is unknown
        return None
    return sum(weight.numel() for weight in made.parameters())


def apply_activations(model: Any) -> None:
    """Give a model's pooler, or head, the activations that its configuration names.

    Models of other frameworks have some that no field of `transformers` speaks of: TinyBERT's
    classifier in PaddleNLP applies a tanh, then a relu.
    """
    names = getattr(model.config, ACTIVATIONS, None)
    if not names:
        return
    import torch
    from transformers.activations import get_activation

    pooler: Any = getattr(getattr(model, model.base_model_prefix, None), "pooler", None)
    head: Any = pooler if pooler is not None else getattr(model, "classifier", None)
    if hasattr(head, "activation"):
        head.activation = torch.nn.Sequential(*(get_activation(name) for name in names))


def with_head(
    weights: dict[str, torch.Tensor], shape: Head, request: ModelRequest
) -> dict[str, torch.Tensor]:
    """Return weights by name with those of the head that is asked for.

    Weights that are left out are missing, and the model initialises its own.
    """
    of_labels = set(shape.of_labels)
    if request.head_rows:
        rows = list(request.head_rows)
        return {name: one[rows] if name in of_labels else one for name, one in weights.items()}
    if request.new_head:
        return {name: one for name, one in weights.items() if name not in of_labels}
    return weights


def new_names(info: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the weights that loading made afresh: missing in the files, or of another shape."""
    mismatched = {key if isinstance(key, str) else key[0] for key in info["mismatched_keys"]}
    return tuple(sorted(set(info["missing_keys"]) | mismatched))


def _skeleton(head: str, config: Any, trust_remote_code: bool, model: str) -> torch.nn.Module:
    """Return the model without memory for its weights."""
    import torch

    auto = auto_class(head)
    try:
        with torch.device("meta"):
            made: torch.nn.Module = auto.from_config(config, trust_remote_code=trust_remote_code)
    except ValueError as problem:
        if "Unrecognized configuration class" not in str(problem):
            raise UserError(f"{model}: {str(problem).splitlines()[0]}") from problem
        made_for = listed(config.architectures or (), 3)
        raise UserError(
            f"{model}: transformers has no {head} head for a {config.model_type} model "
            f"(it was made as {made_for})"
        ) from problem
    except ImportError as problem:
        raise UserError(f"{model} needs more: {str(problem).strip().splitlines()[0]}") from problem
    except Exception as problem:  # a configuration may hold anything
        raise UserError(
            f"{model}: transformers cannot make a model of its configuration: {first_line(problem)}"
        ) from problem
    return made
