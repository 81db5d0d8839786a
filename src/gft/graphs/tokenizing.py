"""A model's tokenizer without `transformers`: its `tokenizer.json`, and what it was set to.

It answers as the tokenizer of `transformers` does that it was made of, id for id, to all that
`inputs/` asks of one: texts, pairs, words, offsets in the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from gft.errors import UserError, first_line

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_PARTS = {
    "input_ids": "ids",
    "token_type_ids": "type_ids",
    "attention_mask": "attention_mask",
    "special_tokens_mask": "special_tokens_mask",
    "offset_mapping": "offsets",
}
"""What `transformers` calls the parts of an encoding, and what `tokenizers` does."""


@dataclass(frozen=True)
class TokenizerSettings:
    """The settings of a tokenizer beyond its file; `parts` are the fields of an encoding."""

    parts: tuple[str, ...]
    pad_token_id: int
    pad_token_type_id: int
    unk_token_id: int | None
    eos_token_id: int | None
    cls_token_id: int | None
    sep_token: str | None
    truncation_side: str

    def saved(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {**asdict(self), "parts": list(self.parts)}


def settings_of(processor: Any, name: str) -> TokenizerSettings:
    """Return what a tokenizer of `transformers` is set to.

    Raises `UserError`, calling its model `name`, if it is none that has a `tokenizer.json`.
    """
    if getattr(processor, "backend_tokenizer", None) is None:
        raise UserError(
            f"{name} has no tokenizer.json: its tokenizer is a {type(processor).__name__}, which "
            "only Python can run, and a graph is used without it"
        )
    parts = tuple(processor("a"))
    unknown = [one for one in parts if one not in _PARTS]
    if unknown:
        raise UserError(f"{name}: its tokenizer gives {unknown[0]}, which no graph is made for")
    return TokenizerSettings(
        parts,
        processor.pad_token_id,
        processor.pad_token_type_id,
        processor.unk_token_id,
        processor.eos_token_id,
        processor.cls_token_id,
        processor.sep_token,
        processor.truncation_side,
    )


def write_tokenizer(processor: Any, path: Path) -> None:
    """Write the `tokenizer.json` of a tokenizer of `transformers`, as it is in memory.

    It neither truncates nor pads by itself. Its model's own file may say less: some settings stand
    elsewhere.
    """
    from tokenizers import Tokenizer

    backend = Tokenizer.from_str(processor.backend_tokenizer.to_str())
    backend.no_truncation()
    backend.no_padding()
    backend.encode_special_tokens = bool(getattr(processor, "split_special_tokens", False))
    path.write_text(backend.to_str(), encoding="utf-8")


class TokenLists(dict[str, Any]):
    """What a tokenizer makes of texts: a list for each part, or a list of lists."""

    def __init__(self, parts: Sequence[str], encodings: Sequence[Encoding], alone: bool) -> None:
        self._encodings = encodings
        for name in parts:
            values = [getattr(one, _PARTS[name]) for one in encodings]
            self[name] = values[0] if alone else values

    def word_ids(self, row: int) -> list[int | None]:
        """Return the index of the word that each token of a row belongs to."""
        return list(self._encodings[row].word_ids)


class GraphTokenizer:
    """A tokenizer read from its file. Raises `UserError` for one that cannot be read."""

    is_fast = True
    padding_side = "right"

    def __init__(self, path: Path, settings: TokenizerSettings) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(path))
        except Exception as problem:  # It raises nothing more exact.
            raise UserError(f"{path} cannot be read: {first_line(problem)}") from None
        self.settings = settings
        self.pad_token_id = settings.pad_token_id
        self.pad_token_type_id = settings.pad_token_type_id
        self.unk_token_id = settings.unk_token_id
        self.eos_token_id = settings.eos_token_id
        self.cls_token_id = settings.cls_token_id
        self.sep_token = settings.sep_token
        self.truncation_side = settings.truncation_side
        self._setting = Lock()

    def __call__(
        self,
        texts: Any,
        pairs: Any = None,
        *,
        add_special_tokens: bool = True,
        truncation: bool = False,
        max_length: int | None = None,
        is_split_into_words: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        verbose: bool = True,
    ) -> TokenLists:
        """Return the tokens of a text or of several, of pairs where there are second texts.

        With `truncation` at most `max_length` of each, the longest text truncated first; with
        `is_split_into_words` a row is a list of words.
        """
        alone = isinstance(texts, str)
        rows = [texts] if alone else list(texts)
        if pairs is not None:
            rows = list(zip(rows, [pairs] if alone else pairs, strict=True))
        with self._setting:
            if truncation and max_length is not None:
                self._tokenizer.enable_truncation(max_length, direction=self.truncation_side)
            else:
                self._tokenizer.no_truncation()
            found = self._tokenizer.encode_batch(
                rows, is_pretokenized=is_split_into_words, add_special_tokens=add_special_tokens
            )
        options = {
            "special_tokens_mask": return_special_tokens_mask,
            "offset_mapping": return_offsets_mapping,
        }
        more = [name for name, wanted in options.items() if wanted]
        return TokenLists([*self.settings.parts, *more], found, alone)

    def convert_ids_to_tokens(self, number: int) -> str | None:
        """Return the token with a number, None where there is none."""
        token: str | None = self._tokenizer.id_to_token(number)
        return token
