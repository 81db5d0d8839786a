"""Zero-shot classification: `--labels` names the classes, and the model was not trained on them."""

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
from gft.predict_only.protocol import Answer, Applied, RowByRow, text_in
from gft.tasks.options import Ranking

ENTAILMENT = "entail"
DIGITS = 6


@dataclass(frozen=True)
class _WithLabels(RowByRow):
    """A task that scores `labels` for a row, and shows the best of them."""

    labels: tuple[str, ...]
    shown: int

    reads = (ZeroShotOptions, Ranking)

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with `--labels`, and how many of them to show: 1, `--top_k`, or all.

        Raises `UserError` for fewer than two labels.
        """
        written, ranking = options.of(ZeroShotOptions).labels or (), options.of(Ranking)
        parts = [part for text in written for part in str(text).split(",")]
        labels = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
        if len(labels) < 2:
            raise UserError(
                f"{cls.name} needs --labels with at least two classes, such as --labels good,bad; "
                f"found {listed(labels) if labels else 'none'}"
            )
        count = len(labels)
        return cls(labels, count if ranking.return_all_scores else min(count, ranking.top_k or 1))

    def answer(self, found: Iterable[tuple[str, float]]) -> Answer:
        """Return the best labels with their scores, as `classify` writes them."""
        first = list(found)[: self.shown]
        fields = [part for label, score in first for part in (label, f"{score:.4f}")]
        values: dict[str, Any] = {"prediction": first[0][0], "score": round(first[0][1], DIGITS)}
        if len(first) > 1:
            values["scores"] = {label: round(score, DIGITS) for label, score in first}
        return Answer(fields, values)


class ZeroShotClassification(_WithLabels):
    """The score of a class is how far a text entails the sentence "This example is CLASS."

    Yin et al. 2019, on a model of natural language inference.
    """

    name = "zero_shot_classification"
    aliases = ("zero-shot-classification",)
    summary = "the class of a text among those of --labels, without training"
    right = "a text"
    inputs = ("text",)
    heads = ("sequence-classification",)
    default_model = "facebook/bart-large-mnli"
    example = "echo 'a fine day' | gft_predict --task zero_shot_classification --labels good,bad"

    def answering_row(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return the function that finds the most probable labels of a text."""
        names = [str(name) for name in applied.model.config.id2label.values()]
        if not any(name.lower().startswith(ENTAILMENT) for name in names):
            raise UserError(
                "zero-shot-classification needs a model of natural language inference with a "
                f"label 'entailment'; the labels of this model are {listed(names, 6)}"
            )
        compare = pipeline("zero-shot-classification", applied)
        # Not all tokenizers know the model's maximum length, where the pipeline truncates.
        tokenizer = compare.tokenizer
        tokenizer.model_max_length = min(tokenizer.model_max_length, applied.longest)

        def answer(text: Any) -> Answer:
            [read] = beginnings(tokenizer, [text_in(text)], applied.longest)
            found = compare(read, candidate_labels=list(self.labels))
            return self.answer(zip(found["labels"], found["scores"], strict=True))

        return answer


class ZeroShotImageClassification(_WithLabels, OfImages):
    """The score of a class is how similar an image is to "This is a photo of CLASS." (CLIP)."""

    name = "zero_shot_image_classification"
    aliases = ("zero-shot-image-classification",)
    summary = "the class of an image among those of --labels, without training"
    heads = ("zero-shot-image-classification",)
    default_model = "openai/clip-vit-base-patch32"
    example = "echo photo.jpg | gft_predict --task zero_shot_image_classification --labels cat,dog"

    def answering_image(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return the function that finds the most probable labels of an image."""
        compare = pipeline("zero-shot-image-classification", applied)

        def answer(image: Any) -> Answer:
            found = compare(image, candidate_labels=list(self.labels))
            return self.answer((one["label"], one["score"]) for one in found)

        return answer
