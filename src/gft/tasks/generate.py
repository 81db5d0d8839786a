"""`generate: target ~ source`: a text for each row, written by the model token by token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft import notes
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, listed
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Scored
from gft.request import ModelRequest
from gft.targets.protocol import Target
from gft.targets.texts import Texts
from gft.tasks.masks import IGNORED
from gft.tasks.options import Generating, Smoothing, TextLength
from gft.tasks.protocol import Adapted, Batch, Encoded, Feature, Task, Values
from gft.tasks.text import as_text, check_columns, encode_texts, pad
from gft.tasks.transcripts import padded

if TYPE_CHECKING:
    import torch

_COLUMNS = ("inputs", "outputs")
_SAVED = ("source_prefix", "between", "num_beams", "max_new_tokens")
_OPTIONS = ("source_prefix", "num_beams", "max_new_tokens", "num_return_sequences")
_OF_RECIPE = {"source_prefix": "prefix", "num_beams": "num_beams", "max_new_tokens": "max_length"}
_DEFAULTS = {
    "text_generation": "openai-community/gpt2",
    "causallm": "openai-community/gpt2",
    "summarization": "sshleifer/distilbart-cnn-12-6",
    "translation": "google-t5/t5-base",
    "mt": "google-t5/t5-base",
    "machine_translation": "google-t5/t5-base",
}
"""The models that `transformers.pipeline` took for these names."""
_TRANSLATION = ("translation", "mt", "machine_translation")
_USUAL = "translation_en_to_de"
"""What `transformers.pipeline` translated where nobody named languages."""
NEW_LINE = "\n"
_SEQ2SEQ_HEADS = ("ForConditionalGeneration", "MTModel")
_CAUSAL_HEADS = ("ForCausalLM", "LMHeadModel")
_OF_OTHER_INPUTS = ("num_mel_bins", "input_feat_per_channel", "vision_config", "audio_config")
"""Fields in the configuration of a model that writes text, but reads sound or images."""


@dataclass(frozen=True)
class Generate:
    """A text from a text with a sequence-to-sequence model: T5, BART, Marian and their like.

    The loss is the cross-entropy of the target's tokens, each given the ones before it. Texts are
    generated without sampling, by a search over `num_beams`; None: as many as the model's own
    settings say, which is one where they say nothing. `between` is what a causal model reads
    between source and target. `smoothing` (0 to 1) belongs to the loss. A causal model (GPT-2,
    Llama) makes it a `GenerateCausal`.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    source_prefix: str = ""
    between: str = NEW_LINE
    num_beams: int | None = None
    max_new_tokens: int = 128
    num_return_sequences: int = 1
    smoothing: float = 0.0
    recipes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """How the model was trained to do some tasks, as its configuration says: T5's prefixes."""

    name: ClassVar[str] = "generate"
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
    summary: ClassVar[str] = "a text for each row, from one or more columns of text"
    head: ClassVar[str] = "seq2seq"
    target: ClassVar[Target] = Texts()
    metrics: ClassVar[tuple[str, ...]] = ("chrf", "bleu", "rougeL")
    left: ClassVar[str] = "one column of text: what is to be written"
    right: ClassVar[str] = "one or more columns of text: what it is written from"
    default_model: ClassVar[str | None] = "google/flan-t5-small"
    example: ClassVar[str] = (
        "--model H:google-t5/t5-small --data H:EdinburghNLP/xsum --source_prefix 'summarize: ' "
        "--eqn 'generate: summary ~ document'"
    )
    length_of: ClassVar[str] = "input_ids"
    longest: ClassVar[int] = 512
    labels: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[Reads] = (TextLength, Smoothing, Generating)

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Task | None = None,
    ) -> Task:
        """Check the columns; of a model that will be scored, take its settings."""
        del used  # There are no labels to find in it.
        mistakes = Mistakes()
        for message in check_columns(equation.columns, data.columns, data.name):
            mistakes.add(message)
        if len(equation.left) != 1:
            mistakes.add(
                f"generate takes one column on the left of '~', found {listed(equation.left)}"
            )
        for name in equation.columns:
            kind = data.columns[name].kind if name in data.columns else "text"
            if kind in ("list", "struct", "other"):
                mistakes.add(f"column {name!r} of {data.name} holds {kind} values; expected text")
        mistakes.raise_any()
        if isinstance(model, Generate):
            return model.with_columns(equation)
        return cls(equation.inputs, equation.left)

    @classmethod
    def default_for(cls, spelling: str) -> str | None:
        """Return the default model for a name of the task: `translation_en_to_fr` is one too."""
        name = "translation" if spelling.startswith("translation_") else spelling
        return _DEFAULTS.get(name, cls.default_model)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task of a fitted folder."""
        from gft.tasks.generate_causal import GenerateCausal

        kind = GenerateCausal if saved["causal"] else Generate
        inputs, outputs = (tuple(saved[name]) for name in _COLUMNS)
        return kind(inputs, outputs, **{name: saved[name] for name in _SAVED})

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the task of a configuration that speaks of a head which writes text."""
        architectures = config.get("architectures") or []
        kind = _kind_for(config)
        if kind is None or not any(
            name.endswith((*_SEQ2SEQ_HEADS, *_CAUSAL_HEADS)) for name in architectures
        ):
            return None
        inputs, outputs = (equation.inputs, equation.left) if equation else (("text",), ("label",))
        # What nobody has fitted goes on from its text, with nothing between.
        recipes = config.get("task_specific_params") or {}
        return kind(inputs, outputs, between="", recipes=recipes)

    def saved(self) -> dict[str, Any]:
        """Return the columns and settings, as JSON."""
        return {
            **{name: list(getattr(self, name)) for name in _COLUMNS},
            **{name: getattr(self, name) for name in _SAVED},
            "labels": [],
            "causal": self.head == "causal",
        }

    def with_columns(self, equation: Equation) -> Self:
        """Return the task for other columns."""
        return replace(self, inputs=equation.inputs, outputs=equation.left)

    def configured(self, options: Options) -> Self:
        """Return the task with the settings that were given, else with those of the model's own
        recipe for `--task summarization` or `translation_en_to_fr`. Raises `UserError`.
        """
        recipe = self._recipe(str(options.task or ""), options.source_prefix is not None)
        given = {
            ours: recipe[theirs]
            for ours, theirs in _OF_RECIPE.items()
            if recipe.get(theirs) is not None
        }
        given.update({name: options[name] for name in _OPTIONS if options[name] is not None})
        task = replace(self, **given, smoothing=options.label_smoothing_factor)
        wanted = task.num_return_sequences
        if options.num_beams is not None and wanted > options.num_beams:
            raise UserError(
                f"--num_return_sequences {wanted}: a search over --num_beams {options.num_beams} "
                f"finds no more than that; leave it out, or give {wanted} or more"
            )
        return task

    def _recipe(self, task: str, prefixed: bool) -> Mapping[str, Any]:
        """Return the model's recipe for a name of the task, empty where it has none."""
        named = task.rpartition(":")[2].lower().replace("-", "_")
        known = sorted(name for name in self.recipes if name.startswith("translation_"))
        if named in _TRANSLATION and known and not prefixed:
            taken = _USUAL if _USUAL in known else known[0]
            notes.note(f"{task} does {taken}; the model knows {listed(known)}: --task names one")
            named = taken
        return self.recipes.get(named, {})

    def learned(self, train: Rows) -> Self:
        """Return this task: it needs to know nothing beforehand."""
        return self

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task: there are no labels to meet."""
        if label_map:
            raise UserError("--label_map is for labels; generate writes texts")
        return self, ()

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[str | None]:
        """Return the text of each row, None where it is missing or blank."""
        texts = [as_text(value) for value in rows[self.outputs[0]]]
        return [text if text.strip() else None for text in texts]

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

    def sources(self, rows: Mapping[str, Sequence[Any]]) -> list[list[str]]:
        """Return the input columns as texts, the first with `source_prefix` before it."""
        first, *others = ([as_text(value) for value in rows[name]] for name in self.inputs)
        return [[f"{self.source_prefix}{text}" for text in first], *others]

    def encode(
        self,
        processor: Any,
        rows: Mapping[str, Sequence[Any]],
        max_length: int,
        golds: Sequence[Any] | None = None,
    ) -> Encoded:
        """Return token features of the sources, with `golds` the targets' tokens as `labels`.

        Source and target are cut at `max_length` each; a cut target keeps its end token.
        """
        encoded = encode_texts(processor, self.sources(rows), max_length)
        features: list[Feature] = [
            {name: one[name] for name in ("input_ids", "attention_mask")}
            for one in encoded.features
        ]
        if golds is None or not features:
            return Encoded(features, encoded.cut)
        targets = processor(text_target=list(golds), verbose=False)["input_ids"]
        for feature, ids in zip(features, targets, strict=True):
            feature["labels"] = ids if len(ids) <= max_length else [*ids[: max_length - 1], ids[-1]]
        too_long = [len(ids) > max_length for ids in targets]
        return Encoded(features, [a or b for a, b in zip(encoded.cut, too_long, strict=True)])

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return token tensors of shape (rows, longest source), labels of (rows, longest target).

        The model itself makes the decoder's inputs of the labels, shifted right by one.
        """
        batch = pad(processor, features, side="right")
        if "labels" in features[0]:
            batch["labels"] = padded([list(feature["labels"]) for feature in features])
        return batch

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the model's own loss: the mean cross-entropy of the target's tokens, in nats."""
        outputs = model(**batch, use_cache=False)
        loss: torch.Tensor = outputs["loss"]
        return self.smoothed(outputs["logits"], batch["labels"]) if self.smoothing else loss

    def smoothed(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy with label smoothing (Szegedy et al. 2016)."""
        from torch.nn.functional import cross_entropy

        return cross_entropy(
            logits.flatten(0, 1).float(),
            labels.flatten(),
            ignore_index=IGNORED,
            label_smoothing=self.smoothing,
        )

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the tokens of the texts, shape (rows * sequences, longest)."""
        return self.generated(model, batch, 1)

    def generated(self, model: Any, batch: Batch, taken: int) -> Any:
        """Return what the model generates; `taken` of its positions are in use already."""
        positions = getattr(model.config, "max_position_embeddings", None)
        room = self.max_new_tokens if positions is None else max(1, positions - taken)
        own = model.generation_config.num_beams or 1
        return model.generate(
            **batch,
            do_sample=False,
            num_beams=max(self.num_beams or own, self.num_return_sequences),
            num_return_sequences=self.num_return_sequences,
            max_new_tokens=min(self.max_new_tokens, room),
        )

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the token numbers of each row's sequences."""
        return outputs.reshape(len(features), -1, outputs.shape[-1]).tolist(), None

    def spelled(self, processor: Any, predictions: Values) -> Values:
        """Return each row's texts, the best first."""
        texts = processor.batch_decode(
            [ids for row in predictions for ids in row], skip_special_tokens=True
        )
        each = self.num_return_sequences
        stripped = [text.strip() for text in texts]
        return [stripped[start : start + each] for start in range(0, len(stripped), each)]

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return the texts for the metrics, the best one of each row."""
        return Scored(list(golds), [texts[0] for texts in predictions], None, ())

    def value(self, prediction: Any, scores: Any) -> Any:
        """Return the text, or a list of them where several were asked for."""
        if isinstance(prediction, str) or len(prediction) > 1:
            return prediction
        return prediction[0]

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return the texts, the best first."""
        return list(prediction)


def _kind_for(config: Mapping[str, Any]) -> type[Generate] | None:
    """Return the task for a configuration's kind of model, None if it cannot write from a text."""
    from gft.tasks.generate_causal import GenerateCausal

    if any(name in config for name in _OF_OTHER_INPUTS):
        return None
    if config.get("is_encoder_decoder"):
        return Generate
    # A model of whole texts (BERT) has a causal head too, but was trained to look ahead.
    architectures = config.get("architectures") or []
    return GenerateCausal if any(name.endswith(_CAUSAL_HEADS) for name in architectures) else None
