"""Weights from Paddle's names and layout to those of `transformers`, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gft.suppliers.paddle.config import PADDED, Family, head_of

if TYPE_CHECKING:
    import numpy as np

    Arrays = Mapping[str, np.ndarray[Any, Any]]

Pairs = Sequence[tuple[str, str]]

_LOOKED_UP = re.compile(
    r"((word|position|token_type|task_type|rel_pos)_embeddings|embed_tokens|embed_positions|shared)"
    r"\.weight$"
)
_TASK_TYPES = "embeddings.task_type_embeddings.weight"
_TOKEN_TYPES = "embeddings.token_type_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
_WORDS = "embeddings.word_embeddings.weight"


def from_paddle(
    arrays: Arrays, config: Mapping[str, Any], family: Family, head: str
) -> dict[str, np.ndarray[Any, Any]]:
    """Return weights as `transformers` names and lays them out under `head`.

    `config` is the flattened configuration that came with them. A head's weights come along only
    if they were saved under the same head: Paddle calls all of them `classifier`.
    """
    body, rest = _parted(arrays, f"{family.name}.")
    # A discriminator that was saved together with its generator.
    nested, _ = _parted(arrays, f"discriminator.{family.name}.")
    if nested or not body:
        body, rest = nested or arrays, {}  # The network by itself.
    weights = dict(_renamed(body, family.weights, f"{_base(family.kind)}."))
    if head_of(config) == head:
        weights |= _renamed(rest, _head(family, head))
    base = _base(family.kind)
    words = weights.get(f"{base}.{_WORDS}")
    if words is not None and family.bare_padding and not config.get(PADDED):
        weights[f"{base}.{_WORDS}"] = bare = words.copy()
        bare[_padding(config, family)] = 0
    if words is not None and config.get("type_vocab_size") == 0:
        weights[f"{base}.{_TOKEN_TYPES}"] = words[:1] * 0
    _swap_task(weights, config, family)
    return {name: _laid_out(name, array) for name, array in weights.items()}


def to_paddle_weights(
    weights: Arrays, config: Mapping[str, Any], family: Family, head: str, kind: str
) -> dict[str, np.ndarray[Any, Any]]:
    """Return weights of a `transformers` model of this kind as Paddle's `family` has them.

    `config` is the flattened configuration that the model came with.
    """
    every = dict(weights)
    _swap_task(every, config, family)
    base = _base(kind)
    if config.get("type_vocab_size") == 0:
        # Paddle has no embedding of segments here, and each token has one of a position.
        segments = every.pop(f"{base}.{_TOKEN_TYPES}")
        every[f"{base}.{_POSITIONS}"] = every[f"{base}.{_POSITIONS}"] + segments
    body, rest = _parted(every, f"{base}.")
    named = dict(_renamed(body, _inverse(family.weights), f"{family.name}."))
    named |= _renamed(rest, _inverse(_head(family, head)))
    return {name: _laid_out(name, array) for name, array in named.items()}


def embeds_padding(weights: Arrays, config: Mapping[str, Any], family: Family) -> bool:
    """Say whether weights in `transformers`' names have an embedding that Paddle would ignore."""
    words = weights.get(f"{_base(family.kind)}.{_WORDS}")
    return family.bare_padding and words is not None and bool(words[_padding(config, family)].any())


def _padding(config: Mapping[str, Any], family: Family) -> int:
    return int(config.get("pad_token_id", family.defaults["pad_token_id"]))


def _parted(arrays: Arrays, prefix: str) -> tuple[Arrays, Arrays]:
    """Return the weights of the network itself, without their prefix, and all others."""
    body = {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
    return body, {name: array for name, array in arrays.items() if not name.startswith(prefix)}


def _renamed(
    arrays: Arrays, pairs: Pairs, prefix: str = ""
) -> Iterable[tuple[str, np.ndarray[Any, Any]]]:
    """Yield arrays under other names; those that have none keep theirs. `#` is a number."""
    for name, array in arrays.items():
        renamed = name
        for old, new in pairs:
            found = re.match(re.escape(old).replace(r"\#", r"(\d+)") + r"(?=\.)", name)
            if found:
                number = found[1] if "#" in old else ""
                renamed = new.replace("#", number) + name[found.end() :]
                break
        yield prefix + renamed, array


def _inverse(pairs: Pairs) -> Pairs:
    return tuple((new, old) for old, new in pairs)


def _head(family: Family, head: str) -> Pairs:
    """Return how Paddle and `transformers` name the weights of a head."""
    if head == "question-answering":
        return (("classifier", "qa_outputs"),)
    name = "classification_head" if family.kind == "bart" else "classifier"
    return (("classifier", name),)


def _base(kind: str) -> str:
    return "model" if kind == "bart" else kind


def _swap_task(weights: dict[str, Any], config: Mapping[str, Any], family: Family) -> None:
    """Exchange the task type that Paddle takes by itself with the first, which torch takes."""
    own = int(config.get("task_id") or 0)
    name = f"{_base(family.kind)}.{_TASK_TYPES}"
    if own and name in weights:
        order = list(range(weights[name].shape[0]))
        order[0], order[own] = order[own], order[0]
        weights[name] = weights[name][order]


def _laid_out(name: str, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a matrix of a linear layer transposed: Paddle has inputs first, torch outputs."""
    import numpy as np

    if array.ndim != 2 or _LOOKED_UP.search(name):
        return array
    return np.ascontiguousarray(array.T)
