"""A model in the form of `transformers`: a configuration, a tokenizer, weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.covariates.covariates import NUMBERS, SETTINGS
from gft.errors import GftError, UserError, first_line, listed
from gft.language.options import Shared
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.files import ModelFiles, read_json
from gft.suppliers.lean_imports import lean
from gft.suppliers.options import Tokenizing
from gft.suppliers.padding import agree_on_padding, make_able_to_pad
from gft.suppliers.processors import (
    base_of,
    has_tokenizer,
    named_tokenizer,
    needs_code,
    read_processor,
)
from gft.suppliers.protocol import Loaded, ModelSource, NoTokenizer
from gft.suppliers.quiet import quieten
from gft.suppliers.sane import check_config, check_numbers
from gft.suppliers.weights import holds_any, read_weights, small_files, weight_files

if TYPE_CHECKING:
    from transformers import PretrainedConfig

    from gft.request import ModelRequest
    from gft.suppliers.heads import Head

CONFIG = "config.json"
GENERATION = "generation_config.json"
UNREAD = (".h5", ".msgpack", ".onnx", ".ot", ".gguf", ".pdparams")
"""How files of weights end that `transformers` does not read."""
RECORD = "gft.json"
"""What a fit says of the model that it left."""


class TransformersSource(ModelSource):
    """A model whose configuration is read and whose weights are not.

    Raises `UserError` when its files have no usable `config.json`.
    """

    def __init__(self, spec: Spec, files: ModelFiles, options: Options) -> None:
        """Read the configuration among the files."""
        self.spec = spec
        self.files = files
        self.folder = files.folder or _fitted_folder(files)
        self.origin = files.origin
        self.options = options
        self.config = self._read_config()
        self._processor: Any = None

    @property
    def _code(self) -> bool:
        return self.options.of(Shared).trust_remote_code

    def _quieten(self) -> None:
        quieten(self.options.of(Shared).debug, "transformers")

    def _read_config(self) -> Mapping[str, Any]:
        """Return the `config.json` as it is."""
        if self.folder is not None and not self.folder.is_dir():
            raise UserError(f"{self.spec}: no folder {self.folder}")
        if CONFIG not in self.files.sizes:
            raise UserError(
                f"{self.spec} has no {CONFIG}, so it is not a model in transformers' form; "
                f"it holds {listed(sorted(self.files.sizes), 6)}"
            )
        config = read_json(self.files.fetch([CONFIG]) / CONFIG, str(self.spec))
        check_config(config, str(self.spec))
        return config

    def with_files(self, names: Collection[str]) -> Path | None:
        """Return a folder with some of the model's files; they are downloaded if need be."""
        return self.folder if self.files.folder else self.files.fetch(names)

    def has_file(self, name: str) -> bool:
        """Say whether a file of that name is among the model's."""
        return name in self.files.sizes

    def card(self) -> dict[str, Any]:
        """Return what the model's card says where its files are."""
        return self.files.card()

    def parameters(self) -> int | None:
        """Return the number of parameters: the files', or those of the model made without them."""
        return self.files.parameters() or self._parameters_of_skeleton()

    def heads(self) -> tuple[str, ...]:
        """Return the heads that `transformers` has for models of this type."""
        from gft.suppliers.architectures import heads_of_type

        return heads_of_type(str(self.config.get("model_type")))

    def _parameters_of_skeleton(self) -> int | None:
        from gft.suppliers.heads import count_parameters

        self._quieten()
        return count_parameters(self.config)

    def weight_bytes(self) -> int | None:
        """Return the size of the weight files, None if it is not known or there are none."""
        sizes = [self.files.sizes[name] for name in weight_files(self.files.sizes)]
        known = [size for size in sizes if size is not None]
        return sum(known) if known and len(known) == len(sizes) else None

    def processor(self) -> Any:
        """Return the tokenizer, which can pad, or a processor; the same object each time."""
        if self._processor is None:
            self._quieten()
            other = self.options.of(Shared).tokenizer_name_or_path
            base = self.options.of(Tokenizing).base_model
            if not other and base and not self._has_tokenizer():
                other = base_of(str(self.spec), base)
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
        return read_processor(self._tokenizer_files(), str(self.spec), self._code)

    def load(self, request: ModelRequest) -> Loaded:
        """Load the weights of the model as it is asked for.

        Raises `UserError`, before a weight is asked for, when the model has no such head, and
        when the weight files do not fit.
        """
        self._quieten()
        processor = self._processor_if_any()
        config = self._changed_config(request)
        with lean(config, self.config, request.head):
            return self._loaded(request, config, processor)

    def _loaded(self, request: ModelRequest, config: PretrainedConfig, processor: Any) -> Loaded:
        import torch

        from gft.suppliers.heads import apply_activations, describe_head, new_names

        shape = describe_head(request.head, config, self._code, str(self.spec))
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
        self._settle_generation(model, request)
        new = new_names(info)
        if len(new) > max(len(shape.every) / 2, len(shape.of_labels)):
            raise UserError(
                f"{self.spec}: its weights do not fit its {CONFIG}: {len(new)} of "
                f"{len(shape.every)} are not in its files, such as {listed(new[:3])}"
            )
        _enlarge(model, request)
        return Loaded(model, processor, new)

    def _settle_generation(self, model: Any, request: ModelRequest) -> None:
        """Have a model write texts as is asked for, beginning as it is trained to begin them."""
        from gft.suppliers.configurations import STARTS, make_savable

        settings = getattr(model, "generation_config", None)
        if settings is None:
            return
        start = getattr(model.config, STARTS, None)
        if start is not None and getattr(settings, STARTS) is None:
            setattr(settings, STARTS, start)
        for name, value in request.generation.items():
            setattr(settings, name, value)
        make_savable(settings)

    def untrained(self, request: ModelRequest) -> Loaded:
        """Return the model that is asked for with random weights: none is read."""
        from gft.suppliers.heads import apply_activations, auto_class, describe_head

        self._quieten()
        config = self._changed_config(request)
        describe_head(request.head, config, self._code, str(self.spec))
        model = auto_class(request.head).from_config(config, trust_remote_code=self._code)
        apply_activations(model)
        _enlarge(model, request)
        return Loaded(model, self.processor())

    def _weights(self, shape: Head, request: ModelRequest) -> dict[str, Any]:
        """Return what `from_pretrained` takes the weights from."""
        from gft.suppliers.heads import with_head

        folder = self._weight_folder()
        if not request.head_rows and not (request.new_head and holds_any(folder, shape.of_labels)):
            return {"pretrained_model_name_or_path": folder}
        weights = with_head(read_weights(folder), shape, request)
        return {"pretrained_model_name_or_path": None, "state_dict": weights}

    def _changed_config(self, request: ModelRequest) -> PretrainedConfig:
        """Return the configuration with what is asked for set in it, and a padding token."""
        from gft.suppliers.configurations import make_fit, set_start

        config = self._auto_config()
        for name, value in request.config_fields().items():
            setattr(config, name, value)
        processor = self._processor_if_any()
        agree_on_padding(config, processor)
        make_fit(config)
        set_start(config, self.generation(), processor, str(self.spec))
        return config

    def write(self, loaded: Loaded, folder: Path) -> None:
        """Write the model, or its adapter, as safetensors, and its processor if it has one."""
        from gft.adapters.lora import adapted, write_adapter

        self._quieten()
        model: Any = loaded.model
        if adapted(model):
            write_adapter(model, folder)
        else:
            model.save_pretrained(folder)
        if loaded.processor is not None:
            loaded.processor.save_pretrained(folder)

    def generation(self) -> Mapping[str, Any]:
        """Return the settings by which the model writes texts; old ones stand in `config.json`."""
        if GENERATION not in self.files.sizes:
            return self.config
        return read_json(self._small_files() / GENERATION, str(self.spec))

    def _small_files(self) -> Path:
        """Return a folder with everything but the weights."""
        return self.files.fetch(small_files(self.files.sizes, self._code))

    def _tokenizer_files(self) -> Path:
        """Return a folder with the tokenizer, if the model has one."""
        return self._small_files()

    def _weight_folder(self) -> Path:
        """Return a folder with the weights. Raises `UserError` when there are none."""
        files = weight_files(self.files.sizes)
        if not files:
            other = [name for name in self.files.sizes if name.endswith(UNREAD)]
            raise UserError(
                f"{self.spec} has no weights: no model.safetensors, no pytorch_model.bin"
                + (f"; {listed(other, 4)} cannot be read" if other else "")
            )
        return self.files.fetch(files)

    def _auto_config(self) -> PretrainedConfig:
        from transformers import AutoConfig, __version__

        how = {"trust_remote_code": self._code, "local_files_only": True}
        try:
            config = AutoConfig.from_pretrained(self._small_files(), **how)
            check_numbers(self.config, config, str(self.spec))
            return config
        except UserError:
            raise
        except Exception as problem:
            if "auto_map" in self.config and not self._code:
                raise UserError(needs_code(str(self.spec))) from problem
            kind = self.config.get("model_type")
            raise UserError(
                f"{self.spec}: transformers {__version__} cannot read its {CONFIG} "
                f"(model_type {kind!r}): {first_line(problem)}"
            ) from problem


def _enlarge(model: Any, request: ModelRequest) -> None:
    """Give a model embeddings for more tokens, if so many are asked for."""
    if request.tokens and request.tokens > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(request.tokens, mean_resizing=False)


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


def _fitted_folder(files: ModelFiles) -> Path | None:
    """Return a folder here with what a fit left beside the net, of a model that is elsewhere.

    None where it left nothing: then its configuration says all there is to know.
    """
    if SETTINGS not in files.sizes and RECORD not in files.sizes:
        return None
    return files.fetch([name for name in (RECORD, SETTINGS, NUMBERS) if name in files.sizes])
