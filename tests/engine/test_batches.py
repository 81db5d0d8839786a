"""Batches: padding changes no logits, a shuffle is honest, features come back as they were."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gft.data.compact import Cells
from gft.engine.cpu import attention
from gft.engine.cpu.shapes import round_length, round_rows
from gft.engine.features import FeatureStore
from gft.engine.inference import Predictor
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import choose_precision
from gft.engine.sampler import EpochSampler
from gft.suppliers.protocol import Loaded
from gft.tasks.classify import Classify
from gft.tasks.protocol import Encoded

TEXTS = ["river", "stone market garden river mark0 stone", "mark1 window", "letter " * 30]


@pytest.fixture(scope="module")
def loaded(tiny: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(tiny).eval()
    return model, AutoTokenizer.from_pretrained(tiny)


def placed(loaded: tuple[Any, Any], precision: str) -> PlacedModel:
    return PlacedModel(Loaded(*loaded), choose_precision(precision, use_cpu=True))


def test_a_row_does_not_depend_on_its_batch(loaded: tuple[Any, Any]) -> None:
    task = Classify(("text",), ("y",), ("a", "b"), ("a", "b"))
    exact = placed(loaded, "fp32")
    together = Predictor(task, exact, 64, batch_size=4).rows({"text": TEXTS})
    alone = Predictor(task, exact, 64, batch_size=1).rows({"text": TEXTS})
    assert together.scores is not None and alone.scores is not None
    assert np.allclose(together.scores, alone.scores, atol=1e-6)
    one_by_one = [
        loaded[0](**loaded[1](text, return_tensors="pt", truncation=True, max_length=64)).logits
        for text in TEXTS
    ]
    wanted = torch.cat(one_by_one).softmax(-1).detach().numpy()
    assert np.allclose(together.scores, wanted, atol=1e-6)


@pytest.mark.parametrize(("precision", "within"), [("fp32", 1e-6), ("bf16", 0.01)])
def test_batches_by_length_give_what_each_row_gives(
    loaded: tuple[Any, Any], precision: str, within: float
) -> None:
    task = Classify(("text",), ("y",), ("a", "b"), ("a", "b"))
    texts = [" ".join(["river", "stone", "mark0"] * (n % 11 + 1)) for n in range(300)]
    predictor = Predictor(task, placed(loaded, precision), 64)
    sizes = [len(batch) for batch in predictor._batches(*_sorted_lengths([64] * 70 + [9] * 300))]
    assert sizes == [32, 32, 32, 192, 82]  # about 2048 tokens of round lengths
    together = predictor.rows({"text": texts})
    alone = [predictor.rows({"text": [text]}) for text in texts]
    assert np.allclose(together.scores, np.concatenate([one.scores for one in alone]), atol=within)


def test_batches_of_many_windows_have_few_shapes(
    loaded: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Classify(("text",), ("y",), ("a", "b"), ("a", "b"))
    predictor = Predictor(task, placed(loaded, "bf16"), 64)
    chance = np.random.default_rng(0)
    asked: list[int] = []
    shapes = set()
    products = attention._weights

    def spy(*given: Any) -> Any:
        shapes.add((given[0].shape[0], given[0].shape[2], given[1].shape[2]))
        return products(*given)

    monkeypatch.setattr(attention, "_weights", spy)
    for _ in range(60):
        count = int(chance.integers(1, 300))
        lengths = chance.integers(2, 62, count)
        found = predictor.rows({"text": ["river " * int(length) for length in lengths]})
        assert found.scores is not None and len(found.scores) == count == len(found.values)
        asked += [len(part) for part in predictor._batches(*_sorted_lengths(lengths + 2))]
    assert len(asked) > 200 and len(set(asked)) > 35
    assert len({rows for rows, *_ in shapes}) <= 28
    assert {keys for *_, keys in shapes} == set(range(4, 65, 4))
    assert {queries for _, queries, keys in shapes if queries != 1} == set(range(4, 65, 4))


def _sorted_lengths(lengths: list[int]) -> tuple[Any, Any]:
    return np.argsort(-np.array(lengths), kind="stable"), np.array(lengths)


def test_numbers_of_rows_and_of_tokens_are_round() -> None:
    rows = {7: 7, 8: 8, 9: 10, 17: 20, 31: 32, 47: 48, 85: 96, 128: 128, 129: 160, 256: 256}
    assert {count: round_rows(count) for count in rows} == rows
    assert len({round_rows(count) for count in range(1, 257)}) == 28
    assert all(count <= round_rows(count) <= count * 1.25 for count in range(1, 1000))
    tokens = {1: 4, 4: 4, 30: 32, 63: 64, 65: 72, 128: 128, 129: 144, 500: 512}
    assert {count: round_length(count) for count in tokens} == tokens
    assert len({round_length(count) for count in range(1, 513)}) == 40


def test_rows_that_are_cut_are_counted(loaded: tuple[Any, Any]) -> None:
    task = Classify(("text",), ("y",), ("a", "b"), ("a", "b"))
    encoded = task.encode(loaded[1], {"text": TEXTS}, 12)
    whole = len(loaded[1](TEXTS[3])["input_ids"])
    assert encoded.lost == [0, 0, 0, whole - 12]
    unread = encoded.unread("input_ids")
    total = sum(len(ids) for ids in loaded[1](TEXTS)["input_ids"])
    assert (unread.rows, unread.tokens, unread.total) == (1, whole - 12, total)
    assert unread.share == (whole - 12) / total
    assert len(encoded.features[3]["input_ids"]) == 12


def test_three_inputs_are_joined_by_the_separator(loaded: tuple[Any, Any]) -> None:
    task = Classify(("a", "b", "c"), ("y",), ("a", "b"), ("a", "b"))
    encoded = task.encode(loaded[1], {"a": ["river"], "b": ["stone"], "c": ["letter"]}, 12)
    tokens = loaded[1].convert_ids_to_tokens(encoded.features[0]["input_ids"])
    assert tokens == ["[CLS]", "river", "[SEP]", "stone", "[SEP]", "letter", "[SEP]"]


@pytest.mark.parametrize("grouped", [False, True])
def test_a_shuffle_is_honest(grouped: bool) -> None:
    lengths = np.random.default_rng(0).integers(3, 60, 500) if grouped else None
    sampler = EpochSampler(500, 42, 4, lengths, shuffle=True)
    epochs = []
    for epoch in range(3):
        sampler.set_epoch(epoch)
        epochs.append(list(sampler))
        assert Counter(epochs[-1]) == Counter(range(500))
    batches = [{frozenset(e[n : n + 4]) for n in range(0, 500, 4)} for e in epochs]
    assert len(batches[0] & batches[1]) < 3
    sampler.set_epoch(1)
    assert list(sampler) == epochs[1]


def test_batches_hold_similar_lengths_in_any_order() -> None:
    lengths = np.random.default_rng(0).integers(3, 60, 803)
    order = list(EpochSampler(803, 42, 8, lengths, shuffle=True))
    batches = [lengths[order[n : n + 8]] for n in range(0, 803, 8)]
    padding = sum(int(batch.max()) * len(batch) for batch in batches) / lengths.sum()
    assert padding < 1.08  # about 1.7 without
    longest = np.array([batch.max() for batch in batches[:-1]])
    # Long batches come as early as late: the rank of a length says nothing of its place.
    assert abs(np.corrcoef(longest, np.arange(len(longest)))[0, 1]) < 0.3


def test_rows_meet_by_chance_in_small_data_too() -> None:
    sampler = EpochSampler(128, 42, 8, np.arange(128), shuffle=True)
    together = 0
    for epoch in range(200):
        sampler.set_epoch(epoch)
        batch = {row: n // 8 for n, row in enumerate(sampler)}
        together += batch[0] == batch[1]
    assert together < 60, "the two shortest rows would share each batch if all were sorted"


def test_features_come_back() -> None:
    store = FeatureStore("input_ids", Cells.of(["b", "a", "c"]))
    first = [{"input_ids": [1, 2, 3], "labels": 1}, {"input_ids": [], "labels": 0}]
    store.extend(Encoded(first, [False, False]), 0)
    store.extend(Encoded([{"input_ids": [4], "labels": 2}], [True]), 2)
    store.close()
    assert store.golds == ["b", "a", "c"]
    found = [(store[n]["input_ids"].tolist(), store[n]["labels"]) for n in range(len(store))]
    assert found == [([1, 2, 3], 1), ([], 0), ([4], 2)]
    assert store.lengths().tolist() == [3, 0, 1]
