"""Words and signs that programs and people write for nothing: `NA`, `null`, "don't know"."""

from __future__ import annotations

from collections.abc import Iterable

WORDS = frozenset({
    "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NAN", "NaT", "null", "NULL", "Null",
    "None",
})  # fmt: skip
"""What programs write for nothing, in exactly this case: a stance may be NONE, an emotion none."""
SIGNS = frozenset({"-", "--", "---", ".", "?", "??"})
ANSWERS = frozenset({
    "no answer", "don't know", "don’t know", "dont know", "not available", "k.a.", "k. a.",
    "keine angabe", "weiß nicht", "sin respuesta", "ns/nc", "sans réponse",
})  # fmt: skip
"""Answers that are none, in lower case."""


def missing_marks(values: Iterable[str]) -> list[str]:
    """Return the values that are words or signs for nothing, each once."""
    stripped = dict.fromkeys(value.strip() for value in values)
    marks = WORDS | SIGNS
    return [one for one in stripped if one in marks or one.casefold() in ANSWERS]
