"""Tokenizers of PaddleNLP's models as those of `transformers`, and back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gft.errors import UserError, listed
from gft.suppliers.files import read_json, read_text
from gft.suppliers.paddle.config import Family
from gft.suppliers.paddle.form import BYTE_PAIRS, MERGES, SETTINGS, SPECIAL, VOCAB
from gft.suppliers.protocol import NoTokenizer

_WORDPIECE = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}
_TOKENS = ("bos_token", "eos_token", *_WORDPIECE)
_ENGLISH_SKEP = "use_bpe_encoder"


def read_tokenizer(
    files: Mapping[str, Path], given: Mapping[str, Any], config: Mapping[str, Any], model: str
) -> Any:
    """Return the tokenizer of a model as `transformers` has it.

    `given` are settings that hold unless its files say otherwise; `config` is the model's in
    `transformers`. Raises `UserError`, `NoTokenizer` among them, calling the model `model`.
    """
    settings = {**given, **_json(files, SETTINGS, model), **_json(files, SPECIAL, model)}
    special = {name: _content(settings[name]) for name in _TOKENS if settings.get(name)}
    if settings.get(_ENGLISH_SKEP):
        raise UserError(
            f"{model}: its tokenizer numbers its byte pairs in a way of its own, which "
            "transformers has no class for; skep_ernie_2.0_large_en reads English too"
        )
    if VOCAB in files:
        tokenizer = _wordpiece(files[VOCAB], settings, special, config, model)
    elif BYTE_PAIRS in files and MERGES in files:
        tokenizer = _byte_pairs(files, special, config, model)
    else:
        other = [name for name in files if name.endswith(".model")]
        raise NoTokenizer(
            f"{model} has no {VOCAB}, nor {BYTE_PAIRS} with {MERGES}"
            + (f"; {listed(other)} is of a type that is not read" if other else "")
            + ": name a tokenizer with --tokenizer_name_or_path"
        )
    added = _json(files, "added_tokens.json", model)
    for token in sorted(added, key=lambda one: added[one]):
        tokenizer.add_tokens([token])
    return tokenizer


def write_tokenizer(
    tokenizer: Any, own: Mapping[str, Path], given: Mapping[str, Any], family: Family, folder: Path
) -> None:
    """Write a tokenizer in PaddleNLP's form into `folder`.

    `own` are the files that the model came with and `given` their settings: a vocabulary is
    copied, not written again. None are given when the tokenizer is another's.
    """
    vocabulary = {name: own[name] for name in (VOCAB, BYTE_PAIRS, MERGES) if name in own}
    for name, path in vocabulary.items():
        shutil.copyfile(path, folder / name)
    if not vocabulary:
        tokenizer.backend_tokenizer.model.save(str(folder))
    names = _WORDPIECE if (folder / VOCAB).is_file() else _TOKENS
    tokens = {name: getattr(tokenizer, name, None) for name in names}
    special = {name: str(token) for name, token in tokens.items() if token is not None}
    settings = {**given, **special}
    lower = getattr(tokenizer, "do_lower_case", None)
    if lower is not None:
        settings["do_lower_case"] = bool(lower)
    settings["tokenizer_class"] = _class_of(family, folder)
    write_json(folder / SETTINGS, settings)
    write_json(folder / SPECIAL, special)


def _class_of(family: Family, folder: Path) -> str:
    """Return the class of PaddleNLP's that reads what was written.

    Its AutoTokenizer knows RoBERTa's only with byte pairs; Chinese RoBERTa has BERT's.
    """
    byte_pairs = family.name == "roberta" and not (folder / VOCAB).is_file()
    return "RobertaBPETokenizer" if byte_pairs else family.tokenizer


def vocabulary_of(path: Path, model: str) -> dict[str, int]:
    """Return the numbers of tokens that stand one a line. Raises `UserError`."""
    lines = read_text(path, model).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    # ERNIE's own files have the number beside each token.
    numbered = bool(lines) and all("\t" in line for line in lines)
    tokens = [line.partition("\t")[0] if numbered else line for line in lines]
    return {token: number for number, token in enumerate(tokens)}


def _wordpiece(
    path: Path,
    settings: Mapping[str, Any],
    special: Mapping[str, str],
    config: Mapping[str, Any],
    model: str,
) -> Any:
    from transformers import BertTokenizer

    vocabulary = vocabulary_of(path, model)
    named = {name: special.get(name, token) for name, token in _WORDPIECE.items()}
    lacking = [token for name, token in named.items() if token not in vocabulary]
    if set(lacking) - {named["mask_token"]}:
        raise UserError(f"{model}: {path.name} lacks {listed(lacking)}, which its tokenizer needs")
    if lacking:
        # Nothing here masks, and a token more would have no embedding.
        named["mask_token"] = named["unk_token"]
    # A model of one segment has no embedding for a second one.
    single = config.get("type_vocab_size", 2) < 2
    return BertTokenizer(
        vocab=vocabulary,
        do_lower_case=bool(settings.get("do_lower_case", True)),
        model_max_length=_longest(config),
        **({"model_input_names": ["input_ids", "attention_mask"]} if single else {}),
        **named,
    )


def _byte_pairs(
    files: Mapping[str, Path], special: Mapping[str, str], config: Mapping[str, Any], model: str
) -> Any:
    from transformers import RobertaTokenizer

    vocabulary = read_json(files[BYTE_PAIRS], model)
    lines = read_text(files[MERGES], model).split("\n")
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    return RobertaTokenizer(
        vocab=vocabulary, merges=merges, model_max_length=_longest(config), **special
    )


def _longest(config: Mapping[str, Any]) -> int:
    """Return how many tokens a model has positions for: RoBERTa's begin after the padding's."""
    skipped = config["pad_token_id"] + 1 if config["model_type"] == "roberta" else 0
    return int(config["max_position_embeddings"]) - skipped


def _content(token: Any) -> str:
    """Return a special token: settings spell it as text, or as an object with its content."""
    return str(token["content"] if isinstance(token, Mapping) else token)


def _json(files: Mapping[str, Path], name: str, model: str) -> dict[str, Any]:
    return read_json(files[name], model) if name in files else {}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write an object as PaddleNLP does: indented, characters as they are."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
