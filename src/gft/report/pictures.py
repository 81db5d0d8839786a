"""Drawings as PNG files, where the small renderer for it is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from gft.report.drawing import Drawing

ZOOM = 2
RENDERER = "resvg_py"


def write_pictures(folder: Path, drawings: Iterable[Drawing]) -> None:
    """Write each drawing as `report-NAME.png`; nothing where the renderer is not installed.

    `pip install 'gft[png]'` installs it. It draws what the page shows, from the same SVG.
    """
    if importlib.util.find_spec(RENDERER) is None:
        return
    import resvg_py

    for drawing in drawings:
        picture = resvg_py.svg_to_bytes(svg_string=drawing.svg(alone=True), zoom=ZOOM)
        (folder / f"report-{drawing.name}.png").write_bytes(bytes(picture))
