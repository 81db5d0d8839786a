"""Words as a model takes them: subword tokens, odd words, windows."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from gft.errors import UserError
from gft.inputs.words import encode_words, subwords_of, windows, words_of
from hub import decoders


@pytest.fixture(scope="module")
def bert(tiny: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny)


class Slow:
    """The same tokenizer without its fast half, as some of the hub's are."""

    is_fast = False

    def __init__(self, fast: Any) -> None:
        self.fast = fast

    def __getattr__(self, name: str) -> Any:
        return getattr(self.fast, name)

    def __call__(self, *texts: Any, **options: Any) -> Any:
        assert "is_split_into_words" not in options
        return self.fast(*texts, **options)


def test_words_of_a_cell() -> None:
    assert words_of("  a b\tc\n") == ["a", "b", "c"]
    assert words_of(["New York", None, 3]) == ["New York", "", "3"]
    assert words_of(None) == words_of("") == []
    assert words_of("10\u00a0000 km") == ["10\u00a0000", "km"]


@pytest.mark.parametrize("slow", [False, True])
def test_pieces_and_words_without_any(bert: Any, slow: bool) -> None:
    processor = Slow(bert) if slow else bert
    words = ["river", "", "\u200b", "abc", "\ufffd", "stone"]
    river, empty, invisible, abc, _, stone = subwords_of(processor, [words, []])[0]
    assert bert.convert_ids_to_tokens(river + stone) == ["river", "stone"]
    assert empty == invisible == [bert.unk_token_id]
    assert bert.convert_ids_to_tokens(abc) == ["a", "##b", "##c"]


def test_a_word_is_cut_as_within_a_text(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    gpt2 = AutoTokenizer.from_pretrained(decoders.gpt2(tmp_path / "gpt2"))
    [[first, second]] = subwords_of(gpt2, [["ab", "cd"]])
    assert gpt2.decode(first) == " ab" and gpt2.decode(second) == " cd"
    llama = AutoTokenizer.from_pretrained(decoders.llama(tmp_path / "llama"))
    assert subwords_of(llama, [["river", "stone"]])[0][1] == llama("stone")["input_ids"][1:]


def test_every_word_is_answered_once_where_it_sees_most() -> None:
    generator = random.Random(0)
    for _ in range(300):
        room = generator.randint(1, 12)
        lengths = [generator.randint(1, room) for _ in range(generator.randint(0, 40))]
        found = windows(lengths, room)
        answered = [n for one in found for n in range(one.first, one.last)]
        assert answered == list(range(len(lengths)))
        for one in found:
            assert sum(lengths[one.start : one.stop]) <= room
            assert one.start <= one.first <= one.last <= one.stop or one.first == one.last
    first, second = windows([1] * 14, 8)
    assert (first.start, first.stop, second.start, second.stop) == (0, 8, 6, 14)
    assert (first.last, second.first) == (7, 7)
    first, second = windows([1] * 9, 8)
    assert (second.start, first.last, second.first) == (1, 4, 4)


def test_features(bert: Any) -> None:
    rows = [["river", "abc"], [], ["stone"] * 9]
    encoded = encode_words(bert, rows, 8, [[0, 1], [], list(range(9))])
    assert encoded.rows == [0, 1, 2, 2] and not any(encoded.lost)
    short, empty, left, right = encoded.features
    assert bert.convert_ids_to_tokens(short["input_ids"]) == [
        "[CLS]", "river", "a", "##b", "##c", "[SEP]"]  # fmt: skip
    assert (short["positions"], short["labels"]) == ([1, 2], [0, 1])
    assert (empty["positions"], len(empty["input_ids"])) == ([], 2)
    assert left["labels"] + right["labels"] == list(range(9))
    assert len(left["input_ids"]) == 8 and len(left["positions"]) == len(left["labels"])
    assert encode_words(bert, [["abcabcabc", "river"]], 8).lost == [3]
    with pytest.raises(
        UserError, match="--max_length 2 leaves no room for a word: the model adds 2 special tokens"
    ):
        encode_words(bert, rows, 2)
