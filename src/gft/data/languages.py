"""Which language texts are in, by the library `py3langid`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

CHUNK = 300
"""Characters: short texts are judged together, because one alone says little."""


def language_of(texts: Sequence[str]) -> tuple[str | None, float]:
    """Return the ISO 639 code of the language of most texts, and the share that is in it (0 to 1).

    None when there are no letters to judge by.
    """
    votes = languages_of(texts)
    if not votes:
        return None, 0.0
    code, count = votes.most_common(1)[0]
    return code, count / votes.total()


def languages_of(texts: Sequence[str]) -> Counter[str]:
    """Return the ISO 639 codes of the texts' languages with how many chunks of text are in each."""
    from py3langid import classify

    return Counter(str(classify(chunk)[0]) for chunk in _chunks(texts))


def _chunks(texts: Sequence[str]) -> list[str]:
    """Return the texts, short ones joined to about `CHUNK` characters."""
    chunks: list[str] = []
    gathered = ""
    for text in texts:
        if not any(character.isalpha() for character in text):
            continue
        gathered += f"{text} "
        if len(gathered) >= CHUNK:
            chunks.append(gathered)
            gathered = ""
    # What is left over is too short to count beside whole chunks.
    return chunks or ([gathered] if gathered else [])
