"""LoRA: small trained matrices beside a model's frozen ones (Hu et al., 2021), through `peft`."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.adapters.files import ADAPTER_WEIGHTS
from gft.adapters.layers import lora_targets, trained_whole
from gft.adapters.options import LoraOptions
from gft.errors import UserError, listed
from gft.language.argument import rows
from gft.language.program import Options

if TYPE_CHECKING:
    import torch

LORA = "lora"
PREFIX = "base_model.model."
"""What stands before a weight's name in an adapter's file."""
_TRAINED = "trained.safetensors"
_NAME = "default"
_TASK_TYPES = {
    "sequence-classification": "SEQ_CLS",
    "token-classification": "TOKEN_CLS",
    "question-answering": "QUESTION_ANS",
    "causal": "CAUSAL_LM",
    "seq2seq": "SEQ_2_SEQ_LM",
}


def check_lora(options: Options, origin: Mapping[str, Any]) -> None:
    """Raise `UserError` if LoRA is asked for and cannot be, or is set and not asked for."""
    asked = options.of(LoraOptions)
    if asked.peft != LORA:
        settings = [row.name for row in rows(LoraOptions) if row.name != "peft"]
        idle = [f"--{name}" for name in settings if options.given.get(name)]
        if idle:
            raise UserError(f"{listed(idle)} has no effect without --peft lora; add it")
        return
    require_peft("--peft lora")
    if not asked.merge_lora and base_location(origin) is None:
        what = "an adapter itself" if "base" in origin else "converted from another form"
        raise UserError(
            f"--peft lora leaves what is to be added to a model that others can load, and this one "
            f"is {what}; --merge_lora writes the whole model"
        )


def require_peft(what: str) -> None:
    """Raise `UserError` unless the library is there; `what` needs it."""
    found = find_spec("peft")
    if found is None or found.origin is None:
        raise UserError(f"{what} needs the library peft: pip install 'gft[lora]'")


def base_location(origin: Mapping[str, Any]) -> tuple[str, str | None] | None:
    """Return the name or path and the revision by which anybody finds a model; None if nobody."""
    if "base" in origin or "form" in origin:
        return None
    if "repository" in origin:
        return str(origin["repository"]), str(origin["commit"])
    return (str(Path(origin["path"]).resolve()), None) if "path" in origin else None


def adapted(model: Any) -> bool:
    """Say whether a model has adapters."""
    return bool(getattr(model, "_hf_peft_config_loaded", False))


def add_lora(
    model: Any,
    head: str,
    new_weights: Iterable[str],
    options: Options,
    origin: Mapping[str, Any],
    name: str,
) -> None:
    """Freeze a model and add LoRA as `options` say; the head and new weights stay trained whole.

    The same `torch` seed makes the same matrices.
    """
    import peft
    from transformers.pytorch_utils import Conv1D

    saved = trained_whole(model, head, new_weights)
    asked = options.of(LoraOptions)
    targets = lora_targets(model, asked.lora_target_modules, name, saved)
    config = peft.LoraConfig(
        task_type=_TASK_TYPES.get(head),
        r=asked.lora_r,
        lora_alpha=asked.lora_alpha,
        lora_dropout=asked.lora_dropout,
        target_modules=targets,
        modules_to_save=saved or None,
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in model.modules()),
    )
    model.add_adapter(config)
    kept = model.peft_config[_NAME]
    kept.base_model_name_or_path, kept.revision = base_location(origin) or (None, None)


def inject(model: Any, folder: Path, weights: Mapping[str, torch.Tensor], keep_head: bool) -> None:
    """Put the adapter described in `folder` into a model; `weights` have the model's own names.

    Without `keep_head` the modules it was trained with as a whole stay as the model has them.
    Raises `ValueError` or `RuntimeError` when they do not fit each other.
    """
    import peft

    config = peft.LoraConfig.from_pretrained(str(folder))
    if not keep_head and config.modules_to_save:
        heads = "|".join(map(re.escape, config.modules_to_save))
        config.modules_to_save, config.exclude_modules = None, rf"(.*\.)?({heads})(\..*)?"
    if not keep_head:
        weights = {name: weight for name, weight in weights.items() if "lora_" in name}
    model.add_adapter(config)
    result = peft.set_peft_model_state_dict(model, dict(weights), adapter_name=_NAME)
    absent = [name for name in result.missing_keys if "lora_" in name]
    if absent or not weights:
        raise ValueError(f"it has no weights for {listed(absent or ['any layer'], 3)}")


def merge(model: Any) -> None:
    """Add the adapters' matrices to the model's own, in place; it is an ordinary model then."""
    from peft.tuners.tuners_utils import BaseTunerLayer
    from peft.utils.other import ModulesToSaveWrapper

    for name, module in list(model.named_modules()):
        plain: Any = None
        if isinstance(module, BaseTunerLayer):
            module.merge()
            plain = module.get_base_layer()
        elif isinstance(module, ModulesToSaveWrapper):
            plain = module.modules_to_save[_NAME]
        if plain is not None:
            parent, _, last = name.rpartition(".")
            setattr(model.get_submodule(parent), last, plain)
    del model.peft_config
    model._hf_peft_config_loaded = False
    model.requires_grad_(True)


def write_adapter(model: Any, folder: Path) -> None:
    """Write the trained weights as `peft` reads them, and the whole model's configuration."""
    import peft
    from safetensors.torch import save_file

    weights = peft.get_peft_model_state_dict(model, adapter_name=_NAME, save_embedding_layers=False)
    named = {f"{PREFIX}{name}": _plain(weight) for name, weight in weights.items()}
    save_file(named, folder / ADAPTER_WEIGHTS, metadata={"format": "pt"})
    lora = copy.deepcopy(model.peft_config[_NAME])
    lora.inference_mode = True
    lora.target_modules = sorted(lora.target_modules)
    model_class = type(model)
    mapping = {"base_model_class": model_class.__name__, "parent_library": model_class.__module__}
    lora.save_pretrained(str(folder), auto_mapping_dict=None if lora.task_type else mapping)
    config = copy.deepcopy(model.config)
    config.architectures = [model_class.__name__]
    config.save_pretrained(folder)
    if getattr(model, "generation_config", None) is not None:
        model.generation_config.save_pretrained(folder)


def save_trained(model: torch.nn.Module, folder: Path) -> None:
    """Write the weights that are trained, and no others, into a checkpoint."""
    from safetensors.torch import save_file

    weights = {name: _plain(weight) for name, weight in _trained(model).items()}
    save_file(weights, folder / _TRAINED)


def load_trained(model: torch.nn.Module, folder: Path) -> None:
    """Read back what `save_trained` wrote. Raises `RuntimeError` if it is another model's."""
    import torch
    from safetensors.torch import load_file

    weights, trained = load_file(folder / _TRAINED), _trained(model)
    if weights.keys() != trained.keys():
        raise RuntimeError(f"{folder} does not hold this model's adapter")
    with torch.no_grad():
        for name, weight in weights.items():
            trained[name].copy_(weight)


def count_parameters(model: torch.nn.Module) -> tuple[int, int]:
    """Return how many parameters a model has, and how many are trained.

    The untrained copy that `peft` keeps of a head is not counted.
    """
    counted = [
        (weight.numel(), weight.requires_grad)
        for name, weight in model.named_parameters()
        if not (adapted(model) and ".original_module." in name)
    ]
    return sum(size for size, _ in counted), sum(size for size, trained in counted if trained)


def described(model: Any) -> dict[str, Any] | None:
    """Return what `gft.json` says of a model's adapter, None if there is none."""
    if not adapted(model):
        return None
    config = model.peft_config[_NAME]
    return {
        "r": config.r,
        "alpha": config.lora_alpha,
        "dropout": config.lora_dropout,
        "target_modules": sorted(config.target_modules),
        "trained_whole": list(config.modules_to_save or ()),
        "base": config.base_model_name_or_path,
        "revision": config.revision,
    }


def _trained(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def _plain(weight: torch.Tensor) -> torch.Tensor:
    return weight.detach().cpu().contiguous()
