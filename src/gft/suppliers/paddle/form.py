"""The files of a model in PaddleNLP's form, by their names."""

from __future__ import annotations

from collections.abc import Iterable

from gft.suppliers.weights import weight_files

CONFIGS = ("config.json", "model_config.json")
INSIDE = "paddle"
"""The folder that holds PaddleNLP's form inside a fitted folder."""
SUFFIX = ".pdparams"
WEIGHTS = f"model_state{SUFFIX}"
SETTINGS = "tokenizer_config.json"
SPECIAL = "special_tokens_map.json"
VOCAB, BYTE_PAIRS, MERGES = "vocab.txt", "vocab.json", "merges.txt"
TOKENIZER = (VOCAB, BYTE_PAIRS, MERGES, SETTINGS, SPECIAL)
"""The files of a tokenizer, of which one has a vocabulary or byte pairs."""


def weights_among(names: Iterable[str]) -> str | None:
    """Return `model_state.pdparams`, or the only file of its kind, among names of files."""
    found = sorted(name for name in names if name.endswith(SUFFIX) and "/" not in name)
    return WEIGHTS if WEIGHTS in found else found[0] if len(found) == 1 else None


def is_only_paddles(names: Iterable[str]) -> bool:
    """Say whether files with these names are a model that only Paddle reads."""
    every = set(names)
    return not weight_files(every) and bool(weights_among(every)) and bool(every & set(CONFIGS))
