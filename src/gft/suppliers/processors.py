"""What prepares a model's inputs: a tokenizer, a processor of sounds or images, or another's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gft.errors import UserError, first_line, listed
from gft.language.options import Shared
from gft.language.program import Options
from gft.storage.paths import expanded
from gft.suppliers.installed import parse, supplier_of
from gft.suppliers.protocol import NoTokenizer

ONE_OF = "__one_of__"
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)
PROCESSOR_FILES = ("preprocessor_config.json", "processor_config.json")


def read_processor(folder: Path, name: str, code: bool) -> Any:
    """Return what prepares a model's inputs: a tokenizer able to pad, or what is in its place.

    A model of sounds or images has a feature extractor or an image processor, with a tokenizer or
    without one.
    """
    import transformers

    whole = any((folder / file).is_file() for file in PROCESSOR_FILES)
    reader = _read_whole if whole else transformers.AutoTokenizer.from_pretrained
    try:
        read = reader(folder, trust_remote_code=code, local_files_only=True)
    except Exception as problem:
        if "trust_remote_code" in str(problem) and not code:
            raise UserError(needs_code(name)) from problem
        what = "processor" if whole else "tokenizer"
        raise UserError(
            f"{name}: its {what} cannot be read: {first_line(problem)}; "
            "take another with --tokenizer_name_or_path"
        ) from problem
    limit = getattr(read, "model_max_length", 1)
    if not isinstance(limit, int | float) or limit < 1:
        raise UserError(
            f"{name}: tokenizer_config.json: model_max_length: expected a number of tokens, found "
            f"{limit!r:.60}"
        )
    if not whole and len(read) <= len(set(read.all_special_tokens)):
        # Where there are no files for a tokenizer, transformers makes one with an empty vocabulary.
        raise NoTokenizer(
            f"{name} has no tokenizer: name one with --tokenizer_name_or_path, "
            "such as that of the model it was made from"
        )
    return read


def _read_whole(folder: Path, **how: Any) -> Any:
    """Return a processor of sounds or images; one that lacks its tokenizer without it."""
    import transformers

    settings: dict[str, Any] = {}
    for file in PROCESSOR_FILES:
        if (folder / file).is_file():
            settings.update(json.loads((folder / file).read_text(encoding="utf-8")))
    of_images = any("image_processor" in key for key in settings) or "image_mean" in settings
    if has_tokenizer(folder):
        read = transformers.AutoProcessor.from_pretrained(folder, **how)
        if of_images and isinstance(read, transformers.PreTrainedTokenizerBase):
            # An encoder of images with a decoder of texts may come with the two parts alone.
            images = transformers.AutoImageProcessor.from_pretrained(folder, **how)
            return transformers.TrOCRProcessor(images, read)
        return read
    if of_images:
        return transformers.AutoImageProcessor.from_pretrained(folder, **how)
    return transformers.AutoFeatureExtractor.from_pretrained(folder, **how)


def has_tokenizer(folder: Path) -> bool:
    """Say whether there are files of a tokenizer in a folder."""
    return any((folder / name).is_file() for name in TOKENIZER_FILES)


def base_of(model: str, base: str) -> str:
    """Return the model that `--base_model` names for a model: `__one_of__a,b` offers several.

    Raises `UserError` if none of those offered is part of the model's name.
    """
    prefix, mark, names = base.partition(ONE_OF)
    if not mark:
        return base
    offered = [name.strip() for name in names.split(",") if name.strip()]
    # The longest first: bert-base is part of a name that roberta-base or bert-base-cased is in.
    for name in sorted(offered, key=len, reverse=True):
        if name.rpartition("/")[2].lower() in model.lower():
            return f"{prefix}{name}"
    raise UserError(f"--base_model {base}: none of {listed(offered)} is part of the name {model}")


def named_tokenizer(text: str, options: Options) -> Any:
    """Return the tokenizer that `--tokenizer_name_or_path` or `--base_model` names."""
    folder = expanded(text, variables=False)
    if folder.is_dir():
        return read_processor(folder, text, options.of(Shared).trust_remote_code)
    spec = parse(text)
    named = ("tokenizer_name_or_path", "base_model")
    given = {name: value for name, value in options.given.items() if name not in named}
    return supplier_of(spec).processor(spec, Options(given))


def needs_code(name: str) -> str:
    """Return what to say of a model that only runs with code of its own."""
    return f"{name} comes with code of its own: read it, then allow it with --trust_remote_code"
