"""`classify_images: label ~ image`: one of several classes for each image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from gft.inputs.category import BESIDE
from gft.inputs.features import labelled
from gft.inputs.images import IMAGE, batch_of, drawn, image_processor, read_image
from gft.inputs.kind import InputKind
from gft.request import ModelRequest
from gft.tasks.classify_media import ClassifyMedia
from gft.tasks.protocol import Batch, Cells, Encoded, Feature, Readied, Splits


@dataclass(frozen=True)
class ClassifyImages(ClassifyMedia):
    """A classifier of images with an image classification head and cross-entropy loss."""

    name: ClassVar[str] = "classify_images"
    aliases: ClassVar[tuple[str, ...]] = ("image-classification",)
    summary: ClassVar[str] = "the class of each image"
    head: ClassVar[str] = "image-classification"
    takes: ClassVar[tuple[InputKind, ...]] = (IMAGE, *BESIDE)
    columns: ClassVar[tuple[str, ...]] = ("image",)
    heads: ClassVar[tuple[str, ...]] = ("ForImageClassification",)
    right: ClassVar[str] = "one column of images: names of files, or the files themselves"
    default_model: ClassVar[str | None] = "google/vit-base-patch16-224"
    example: ClassVar[str] = (
        "--model H:google/vit-base-patch16-224 --data H:beans "
        "--eqn 'classify_images: labels ~ image'"
    )

    def ready(
        self, processor: Any, config: Mapping[str, Any], rows: Splits, request: ModelRequest | None
    ) -> Readied:
        """Check that the model takes images; leave out the rows whose images cannot be read."""
        image_processor(processor)
        [(name, kind)] = self.texts.items()
        found = kind.measure(rows, name)
        return Readied(self, processor, found.rows, request, tuple(found.notes))

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return where the images are; none is read yet."""
        [sources] = self.read(rows)
        encoded = labelled([{"image": source} for source in sources], golds)
        return self.with_covariates(encoded, rows)

    def drawn(self, processor: Any, feature: Feature) -> Feature:
        """Return the image itself, a random part of it."""
        return feature | {"image": drawn(processor, read_image(feature["image"]))}

    def batch_of(self, processor: Any, features: Sequence[Feature], training: bool) -> Batch:
        """Return images of shape (rows, channels, height, width)."""
        found = [feature["image"] for feature in features]
        images = found if training else [read_image(image) for image in found]
        return batch_of(processor, images, training)
