"""A model that is an adapter: what was trained is here, the model that it changes elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.adapters.files import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from gft.adapters.lora import PREFIX, inject, require_peft
from gft.errors import UserError, first_line, listed
from gft.language.options import Shared
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest
from gft.suppliers.files import ModelFiles, read_json
from gft.suppliers.heads import new_names
from gft.suppliers.installed import letters, supplier_of
from gft.suppliers.processors import has_tokenizer
from gft.suppliers.protocol import Loaded
from gft.suppliers.transformers_model import CONFIG, GENERATION, TransformersSource
from gft.suppliers.weights import read_file, small_files

if TYPE_CHECKING:
    from transformers import PretrainedConfig

ADAPTER_FILES = (ADAPTER_WEIGHTS, "adapter_model.bin")
"""Where an adapter's weights are, today and in the past."""
_CLASSIFIER = "SEQ_CLS"


class AdapterSource(TransformersSource):
    """An adapter; the model it is for is opened when it is needed.

    With a `config.json` beside, as gft_fit writes it, opening asks nobody for anything.
    """

    def __init__(self, spec: Spec, files: ModelFiles, options: Options) -> None:
        """Read the configurations among the files."""
        self._base: TransformersSource | None = None
        code = options.of(Shared).trust_remote_code
        self._own_files = files.fetch(small_files(files.sizes, code))
        self.adapter = read_json(self._own_files / ADAPTER_CONFIG, str(spec))
        kind = self.adapter.get("peft_type")
        if kind != "LORA":
            raise UserError(f"{spec} is an adapter of type {kind}; gft reads LORA")
        super().__init__(spec, files, options)
        self.origin = {**files.origin, "base": str(self.adapter.get("base_model_name_or_path"))}

    def base(self) -> TransformersSource:
        """Return the model the adapter is for. Raises `UserError` if it is not where it was."""
        if self._base is None:
            self._base = self._open_base()
        return self._base

    def weight_bytes(self) -> int | None:
        """Return the size of the weights of the model that the adapter is for."""
        return self.base().weight_bytes()

    def parameters(self) -> int | None:
        """Return the number of parameters of the model that the adapter is for."""
        return self.base().parameters()

    def load(self, request: ModelRequest) -> Loaded:
        """Load the base, and the adapter into it: its matrices stay apart, as they were trained.

        A head that the adapter brings is kept unless another one is wanted.
        """
        require_peft(f"{self.spec}, which is an adapter,")
        import_module("peft")  # Before the base: peft needs what a lean import leaves away.
        self.base()
        loaded = super().load(request)
        weights = read_file(self._weights_file())
        mine = {name.removeprefix(PREFIX): one for name, one in weights.items()}
        model: Any = loaded.model
        shapes = {name: weight.shape for name, weight in model.state_dict().items()}
        head_fits = all(
            mine[name].shape == shapes[name] for name in loaded.new_weights if name in mine
        )
        keep = head_fits and not request.new_head
        try:
            inject(model, self._own_files, mine, keep)
        except Exception as problem:
            fits = f"{self.spec} does not fit {self.base().spec}, the model it is for"
            raise UserError(f"{fits}: {first_line(problem)}") from problem
        missing = set(loaded.new_weights) - (mine.keys() if keep else set())
        info = {"missing_keys": missing, "mismatched_keys": ()}
        return Loaded(model, loaded.processor, new_names(info))

    def _open_base(self) -> TransformersSource:
        name = str(self.adapter.get("base_model_name_or_path") or "")
        folder = Path(name)
        if not name:
            raise UserError(f"{self.spec}: its {ADAPTER_CONFIG} names no base_model_name_or_path")
        if folder.is_dir():
            here = Spec(letters().of_paths, name, literal=True)
            base = supplier_of(here).model(here, self.options)
        elif folder.is_absolute() or re.match(r"\.|~|[A-Za-z]:[\\/]", name) or name.count("/") > 1:
            raise UserError(
                f"{self.spec} is an adapter for the model in {name}, and there is no such folder: "
                f"put it back, or write where it is now into base_model_name_or_path in the "
                f"adapter's {ADAPTER_CONFIG}"
            )
        else:
            revision = self.adapter.get("revision")
            named = Spec(letters().usual, name, revision=revision)
            base = supplier_of(named).model(named, self.options)
        if isinstance(base, AdapterSource):
            raise UserError(f"{self.spec} is an adapter for an adapter ({name}); merge that first")
        if not isinstance(base, TransformersSource) or "form" in base.origin:
            raise UserError(f"{self.spec} is an adapter for {name}, which transformers cannot read")
        return base

    def _read_config(self) -> Mapping[str, Any]:
        """Return the adapter's own configuration, else the base's with the adapter's labels."""
        if self._has_config():
            return super()._read_config()
        config = dict(self.base().config)
        if self.adapter.get("task_type") != _CLASSIFIER:
            return config
        made_as = str((config.get("architectures") or [config.get("model_type")])[0])
        family = re.split(r"For[A-Z]|LMHead|Model$", made_as)[0]
        config["architectures"] = [f"{family}ForSequenceClassification"]
        count = self._count_labels()
        if count != len(config.get("id2label") or range(config.get("num_labels") or 2)):
            config["id2label"] = {str(n): f"LABEL_{n}" for n in range(count)}
        return config

    def generation(self) -> Mapping[str, Any]:
        """Return the settings of the model that the adapter is for, unless it has its own."""
        own = GENERATION in self.files.sizes
        return super().generation() if own else self.base().generation()

    def _settle_generation(self, model: Any, request: ModelRequest) -> None:
        if GENERATION in self.files.sizes:
            from transformers import GenerationConfig

            model.generation_config = GenerationConfig.from_dict(dict(self.generation()))
        super()._settle_generation(model, request)

    def _auto_config(self) -> PretrainedConfig:
        if self._has_config():
            return super()._auto_config()
        config = self.base()._auto_config()
        labels = self.config.get("id2label")
        if labels and len(labels) != config.num_labels:
            config.num_labels = len(labels)
        return config

    def _has_config(self) -> bool:
        return CONFIG in self.files.sizes

    def _tokenizer_files(self) -> Path:
        own = self._own_files
        return own if has_tokenizer(own) else self.base()._small_files()

    def _weight_folder(self) -> Path:
        return self.base()._weight_folder()

    def _weights_file(self) -> Path:
        name = next((one for one in ADAPTER_FILES if one in self.files.sizes), None)
        if name is None:
            raise UserError(f"{self.spec} has no weights: no {listed(ADAPTER_FILES)}")
        return self.files.fetch([name]) / name

    def _count_labels(self) -> int:
        """Return how many labels the head in the adapter has: its narrowest matrix's rows."""
        weights = read_file(self._weights_file())
        rows = [len(one) for name, one in weights.items() if "lora_" not in name and one.dim() == 2]
        return min(rows, default=2)
