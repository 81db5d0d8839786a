"""Labels that nobody trained for: `--labels` names them, and the model compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from gft.errors import UserError, listed
from gft.inputs.files import source_of
from gft.inputs.images import read_image
from gft.inputs.text import as_text
from gft.language.argument import Reads
from gft.language.program import Options
from gft.predict_only.options import ZeroShotOptions
from gft.predict_only.pipelines import pipeline
from gft.predict_only.protocol import Answer, Answering, Applied, Rows
from gft.tasks.options import Ranking

ENTAILMENT = "entail"
DIGITS = 6


@dataclass(frozen=True)
class ZeroShotClassification:
    """A text is of a class as far as it entails the sentence "This example is CLASS."

    Yin et al. 2019, on a model of natural language inference.
    """

    labels: tuple[str, ...]
    shown: int

    name: ClassVar[str] = "zero_shot_classification"
    aliases: ClassVar[tuple[str, ...]] = ("zero-shot-classification",)
    summary: ClassVar[str] = "which of the classes of --labels a text is of, without training"
    right: ClassVar[str] = "a text"
    inputs: ClassVar[tuple[str, ...]] = ("text",)
    several: ClassVar[bool] = False
    heads: ClassVar[tuple[str, ...]] = ("sequence-classification",)
    ignored: ClassVar[tuple[str, ...]] = ()
    default_model: ClassVar[str] = "facebook/bart-large-mnli"
    example: ClassVar[str] = (
        "echo 'a fine day' | gft_predict --task zero_shot_classification --labels good,bad"
    )
    reads: ClassVar[Reads] = (ZeroShotOptions, Ranking)

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with `--labels`, and how many of them to show."""
        labels = labels_of(options, cls.name)
        return cls(labels, shown_of(options, len(labels)))

    def located(self, folder: Path | None) -> Self:
        """Return the task: it reads no files."""
        return self

    def answering(self, applied: Applied) -> Answering:
        """Return what yields the most probable labels of each row."""
        names = [str(name) for name in applied.model.config.id2label.values()]
        if not any(name.lower().startswith(ENTAILMENT) for name in names):
            raise UserError(
                "zero-shot-classification needs a model of natural language inference, with a "
                f"label 'entailment'; the labels of this one are {listed(names, 6)}"
            )
        compare = pipeline("zero-shot-classification", applied)

        def answers(rows: Rows, first: int) -> Iterator[Answer]:
            del first
            for (text,) in rows:
                words = as_text(text)
                if not words.strip():
                    raise UserError("the text is empty")
                found = compare(words, candidate_labels=list(self.labels))
                yield answer(list(zip(found["labels"], found["scores"], strict=True))[: self.shown])

        return answers


@dataclass(frozen=True)
class ZeroShotImageClassification:
    """An image is of a class as far as it is like "This is a photo of CLASS." (CLIP)."""

    labels: tuple[str, ...]
    shown: int
    folders: tuple[str, ...] = ()

    name: ClassVar[str] = "zero_shot_image_classification"
    aliases: ClassVar[tuple[str, ...]] = ("zero-shot-image-classification",)
    summary: ClassVar[str] = "which of the classes of --labels an image is of, without training"
    right: ClassVar[str] = "an image or the name of its file"
    inputs: ClassVar[tuple[str, ...]] = ("image",)
    several: ClassVar[bool] = False
    heads: ClassVar[tuple[str, ...]] = ("zero-shot-image-classification",)
    ignored: ClassVar[tuple[str, ...]] = ()
    default_model: ClassVar[str] = "openai/clip-vit-base-patch32"
    example: ClassVar[str] = (
        "echo photo.jpg | gft_predict --task zero_shot_image_classification --labels cat,dog"
    )
    reads: ClassVar[Reads] = (ZeroShotOptions, Ranking)

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with `--labels`, and how many of them to show."""
        labels = labels_of(options, cls.name)
        return cls(labels, shown_of(options, len(labels)))

    def located(self, folder: Path | None) -> Self:
        """Return the task with the folder that relative names begin in."""
        return replace(self, folders=(str(folder),) if folder else ())

    def answering(self, applied: Applied) -> Answering:
        """Return what yields the most probable labels of each row."""
        compare = pipeline("zero-shot-image-classification", applied)

        def answers(rows: Rows, first: int) -> Iterator[Answer]:
            del first
            for (cell,) in rows:
                image = read_image(source_of(cell, self.folders))
                found = compare(image, candidate_labels=list(self.labels))
                yield answer([(one["label"], one["score"]) for one in found[: self.shown]])

        return answers


def labels_of(options: Options, task: str) -> tuple[str, ...]:
    """Return the classes that `--labels` names. Raises `UserError` for fewer than two."""
    given = options.of(ZeroShotOptions).labels or ()
    parts = [part for text in given for part in str(text).split(",")]
    labels = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if len(labels) < 2:
        raise UserError(
            f"{task} needs --labels with two classes or more, such as --labels good,bad; "
            f"found {listed(labels) if labels else 'none'}"
        )
    return labels


def shown_of(options: Options, count: int) -> int:
    """Return how many labels are shown: one, `--top_k`, or every one."""
    asked = options.of(Ranking)
    return count if asked.return_all_scores else min(count, asked.top_k or 1)


def answer(found: Sequence[tuple[str, float]]) -> Answer:
    """Return labels with their scores as classify writes them."""
    fields = [part for label, score in found for part in (label, f"{score:.4f}")]
    values: dict[str, Any] = {"prediction": found[0][0], "score": round(found[0][1], DIGITS)}
    if len(found) > 1:
        values["scores"] = {label: round(score, DIGITS) for label, score in found}
    return Answer(fields, values)
