"""What a tokenizer puts around a pair of texts, so that windows over one keep the other whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gft.inputs.features import Feature
from gft.inputs.text import NEW_LINE
from gft.inputs.words import IDS


@dataclass(frozen=True)
class PairSpecialTokens:
    """What a tokenizer puts before, between and after the two texts of a pair.

    `beside` holds what each part of a feature has beside the tokens of the first and of the
    second text; `no_answer` is the index of the token that stands for no answer: counted from
    the end where it is negative.
    """

    before: dict[str, list[int]]
    between: dict[str, list[int]]
    after: dict[str, list[int]]
    beside: dict[str, tuple[int, int]]
    no_answer: int

    def __len__(self) -> int:
        return len(self.before[IDS]) + len(self.between[IDS]) + len(self.after[IDS])

    def around(self, first: Sequence[int], second: Sequence[int]) -> Feature:
        """Return the feature of the tokens of a pair."""
        return {
            name: [
                *self.before[name],
                *(first if name == IDS else [beside[0]] * len(first)),
                *self.between[name],
                *(second if name == IDS else [beside[1]] * len(second)),
                *self.after[name],
            ]
            for name, beside in self.beside.items()
        }


def special_tokens_of_pair(processor: Any, separator: str = NEW_LINE) -> PairSpecialTokens:
    """Return what a tokenizer puts around a pair, found out by two texts of one letter.

    The separator stands between them where it puts nothing there.
    """
    letter = list(processor("a", add_special_tokens=False)[IDS])
    encoding = dict(processor("a", "a", return_special_tokens_mask=True))
    encoding.pop("special_tokens_mask")
    ids = list(encoding[IDS])
    starts = [n for n in range(len(ids)) if ids[n : n + len(letter)] == letter]
    one, two = starts[0], starts[-1]
    ends = one + len(letter), two + len(letter)
    parts = {name: list(values) for name, values in encoding.items()}
    between = {name: values[ends[0] : two] for name, values in parts.items()}
    if not between[IDS]:
        line = list(processor(separator, add_special_tokens=False)[IDS])
        between = {
            name: line if name == IDS else [values[one]] * len(line)
            for name, values in parts.items()
        }
    special = processor.cls_token_id
    index = ids.index(special) if special in ids else 0
    return PairSpecialTokens(
        {name: values[:one] for name, values in parts.items()},
        between,
        {name: values[ends[1] :] for name, values in parts.items()},
        {name: (values[one], values[two]) for name, values in parts.items()},
        index if index < one else index - len(ids),
    )
