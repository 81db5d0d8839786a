"""`classify_audio: label ~ audio`: one of several classes for each sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.inputs import sound
from gft.inputs.category import BESIDE
from gft.inputs.features import labelled
from gft.inputs.kind import InputKind
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.request import ModelRequest
from gft.tasks.classify_media import ClassifyMedia
from gft.tasks.options import SoundLength
from gft.tasks.protocol import Batch, Cells, Encoded, Feature, Readied, Splits, Task

if TYPE_CHECKING:
    from gft.metrics.protocol import Array

BEGIN = "begin"
"""The part of a feature that says at which second its part of a long sound begins."""
SECONDS = 20.0
"""So much of a longer sound is used unless `--max_duration_in_seconds` says otherwise."""


@dataclass(frozen=True)
class ClassifyAudio(ClassifyMedia):
    """A classifier of sounds with an audio classification head and cross-entropy loss.

    Of sounds longer than `seconds` training takes a random part, prediction the beginning.
    `shortest` is how many samples the model needs: shorter sounds are followed by silence.
    """

    seconds: float = SECONDS
    least: float = 0.0
    shortest: int = 0

    name: ClassVar[str] = "classify_audio"
    aliases: ClassVar[tuple[str, ...]] = ("audio-classification",)
    summary: ClassVar[str] = "the class of each sound"
    head: ClassVar[str] = "audio-classification"
    takes: ClassVar[tuple[InputKind, ...]] = (sound.SOUND, *BESIDE)
    columns: ClassVar[tuple[str, ...]] = ("audio",)
    settings: ClassVar[tuple[str, ...]] = ("positive_label", "seconds", "least", "shortest")
    heads: ClassVar[tuple[str, ...]] = ("ForAudioClassification", "ForSequenceClassification")
    right: ClassVar[str] = "one column of sounds: names of files, or the files themselves"
    default_model: ClassVar[str | None] = "superb/wav2vec2-base-superb-ks"
    example: ClassVar[str] = (
        "--model H:superb/wav2vec2-base-superb-ks --data H:superb,ks "
        "--eqn 'classify_audio: label ~ audio'"
    )
    reads: ClassVar[Reads] = (*ClassifyMedia.reads, SoundLength)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the classifier that a configuration describes."""
        task = super().of_model(config, equation) if sound.is_of_sound(config) else None
        return replace(task, shortest=sound.shortest_for(config)) if isinstance(task, cls) else None

    def configured(self, options: Options) -> Self:
        """Return the task with its loss, its folder and its lengths."""
        task, asked = super().configured(options), options.of(SoundLength)
        return replace(
            task,
            seconds=asked.max_duration_in_seconds or self.seconds,
            least=asked.min_duration_in_seconds or self.least,
        )

    def ready(
        self, processor: Any, config: Mapping[str, Any], rows: Splits, request: ModelRequest | None
    ) -> Readied:
        """Check every sound; leave out those that are too short, count those that are long."""
        sound.rate_of(processor)
        [(name, kind)] = self.texts.items()
        found = kind.measure(rows, name)
        kept, notes = sound.kept_rows(found, self.least)
        for split, lengths in found.values.items():
            longer = sum(one > self.seconds for one in lengths)
            if longer:
                part = "a random part" if request and split == "train" else "the beginning"
                notes.append(
                    f"{longer} rows of {split} are longer than {self.seconds:g} s: {part} of so "
                    "many seconds is used"
                )
        task = replace(self, shortest=sound.shortest_for(config))
        return Readied(task, processor, kept, request, tuple(notes))

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return where the sounds are and how long each is; none is decoded yet."""
        features: list[Feature] = []
        for source in self.read(rows)[0]:
            seconds = sound.duration(source)
            used = min(seconds, self.seconds)
            features.append({"audio": source, "seconds": seconds, sound.LENGTH: round(1000 * used)})
        return self.with_covariates(labelled(features, golds), rows)

    def drawn(self, processor: Any, feature: Feature) -> Feature:
        """Return a sound with the second that its part begins at, of a long one."""
        import torch

        spare = feature["seconds"] - self.seconds
        return feature if spare <= 0 else feature | {BEGIN: float(torch.rand(())) * spare}

    def batch_of(self, processor: Any, features: Sequence[Feature], training: bool) -> Batch:
        """Return the sounds as the model takes them."""
        rate = sound.rate_of(processor)
        sounds = [self._part(feature, rate) for feature in features]
        return sound.batch_of(processor, sounds, self.shortest)

    def _part(self, feature: Feature, rate: int) -> Array:
        """Return a sound, or so many seconds of it as the model is given."""
        if feature["seconds"] <= self.seconds:
            return sound.read_sound(feature["audio"], rate)
        return sound.read_sound(feature["audio"], rate, feature.get(BEGIN, 0.0), self.seconds)
