"""Settings of generation that forbid texts which a model is to learn to write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Ids = Sequence[int]
Forbids = Callable[[Any, Ids, Ids], bool]
"""Says of a setting's value, the tokens of a target with its end, and those of its source."""


def _too_short(least: int, target: Ids, source: Ids) -> bool:
    return len(target) < least  # A token before the first counts, as does the end.


def _too_short_without_end(least: int, target: Ids, source: Ids) -> bool:
    return len(target) - 1 < least


def _repeats(size: int, target: Ids, source: Ids) -> bool:
    found = _runs(target[:-1], size)
    return len(set(found)) < len(found)


def _repeats_source(size: int, target: Ids, source: Ids) -> bool:
    return not set(_runs(target[:-1], size)).isdisjoint(_runs(source, size))


def _has_any_run(runs: Iterable[Ids], target: Ids, source: Ids) -> bool:
    return any(tuple(run) in _runs(target, len(run)) for run in runs)


def _has_any(tokens: Iterable[int], target: Ids, source: Ids) -> bool:
    return not set(tokens).isdisjoint(target)


def _begins_with_any(tokens: Iterable[int], target: Ids, source: Ids) -> bool:
    return target[0] in set(tokens)


def _begins_otherwise(token: int, target: Ids, source: Ids) -> bool:
    return target[0] != token


SETTINGS: Mapping[str, tuple[Forbids, Any]] = {
    "min_length": (_too_short, 0),
    "min_new_tokens": (_too_short_without_end, None),
    "no_repeat_ngram_size": (_repeats, 0),
    "encoder_no_repeat_ngram_size": (_repeats_source, 0),
    "bad_words_ids": (_has_any_run, None),
    "suppress_tokens": (_has_any, None),
    "begin_suppress_tokens": (_begins_with_any, None),
    "forced_bos_token_id": (_begins_otherwise, None),
}
"""Each setting that forbids something: whether it forbids a target, and its value for nothing."""


class Compared:
    """Settings of a model held against the targets that it is to be trained on."""

    def __init__(self, generation: Mapping[str, Any], but: Iterable[str] = ()) -> None:
        self._values = {
            name: generation[name] for name in SETTINGS if generation.get(name) and name not in but
        }
        if generation.get("forced_bos_token_id") == 0 and "forced_bos_token_id" not in but:
            self._values["forced_bos_token_id"] = 0
        self._counts = dict.fromkeys(self._values, 0)
        self._rows = 0

    def __bool__(self) -> bool:
        """Whether there is a setting that could forbid a text."""
        return bool(self._values)

    def add(self, target: Ids, source: Ids) -> None:
        """Compare with the tokens of a target, with its end, and those of its source."""
        self._rows += 1
        for name, value in self._values.items():
            self._counts[name] += SETTINGS[name][0](value, target, source)

    def changed(self) -> dict[str, Any]:
        """Return settings that forbid nothing in place of those that forbid targets."""
        return {name: SETTINGS[name][1] for name, count in self._counts.items() if count}

    def notes(self) -> list[str]:
        """Return a sentence on each setting that is changed."""
        return [
            f"the model's own {name}, {shown(self._values[name])}, is ignored: it would forbid "
            f"{count:,} of {self._rows:,} texts of train"
            for name, count in self._counts.items()
            if count
        ]


def shown(value: Any) -> str:
    """Return a setting's value for a sentence."""
    return str(value) if isinstance(value, int) else f"of {len(value):,}"


def _runs(ids: Ids, size: int) -> list[tuple[int, ...]]:
    return [tuple(ids[start : start + size]) for start in range(len(ids) - size + 1)]
