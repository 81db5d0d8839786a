"""Which files of a model in the form of `transformers` hold its weights."""

from __future__ import annotations

import re
from collections.abc import Iterable

# In order of preference: safetensors holds nothing but numbers.
_FORMS = (
    ("model.safetensors", r"model-\d+-of-\d+\.safetensors"),
    ("pytorch_model.bin", r"pytorch_model-\d+-of-\d+\.bin"),
)
_SMALL = re.compile(r"[^/]+\.(json|txt|model|jinja|spm|vocab|bpe|codes|tiktoken|dict)")
_CODE = re.compile(r"[^/]+\.py")


def weight_files(names: Iterable[str]) -> tuple[str, ...]:
    """Return the weight files to load among the names of a model's files, none if there are none.

    One file, or the parts of one and their index; safetensors if there are both forms.
    """
    every = sorted(names)
    for single, part in _FORMS:
        if single in every:
            return (single,)
        index = f"{single}.index.json"
        parts = [name for name in every if re.fullmatch(part, name)]
        if index in every and parts:
            return (index, *parts)
    return ()


def small_files(names: Iterable[str], code: bool) -> tuple[str, ...]:
    """Return the files a tokenizer and a configuration may need, with Python files if `code`."""
    return tuple(
        name
        for name in sorted(names)
        if (_SMALL.fullmatch(name) or (code and _CODE.fullmatch(name)))
        and not name.endswith(".index.json")
    )
