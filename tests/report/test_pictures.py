"""The drawings of a page as PNG files."""

from __future__ import annotations

import json
from pathlib import Path


def test_pictures_lie_beside_it_and_are_gfts(fitted: tuple[Path, set[int]]) -> None:
    files = json.loads((fitted[0] / "gft.json").read_text())["files"]
    for name in ("loss", "merit", "confusion", "reliability"):
        assert f"report-{name}.png" in files
        assert (fitted[0] / f"report-{name}.png").read_bytes().startswith(b"\x89PNG")
    assert "report.html" in files
