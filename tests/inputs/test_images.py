"""Images of more than 8 bits keep what they show."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gft.inputs.images import eight_bits, read_image


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (np.array([[0, 257, 32896, 65535]], np.uint16), [0, 1, 128, 255]),
        (np.array([[0, 65535, 65535, 0]], np.int32), [0, 255, 255, 0]),
        (np.array([[0, 100, 255, 1]], np.int32), [0, 100, 255, 1]),
        (np.array([[-100, 0, 100, 100]], np.int32), [0, 128, 255, 255]),
        (np.array([[0.0, 0.5, 1.0, 0.25]], np.float32), [0, 128, 255, 64]),
        (np.array([[0.0, 128.0, 255.0, 64.0]], np.float32), [0, 128, 255, 64]),
        (np.array([[-1.0, np.nan, 3.0, np.inf]], np.float32), [0, 0, 255, 255]),
        (np.array([[7.0, 7.0, 7.0, 7.0]], np.float32), [7, 7, 7, 7]),
        (np.array([[np.nan] * 4], np.float32), [0, 0, 0, 0]),
    ],
)  # fmt: skip
def test_deep_images(values: Any, shown: list[int]) -> None:
    assert np.asarray(eight_bits(Image.fromarray(values)))[0].tolist() == shown


@pytest.mark.parametrize("form", ["png", "tiff"])
def test_a_file_of_16_bits_is_no_white_page(form: str, tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16).reshape(16, 16)
    Image.fromarray(ramp).save(tmp_path / f"x.{form}")
    found = np.asarray(read_image(str(tmp_path / f"x.{form}")))
    assert found.shape == (16, 16, 3)
    assert np.abs(found[..., 0].ravel().astype(int) - np.arange(256)).max() <= 1


def test_others_stay_as_they_are() -> None:
    out = io.BytesIO()
    Image.new("RGB", (2, 2), (200, 3, 4)).save(out, "PNG")
    image = Image.open(out)
    assert eight_bits(image) is image
