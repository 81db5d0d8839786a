"""Which layers of a model LoRA adapts, and which are trained whole beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gft.errors import UserError, no_such

if TYPE_CHECKING:
    import torch

_OF_VOCABULARY = ("causal", "seq2seq", "masked")
"""Heads that are as wide as the vocabulary, often tied to it: not trained whole."""


def lora_targets(
    model: torch.nn.Module, asked: Sequence[str] | None, name: str, saved: Sequence[str]
) -> list[str]:
    """Return the layers to adapt, as short as `peft` tells them apart; the model is `name`.

    Those `asked` for (a name, or the end of one), else those that `peft` chooses for the
    architecture, else all linear layers outside of `saved`, which are trained whole. Raises
    `UserError` when there are none such.
    """
    layers = _linear(model, saved)
    if asked is None:
        from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING

        model_type = getattr(getattr(model, "config", None), "model_type", None)
        usual = TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING.get(model_type)
        found = [] if not isinstance(usual, list) else _matching(layers, usual)
        return _shortest(found or layers, model, saved)
    for one in asked:
        if not _matching(layers, [one]):
            exist = sorted({_last(layer) for layer in layers})
            raise UserError(
                f"--lora_target_modules: {no_such('linear layer', one, exist, name)}"
                + ("; the head is trained whole anyway" if _matching(saved, [one]) else "")
            )
    return _shortest(_matching(layers, asked), model, saved)


def trained_whole(model: torch.nn.Module, head: str, new_weights: Iterable[str]) -> list[str]:
    """Return the modules that are trained whole beside the adapters: the head, and what is new."""
    from torch.nn import Module

    base = getattr(model, "base_model_prefix", "")
    modules: list[str] = []
    if isinstance(getattr(model, base or " ", None), Module) and head not in _OF_VOCABULARY:
        modules = [
            name
            for name, child in model.named_children()
            if name != base and next(child.parameters(), None) is not None
        ]
    for weight in new_weights:
        module = weight.rpartition(".")[0]
        if module and not any(_within(module, one) for one in modules):
            modules.append(module)
    return modules


def _linear(model: torch.nn.Module, without: Sequence[str]) -> list[str]:
    """Return the names of the linear layers, but for those within modules."""
    from torch.nn import Linear
    from transformers.pytorch_utils import Conv1D

    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, Linear | Conv1D) and not any(_within(name, one) for one in without)
    ]


def _matching(layers: Iterable[str], ends: Sequence[str]) -> list[str]:
    return [
        layer for layer in layers if any(layer == end or layer.endswith(f".{end}") for end in ends)
    ]


def _shortest(layers: Sequence[str], model: torch.nn.Module, without: Sequence[str]) -> list[str]:
    """Return the last words of layers' names where those name nothing else, else whole names."""
    rest = [
        name
        for name, _ in model.named_modules()
        if name not in layers and not any(_within(name, one) for one in without)
    ]
    names = {layer if _matching(rest, [_last(layer)]) else _last(layer) for layer in layers}
    return sorted(names)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _within(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")
