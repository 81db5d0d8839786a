"""What is in an image: things with their boxes, parts with their labels, a text about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from gft.errors import UserError
from gft.inputs.files import source_of
from gft.inputs.images import read_image
from gft.language.argument import Reads
from gft.language.program import Options
from gft.predict_only.pipelines import pipeline
from gft.predict_only.protocol import Answer, Answering, Applied, Rows
from gft.tasks.options import Decoding

DIGITS = 6
NEW_TOKENS = 64


@dataclass(frozen=True)
class _OfImages:
    """A task whose input is one image."""

    folders: tuple[str, ...] = ()

    right: ClassVar[str] = "an image or the name of its file"
    inputs: ClassVar[tuple[str, ...]] = ("image",)
    several: ClassVar[bool] = False
    ignored: ClassVar[tuple[str, ...]] = ()

    def located(self, folder: Path | None) -> Self:
        """Return the task with the folder that relative names begin in."""
        return replace(self, folders=(str(folder),) if folder else ())

    def images(self, rows: Sequence[Sequence[Any]]) -> Iterator[Any]:
        """Yield the images of rows as Pillow has them."""
        for (cell,) in rows:
            yield read_image(source_of(cell, self.folders))


@dataclass(frozen=True)
class ObjectDetection(_OfImages):
    """The things in an image."""

    name: ClassVar[str] = "object_detection"
    aliases: ClassVar[tuple[str, ...]] = ("object-detection",)
    summary: ClassVar[str] = "the things in an image: label, score and box (left,top,right,bottom)"
    heads: ClassVar[tuple[str, ...]] = ("object-detection",)
    default_model: ClassVar[str] = "hustvl/yolos-tiny"
    example: ClassVar[str] = "echo photo.jpg | gft_predict --task object_detection"
    reads: ClassVar[Reads] = ()

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task: it has no settings."""
        del options
        return cls()

    def answering(self, applied: Applied) -> Answering:
        """Return what finds the things in each image, the most certain first; boxes in pixels."""
        detect = pipeline("object-detection", applied)

        def answers(rows: Rows, first: int) -> Iterator[Answer]:
            del first
            for image in self.images(rows):
                things = [
                    {
                        "label": one["label"],
                        "score": round(one["score"], DIGITS),
                        "box": [one["box"][side] for side in ("xmin", "ymin", "xmax", "ymax")],
                    }
                    for one in sorted(detect(image), key=lambda one: -one["score"])
                ]
                yield Answer(
                    [
                        f"{one['label']}|{one['score']:.4f}|{','.join(map(str, one['box']))}"
                        for one in things
                    ],
                    {"prediction": things},
                )

        return answers


@dataclass(frozen=True)
class ImageSegmentation(_OfImages):
    """The parts of an image."""

    name: ClassVar[str] = "image_segmentation"
    aliases: ClassVar[tuple[str, ...]] = ("image-segmentation",)
    summary: ClassVar[str] = "the parts of an image: label, and share of its pixels"
    heads: ClassVar[tuple[str, ...]] = ("universal-segmentation", "semantic-segmentation")
    default_model: ClassVar[str] = "nvidia/segformer-b0-finetuned-ade-512-512"
    example: ClassVar[str] = "echo photo.jpg | gft_predict --task image_segmentation"
    reads: ClassVar[Reads] = ()

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task: it has no settings."""
        del options
        return cls()

    def answering(self, applied: Applied) -> Answering:
        """Return what finds the parts of each image, the largest first."""
        import numpy as np

        segment = pipeline("image-segmentation", applied)

        def answers(rows: Rows, first: int) -> Iterator[Answer]:
            del first
            for image in self.images(rows):
                parts = [
                    {
                        "label": one["label"],
                        "share": round(float(np.mean(np.asarray(one["mask"]) > 0)), DIGITS),
                        **({} if one["score"] is None else {"score": round(one["score"], DIGITS)}),
                    }
                    for one in segment(image)
                ]
                parts.sort(key=lambda one: -one["share"])
                yield Answer(
                    [f"{one['label']}|{one['share']:.4f}" for one in parts], {"prediction": parts}
                )

        return answers


@dataclass(frozen=True)
class ImageToText(_OfImages):
    """A text about an image."""

    tokens: int = NEW_TOKENS
    beams: int = 1

    name: ClassVar[str] = "image_to_text"
    aliases: ClassVar[tuple[str, ...]] = ("image-to-text", "image-captioning")
    summary: ClassVar[str] = "a text about an image"
    heads: ClassVar[tuple[str, ...]] = ("image-to-text",)
    default_model: ClassVar[str] = "Salesforce/blip-image-captioning-base"
    example: ClassVar[str] = "echo photo.jpg | gft_predict --task image_to_text"
    reads: ClassVar[Reads] = (Decoding,)

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with `--max_new_tokens` and `--num_beams`."""
        asked = options.of(Decoding)
        return cls(tokens=asked.max_new_tokens or NEW_TOKENS, beams=asked.num_beams or 1)

    def answering(self, applied: Applied) -> Answering:
        """Return what yields the text about each image."""
        import torch

        processor = applied.processor
        if not hasattr(processor, "image_processor") or not hasattr(processor, "tokenizer"):
            raise UserError(
                "image_to_text needs a processor of images and a tokenizer; this model has "
                f"{type(processor).__name__} alone"
            )

        def answers(rows: Rows, first: int) -> Iterator[Answer]:
            del first
            for image in self.images(rows):
                pixels = processor.image_processor(images=image, return_tensors="pt").pixel_values
                with torch.inference_mode():
                    tokens = applied.model.generate(
                        pixel_values=pixels.to(applied.model.device),
                        max_new_tokens=self.tokens,
                        num_beams=self.beams,
                        do_sample=False,
                    )
                text = processor.tokenizer.decode(tokens[0], skip_special_tokens=True).strip()
                yield Answer([text], {"prediction": text})

        return answers
