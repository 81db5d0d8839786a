"""Windows over long texts: every token is read, of a pair the longer text, a row is one feature."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gft.errors import UserError
from gft.inputs.text import encode_texts
from gft.inputs.windows import WINDOWS, Windows, encode_windows, pad_windows, unread_of

IDS = "input_ids"


@pytest.fixture(scope="module")
def bert(tiny: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny)


def numbered(count: int) -> str:
    """Return a text of so many tokens, which tell where they stand."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join(letters[n % 26] for n in range(count))


def windows_of(feature: dict[str, Any]) -> list[list[int]]:
    [count] = feature[WINDOWS]
    size = len(feature[IDS]) // count
    assert size * count == len(feature[IDS])
    return [feature[IDS][n * size : (n + 1) * size] for n in range(count)]


@pytest.mark.parametrize("count", [1, 30, 31, 40, 60, 61, 100, 997])
@pytest.mark.parametrize("stride", [None, 0, 5, 15, 400])
def test_windows_are_full_and_leave_nothing_out(count: int, stride: int | None) -> None:
    found = Windows(stride).over(count, 30)
    assert found[0][0] == 0 and found[-1][1] == count
    assert unread_of(found, count) == 0
    if count <= 30:
        assert found == [(0, count)]
        return
    assert all(stop - start == 30 for start, stop in found)
    shared = [before[1] - after[0] for before, after in pairwise(found)]
    least = 30 // 4 if stride is None else min(stride, 15)
    assert min(shared) >= least and max(shared) - min(shared) <= 1
    fewer = Windows(stride, max(1, len(found) - 1)).over(count, 30)
    again = [before[1] - after[0] for before, after in pairwise(fewer)]
    assert not again or min(again) < least  # No fewer windows would do.


def test_at_most_so_many_windows_from_the_beginning_to_the_end() -> None:
    found = Windows(most=3).over(1000, 30)
    assert found == [(0, 30), (485, 515), (970, 1000)]
    assert unread_of(found, 1000) == 910
    assert Windows(most=1).over(1000, 30) == [(0, 30)]
    assert Windows(most=90).over(40, 30) == [(0, 30), (10, 40)]


def test_a_text_that_fits_is_encoded_as_ever(bert: Any) -> None:
    for columns in (["river", ""], ["a", "stone a"]), (["river stone", "a"],), (["a"],) * 3:
        usual = encode_texts(bert, columns, 16, golds := [0] * len(columns[0]))
        found = encode_windows(bert, columns, 16, Windows(), golds)
        assert [row | {WINDOWS: [1]} for row in usual.features] == found.features
        assert found.lost == usual.lost and found.rows is None
    assert encode_windows(bert, [[]], 16, Windows()).features == []


def test_a_long_text(bert: Any) -> None:
    text = numbered(50)
    encoded = encode_windows(bert, [[text, "river"]], 22, Windows(5), [1, 0])
    whole = bert(text, add_special_tokens=False)[IDS]
    first, *middle, last = windows_of(encoded.features[0])
    begin, end = bert.cls_token_id, bert.sep_token_id
    assert first == [begin, *whole[:20], end] and last == [begin, *whole[-20:], end]
    assert len(middle) == 1
    assert encoded.features[0]["labels"] == 1
    assert encoded.lost == [0, 0] and encoded.unread(IDS).total == 52 + 3
    few = encode_windows(bert, [[text, "river"]], 22, Windows(most=2))
    assert few.lost == [10, 0] and few.unread(IDS).rows == 1
    assert few.unread(IDS).share == 10 / 55


@pytest.mark.parametrize("long_first", [True, False])
def test_of_a_pair_the_longer_text_is_read_in_windows(bert: Any, long_first: bool) -> None:
    long, short = numbered(60), "river stone market"
    columns = [[long], [short]] if long_first else [[short], [long]]
    encoded = encode_windows(bert, columns, 26, Windows(0))
    begin, end = bert.cls_token_id, bert.sep_token_id
    tokens = bert(long, add_special_tokens=False)[IDS]
    other = bert(short, add_special_tokens=False)[IDS]
    found = windows_of(encoded.features[0])
    assert len(found) == 3 and encoded.lost == [0]
    for n, ids in enumerate(found):
        part = tokens[n * 20 : (n + 1) * 20]
        pair = (part, other) if long_first else (other, part)
        assert ids == [begin, *pair[0], end, *pair[1], end]
    types = encoded.features[0]["token_type_ids"][:26]
    assert types == [0] * (22 if long_first else 5) + [1] * (4 if long_first else 21)


def test_of_two_long_texts_the_shorter_has_half_of_a_window(bert: Any) -> None:
    encoded = encode_windows(bert, [[numbered(60)], [numbered(30)]], 23, Windows(0))
    kept = bert(numbered(30), add_special_tokens=False)[IDS][:10]
    found = windows_of(encoded.features[0])
    assert all(ids[-11:-1] == kept for ids in found) and len(found) == 6
    assert encoded.lost == [20] and encoded.unread(IDS).total == 93


def test_no_place_for_a_text(bert: Any) -> None:
    with pytest.raises(
        UserError, match="--max_length 3 leaves no room for a text: the model adds 2 special tokens"
    ):
        encode_windows(bert, [["river"]], 3, Windows())


def test_a_batch_of_windows(bert: Any) -> None:
    encoded = encode_windows(bert, [["river", numbered(50)]], 22, Windows(5))
    batch = pad_windows(bert, encoded.features)
    assert batch[WINDOWS].tolist() == [1, 3]
    assert batch[IDS].shape == batch["attention_mask"].shape == (2, 3, 22)
    assert batch[IDS][0, 0, :3].tolist() == bert("river")[IDS]
    assert not batch["attention_mask"][0, 0, 3:].any() and not batch["attention_mask"][0, 1:].any()
    assert batch[IDS][1].tolist() == windows_of(encoded.features[1])


def test_a_tokenizer_that_puts_nothing_around_texts(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    from hub import decoders

    gpt2 = AutoTokenizer.from_pretrained(decoders.gpt2(tmp_path / "gpt2"))
    pair = [["stone"], ["river stone market garden"]]
    [feature] = encode_windows(gpt2, pair, 20, Windows(0)).features
    assert [gpt2.decode(ids) for ids in windows_of(feature)] == [
        "stone\nriver stone ma", "stone\n market garden",
    ]  # fmt: skip
