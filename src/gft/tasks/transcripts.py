"""Transcripts as CTC learns them: characters that count, vocabularies, and tokens as text."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.errors import UserError, listed
from gft.inputs.beginnings import LONG
from gft.inputs.sound import frames_of
from gft.tasks.masks import IGNORED

if TYPE_CHECKING:
    import torch

SPACE = " "
SHOWN = 12


def ignored(asked: Iterable[str] | None) -> str:
    r"""Return the characters of `--chars_to_ignore`, of which spaces and `\` do not count."""
    return "".join(dict.fromkeys("".join(asked or ()).replace("\\", "").replace(SPACE, "")))


def cleaned(text: Any, ignore: str, case: str) -> str | None:
    """Return a transcript without ignored characters, one space between words; None for nothing.

    `case` is upper, lower or empty: as it is.
    """
    if text is None:
        return None
    words = str(text).translate({ord(one): None for one in ignore}).split()
    kept = SPACE.join(words)
    if case:
        kept = kept.upper() if case == "upper" else kept.lower()
    return kept or None


def make_tokenizer(texts: Iterable[str], unknown: str, pad: str, delimiter: str) -> Any:
    """Return a tokenizer of the characters in texts, with `delimiter` for the space.

    Raises `UserError` when the texts hold the delimiter.
    """
    from transformers import Wav2Vec2CTCTokenizer

    found = {character for text in texts for character in text} - {SPACE}
    if delimiter in found:
        raise UserError(
            f"the texts of train hold {delimiter!r}, which stands for the space in the vocabulary; "
            "name another with --word_delimiter_token, or leave it out: "
            f"--chars_to_ignore {delimiter!r}"
        )
    tokens = list(dict.fromkeys([pad, unknown, delimiter, *sorted(found)]))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vocab.json"
        numbered = {token: number for number, token in enumerate(tokens)}
        file.write_text(json.dumps(numbered, ensure_ascii=False), encoding="utf-8")
        return Wav2Vec2CTCTokenizer(
            str(file),
            bos_token=None,
            eos_token=None,
            unk_token=unknown,
            pad_token=pad,
            word_delimiter_token=delimiter,
        )


def with_vocabulary(
    processor: Any, texts: Iterable[str], unknown: str, pad: str, delimiter: str
) -> Any:
    """Return a processor with the characters in texts for a vocabulary."""
    from transformers import Wav2Vec2Processor

    extractor = getattr(processor, "feature_extractor", processor)
    return Wav2Vec2Processor(extractor, make_tokenizer(texts, unknown, pad, delimiter))


def padded(labels: Sequence[Sequence[int]]) -> torch.Tensor:
    """Return labels of shape (rows, longest), with `IGNORED` after the shorter ones."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    rows = [torch.tensor(row, dtype=torch.int64) for row in labels]
    return pad_sequence(rows, batch_first=True, padding_value=IGNORED)


def case_of(tokenizer: Any) -> str:
    """Return which letters alone a vocabulary has: upper or lower; empty if both, or neither."""
    if getattr(tokenizer, "do_lower_case", False):
        return "lower"
    special = set(tokenizer.all_special_tokens)
    letters = "".join(token for token in tokenizer.get_vocab() if token not in special)
    has_upper, has_lower = letters != letters.lower(), letters != letters.upper()
    if has_upper == has_lower:
        return ""
    return "upper" if has_upper else "lower"


def unknown_in(texts: Iterable[str], tokenizer: Any) -> str:
    """Return a sentence on the characters that a vocabulary of characters lacks, or nothing."""
    known = {token for token in tokenizer.get_vocab() if len(token) == 1}
    counts = Counter(character for text in texts for character in text)
    lost = Counter({one: n for one, n in counts.items() if one not in known and one != SPACE})
    if not lost or not known:
        return ""
    share = sum(lost.values()) / sum(counts.values())
    names = listed([repr(one)[1:-1] for one, _ in lost.most_common()], SHOWN)
    return (
        f"{share:.1%} of the characters of train are not in the model's vocabulary ({names}); "
        "--chars_to_ignore leaves characters out"
    )


def frames_needed(tokens: Sequence[int]) -> int:
    """Return how many frames CTC needs for a label: between equal neighbours stands a blank."""
    return len(tokens) + sum(a == b for a, b in itertools.pairwise(tokens))


def possible(
    samples: Sequence[int], texts: Sequence[str], tokenizer: Any, config: Mapping[str, Any]
) -> list[bool]:
    """Say of each sound of so many samples whether a model has frames enough for its text."""
    found = []
    for count, text in zip(samples, texts, strict=True):
        frames = frames_of(count, config)
        # A very long text is too long by its beginning, mostly.
        parts = (text[:LONG], text) if len(text) > LONG else (text,)
        enough = (frames_needed(tokenizer(part).input_ids) for part in parts)
        found.append(frames is None or all(frames >= needed for needed in enough))
    return found


def as_text(tokens: Sequence[int], tokenizer: Any) -> str:
    """Return the text of the best token of each frame: repeats become one, then blanks go."""
    special = set(tokenizer.all_special_ids) | {tokenizer.pad_token_id}
    special.discard(getattr(tokenizer, "word_delimiter_token_id", None))
    merged = [
        int(token)
        for index, token in enumerate(tokens)
        if (index == 0 or token != tokens[index - 1]) and int(token) not in special
    ]
    text = tokenizer.decode(merged, group_tokens=False) if merged else ""
    return str(text).strip()
