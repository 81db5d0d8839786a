"""Languages of a model that translates between many: NLLB, mBART, M2M100 and their like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gft.errors import UserError, listed, no_such

_CODE = re.compile(r"[a-z]{2,3}_[A-Z][A-Za-z]{1,3}")
"""How a token of a language looks: `eng_Latn`, `en_XX`."""
FIRST = "forced_bos_token_id"
START = "decoder_start_token_id"


@dataclass(frozen=True)
class Languages:
    """The language of the sources, that of the targets, and how a text in the latter begins.

    `begins` are settings of `generate`: the first token, or the one before it, is the language's.
    """

    source: str
    target: str
    begins: Mapping[str, int]


def languages_of(
    processor: Any, source: str, target: str, generation: Mapping[str, Any]
) -> Languages | None:
    """Have a tokenizer read one language and write another; return both, None if it knows none.

    A model that was made for two languages names both itself: in its tokenizer's settings, the
    target also as the token that every text begins with. Raises `UserError` where a language is
    missing or unknown.
    """
    known = _known(processor)
    if not known:
        for name, given in (("source_lang", source), ("target_lang", target)):
            if given:
                raise UserError(
                    f"--{name} {given}: this model's tokenizer has no languages; give models such "
                    "as T5 an instruction instead, with --source_prefix"
                )
        return None
    own = getattr(processor, "init_kwargs", {})
    by_token = {number: code for code, number in known.items()}
    begins = generation.get(FIRST), generation.get(START)
    of_pair = own.get("tgt_lang") or next((by_token[n] for n in begins if n in by_token), None)
    if own.get("src_lang") and of_pair:
        source, target = source or str(own["src_lang"]), target or str(of_pair)
    _check(known, source, target)
    processor.src_lang, processor.tgt_lang = source, target
    ids, code = processor(text_target="a")["input_ids"], known[target]
    return Languages(source, target, {FIRST: code} if ids[0] == code else {START: code})


def closing(processor: Any) -> int:
    """Return how many tokens stand after a target: the end, in mBART the language too."""
    return max(1, len(getattr(processor, "suffix_tokens", ())))


def _known(processor: Any) -> dict[str, int]:
    """Return the token of each language by its code."""
    if not hasattr(processor, "src_lang") or not hasattr(processor, "tgt_lang"):
        return {}
    by_code: Mapping[str, int] | None = getattr(processor, "lang_code_to_id", None)
    if by_code is None:
        codes: Iterable[str] = filter(_CODE.fullmatch, processor.all_special_tokens)
        by_code = {code: processor.convert_tokens_to_ids(code) for code in codes}
    return {code: n for code, n in by_code.items() if n is not None and n != processor.unk_token_id}


def _check(known: Iterable[str], source: str, target: str) -> None:
    named = {"source_lang": source, "target_lang": target}
    missing = [f"--{name}" for name, given in named.items() if not given]
    if missing:
        raise UserError(
            f"the model translates between many languages: give {listed(missing)}; "
            f"it knows {listed(sorted(known), 12)}"
        )
    wrong = [no_such(f"--{name}", code, known) for name, code in named.items() if code not in known]
    if wrong:
        raise UserError(*wrong)
