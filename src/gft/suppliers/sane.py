"""Values of a model's configuration that nothing can be made of, before anything is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gft.errors import UserError

MOST_LABELS = 1_000_000
"""`transformers` makes a name for each, in a dictionary."""
LARGEST_SIZE = 1 << 31
_SIZES = (
    "hidden_size", "d_model", "intermediate_size", "num_attention_heads", "num_hidden_layers",
    "num_layers", "vocab_size", "max_position_embeddings", "type_vocab_size",
)  # fmt: skip

_OF_EMBEDDINGS = ("hidden_size", "d_model", "vocab_size", "max_position_embeddings",
                  "type_vocab_size", "embedding_size")  # fmt: skip
"""Sizes of tables that are looked up: one of 0 breaks the first batch."""


def check_config(config: Mapping[str, Any], name: str) -> None:
    """Raise `UserError` for a size that is none, and for labels that are no table of names.

    The configuration is that of the model called `name`. Fields may be lists, numbers a layer, or
    missing: only what is wrong in any architecture is.
    """
    for field in _SIZES:
        value = config.get(field)
        if isinstance(value, str | bool | float | Mapping):
            raise _wrong(name, field, value, "a whole number")
        if isinstance(value, int) and value > LARGEST_SIZE:
            raise _wrong(name, field, value, "a size that fits in memory")
        least = 1 if field == "vocab_size" else 0  # The tokenizer is asked next, which has some.
        if isinstance(value, int) and value < least:
            raise _wrong(name, field, value, f"a whole number, {least} or more")
    count = config.get("num_labels", config.get("_num_labels"))
    if count is not None and (not isinstance(count, int) or not 0 <= count <= MOST_LABELS):
        raise _wrong(name, "num_labels", count, f"a whole number up to {MOST_LABELS:,}")
    for field in ("id2label", "label2id"):
        value = config.get(field)
        if value is not None and not isinstance(value, Mapping):
            raise _wrong(name, field, value, "an object")
    for key in config.get("id2label") or {}:
        if not str(key).lstrip("-").isdecimal():
            raise _wrong(name, "id2label", key, "the numbers of labels as its keys")
    made_as = config.get("architectures")
    if made_as is not None and not isinstance(made_as, list):
        raise _wrong(name, "architectures", made_as, "a list of names")
    if any(not isinstance(one, str) for one in made_as or ()):
        raise _wrong(name, "architectures", made_as, "a list of names")
    if not isinstance(config.get("model_type", ""), str):
        raise _wrong(name, "model_type", config["model_type"], "a name")


def check_numbers(config: Mapping[str, Any], read: Any, name: str) -> None:
    """Raise `UserError` for a text where the architecture has a number, by its own defaults.

    And for an embedding without any size, where by these it has one.
    `config` is the file, and `read` what `transformers` made of it.
    """
    try:
        usual = type(read)()
    except Exception:  # one that is made of parts has none
        return
    for field, value in config.items():
        default = getattr(usual, field, None)
        if isinstance(value, str) and isinstance(default, int | float):
            raise _wrong(name, field, value, f"a number, such as {default}")
        if field in _OF_EMBEDDINGS and value == 0 and isinstance(default, int) and default > 0:
            raise _wrong(name, field, value, f"1 or more, such as {default}")


def _wrong(name: str, field: str, found: object, expected: str) -> UserError:
    return UserError(f"{name}: config.json: {field}: expected {expected}, found {found!r:.60}")
