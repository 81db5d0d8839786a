"""Which files of a fit's folder leave the machine: only those that are listed here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gft.adapters.files import ADAPTER_CONFIG
from gft.baselines.protocol import SETTINGS as LINEAR_SETTINGS
from gft.covariates.covariates import SETTINGS as COVARIATES
from gft.errors import UserError, counted, listed, no_such
from gft.folder import CARD
from gft.graphs.files import FOLDER
from gft.language.json_text import parsed_json
from gft.publishing.graphs import has_graphs, public_guide
from gft.record_file import RECORD
from gft.suppliers.graph_model import GUIDE

WEIGHTS = re.compile(
    r"(model|adapter_model|covariates|linear)(-\d+-of-\d+)?\.safetensors|"
    r"model\.safetensors\.index\.json"
)
SETTINGS = frozenset({
    "config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json",
    "adapter_config.json", "covariates.json", "linear.json",
})  # fmt: skip
TOKENIZER = re.compile(
    r"tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json|"
    r"vocab\.(txt|json)|merges\.txt|spiece\.model|sentencepiece\.bpe\.model|[\w-]+\.(spm|tiktoken)|"
    r"chat_template\.jinja"
)
GRAPH = re.compile(r"onnx/[\w.-]+\.(onnx|onnx\.data|data|json|xml|bin|safetensors)")
_PATH_KEYS = ("_name_or_path", "name_or_path")
SHOWN = 12


@dataclass(frozen=True)
class Sent:
    """A file that is pushed: its name there, and its content or the path of the file here."""

    name: str
    content: bytes | Path

    @property
    def size(self) -> int:
        """Its size in bytes."""
        if isinstance(self.content, Path):
            return self.content.stat().st_size
        return len(self.content)


def is_sent(name: str) -> bool:
    """Say whether a file of a folder is pushed without `--also`."""
    every = (WEIGHTS, TOKENIZER, GRAPH)
    return name in SETTINGS or any(one.fullmatch(name) for one in every)


def sent_files(folder: Path, record: Mapping[str, Any], also: Sequence[str]) -> list[Sent]:
    """Return the files of a fit that are pushed, except its record and card.

    The paths that libraries write into JSON files are removed. Raises `UserError` for a file of
    `also` that does not exist, and for a model that others could not use.
    """
    written = [str(name) for name in record["files"]]
    graphs = has_graphs(folder, record)
    found = [name for name in written if is_sent(name) and (graphs or not GRAPH.fullmatch(name))]
    kept_here = {RECORD, CARD, *found}
    for name in also:
        inside = (folder / name).resolve().is_relative_to(folder.resolve())
        if not inside or not (folder / name).is_file() or name in kept_here:
            names = [one for one in written if one not in kept_here]
            raise UserError(f"--also: {no_such('file', name, names, str(folder))}")
    _check_adapter(folder)
    return [_sent(folder, name) for name in (*found, *also)]


def _sent(folder: Path, name: str) -> Sent:
    path = folder / name
    if name == f"{FOLDER}/{GUIDE}":
        return Sent(name, public_guide(path))
    if not name.endswith("config.json"):
        return Sent(name, path)
    read: Any = parsed_json(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict) or not read.keys() & {*_PATH_KEYS}:
        return Sent(name, path)
    clean = {key: value for key, value in read.items() if key not in _PATH_KEYS}
    return Sent(name, (json.dumps(clean, indent=2, ensure_ascii=False) + "\n").encode())


def _check_adapter(folder: Path) -> None:
    """Raise `UserError` for an adapter for a model that is only on this machine."""
    if not (folder / ADAPTER_CONFIG).is_file():
        return
    read: Any = parsed_json((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    base = str(read.get("base_model_name_or_path") or "")
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", base) or Path(base).exists():
        raise UserError(
            f"{folder} holds an adapter for the model in {base}, which others do not have; fit it "
            "with --merge_lora, which writes the whole model"
        )


def check_private(sent: Sequence[Sent], words: Mapping[str, str]) -> None:
    """Raise `UserError` if a text file contains one of the words; each comes with its meaning."""
    for one in sent:
        if not one.name.endswith((".json", ".md", ".txt", ".csv", ".html", ".xml", ".jinja")):
            continue
        read = one.content.read_bytes() if isinstance(one.content, Path) else one.content
        for word, what in words.items():
            if word.encode() in read or json.dumps(word)[1:-1].encode() in read:
                raise UserError(
                    f"nothing was pushed: {one.name} contains {what}, {word}; remove it there"
                )


def disclosed(sent: Sequence[Sent]) -> list[str]:
    """Return what pushed files disclose of train's cells: levels, and words of texts."""
    lines: list[str] = []
    for one in sent:
        if isinstance(one.content, Path):
            if one.content.name == COVARIATES:
                lines += _levels_in(one.content, one.name)
            if one.content.name == LINEAR_SETTINGS:
                lines += _words_in(one.content, one.name)
    return lines


def _levels_in(file: Path, name: str) -> Iterator[str]:
    from gft.covariates.factors import CategoryFactor
    from gft.covariates.files import read_design

    for factor in read_design(file).factors:
        if isinstance(factor, CategoryFactor):
            levels = [str(one) for one in factor.levels if one is not None]
            yield (
                f"{name} holds the {counted(len(levels), 'level')} of {factor.term}, with their "
                f"counts: {listed(levels, SHOWN)}"
            )


def _words_in(file: Path, name: str) -> Iterator[str]:
    read: Any = parsed_json(file.read_text(encoding="utf-8"))
    for one in read.get("vocabularies", ()):
        terms = [str(term) for term in one["terms"]]
        some = terms[:: max(1, len(terms) // SHOWN)][:SHOWN]
        yield (
            f"{name} holds {len(terms):,} {one['way']} of train's texts, such as "
            f"{listed(map(repr, some), SHOWN)}"
        )
