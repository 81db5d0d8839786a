"""`ctc: text ~ audio`: the transcript of each sound."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.data.table import Rows
from gft.errors import UserError
from gft.inputs import sound
from gft.inputs.features import Batch, Cells, Encoded, Feature, labelled
from gft.inputs.files import READ_ROWS
from gft.inputs.kind import InputKind
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.options import Shared
from gft.language.program import Options
from gft.request import ModelRequest, Setting, Vocabulary
from gft.targets.protocol import Target
from gft.targets.texts import Texts
from gft.tasks import transcripts
from gft.tasks.options import CtcLoss, CtcOptions, SoundLength
from gft.tasks.protocol import Adapted, Readied, Splits, Task, Values

if TYPE_CHECKING:
    import torch

ROUNDING = 1e-6
"""Samples that the length of a sound in seconds may be wrong by."""


@dataclass(frozen=True)
class Ctc(Task):
    """A recogniser of speech with a CTC head (Graves et al. 2006), read off greedily.

    Of transcripts the characters of `ignore` do not count, and `case` (upper, lower or none) is
    that of the model's letters. Rows of fewer than `least` or more than `most` seconds are left
    out. `new_vocabulary` says that the characters of the train split become the vocabulary, with
    the tokens `unknown`, `padding` and `delimiter`. `shortest` is how many samples the model
    needs; `layers` are width and step of each layer that makes frames of them.
    """

    ignore: str = ""
    case: str = ""
    least: float = 0.0
    most: float | None = None
    shortest: int = 0
    layers: tuple[Sequence[int], ...] = ()
    new_vocabulary: bool = False
    given_tokenizer: bool = False
    unknown: str = "[UNK]"
    padding: str = "[PAD]"
    delimiter: str = "|"
    reduction: str = "mean"

    name: ClassVar[str] = "ctc"
    aliases: ClassVar[tuple[str, ...]] = ("ASR", "automatic-speech-recognition")
    summary: ClassVar[str] = "the transcript of each sound"
    head: ClassVar[str] = "ctc"
    heads: ClassVar[tuple[str, ...]] = ("ForCTC",)
    target: ClassVar[Target] = Texts()
    metrics: ClassVar[tuple[str, ...]] = ("wer", "cer")
    left: ClassVar[str] = "one column of text: the transcripts"
    right: ClassVar[str] = "one column of sounds: names of files, or the files themselves"
    default_model: ClassVar[str | None] = "facebook/wav2vec2-base-960h"
    example: ClassVar[str] = (
        "--model H:facebook/wav2vec2-base --data H:librispeech_asr,clean "
        "--splits train.100,validation,test "
        "--eqn 'ctc: text ~ audio'"
    )
    reads: ClassVar[Reads] = (SoundLength, CtcOptions, CtcLoss)
    takes: ClassVar[tuple[InputKind, ...]] = (sound.SOUND,)
    columns: ClassVar[tuple[str, ...]] = ("audio",)
    output: ClassVar[str] = "text"
    output_needs: ClassVar[str] = "text"
    output_takes: ClassVar[tuple[str, ...]] = ("text",)
    settings: ClassVar[tuple[str, ...]] = (
        "ignore", "case", "least", "most", "shortest", "layers",
    )  # fmt: skip
    longest: ClassVar[int] = 0

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the recogniser that a configuration describes."""
        if not cls.is_head_of(config):
            return None
        return cls.of_columns(equation)._of_frames(config)

    def configured(self, options: Options) -> Self:
        """Return the task with the lengths, the characters and the tokens that were asked for."""
        asked, lasting = options.of(CtcOptions), options.of(SoundLength)
        return replace(
            super().configured(options),
            ignore=transcripts.ignored(asked.chars_to_ignore) or self.ignore,
            least=lasting.min_duration_in_seconds or self.least,
            most=lasting.max_duration_in_seconds or self.most,
            given_tokenizer=bool(options.of(Shared).tokenizer_name_or_path),
            unknown=asked.unk_token or self.unknown,
            padding=asked.pad_token or self.padding,
            delimiter=asked.word_delimiter_token or self.delimiter,
            reduction=options.of(CtcLoss).ctc_loss_reduction or self.reduction,
        )

    def golds(self, rows: Cells) -> list[str | None]:
        """Return each transcript as the model could say it, None where there is none."""
        return [transcripts.cleaned(text, self.ignore, self.case) for text in rows[self.outputs[0]]]

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Keep the model's vocabulary if it has a CTC head; else the train split makes one."""
        settings: dict[str, Setting] = {
            "ctc_loss_reduction": self.reduction,
            "ctc_zero_infinity": True,
        }
        new = not self.is_head_of(config) and not self.given_tokenizer
        task = replace(self, new_vocabulary=new)
        return Adapted(task, ModelRequest(self.head, settings=settings))

    def ready(
        self, processor: Any, config: Mapping[str, Any], rows: Splits, request: ModelRequest | None
    ) -> Readied:
        """Check every sound, leave rows out, and make the vocabulary if the model has none."""
        rate = sound.rate_of(processor)
        found = self.input_kinds[0].measure(rows, self.inputs[0])
        most = float("inf") if self.most is None else self.most
        kept, notes = sound.kept_rows(found, self.least, most)
        tokenizer = getattr(processor, "tokenizer", None)
        task = self._of_frames(config)
        if request and (tokenizer is None or self.new_vocabulary):
            names = (self.unknown, self.padding, self.delimiter)
            processor = transcripts.with_vocabulary(
                processor, self.golds_of(kept["train"]).values, *names
            )
            tokenizer = processor.tokenizer
            notes.append(f"the vocabulary is the {len(tokenizer)} characters and tokens of train")
            request = replace(request, new_head=True)
        if tokenizer is None:
            raise UserError("the model has no vocabulary: it comes without a tokenizer")
        if not (request and self.new_vocabulary):
            task = replace(task, case=transcripts.case_of(tokenizer))
            if task.case not in ("", self.case):
                notes.append(
                    f"the model's vocabulary is {task.case}-case only, so texts are converted"
                )
        if request:
            vocabulary = Vocabulary(len(tokenizer), tokenizer.pad_token_id)
            request = replace(request, vocabulary=vocabulary)
            unknown = transcripts.unknown_in(task.golds_of(kept["train"]).values, tokenizer)
            notes += [unknown] if unknown else []
            kept["train"], more = task._possible(kept["train"], tokenizer, config, rate)
            notes += more
        return Readied(task, processor, kept, request, tuple(notes))

    def _of_frames(self, config: Mapping[str, Any]) -> Self:
        """Return the task with how a model makes frames of samples."""
        layers = tuple(sound.layers_of(config) or ())
        return replace(self, shortest=sound.shortest_for(config), layers=layers)

    def _possible(
        self, train: Rows, tokenizer: Any, config: Mapping[str, Any], rate: int
    ) -> tuple[Rows, list[str]]:
        """Return the rows whose sound has frames enough for their text, and a note."""
        chosen: list[int] = []
        start = 0
        golds = self.golds_of(train).values
        for part in train.batches(self.inputs, READ_ROWS):
            [sources] = self.read(part)
            samples = [max(self.shortest, round(sound.duration(one) * rate)) for one in sources]
            texts = golds[start : start + len(sources)]
            enough = transcripts.possible(samples, texts, tokenizer, config)
            chosen += [start + n for n, one in enumerate(enough) if one]
            start += len(texts)
        if not chosen:
            raise UserError("no sound of train is long enough for its text")
        lost = start - len(chosen)
        if not lost:
            return train, []
        notes = f"{lost} rows of train have texts too long for their sounds and are left out"
        return train.select(chosen), [notes]

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return where the sounds are and how long each is; none is decoded yet."""
        [sources], rate = self.read(rows), sound.rate_of(processor)
        features: list[Feature] = []
        for source in sources:
            seconds = sound.duration(source)
            length, samples = round(1000 * seconds), math.ceil(seconds * rate - ROUNDING)
            features.append({"audio": source, sound.LENGTH: length, sound.SAMPLES: samples})
        texts = None if golds is None else [processor.tokenizer(gold).input_ids for gold in golds]
        return labelled(features, texts)

    def batch_of(self, processor: Any, features: Sequence[Feature], training: bool) -> Batch:
        """Return the sounds as the model takes them."""
        rate = sound.rate_of(processor)
        sounds = [sound.read_sound(one["audio"], rate) for one in features]
        return sound.batch_of(processor, sounds, self.shortest)

    def label_tensor(self, labels: Sequence[Any]) -> torch.Tensor:
        """Return the tokens of the texts, shape (rows, longest)."""
        return transcripts.padded(labels)

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the CTC loss: the mean over characters and rows, or as `--ctc_loss_reduction`."""
        loss: torch.Tensor = model(**batch)["loss"]
        return loss

    def weight(self, batch: Batch) -> torch.Tensor | None:
        """Return how many rows there are; None where the loss is their sum."""
        return None if self.reduction == "sum" else super().weight(batch)

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the best token of each frame of each sound, without those of the padding."""
        best = outputs["logits"].argmax(-1).cpu().numpy()
        samples = [max(self.shortest, feature[sound.SAMPLES]) for feature in features]
        if self.layers:
            frames = [sound.frames_through(count, self.layers) for count in samples]
        else:
            share = best.shape[1] / max(1, *samples)
            frames = [round(count * share) for count in samples]
        return [row[: max(1, count)] for row, count in zip(best, frames, strict=True)], None

    @property
    def answer_schema(self) -> dict[str, Any]:
        """The transcript."""
        return {"type": "string"}

    def detokenized(self, processor: Any, predictions: Values) -> Values:
        """Return the texts."""
        return [transcripts.as_text(tokens.tolist(), processor.tokenizer) for tokens in predictions]
