"""Labels that nobody trained for: `--labels` names them, and the model compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

from gft.errors import UserError, listed
from gft.inputs.beginnings import beginnings
from gft.language.program import Options
from gft.predict_only.images import OfImages
from gft.predict_only.options import ZeroShotOptions
from gft.predict_only.pipelines import pipeline
from gft.predict_only.protocol import Answer, Applied, RowByRow, said
from gft.tasks.options import Ranking

ENTAILMENT = "entail"
DIGITS = 6


@dataclass(frozen=True)
class _WithLabels(RowByRow):
    """A task that compares `labels` with a row, and shows so many of them."""

    labels: tuple[str, ...]
    shown: int

    reads = (ZeroShotOptions, Ranking)

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with `--labels`, and how many of them to show.

        One, `--top_k`, or every one. Raises `UserError` for fewer than two labels.
        """
        given, asked = options.of(ZeroShotOptions).labels or (), options.of(Ranking)
        parts = [part for text in given for part in str(text).split(",")]
        labels = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
        if len(labels) < 2:
            raise UserError(
                f"{cls.name} needs --labels with two classes or more, such as --labels good,bad; "
                f"found {listed(labels) if labels else 'none'}"
            )
        count = len(labels)
        return cls(labels, count if asked.return_all_scores else min(count, asked.top_k or 1))

    def answer(self, found: Iterable[tuple[str, float]]) -> Answer:
        """Return the first labels with their scores as classify writes them."""
        first = list(found)[: self.shown]
        fields = [part for label, score in first for part in (label, f"{score:.4f}")]
        values: dict[str, Any] = {"prediction": first[0][0], "score": round(first[0][1], DIGITS)}
        if len(first) > 1:
            values["scores"] = {label: round(score, DIGITS) for label, score in first}
        return Answer(fields, values)


class ZeroShotClassification(_WithLabels):
    """A text is of a class as far as it entails the sentence "This example is CLASS."

    Yin et al. 2019, on a model of natural language inference.
    """

    name = "zero_shot_classification"
    aliases = ("zero-shot-classification",)
    summary = "which of the classes of --labels a text is of, without training"
    right = "a text"
    inputs = ("text",)
    heads = ("sequence-classification",)
    default_model = "facebook/bart-large-mnli"
    example = "echo 'a fine day' | gft_predict --task zero_shot_classification --labels good,bad"

    def answering_row(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return what yields the most probable labels of a text."""
        names = [str(name) for name in applied.model.config.id2label.values()]
        if not any(name.lower().startswith(ENTAILMENT) for name in names):
            raise UserError(
                "zero-shot-classification needs a model of natural language inference, with a "
                f"label 'entailment'; the labels of this one are {listed(names, 6)}"
            )
        compare = pipeline("zero-shot-classification", applied)
        # Not all tokenizers know where their models end, and the pipeline cuts where they do.
        tokenizer = compare.tokenizer
        tokenizer.model_max_length = min(tokenizer.model_max_length, applied.longest)

        def answer(text: Any) -> Answer:
            [read] = beginnings(tokenizer, [said(text)], applied.longest)
            found = compare(read, candidate_labels=list(self.labels))
            return self.answer(zip(found["labels"], found["scores"], strict=True))

        return answer


class ZeroShotImageClassification(_WithLabels, OfImages):
    """An image is of a class as far as it is like "This is a photo of CLASS." (CLIP)."""

    name = "zero_shot_image_classification"
    aliases = ("zero-shot-image-classification",)
    summary = "which of the classes of --labels an image is of, without training"
    heads = ("zero-shot-image-classification",)
    default_model = "openai/clip-vit-base-patch32"
    example = "echo photo.jpg | gft_predict --task zero_shot_image_classification --labels cat,dog"

    def answering_image(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return what yields the most probable labels of an image."""
        compare = pipeline("zero-shot-image-classification", applied)

        def answer(image: Any) -> Answer:
            found = compare(image, candidate_labels=list(self.labels))
            return self.answer((one["label"], one["score"]) for one in found)

        return answer
