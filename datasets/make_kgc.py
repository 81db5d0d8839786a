"""Make KGC/WN18RR of WordNet: `python3 make_kgc.py WORDNET_FOLDER`.

The folder has WordNet 3.0's files: https://wordnet.princeton.edu, or Debian's package wordnet-base
(/usr/share/wordnet).
"""

from __future__ import annotations

import sys
from pathlib import Path

from rows import chosen, divided, write
from wordnet import synsets

HEADER = ("Word1", "Word2", "gold")
RELATIONS = {
    "@": "hypernym",
    "@i": "instance_hypernym",
    "+": "derivationally_related_form",
    "%m": "member_meronym",
    "%p": "has_part",
    "^": "also_see",
    "$": "verb_group",
    "&": "similar_to",
    ";c": "synset_domain_topic_of",
    ";r": "member_of_domain_region",
    ";u": "member_of_domain_usage",
}
"""WordNet's pointers, by the names of WN18RR."""
MOST = 800
"""Pairs of each relation."""


def main() -> None:
    """Write the three splits."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python3 make_kgc.py WORDNET_FOLDER")
    found = synsets(Path(sys.argv[1]))
    said: dict[tuple[str, str], set[str]] = {}
    for synset in found.values():
        for pointer in synset.pointers:
            if pointer.symbol in RELATIONS:
                first = synset.words[max(pointer.source - 1, 0)]
                second = found[pointer.place].words[max(pointer.target - 1, 0)]
                said.setdefault((first, second), set()).add(RELATIONS[pointer.symbol])
    rows = {}
    for relation in RELATIONS.values():
        # Two words may be related in several ways, in different senses: such pairs are left out.
        pairs = [pair for pair, names in said.items() if names == {relation}]
        # A pair is in one split whichever way round it is.
        keys = {"\t".join(sorted(pair)): pair for pair in pairs if pair[0] != pair[1]}
        for key in chosen(keys, MOST):
            rows[key] = (*keys[key], relation)
    write("KGC/WN18RR", HEADER, divided(rows))


if __name__ == "__main__":
    main()
