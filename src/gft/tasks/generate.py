"""`generate: target ~ source`: a text for each row, written by the model token by token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from gft.errors import UserError, listed
from gft.inputs.beginnings import beginnings
from gft.inputs.text import encode_texts, pad
from gft.language.equation import Equation
from gft.request import ModelRequest
from gft.tasks.generate_causal import GenerateCausal
from gft.tasks.languages import closing
from gft.tasks.protocol import Adapted, Batch, Cells, Encoded, Feature, Task
from gft.tasks.transcripts import padded
from gft.tasks.writing import WritingTask

if TYPE_CHECKING:
    import torch

_DEFAULTS = {
    "text_generation": "openai-community/gpt2",
    "causallm": "openai-community/gpt2",
    "summarization": "sshleifer/distilbart-cnn-12-6",
    "translation": "google-t5/t5-base",
    "mt": "google-t5/t5-base",
    "machine_translation": "google-t5/t5-base",
}
"""The models that `transformers.pipeline` took for these names."""
_OF_OTHER_INPUTS = ("num_mel_bins", "input_feat_per_channel", "vision_config", "audio_config")
"""Fields in the configuration of a model that writes text, but reads sound or images."""


@dataclass(frozen=True)
class Generate(WritingTask):
    """A text from a text with a sequence-to-sequence model: T5, BART, Marian and their like.

    A causal model (GPT-2, Llama) makes it a `GenerateCausal`.
    """

    aliases: ClassVar[tuple[str, ...]] = (
        "seq2seq",
        "seq2seqLM",
        "translation",
        "MT",
        "machine-translation",
        "summarization",
        "text2text-generation",
        "text-generation",
        "causalLM",
    )
    head: ClassVar[str] = "seq2seq"
    both_sides: ClassVar[bool] = True
    heads: ClassVar[tuple[str, ...]] = (
        *GenerateCausal.heads,
        "ForConditionalGeneration",
        "MTModel",
    )
    default_model: ClassVar[str | None] = "google/flan-t5-small"
    example: ClassVar[str] = (
        "--model H:google-t5/t5-small --data H:EdinburghNLP/xsum --source_prefix 'summarize: ' "
        "--eqn 'generate: summary ~ document'"
    )

    @classmethod
    def default_for(cls, spelling: str) -> str | None:
        """Return the default model for a name of the task: `translation_en_to_fr` is one too."""
        name = "translation" if spelling.startswith("translation_") else spelling
        return _DEFAULTS.get(name, cls.default_model)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task of a fitted folder."""
        return GenerateCausal.restore(saved) if saved["causal"] else super().restore(saved)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the task of a configuration that speaks of a head which writes text."""
        kind = _kind_for(config)
        if kind is None or not cls.is_head_of(config):
            return None
        # What nobody has fitted goes on from its text, with nothing between.
        recipes = config.get("task_specific_params") or {}
        return kind.of_columns(equation, between="", recipes=recipes)

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Return the task for the kind of model. Raises `UserError` for one that cannot write."""
        kind = _kind_for(config)
        if kind is None:
            made_as = listed(config.get("architectures") or [str(config.get("model_type"))], 3)
            raise UserError(
                "generate needs a sequence-to-sequence model of texts (such as T5, BART, Marian) "
                f"or a causal one (such as GPT-2, Llama); this model was made as {made_as}"
            )
        settings = {one.name: getattr(self, one.name) for one in fields(self)}
        return Adapted(kind(**settings), ModelRequest(kind.head))

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return token features of the sources, with `golds` the targets' tokens as `labels`.

        Source and target are truncated at `max_length` each; a truncated target keeps its end
        token.
        """
        encoded = encode_texts(processor, self.sources(rows), max_length)
        features: list[Feature] = [
            {name: one[name] for name in ("input_ids", "attention_mask")}
            for one in encoded.features
        ]
        if golds is None or not features:
            return Encoded(features, encoded.lost)
        read = beginnings(processor, list(golds), max_length)
        targets, last = self.target_ids(processor, read), closing(processor)
        for feature, ids in zip(features, targets, strict=True):
            truncated = len(ids) > max_length
            feature["labels"] = [*ids[: max_length - last], *ids[-last:]] if truncated else ids
        too_long = (max(0, len(ids) - max_length) for ids in targets)
        lost = [a + b for a, b in zip(encoded.lost, too_long, strict=True)]
        kept = sum(len(one["input_ids"]) for one in features)
        total = kept + sum(encoded.lost) + sum(map(len, targets))
        return Encoded(features, lost, total=total)

    def target_ids(self, processor: Any, targets: list[str]) -> list[list[int]]:
        """Return the tokens of targets, with their end, and with their language where one is."""
        found: list[list[int]] = processor(text_target=targets, verbose=False)["input_ids"]
        return found

    def batch_of(self, processor: Any, features: Sequence[Feature], training: bool) -> Batch:
        """Return token tensors of shape (rows, longest source)."""
        return pad(processor, features, side="right")

    def label_tensor(self, labels: Sequence[Any]) -> torch.Tensor:
        """Return the targets' tokens, shape (rows, longest target).

        The model itself makes the decoder's inputs of them, shifted right by one.
        """
        return padded(labels)

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the tokens of the texts, shape (rows * sequences, longest)."""
        return self.generated(model, batch, 1)


def _kind_for(config: Mapping[str, Any]) -> type[WritingTask] | None:
    """Return the task for a configuration's kind of model, None if it cannot write from a text."""
    if any(name in config for name in _OF_OTHER_INPUTS):
        return None
    if config.get("is_encoder_decoder"):
        return Generate
    # A model of whole texts (BERT) has a causal head too, but was trained to look ahead.
    return GenerateCausal if GenerateCausal.is_head_of(config) else None
