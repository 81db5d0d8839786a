"""What tasks share whose models write texts: settings of the search, and texts as predictions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft import notes
from gft.data.table import DataSet, Rows
from gft.errors import UserError, listed
from gft.inputs.beginnings import all_tokens, beginnings
from gft.inputs.text import Text, texts_or_none
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.options import Written
from gft.language.program import Options
from gft.metrics.protocol import Scored
from gft.request import ModelRequest
from gft.targets.protocol import Target
from gft.targets.texts import Texts
from gft.tasks.forbidden import Compared
from gft.tasks.languages import languages_of
from gft.tasks.masks import IGNORED
from gft.tasks.options import Generating, Smoothing, TextLength
from gft.tasks.protocol import Batch, Cells, Feature, Readied, Splits, Task, Values

if TYPE_CHECKING:
    import torch

_OF_RECIPE = {"source_prefix": "prefix", "num_beams": "num_beams", "max_new_tokens": "max_length"}
_GIVEN = ("min_new_tokens", "no_repeat_ngram_size", "repetition_penalty", "length_penalty")
"""Arguments that are settings of `generate`; None: the model's own."""
_TRANSLATION = ("translation", "mt", "machine_translation")
_USUAL = "translation_en_to_de"
"""What `transformers.pipeline` translated where nobody named languages."""
NEW_LINE = "\n"
READ_ROWS = 10_000
COMPARED = 10_000
"""Tokens of a text that settings of generation are held against, at least."""


@dataclass(frozen=True)
class WritingTask(Task):
    """A text from a text, written token by token.

    The loss is the cross-entropy of the target's tokens, each given the ones before it. Texts are
    generated without sampling, by a search over `num_beams`; None: as many as the model's own
    settings say, which is one where they say nothing. `between` is what a causal model reads
    between source and target. `source_lang` and `target_lang` are languages as the model's
    tokenizer calls them. `smoothing` (0 to 1) belongs to the loss.
    """

    source_prefix: str = ""
    between: str = NEW_LINE
    num_beams: int | None = None
    max_new_tokens: int = 128
    num_return_sequences: int = 1
    source_lang: str = ""
    target_lang: str = ""
    min_new_tokens: int | None = None
    no_repeat_ngram_size: int | None = None
    repetition_penalty: float | None = None
    length_penalty: float | None = None
    smoothing: float = 0.0
    recipes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """How the model was trained to do some tasks, as its configuration says: T5's prefixes."""
    generation: Mapping[str, Any] = field(default_factory=dict)
    """The model's own settings of generation."""
    begins: Mapping[str, int] = field(default_factory=dict)
    """Settings of generation by which texts begin in their language."""

    name: ClassVar[str] = "generate"
    summary: ClassVar[str] = "a text for each row, from one or more columns of text"
    target: ClassVar[Target] = Texts()
    metrics: ClassVar[tuple[str, ...]] = ("chrf", "bleu", "rougeL")
    output_needs: ClassVar[str] = "text"
    output_takes: ClassVar[tuple[str, ...]] = Text.takes
    left: ClassVar[str] = "one column of text: what is to be written"
    right: ClassVar[str] = "one or more columns of text: what it is written from"
    reads: ClassVar[Reads] = (TextLength, Smoothing, Generating)
    settings: ClassVar[tuple[str, ...]] = (
        "source_prefix", "between", "num_beams", "max_new_tokens", "source_lang", "target_lang",
        *_GIVEN,
    )  # fmt: skip

    @classmethod
    def bound(cls, equation: Equation, data: DataSet, used: Splits, model: Task | None) -> Task:
        """Return the task; of a model that will be scored, take its settings."""
        if isinstance(model, WritingTask):
            return model.with_columns(equation)
        return cls.of_columns(equation)

    def saved(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON, and whether the model is a causal one."""
        return {**super().saved(), "causal": self.head == "causal"}

    def configured(self, options: Options) -> Self:
        """Return the task with the settings that were given, else with those of the model's own
        recipe for `--task summarization` or `translation_en_to_fr`. Raises `UserError`.
        """
        asked, name = options.of(Generating), str(options.of(Written).task or "")
        recipe = self._recipe(name, asked.source_prefix is not None)
        given = {
            ours: recipe[theirs]
            for ours, theirs in _OF_RECIPE.items()
            if recipe.get(theirs) is not None
        }
        own = {
            "source_prefix": asked.source_prefix,
            "num_beams": asked.num_beams,
            "max_new_tokens": asked.max_new_tokens,
            "num_return_sequences": asked.num_return_sequences,
            "source_lang": asked.source_lang,
            "target_lang": asked.target_lang,
            "min_new_tokens": asked.min_new_tokens,
            "no_repeat_ngram_size": asked.no_repeat_ngram_size,
            "repetition_penalty": asked.repetition_penalty,
            "length_penalty": asked.length_penalty,
        }
        given |= {name: value for name, value in own.items() if value is not None}
        smoothing = options.of(Smoothing).label_smoothing_factor
        task = replace(super().configured(options), **given, smoothing=smoothing)
        wanted = task.num_return_sequences
        if asked.num_beams is not None and wanted > asked.num_beams:
            raise UserError(
                f"--num_return_sequences {wanted}: a search over --num_beams {asked.num_beams} "
                f"returns no more than that; leave it out, or give {wanted} or more"
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

    def with_processor(self, processor: Any, generation: Callable[[], Mapping[str, Any]]) -> Self:
        """Return the task with the model's languages and settings. Raises `UserError`."""
        own = generation()
        spoken = languages_of(processor, self.source_lang, self.target_lang, own)
        # It is kept beside the model too: one that searches no more than one text cannot keep it.
        penalty = own.get("length_penalty") if self.length_penalty is None else self.length_penalty
        task = replace(self, generation=own, length_penalty=penalty)
        if spoken is None:
            return task
        return replace(
            task,
            source_lang=spoken.source,
            target_lang=spoken.target,
            begins=spoken.begins,
        )

    def ready(
        self, processor: Any, config: Mapping[str, Any], rows: Splits, request: ModelRequest | None
    ) -> Readied:
        """Leave out what of a model's own settings forbids texts of train, with a note."""
        made = super().ready(processor, config, rows, request)
        if request is None:
            return made
        decided = {name for name in _GIVEN if getattr(self, name) is not None} | self.begins.keys()
        if "min_new_tokens" in decided:  # which takes the place of both
            decided.add("min_length")
        compared = Compared(self.generation, decided)
        if compared:
            self._compare(compared, processor, rows["train"])
        settings = {**compared.changed(), **self.begins}
        return replace(
            made,
            request=replace(request, generation=settings),
            notes=(*made.notes, *compared.notes()),
        )

    def _compare(self, compared: Compared, processor: Any, train: Rows) -> None:
        """Hold settings against the targets of train."""
        golds, start = self.golds_of(train).values, 0
        for part in train.batches(self.inputs, READ_ROWS):
            stop = start + len(part[self.inputs[0]])
            texts = [" ".join(map(str, cells)) for cells in zip(*self.sources(part), strict=True)]
            sources = all_tokens(processor, beginnings(processor, texts, COMPARED))
            golds_read = beginnings(processor, list(golds[start:stop]), COMPARED)
            targets = self.target_ids(processor, golds_read)
            for target, source in zip(targets, sources, strict=True):
                compared.add(target, source)
            start = stop

    @abstractmethod
    def target_ids(self, processor: Any, targets: list[str]) -> list[list[int]]:
        """Return the tokens of targets as the model is to write them, with what ends them."""

    def golds(self, rows: Cells) -> list[str | None]:
        """Return the text of each row, None where it is missing or empty."""
        return texts_or_none(rows[self.outputs[0]])

    def sources(self, rows: Cells) -> list[list[str]]:
        """Return the input columns as texts, the first with `source_prefix` before it."""
        first, *others = self.read(rows)
        return [[f"{self.source_prefix}{text}" for text in first], *others]

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the model's own loss: the mean cross-entropy of the target's tokens, in nats."""
        outputs = model(**batch, use_cache=False)
        loss: torch.Tensor = outputs["loss"]
        return self.smoothed(outputs["logits"], batch["labels"]) if self.smoothing else loss

    def weight(self, batch: Batch) -> torch.Tensor:
        """Return how many tokens the targets have."""
        return (batch["labels"] != IGNORED).sum()

    def smoothed(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy with label smoothing (Szegedy et al. 2016)."""
        from torch.nn.functional import cross_entropy

        return cross_entropy(
            logits.flatten(0, 1).float(),
            labels.flatten(),
            ignore_index=IGNORED,
            label_smoothing=self.smoothing,
        )

    def generated(self, model: Any, batch: Batch, taken: int) -> Any:
        """Return what the model generates; `taken` of its positions are in use already."""
        positions = getattr(model.config, "max_position_embeddings", None)
        room = self.max_new_tokens if positions is None else max(1, positions - taken)
        own = model.generation_config.num_beams or 1
        beams = max(self.num_beams or own, self.num_return_sequences)
        given = {name: getattr(self, name) for name in _GIVEN if getattr(self, name) is not None}
        if beams == 1:
            given.pop("length_penalty", None)
        return model.generate(
            **batch,
            do_sample=False,
            num_beams=beams,
            num_return_sequences=self.num_return_sequences,
            max_new_tokens=min(self.max_new_tokens, room),
            return_dict_in_generate=False,
            **given,
            **self.begins,
        )

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the token numbers of each row's sequences."""
        return outputs.reshape(len(features), -1, outputs.shape[-1]).tolist(), None

    def detokenized(self, processor: Any, predictions: Values) -> Values:
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

    @property
    def answer_schema(self) -> dict[str, Any]:
        """A text, or a list of texts where several were asked for."""
        return {"type": ["string", "array"], "items": {"type": "string"}}

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return the texts, the best first."""
        return list(prediction)
