"""A model in the form of `transformers`: a folder with `config.json` and weights."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.errors import GftError, UserError
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.protocol import Loaded

if TYPE_CHECKING:
    import torch

HEADS = {
    "sequence-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
    "ctc": "AutoModelForCTC",
    "image-classification": "AutoModelForImageClassification",
    "audio-classification": "AutoModelForAudioClassification",
    "seq2seq": "AutoModelForSeq2SeqLM",
    "causal": "AutoModelForCausalLM",
    "masked": "AutoModelForMaskedLM",
}
NEW_HEAD = "_new_head"
"""In `changes`: make the head afresh even if its shape fits."""

_SAFE = re.compile(r"model(-\d+-of-\d+)?\.safetensors(\.index\.json)?")
_OLD = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin(\.index\.json)?")


class TransformersSource:
    """A local model folder. Its configuration is read at once, its weights when asked for."""

    def __init__(self, spec: Spec, folder: Path, origin: Mapping[str, Any], options: Options) -> None:
        self.spec = spec
        self.folder: Path | None = folder
        self.place = folder
        self.origin: Mapping[str, Any] = origin
        self.options = options
        self.config: Mapping[str, Any] = _read_config(spec, folder)

    def processor(self) -> Any:
        """Return the tokenizer. Raises `UserError` when it cannot be made."""
        from transformers import AutoTokenizer

        _quieten()
        place = self.options.tokenizer_name_or_path or self.place
        try:
            tokenizer = AutoTokenizer.from_pretrained(
                place, trust_remote_code=self.options.trust_remote_code
            )
        except (OSError, ValueError, KeyError, ImportError) as problem:
            raise UserError(f"model {self.spec}: no tokenizer: {_one_line(problem)}") from None
        if tokenizer.pad_token_id is None and tokenizer.eos_token_id is not None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer

    def weight_files(self) -> dict[str, int]:
        """Return the files of the weights and their sizes in bytes."""
        sizes = {file.name: file.stat().st_size for file in self.place.iterdir() if file.is_file()}
        return self.choose_weights(sizes)

    def choose_weights(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Return which of these files hold the weights: safetensors if there are any."""
        for form in (_SAFE, _OLD):
            found = {name: size for name, size in sizes.items() if form.fullmatch(name)}
            if found:
                return found
        raise UserError(f"model {self.spec} has no weights (model.safetensors)")

    def weight_bytes(self) -> int | None:
        """Return how large the weights are."""
        return sum(self.weight_files().values()) or None

    def fetch_weights(self) -> None:
        """Make the weights local; those of a folder are."""

    def load(self, head: str, changes: Mapping[str, Any]) -> Loaded:
        """Return the model with `head`; weights that the files do not hold are made afresh."""
        import transformers

        _quieten()
        self.weight_files()
        processor = self.processor()
        self.fetch_weights()
        config = self._changed_config(processor, changes)
        auto = getattr(transformers, HEADS[head])
        try:
            model, report = auto.from_pretrained(
                self.place,
                config=config,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
                dtype="float32",
                trust_remote_code=self.options.trust_remote_code,
            )
        except ValueError as problem:
            if "Unrecognized configuration class" in str(problem):
                raise UserError(
                    f"model {self.spec} ({config.model_type}) has no head for {head}"
                ) from None
            raise UserError(f"model {self.spec}: {_one_line(problem)}") from None
        except (OSError, RuntimeError) as problem:
            raise GftError(f"model {self.spec} cannot be loaded: {_one_line(problem)}") from None
        new = _names(report, "missing_keys") | _names(report, "mismatched_keys")
        if changes.get(NEW_HEAD):
            new |= _make_head_afresh(model)
        return Loaded(model, processor, tuple(sorted(new)))

    def write(self, loaded: Loaded, folder: Path) -> None:
        """Write weights, configuration and tokenizer."""
        loaded.model.save_pretrained(folder)  # type: ignore[operator]
        loaded.processor.save_pretrained(folder)

    def _changed_config(self, processor: Any, changes: Mapping[str, Any]) -> Any:
        from transformers import AutoConfig

        trusted = self.options.trust_remote_code
        try:
            config = AutoConfig.from_pretrained(self.place, trust_remote_code=trusted)
        except ValueError as problem:
            if self.config.get("auto_map") and not trusted:
                raise UserError(
                    f"model {self.spec} comes with code of its own; --trust_remote_code runs it"
                ) from None
            raise UserError(f"model {self.spec}: {_one_line(problem)}") from None
        for name, value in changes.items():
            if name != NEW_HEAD:
                setattr(config, name, value)
        if getattr(config, "pad_token_id", None) is None:
            config.pad_token_id = processor.pad_token_id
        return config


def _make_head_afresh(model: torch.nn.Module) -> set[str]:
    """Initialise every weight outside the base model as the model itself does; return their names."""
    prefix = f"{model.base_model_prefix}."
    names = {name for name, _ in model.named_parameters() if not name.startswith(prefix)}
    for name, module in model.named_modules():
        if name and not f"{name}.".startswith(prefix) and not list(module.children()):
            for parameter in module.parameters(recurse=False):
                parameter._is_hf_initialized = False  # type: ignore[attr-defined]
            module._is_hf_initialized = False  # type: ignore[assignment]
            model._init_weights(module)  # type: ignore[operator]
    return names


def _names(report: Any, key: str) -> set[str]:
    found = report[key] if isinstance(report, Mapping) else getattr(report, key)
    return {one if isinstance(one, str) else str(one[0]) for one in found}


def _read_config(spec: Spec, folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"model {spec}: {folder} has no config.json") from None
    except ValueError as problem:
        raise UserError(f"model {spec}: config.json is broken: {problem}") from None
    if not isinstance(config, dict):
        raise UserError(f"model {spec}: config.json holds no object")
    return config


def _quieten() -> None:
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def _one_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0][:200]
