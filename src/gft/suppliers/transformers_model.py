"""A model in a folder in the form of `transformers`: a configuration, a tokenizer, weights."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.adapters import lora as adapters
from gft.errors import GftError, UserError, listed
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest
from gft.suppliers.architectures import heads_of_type
from gft.suppliers.cards import CARD, front_matter
from gft.suppliers.heads import (
    Head,
    apply_activations,
    auto_class,
    describe_head,
    new_names,
    with_head,
)
from gft.suppliers.hub.errors import first_line
from gft.suppliers.padding import agree_on_padding, make_able_to_pad
from gft.suppliers.processors import (
    base_of,
    has_tokenizer,
    named_tokenizer,
    needs_code,
    read_processor,
)
from gft.suppliers.protocol import Loaded, NoTokenizer
from gft.suppliers.quiet import quieten
from gft.suppliers.weights import holds_any, parameters_in, read_weights, weight_files

if TYPE_CHECKING:
    from transformers import PretrainedConfig

CONFIG = "config.json"


class TransformersSource:
    """A model in a local folder, whose configuration is read and whose weights are not.

    Raises `UserError` when the folder has no usable `config.json`.
    """

    def __init__(self, spec: Spec, folder: Path, origin: dict[str, Any], options: Options) -> None:
        """Read the configuration in `folder`; `origin` says where the folder is from."""
        self.spec = spec
        self.folder: Path | None = folder
        self.origin: Mapping[str, Any] = origin
        self.options = options
        self.config = self._read_config(folder)
        self._processor: Any = None

    def _read_config(self, folder: Path) -> Mapping[str, Any]:
        return read_config(folder / CONFIG, str(self.spec))

    def card(self) -> dict[str, Any]:
        """Return what the README.md of the folder says in its header."""
        assert self.folder is not None
        return front_matter(self.folder / CARD)

    def parameters(self) -> int | None:
        """Return the number of parameters: the files', or those of the model made without them."""
        assert self.folder is not None
        return parameters_in(self.folder) or self._parameters_of_skeleton()

    def heads(self) -> tuple[str, ...]:
        """Return the heads that `transformers` has for models of this type."""
        return heads_of_type(str(self.config.get("model_type")))

    def _parameters_of_skeleton(self) -> int | None:
        from gft.suppliers.heads import count_parameters

        quieten(self.options.debug, "transformers")
        return count_parameters(self.config)

    def weight_bytes(self) -> int | None:
        """Return the size of the weight files, None if there are none."""
        folder = self._small_files()
        files = weight_files(path.name for path in folder.iterdir())
        return sum((folder / name).stat().st_size for name in files) or None

    def processor(self) -> Any:
        """Return the tokenizer, which can pad, or a processor; the same object each time."""
        if self._processor is None:
            quieten(self.options.debug, "transformers")
            other = self.options.tokenizer_name_or_path
            if not other and self.options.base_model and not self._has_tokenizer():
                other = base_of(str(self.spec), self.options.base_model)
            if other:
                self._processor = named_tokenizer(str(other), self.options)
            else:
                self._processor = self._own_processor()
            make_able_to_pad(self._processor, self.config, str(other or self.spec))
        return self._processor

    def _processor_if_any(self) -> Any:
        """Return the processor, None when the model came without one."""
        try:
            return self.processor()
        except NoTokenizer:
            return None

    def _has_tokenizer(self) -> bool:
        """Say whether the model has a tokenizer of its own."""
        return has_tokenizer(self._tokenizer_files())

    def _own_processor(self) -> Any:
        """Return the tokenizer that came with the model."""
        code = bool(self.options.trust_remote_code)
        return read_processor(self._tokenizer_files(), str(self.spec), code)

    def load(self, request: ModelRequest) -> Loaded:
        """Load the weights of the model as it is asked for.

        Raises `UserError`, before a weight is asked for, when the model has no such head, and
        when the weight files do not fit.
        """
        import torch

        quieten(self.options.debug, "transformers")
        processor = self._processor_if_any()
        config = self._changed_config(request)
        code = bool(self.options.trust_remote_code)
        shape = describe_head(request.head, config, code, str(self.spec))
        try:
            model, info = shape.model_class.from_pretrained(
                **self._weights(shape, request),
                config=config,
                dtype=torch.float32,
                ignore_mismatched_sizes=True,
                local_files_only=True,
                output_loading_info=True,
                weights_only=True,
            )
        except GftError:
            raise
        except Exception as problem:
            raise _unloadable(problem, str(self.spec)) from problem
        apply_activations(model)
        new = new_names(info)
        if len(new) > max(len(shape.every) / 2, len(shape.of_labels)):
            raise UserError(
                f"{self.spec}: its weights do not fit its {CONFIG}: {len(new)} of "
                f"{len(shape.every)} are not in its files, such as {listed(new[:3])}"
            )
        return Loaded(model, processor, new)

    def untrained(self, request: ModelRequest) -> Loaded:
        """Return the model that is asked for with random weights: none is read."""
        quieten(self.options.debug, "transformers")
        config = self._changed_config(request)
        code = bool(self.options.trust_remote_code)
        describe_head(request.head, config, code, str(self.spec))
        model = auto_class(request.head).from_config(config, trust_remote_code=code)
        apply_activations(model)
        return Loaded(model, self.processor())

    def _weights(self, shape: Head, request: ModelRequest) -> dict[str, Any]:
        """Return what `from_pretrained` takes the weights from."""
        folder = self._weight_folder()
        if not request.head_rows and not (request.new_head and holds_any(folder, shape.of_labels)):
            return {"pretrained_model_name_or_path": folder}
        weights = with_head(read_weights(folder), shape, request)
        return {"pretrained_model_name_or_path": None, "state_dict": weights}

    def _changed_config(self, request: ModelRequest) -> PretrainedConfig:
        """Return the configuration with what is asked for set in it, and a padding token."""
        config = self._auto_config()
        for name, value in request.config_fields().items():
            setattr(config, name, value)
        agree_on_padding(config, self._processor_if_any())
        return config

    def write(self, loaded: Loaded, folder: Path) -> None:
        """Write the model, or its adapter, as safetensors, and its processor if it has one."""
        quieten(self.options.debug, "transformers")
        model: Any = loaded.model
        if adapters.adapted(model):
            adapters.write_adapter(model, folder)
        else:
            model.save_pretrained(folder)
        if loaded.processor is not None:
            loaded.processor.save_pretrained(folder)

    def _small_files(self) -> Path:
        """Return a folder with everything but the weights."""
        assert self.folder is not None
        return self.folder

    def _tokenizer_files(self) -> Path:
        """Return a folder with the tokenizer, if the model has one."""
        return self._small_files()

    def _weight_folder(self) -> Path:
        """Return a folder with everything. Raises `UserError` when there are no weights."""
        assert self.folder is not None
        check_weights((path.name for path in self.folder.iterdir()), str(self.spec))
        return self.folder

    def _auto_config(self) -> PretrainedConfig:
        from transformers import AutoConfig, __version__

        code = bool(self.options.trust_remote_code)
        try:
            return AutoConfig.from_pretrained(
                self._small_files(), trust_remote_code=code, local_files_only=True
            )
        except Exception as problem:
            if "auto_map" in self.config and not code:
                raise UserError(needs_code(str(self.spec))) from problem
            kind = self.config.get("model_type")
            raise UserError(
                f"{self.spec}: transformers {__version__} cannot read its {CONFIG} "
                f"(model_type {kind!r}): {first_line(problem)}"
            ) from problem


def read_config(path: Path, name: str) -> dict[str, Any]:
    """Return a `config.json` as it is. Raises `UserError`, calling the model `name`."""
    if not path.parent.is_dir():
        raise UserError(f"{name}: no folder {path.parent}")
    if not path.is_file():
        there = sorted(entry.name for entry in path.parent.iterdir())
        raise UserError(
            f"{name}: no {CONFIG} in {path.parent}, so it is no model in transformers' form; "
            f"it holds {listed(there, 6)}"
        )
    return read_json(path, name)


def read_json(path: Path, name: str) -> dict[str, Any]:
    """Return the object in a JSON file of a model's. Raises `UserError`, calling it `name`."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as problem:
        raise UserError(f"{name}: {path} cannot be read: {first_line(problem)}") from problem
    if not isinstance(config, dict):
        raise UserError(f"{name}: {path} holds a {type(config).__name__}, expected an object")
    return config


def check_weights(names: Iterable[str], model: str) -> None:
    """Raise `UserError` unless weights that `transformers` reads are among the file names."""
    every = list(names)
    if weight_files(every):
        return
    kinds = (".h5", ".msgpack", ".onnx", ".ot", ".gguf", ".pdparams")
    other = [name for name in every if name.endswith(kinds)]
    raise UserError(
        f"{model} has no weights: no model.safetensors, no pytorch_model.bin"
        + (f"; {listed(other, 4)} cannot be read" if other else "")
        + (" as transformers' form: write P:FOLDER" if ".pdparams" in str(other) else "")
    )


def _unloadable(problem: Exception, name: str) -> GftError:
    """Return what to say of weights that could not be loaded."""
    line = first_line(problem)
    if "weights_only" in str(problem) or type(problem).__name__ == "UnpicklingError":
        return UserError(f"{name}: its .bin file holds more than weights, and is not read")
    if isinstance(problem, ImportError):
        return UserError(f"{name} needs something that is not installed: {line}")
    if isinstance(problem, MemoryError):
        return GftError(f"{name}: not enough memory to load it")
    return UserError(f"{name}: its weights cannot be read: {line}")
