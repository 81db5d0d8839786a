"""Images as a model takes them, and their random augmentation in training."""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from gft.errors import UserError
from gft.inputs.features import Batch
from gft.inputs.files import Files, Source, in_memory, needs_processor, opened

if TYPE_CHECKING:
    import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"
DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
"""Pillow's modes of one value of more than 8 bits."""
LEAST_AREA = 0.08
WIDEST = 4 / 3
"""A random part of an image has this share of its area at least, and this shape at most."""
TRIES = 10


@dataclass(frozen=True)
class Images(Files):
    """Images, each in a file."""

    what: ClassVar[str] = "images"
    needs: ClassVar[str] = "images: names of files, or the files themselves"
    length_of: ClassVar[str] = "pixel_values"
    unit: ClassVar[str] = "values"

    def measured(self, source: Source) -> None:
        """Raise `UserError` unless a file is a whole image."""
        check_image(source)


IMAGE = Images()


def check_image(source: Source) -> None:
    """Raise `UserError` unless a file is a whole image; a jpg is only read at a small scale."""
    with _open(source) as image:
        image.draft("RGB", (1, 1))
        _loaded(source, image.load)


def read_image(source: Source) -> Any:
    """Return an image as Pillow has it, in RGB and the right way up. Raises `UserError`."""
    from PIL import ImageOps

    with _open(source) as image:
        return _loaded(source, lambda: eight_bits(ImageOps.exif_transpose(image)).convert("RGB"))


def eight_bits(image: Any) -> Any:
    """Return an image with values of 8 bits: Pillow alone would make white of all above 255.

    Values of 16 bits are scaled by their range, so that images stay as bright as they are beside
    each other. Of 32 bits and fractions no range is known: 0 to 1 for fractions inside of it, 0 to
    65,535 for whole numbers inside of that, else from the image's least to its largest value.
    """
    import numpy as np
    from PIL import Image

    if image.mode not in DEEP:
        return image
    values = np.asarray(image).astype(np.float64)
    known = values[np.isfinite(values)]
    low, high = _range(known, image.mode) if known.size else (0.0, 1.0)
    finite = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    scaled = np.clip((finite - low) / max(high - low, 1e-300), 0, 1)
    return Image.fromarray(np.rint(scaled * 255).astype(np.uint8))


def _range(values: Array, mode: str) -> tuple[float, float]:
    """Return what black and white are in an image of more than 8 bits."""
    least, most = float(values.min()), float(values.max())
    if mode == "F":
        if least >= 0 and most <= 1:
            return 0.0, 1.0
        if least >= 0 and most <= 255:
            return 0.0, 255.0
    elif mode.startswith("I;16") or (least >= 0 and 255 < most <= 65_535):
        return 0.0, 65_535.0
    elif least >= 0 and most <= 255:
        return 0.0, 255.0
    return least, most


def _loaded(source: Source, load: Callable[[], Any]) -> Any:
    """Return what a reader of an image returns. Raises `UserError` if the image is broken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load()
    except (OSError, ValueError, SyntaxError, struct.error) as problem:
        raise UserError(f"{source} is a broken image: {problem}") from None


def batch_of(processor: Any, images: Sequence[Any], training: bool) -> Batch:
    """Return images as the model's own processor makes tensors of them.

    Those of a `training` have the size that the model takes already: `drawn` makes them so.
    """
    own = image_processor(processor)
    done: dict[str, bool] = {}
    if training and _size(own) is not None:
        steps = ("resize", "center_crop")
        done = {f"do_{step}": False for step in steps if hasattr(own, f"do_{step}")}
    return {"pixel_values": own(images=list(images), return_tensors="pt", **done)["pixel_values"]}


def drawn(processor: Any, image: Any) -> Any:
    """Return an image as training sees it this time.

    It is a random part of itself, in the size that the model takes, and turned left to right
    every other time (Szegedy et al. 2015). `torch` draws the random numbers.
    """
    size = _size(image_processor(processor))
    return image if size is None else augmented(image, size)


def image_processor(processor: Any) -> Any:
    """Return what makes tensors of images. Raises `UserError` if the model takes no images."""
    own = getattr(processor, "image_processor", None) or processor
    if not hasattr(own, "image_mean") and not hasattr(own, "do_rescale"):
        raise needs_processor(processor, "images")
    return own


def augmented(image: Any, size: tuple[int, int]) -> Any:
    """Return a random part of an image in a size (height, width), turned left to right or not."""
    import torch
    from PIL import Image

    left, top, width, height = _part(image.width, image.height)
    box = (left, top, left + width, top + height)
    part = image.resize((size[1], size[0]), Image.Resampling.BILINEAR, box=box)
    if torch.rand(()) < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return part


def _part(width: int, height: int) -> tuple[int, int, int, int]:
    """Return a random part of an image: left, top, width and height; its middle if none fits."""
    import torch

    for _ in range(TRIES):
        share, shape, x, y = torch.rand(4).tolist()
        area = width * height * (LEAST_AREA + (1 - LEAST_AREA) * share)
        ratio = WIDEST ** (2 * shape - 1)
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            return int(x * (width - w + 1)), int(y * (height - h + 1)), w, h
    side = min(width, height)
    return (width - side) // 2, (height - side) // 2, side, side


def _size(own: Any) -> tuple[int, int] | None:
    """Return the height and width that a processor makes, None where they depend on the image."""
    cropped = getattr(own, "do_center_crop", None) and getattr(own, "crop_size", None)
    size = cropped or getattr(own, "size", None)
    if not size or not getattr(own, "do_resize", False):
        return None
    height, width, side = (_number(size, name) for name in ("height", "width", "shortest_edge"))
    if height and width:
        return height, width
    # A shortest edge alone makes images as wide as they come, unless the processor crops them.
    squares = cropped or hasattr(own, "crop_pct")
    return (side, side) if side and squares else None


def _number(size: Any, name: str) -> int | None:
    found = size.get(name) if hasattr(size, "get") else getattr(size, name, None)
    return int(found) if found else None


def _open(source: Source) -> Any:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise UserError("reading images needs Pillow: pip install 'gft[images]'") from None
    if in_memory(source):
        return source.copy() if isinstance(source, Image.Image) else _of_array(source)
    try:
        return Image.open(opened(source))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:
        unknown = isinstance(problem, UnidentifiedImageError)
        reason = "its format is unknown" if unknown else str(problem)
        raise UserError(f"{source} is not an image that Pillow can read: {reason}") from None


def _of_array(source: Any) -> Any:
    """Return an array of shape (height, width) or (height, width, 3) of 0 to 255 as an image."""
    import numpy as np
    from PIL import Image

    values = np.asarray(source)
    if values.dtype != np.uint8 or values.ndim not in (2, 3):
        raise UserError(
            f"expected an image as an array of uint8, (height, width, 3), found {values.dtype}, "
            f"{values.shape}"
        )
    return Image.fromarray(values)
