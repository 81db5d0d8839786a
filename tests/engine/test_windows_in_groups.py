"""Windows of one row are computed in groups, and made when a group is computed."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gft.data.compact import Cells
from gft.engine import features as storing
from gft.engine import inference
from gft.engine.features import FeatureStore
from gft.engine.inference import Found, by_row
from gft.inputs.features import MadeFeatures
from gft.inputs.words import encode_words
from gft.language.equation import parse_equation
from gft.tasks.classify_spans import ClassifySpans
from gft.tasks.classify_tokens import ClassifyTokens
from gft.tasks.protocol import Task

TAGGER = ClassifyTokens.of_columns(parse_equation("classify_tokens: tags ~ words"))
FINDER = ClassifySpans.of_columns(parse_equation("classify_spans: a ~ question + context"))


@pytest.mark.parametrize("counts", [[1], [3, 1, 9, 1, 2], [4, 4], [13], [1] * 9])
def test_rows_get_what_all_their_windows_say(
    counts: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "WINDOW", 4)
    rows = np.repeat(np.arange(len(counts)) + 3, counts)
    asked: list[int] = []

    def predicted(some: Sequence[Any]) -> Found:
        asked.append(len(some))
        numbers = [np.array([feature["n"]]) for feature in some]
        return numbers, [number[:, None] / 10 for number in numbers]

    made = MadeFeatures(lambda n: {"n": n}, range(len(rows)))
    values, scores = by_row(TAGGER, made, rows, predicted)
    assert max(asked) <= 4 and sum(asked) == len(rows)
    whole = [[n for n, _ in some] for _, some in groupby(enumerate(rows), lambda one: one[1])]
    assert [value.tolist() for value in values] == whole
    assert scores is not None
    assert [score[:, 0].tolist() for score in scores] == [[n / 10 for n in one] for one in whole]
    _, none = by_row(TAGGER, made, None, lambda some: ([one["n"] for one in some], None))
    assert none is None


@pytest.fixture(scope="module")
def processor(tiny: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny)


@pytest.mark.parametrize("task", [TAGGER, FINDER])
def test_a_long_row_takes_a_small_multiple_of_its_text(processor: Any, task: Task) -> None:
    text = "good film , a bad day with marks " * 5000
    rows = {"words": [text], "question": ["who ?"], "context": [text]}
    task.encode(processor, {name: ["warm"] for name in rows}, 128)
    tracemalloc.start()
    encoded = task.encode(processor, rows, 128)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    assert sum(len(one["input_ids"]) for one in encoded.features) > 40_000
    _, looked_at = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 24 * len(text)
    assert looked_at - kept < 100_000  # a window or two, of many hundreds


def test_a_context_is_kept_once_whatever_its_windows(
    processor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "WINDOW", 4)
    context = "good film " * 200
    encoded = FINDER.encode(processor, {"question": ["who"] * 2, "context": [context, "a"]}, 24)
    store = FeatureStore("input_ids", Cells.of(["a", "b"]))
    store.extend(encoded, 0)
    store.close()
    assert store.rows is not None and len(store) == len(encoded.rows or ()) > 40
    texts = [store[n]["context"] for n in range(len(store))]
    assert texts == [context, *[""] * (len(store) - 2), "a"]
    assert [store[n]["input_ids"].tolist() for n in range(len(store))] == [
        list(one["input_ids"]) for one in encoded.features
    ]


def test_windows_are_made_anew_and_alike(processor: Any) -> None:
    encoded = encode_words(processor, [["good", "film"] * 30, ["bad"]], 12, [[0, 1] * 30, [1]])
    assert isinstance(encoded.features, MadeFeatures)
    first, *others = encoded.features
    assert encoded.features[0] == first and encoded.features[1:] == others
    assert [n for one in encoded.features for n in one["labels"]] == [*[0, 1] * 30, 1]
