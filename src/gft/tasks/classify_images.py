"""`classify_images: label ~ image`: one of several classes for each image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from gft.data.table import Rows
from gft.request import ModelRequest
from gft.tasks.classify_media import ClassifyMedia
from gft.tasks.files import check_each, measure, sources_of
from gft.tasks.images import batch_of, check_image, image_processor, read_image
from gft.tasks.protocol import Batch, Encoded, Feature, Readied


@dataclass(frozen=True)
class ClassifyImages(ClassifyMedia):
    """A classifier of images with an image classification head and cross-entropy loss."""

    name: ClassVar[str] = "classify_images"
    aliases: ClassVar[tuple[str, ...]] = ("image-classification",)
    summary: ClassVar[str] = "the class of each image"
    head: ClassVar[str] = "image-classification"
    length_of: ClassVar[str] = "pixel_values"
    heads: ClassVar[tuple[str, ...]] = ("ForImageClassification",)
    column: ClassVar[str] = "image"
    what: ClassVar[str] = "images"
    right: ClassVar[str] = "one column of images: names of files, or the files themselves"
    default_model: ClassVar[str | None] = "google/vit-base-patch16-224"
    example: ClassVar[str] = (
        "--model H:google/vit-base-patch16-224 --data H:beans "
        "--eqn 'classify_images: labels ~ image'"
    )

    def ready(
        self,
        processor: Any,
        config: Mapping[str, Any],
        rows: Mapping[str, Rows],
        request: ModelRequest | None,
    ) -> Readied:
        """Check that the model takes images; leave out the rows whose images cannot be read."""
        image_processor(processor)
        found = measure(rows, self.inputs[0], self.folders, check_image)
        return Readied(self, processor, found.rows, request, tuple(found.notes))

    def check_files(self, rows: Mapping[str, Sequence[Any]], first: int, row: str) -> None:
        """Raise `UserError` for the first image that cannot be read."""
        check_each(rows[self.inputs[0]], self.folders, check_image, first, row)

    def encode(
        self,
        processor: Any,
        rows: Mapping[str, Sequence[Any]],
        max_length: int,
        golds: Sequence[Any] | None = None,
    ) -> Encoded:
        """Return where the images are; none is read yet."""
        features: list[Feature] = [
            {"image": source} for source in sources_of(rows[self.inputs[0]], self.folders)
        ]
        for feature, gold in zip(features, golds or (), strict=golds is not None):
            feature["labels"] = gold
        return Encoded(features, [False] * len(features))

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return images of shape (rows, channels, height, width), and `labels` if there are any."""
        import torch

        images = [read_image(feature["image"]) for feature in features]
        batch = batch_of(processor, images, training)
        if "labels" in features[0]:
            batch["labels"] = torch.tensor([feature["labels"] for feature in features])
        return batch
