"""What readers see says things in the field's terms: some phrases must not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gft.language.argument import FUNCTIONS
from gft.language.help import help_text
from gft.registry import arguments

ROOT = Path(__file__).parents[1]
INSTEAD = {
    r"flatters?": "optimistically biased",
    r"step size": "learning rate",
    r"pull of the weights": "weight decay",
    r"longest gradient": "gradient clipping norm",
    r"share given to all classes": "label smoothing",
    r"drawn together for intervals": "cluster bootstrap",
    r"leave a GPU alone": "run on the CPU",
    r"(?:several|many) (?:classes|labels) a row": "multi-label",
    r"spelt": "written; a raw label; another name",
    r"learnt": "learned",
    r"several classes at once": "multi-label",
    r"rehears\w+": "profile",
    r"not told from the linear": "does not differ significantly from the baseline",
    r"told otherwise": "unless you give another",
    r"of ten minutes": "ten-minute",
    r"(?:chances|wishes) of (?:a |each )?(?:class|label)": "probabilities",
    r"blanks": "spaces, whitespace",
    r"suspects?": "label errors",
    r"to be relied on": "reliable, unreliable",
    r"the librar(?:y|ies)'s(?: own)?": "that of transformers, or the library's name",
    r"plain products": "matmul attention",
    r"(?:in|both|two|the) halves": "split batches",
    r"lean encoder": "an unpadded encoder",
    r"pieces": "subword tokens",
    r"figures": "metrics, scores",
    r"beyond chance": "significant",
    r"(?:told|tell (?:\w+ )?) ?apart": "distinguish; do not differ significantly",
    r"cut (?:off|to|at)|what was cut": "truncated",
    r"(?:one|a) (?:class|label|row|tag) a (?:row|word|line|character)": "one per row",
    r"rows a second": "rows per second",
    r"goe?s? on (?:from|working)": "resumes, continues",
    r"kinds? of (?:target|input)": "target type, input type",
    r"spoilt?|misspelt|spelled": "corrupted; mistyped; written",
    r"unless given": "default",
    r"leave \S+ away": "leave out",
    r"white space": "whitespace",
    r"what is lacking": "what is missing; the distance to the best",
}
"""A phrase, and the words for it."""


def pages() -> dict[str, str]:
    """Return what readers see, by name: helps, templates of the report, and documentation."""
    table = arguments()
    found = {
        f"gft_{function} {option}": help_text(function, table, option == "--help_all")
        for function in FUNCTIONS
        for option in ("--help", "--help_all")
    }
    files = [
        *(ROOT / "src/gft/report").glob("*.html"),
        *(ROOT / "src/gft/report").glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "examples/README.md")),
    ]
    return found | {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files
    }


def found_in(text: str) -> list[str]:
    """Return the phrases in a text, each with the words for it; code is left out."""
    prose = re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    flowing = " ".join(prose.split())
    return [
        f"{one[0]!r}: say {words!r}"
        for phrase, words in INSTEAD.items()
        for one in re.finditer(rf"\b{phrase}\b", flowing, re.IGNORECASE)
    ]


def test_the_words_are_the_fields() -> None:
    wrong = {name: said for name, text in pages().items() if (said := found_in(text))}
    assert wrong == {}


@pytest.mark.parametrize(
    "text", ["Scores\nflatter a little.", "the Step size", "spelt", "in halves", "a row a line"]
)
def test_a_phrase_that_comes_back_is_found(text: str) -> None:
    assert found_in(text) and not found_in(f"`{text}`".replace("\n", " "))
