"""Make syn_ant: `python3 make_syn_ant.py WORDNET_FOLDER FALLOWS_TEXT`.

The folder has WordNet 3.0's `data.adj`, `data.noun` and `data.verb`: https://wordnet.princeton.edu,
or Debian's package wordnet-base (/usr/share/wordnet). The text is Project Gutenberg's number 51155.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from rows import chosen, divided, number, write
from wordnet import Synset, plain, synsets

HEADER = ("word1", "word2", "gold")
NAMES = {"a": "adj", "n": "noun", "v": "verb"}
MOST = 5000
"""Pairs of each kind that a set has at most."""
Pairs = set[tuple[str, str]]


def main() -> None:
    """Write the four sets."""
    if len(sys.argv) != 3:
        raise SystemExit("usage: python3 make_syn_ant.py WORDNET_FOLDER FALLOWS_TEXT")
    for part, name in NAMES.items():
        found = synsets(Path(sys.argv[1]), part)
        write_pairs(name, synonyms_in(found.values()), antonyms_in(found))
    book = Path(sys.argv[2]).read_text(encoding="utf-8")
    write_pairs("fallows", *(set(pairs_in(book, mark)) for mark in ("SYN", "ANT")))


def write_pairs(name: str, synonyms: Pairs, antonyms: Pairs) -> None:
    """Write as many pairs of the one kind as of the other; what is of both kinds is left out."""
    both = synonyms & antonyms
    count = min(len(synonyms - both), len(antonyms - both), MOST)
    rows = {}
    for kind, pairs in (("synonym", synonyms), ("antonym", antonyms)):
        for key in chosen((" ".join(pair) for pair in pairs - both), count):
            pair = key.split(" ")
            # Either word may come first, or their order would tell something.
            rows[key] = (*(pair if number(f"order {key}") % 2 else pair[::-1]), kind)
    write(f"syn_ant/tag-{name}-pairs", HEADER, divided(rows))


def ordered(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Return pairs of two different plain words, each pair once."""
    return {(min(a, b), max(a, b)) for a, b in pairs if a != b and plain(a) and plain(b)}


def synonyms_in(found: Iterable[Synset]) -> Pairs:
    """Return the pairs of words that share a synset."""
    return ordered(pair for synset in found for pair in itertools.combinations(synset.words, 2))


def antonyms_in(found: dict[tuple[str, str], Synset]) -> Pairs:
    """Return the pairs of words of two synsets that have opposite words."""
    return ordered(
        pair
        for synset in found.values()
        for pointer in synset.pointers
        if pointer.symbol == "!"
        for pair in itertools.product(synset.words, found[pointer.place].words)
    )


def pairs_in(book: str, mark: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a headword and a word that the book lists after `SYN:` or `ANT:`."""
    for entry in book.split("KEY:")[1:]:
        key, _, rest = entry.partition("\n")
        head = re.sub(r"\\.*", "", key).strip(" .").lower()
        listed = re.search(rf"{mark}:(.*?)(?:\n[A-Z]+:|\n=|\Z)", rest, re.DOTALL)
        for one in listed[1].split(",") if listed else ():
            word = " ".join(one.split()).strip(" .").lower()
            if head != word and plain(head) and plain(word):
                yield min(head, word), max(head, word)


if __name__ == "__main__":
    main()
