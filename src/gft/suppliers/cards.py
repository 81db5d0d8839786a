"""The header of a model's README.md: what its author says of licence, data and language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CARD = "README.md"
_FENCE = "---\n"


def front_matter(card: Path) -> dict[str, Any]:
    """Return the YAML between the first two lines of `---`; empty when there is none to read."""
    try:
        text = card.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    if not text.startswith(_FENCE) or f"\n{_FENCE}" not in text[len(_FENCE) :]:
        return {}
    import yaml

    try:
        read = yaml.safe_load(text[len(_FENCE) :].partition(f"\n{_FENCE}")[0])
    except yaml.YAMLError:
        return {}
    return read if isinstance(read, dict) else {}
