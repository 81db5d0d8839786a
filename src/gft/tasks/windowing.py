"""What arguments say of windows over long texts."""

from __future__ import annotations

from typing import Any

from gft.language.program import Options
from gft.tasks.options import Windowing


def asked_windows(options: Options) -> dict[str, Any]:
    """Return the settings of `LongTexts` that were given, by name; those that were not are left."""
    asked = options.of(Windowing)
    found = {
        "windows": asked.windows,
        "doc_stride": asked.doc_stride,
        "max_windows": asked.max_windows,
    }
    return {name: value for name, value in found.items() if value is not None}
