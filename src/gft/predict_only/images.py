"""Predictions about images: objects with their boxes, segments with their labels, captions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from gft.errors import UserError
from gft.inputs.files import source_of
from gft.inputs.images import read_image
from gft.language.program import Options
from gft.predict_only.pipelines import pipeline
from gft.predict_only.protocol import Answer, Applied, RowByRow
from gft.tasks.options import Decoding

DIGITS = 6
NEW_TOKENS = 64


class OfImages(RowByRow):
    """A task whose input is one image."""

    right = "an image file, or the image itself"
    inputs = ("image",)

    def answering_row(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return the function that reads the image of a row and answers it."""
        answer = self.answering_image(applied)
        return lambda cell: answer(read_image(source_of(cell, self.folders, self.fetches)))

    @abstractmethod
    def answering_image(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return the function that answers a Pillow image."""


class ObjectDetection(OfImages):
    """The objects in an image."""

    name = "object_detection"
    aliases = ("object-detection",)
    summary = "the objects in an image: label, score and box (left,top,right,bottom)"
    heads = ("object-detection",)
    default_model = "hustvl/yolos-tiny"
    example = "echo photo.jpg | gft_predict --task object_detection"

    def answering_image(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return the function that finds the objects, highest score first; boxes in pixels."""
        detect = pipeline("object-detection", applied)

        def answer(image: Any) -> Answer:
            things = [
                {
                    "label": one["label"],
                    "score": round(one["score"], DIGITS),
                    "box": [one["box"][side] for side in ("xmin", "ymin", "xmax", "ymax")],
                }
                for one in sorted(detect(image), key=lambda one: -one["score"])
            ]
            fields = [
                f"{one['label']}|{one['score']:.4f}|{','.join(map(str, one['box']))}"
                for one in things
            ]
            return Answer(fields, {"prediction": things})

        return answer


class ImageSegmentation(OfImages):
    """The segments of an image."""

    name = "image_segmentation"
    aliases = ("image-segmentation",)
    summary = "the segments of an image: label, and share of the pixels"
    heads = ("universal-segmentation", "semantic-segmentation")
    default_model = "nvidia/segformer-b0-finetuned-ade-512-512"
    example = "echo photo.jpg | gft_predict --task image_segmentation"

    def answering_image(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return the function that finds the segments of an image, the largest first."""
        import numpy as np

        segment = pipeline("image-segmentation", applied)

        def answer(image: Any) -> Answer:
            parts = [
                {
                    "label": one["label"],
                    "share": round(float(np.mean(np.asarray(one["mask"]) > 0)), DIGITS),
                    **({} if one["score"] is None else {"score": round(one["score"], DIGITS)}),
                }
                for one in segment(image)
            ]
            parts.sort(key=lambda one: -one["share"])
            fields = [f"{one['label']}|{one['share']:.4f}" for one in parts]
            return Answer(fields, {"prediction": parts})

        return answer


@dataclass(frozen=True)
class ImageToText(OfImages):
    """A caption of an image."""

    tokens: int = NEW_TOKENS
    beams: int = 1

    name = "image_to_text"
    aliases = ("image-to-text", "image-captioning")
    summary = "a caption of an image"
    heads = ("image-to-text",)
    default_model = "Salesforce/blip-image-captioning-base"
    example = "echo photo.jpg | gft_predict --task image_to_text"
    reads = (Decoding,)

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with `--max_new_tokens` and `--num_beams`."""
        decoding = options.of(Decoding)
        return cls(tokens=decoding.max_new_tokens or NEW_TOKENS, beams=decoding.num_beams or 1)

    def answering_image(self, applied: Applied) -> Callable[[Any], Answer]:
        """Return the function that generates the caption of an image."""
        import torch

        processor, model = applied.processor, applied.model
        if not hasattr(processor, "image_processor") or not hasattr(processor, "tokenizer"):
            raise UserError(
                "image_to_text needs an image processor and a tokenizer; this model has only "
                f"{type(processor).__name__}"
            )
        how = {"max_new_tokens": self.tokens, "num_beams": self.beams, "do_sample": False}

        def answer(image: Any) -> Answer:
            pixels = processor.image_processor(images=image, return_tensors="pt").pixel_values
            with torch.inference_mode():
                tokens = model.generate(pixel_values=pixels.to(model.device), **how)
            text = processor.tokenizer.decode(tokens[0], skip_special_tokens=True).strip()
            return Answer([text], {"prediction": text})

        return answer
