"""Which files of a model in the form of `transformers` hold its weights, or an adapter's."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gft.adapters.files import ADAPTER_CONFIG

if TYPE_CHECKING:
    import torch

# In order of preference: safetensors holds nothing but numbers.
_FORMS = (
    ("model.safetensors", r"model-\d+-of-\d+\.safetensors"),
    ("pytorch_model.bin", r"pytorch_model-\d+-of-\d+\.bin"),
)
_SMALL = re.compile(r"[^/]+\.(json|txt|model|jinja|spm|vocab|bpe|codes|tiktoken|dict)")
LONGEST_HEADER = 100_000_000
"""Bytes: what the format allows."""
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


def is_adapter(names: Iterable[str]) -> bool:
    """Say whether files with these names are an adapter, without the model it is for."""
    every = list(names)
    return ADAPTER_CONFIG in every and not weight_files(every)


def small_files(names: Iterable[str], code: bool) -> tuple[str, ...]:
    """Return the files a tokenizer and a configuration may need, with Python files if `code`."""
    return tuple(
        name
        for name in sorted(names)
        if (_SMALL.fullmatch(name) or (code and _CODE.fullmatch(name)))
        and not name.endswith(".index.json")
    )


def holds_any(folder: Path, names: Iterable[str]) -> bool:
    """Whether the weight files in `folder` hold any of these weights; only names are read."""
    wanted = set(names)
    return any(wanted & set(_names_in(folder / file)) for file in _data_files(folder))


def parameters_in(folder: Path) -> int | None:
    """Return how many numbers the weights in `folder` are, None unless they are safetensors.

    Only the header of each file is read: its length in 8 bytes, then JSON
    (github.com/huggingface/safetensors, "Format").
    """
    files = _data_files(folder)
    if not files or not all(file.endswith(".safetensors") for file in files):
        return None
    total = 0
    for file in files:
        try:
            with (folder / file).open("rb") as opened:
                length = int.from_bytes(opened.read(8), "little")
                header = json.loads(opened.read(min(length, LONGEST_HEADER)))
        except (OSError, ValueError):
            return None
        header.pop("__metadata__", None)
        total += sum(math.prod(weight["shape"]) for weight in header.values())
    return total


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights in `folder` by name, on the CPU."""
    files = [read_file(folder / file) for file in _data_files(folder)]
    return {name: weight for weights in files for name, weight in weights.items()}


def read_file(file: Path) -> dict[str, torch.Tensor]:
    """Return the weights in one file by name, on the CPU.

    Of a file of `torch` numbers only, for anything else in a pickle may be code.
    """
    import safetensors.torch
    import torch

    read: dict[str, torch.Tensor] = (
        safetensors.torch.load_file(file)
        if file.suffix == ".safetensors"
        else torch.load(file, map_location="cpu", weights_only=True)
    )
    return read


def _data_files(folder: Path) -> list[str]:
    files = weight_files(path.name for path in folder.iterdir())
    return [file for file in files if not file.endswith(".json")]


def _names_in(file: Path) -> list[str]:
    import safetensors

    if file.suffix == ".safetensors":
        with safetensors.safe_open(file, framework="pt") as opened:
            return list(opened.keys())
    return list(read_file(file))
