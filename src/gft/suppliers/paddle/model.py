"""A model in PaddleNLP's form: read without Paddle, trained in torch, written in both forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.errors import UserError, first_line, listed
from gft.language.options import Shared
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest
from gft.suppliers.heads import ACTIVATIONS, Head, with_head
from gft.suppliers.paddle.config import (
    PADDED,
    SUFFIXES,
    family_of,
    to_paddle,
    to_transformers,
    written_as,
)
from gft.suppliers.paddle.folders import PaddleFiles
from gft.suppliers.paddle.form import INSIDE, WEIGHTS
from gft.suppliers.protocol import Loaded
from gft.suppliers.transformers_model import CONFIG, TransformersSource

if TYPE_CHECKING:
    from transformers import PretrainedConfig


class PaddleModel(TransformersSource):
    """A model whose weights are a `.pdparams`; `config` is what `transformers` would call it.

    Raises `UserError` when it is of a family that is not read.
    """

    def __init__(
        self, spec: Spec, files: PaddleFiles, origin: Mapping[str, Any], options: Options
    ) -> None:
        """Take the configuration from the files; `origin` says where they are from."""
        self.spec = spec
        self.paddle = files
        self.folder = files.folder
        self.options = options
        self.family = family_of(files.config, str(spec))
        self.config: Mapping[str, Any] = to_transformers(files.config, self.family)
        self.origin = {**origin, "form": INSIDE}
        self._processor: Any = None

    def has_file(self, name: str) -> bool:
        """Say whether a file of that name is in the model's folder."""
        return self.folder is not None and (self.folder / name).is_file()

    def card(self) -> dict[str, Any]:
        """Return what the model's card says where it is."""
        return self.paddle.card()

    def parameters(self) -> int | None:
        """Return the number of parameters of the model that its configuration makes."""
        return self._parameters_of_skeleton()

    def generation(self) -> Mapping[str, Any]:
        """Return what the configuration says of generation: none of these models writes."""
        return self.config

    def heads(self) -> tuple[str, ...]:
        """Return the heads that PaddleNLP has, too, for models of this family."""
        return tuple(head for head in super().heads() if head in SUFFIXES)

    def weight_bytes(self) -> int | None:
        """Return the size of the weights, None when it is not known before they are here."""
        return self.paddle.weight_bytes()

    def load(self, request: ModelRequest) -> Loaded:
        """Load the weights of the model as it is asked for. See `TransformersSource`."""
        return super().load(self._possible(request))

    def untrained(self, request: ModelRequest) -> Loaded:
        """Return the model that is asked for with random weights."""
        return super().untrained(self._possible(request))

    def how_to_load(self, architecture: str) -> str:
        """Return how to load a fitted folder, which has the model in two forms."""
        auto = f"AutoModelFor{architecture.rpartition('For')[2]}"
        own = self.config.get(ACTIVATIONS)
        lines = [
            "The same weights are here in two forms:",
            "",
            "```python",
            *([] if own else [f"transformers.{auto}.from_pretrained(FOLDER)"]),
            f'paddlenlp.transformers.{auto}.from_pretrained(FOLDER + "/{INSIDE}")',
            "gft.load(FOLDER)  # either form",
            "```",
        ]
        if own:
            lines += [
                "",
                f"Its head applies {' and '.join(own)}, which transformers' class does not: there "
                "load it with gft.",
            ]
        return "\n".join(lines)

    def write(self, loaded: Loaded, folder: Path) -> None:
        """Write `transformers`' form into `folder`, and PaddleNLP's into `paddle` there."""
        super().write(loaded, folder)
        inside = folder / INSIDE
        inside.mkdir(exist_ok=True)
        self.write_paddle(loaded, inside)

    def write_paddle(self, loaded: Loaded, folder: Path) -> None:
        """Write PaddleNLP's form of a loaded model into `folder`, from the same weights."""
        from gft.suppliers.paddle.pdparams import write_pdparams
        from gft.suppliers.paddle.tokenizer import write_json, write_tokenizer
        from gft.suppliers.paddle.weights import embeds_padding, to_paddle_weights

        model: Any = loaded.model
        head = next(h for h, suffix in SUFFIXES.items() if type(model).__name__.endswith(suffix))
        fields = model.config.to_dict()
        family = written_as(self.family, head, fields)
        config = to_paddle(fields, self.paddle.config, family, head)
        weights = {
            name: weight.detach().cpu().float().numpy()
            for name, weight in model.state_dict().items()
        }
        if embeds_padding(weights, self.paddle.config, family):
            config[PADDED] = True
        write_json(folder / CONFIG, config)
        kind = fields["model_type"]
        named = to_paddle_weights(weights, self.paddle.config, family, head, kind)
        write_pdparams(folder / WEIGHTS, named)
        if loaded.processor is None:
            return
        own = not self.options.of(Shared).tokenizer_name_or_path
        given = self.paddle.settings() if own else {}
        write_tokenizer(loaded.processor, self._small if own else {}, given, family, folder)

    @cached_property
    def _small(self) -> Mapping[str, Path]:
        """The tokenizer's files: asked for once, so that writing needs no network."""
        return self.paddle.small()

    def _possible(self, request: ModelRequest) -> ModelRequest:
        """Return the request, made to fit its head. Raises `UserError` for a head P has not."""
        if request.head not in SUFFIXES:
            raise UserError(
                f"{self.spec}: of PaddleNLP's models gft has the heads {listed(SUFFIXES)}, "
                f"and not {request.head}"
            )
        # A span has a beginning and an end, whatever labels the model had before.
        return replace(request, outputs=2) if request.head == "question-answering" else request

    def _has_tokenizer(self) -> bool:
        return any(not name.endswith("config.json") for name in self._small)

    def _own_processor(self) -> Any:
        from gft.suppliers.paddle.tokenizer import read_tokenizer

        return read_tokenizer(self._small, self.paddle.settings(), self.config, str(self.spec))

    def _auto_config(self) -> PretrainedConfig:
        from transformers import CONFIG_MAPPING

        fields = {name: value for name, value in self.config.items() if name != "model_type"}
        try:
            made: PretrainedConfig = CONFIG_MAPPING[self.config["model_type"]](**fields)
        except Exception as problem:
            raise UserError(
                f"{self.spec}: its configuration does not make a {self.family.name} model: "
                f"{first_line(problem)}"
            ) from problem
        return made

    def _weights(self, shape: Head, request: ModelRequest) -> dict[str, Any]:
        import torch

        from gft.suppliers.paddle.pdparams import read_pdparams
        from gft.suppliers.paddle.weights import from_paddle

        arrays = read_pdparams(self.paddle.weights(), str(self.spec))
        weights = from_paddle(arrays, self.paddle.config, self.family, request.head)
        tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
        state = with_head(tensors, shape, request)
        return {"pretrained_model_name_or_path": None, "state_dict": state}
