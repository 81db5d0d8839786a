"""Very long texts: what is cut before it is tokenized changes no token that is kept."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from gft.errors import UserError
from gft.inputs import beginnings as module
from gft.inputs.text import encode_texts
from gft.inputs.windows import Windows, encode_windows
from gft.inputs.words import encode_words
from gft.language.equation import parse_equation
from gft.tasks.classify_spans import ClassifySpans
from gft.tasks.fill_mask import FillMask


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("columns", [1, 2])
def test_the_tokens_are_those_of_the_whole(
    side: str, columns: int, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoTokenizer

    processor = AutoTokenizer.from_pretrained(tiny, truncation_side=side)
    texts = ["good film , bad film " * 400, "x" * 9000 + " good film", "short"]
    several = [texts, ["good " * 3000, "film", "film " * 2000]][:columns]
    whole = encode_texts(processor, several, 24)
    monkeypatch.setattr(module, "LONG", 500)
    cut = encode_texts(processor, several, 24)
    assert module.beginnings(processor, texts, 24)[0] != texts[0]
    assert cut.features == whole.features
    assert cut.lost[0] == pytest.approx(whole.lost[0], rel=0.02)


class Counting:
    """A tokenizer that counts the characters it is given, and the most at once."""

    is_fast = True

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer

        self.own, self.given, self.most = AutoTokenizer.from_pretrained(folder), 0, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.own, name)

    def __call__(self, *texts: Any, **how: Any) -> Any:
        some = [one if isinstance(one, list) else [one] for one in texts]
        count = sum(len(part) for one in some for text in one for part in text)
        self.given, self.most = self.given + count, max(self.most, count)
        return self.own(*texts, **how)


@pytest.fixture
def counting(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Counting:
    for place in ("inputs.beginnings", "inputs.windows", "inputs.words", "tasks.fill_mask"):
        monkeypatch.setattr(f"gft.{place}.LONG", 500)
    return Counting(tiny)


FILM = "good film , bad film "


def test_parts_have_the_tokens_of_the_whole(counting: Counting) -> None:
    texts = [FILM * 200, "", " \n", "short"]
    whole = [counting.own(text, add_special_tokens=False)["input_ids"] for text in texts]
    assert [list(tokens) for tokens in module.all_tokens(counting, texts)] == whole
    assert counting.most <= 500
    assert "".join(part for _, part in module.parts_of(texts[0])) == texts[0]
    places = dict(module.parts_of(texts[0]))
    assert all(texts[0].startswith(part, place) for place, part in places.items())


def test_masks_of_a_very_long_text_are_filled_from_what_is_around_them(counting: Counting) -> None:
    task = FillMask.of_columns(parse_equation("fill_mask: text ~ text"))
    text = FILM * 2000 + "bad <mask> film " + FILM * 2000 + "<mask>"
    encoded = task.encode(counting, {"text": [text, FILM * 2000, "a <mask> ."]}, 24)
    assert counting.given < 4000
    assert encoded.rows == [0, 0, 1, 2]
    assert [len(feature["positions"]) for feature in encoded.features] == [1, 1, 0, 1]
    first = encoded.features[0]
    ids, at = first["input_ids"], first["positions"][0]
    assert ids[at] == counting.own.mask_token_id
    assert "bad [MASK] film" in counting.own.decode(ids)


def test_far_too_many_masks_are_refused(counting: Counting) -> None:
    task = FillMask.of_columns(parse_equation("fill_mask: text ~ text"))
    with pytest.raises(UserError, match=r"^row 7 has 10,001 masks; predict fills at most 10,000"):
        task.check_rows(counting, {"text": ["<mask> " * 10_001]}, 7, "row")


@pytest.mark.parametrize("pair", [False, True])
def test_only_the_windows_that_are_read_are_tokenized(counting: Counting, pair: bool) -> None:
    text = "first " + FILM * 5000 + "last"
    columns = [["good"], [text]] if pair else [[text]]
    encoded = encode_windows(counting, columns, 24, Windows(most=3))
    assert counting.given < 5000
    [feature] = encoded.features
    assert feature["windows"] == [3]
    ends = counting.own("first", "last", add_special_tokens=False)["input_ids"]
    assert ends[0] in feature["input_ids"][:8]
    assert ends[-1] in feature["input_ids"][-8:]
    assert len(feature["input_ids"]) == 3 * 24
    whole = len(counting.own(text, add_special_tokens=False)["input_ids"])
    assert encoded.lost[0] == pytest.approx(whole - 3 * 20, rel=0.03)


def test_all_windows_of_a_long_text_are_those_of_the_whole(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = [[FILM * 300], ["good film"]]
    found = [encode_windows(counting, some, 24, Windows()) for some in (columns, columns[:1])]
    assert counting.most <= 500
    monkeypatch.setattr("gft.inputs.windows.LONG", 10**9)
    monkeypatch.setattr("gft.inputs.beginnings.LONG", 10**9)
    whole = [encode_windows(counting, some, 24, Windows()) for some in (columns, columns[:1])]
    as_lists = [
        [
            {name: list(values) for name, values in row.items()}
            for one in some
            for row in one.features
        ]
        for some in (found, whole)
    ]
    assert as_lists[0] == as_lists[1]
    assert [one.lost for one in found] == [one.lost for one in whole]


def test_contexts_and_words_are_tokenized_in_parts(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gft.inputs.words.WORDS_AT_ONCE", 50)
    monkeypatch.setattr("gft.inputs.words.ROWS_AT_ONCE", 2)
    task = ClassifySpans.of_columns(parse_equation("classify_spans: a ~ question + context"))
    rows = {"question": ["who " * 900, "who"], "context": [FILM * 300, "good"]}
    words = [FILM.split() * 30, ["x" * 3000], []]
    spans, tokens = task.encode(counting, rows, 24), encode_words(counting, words, 24)
    assert counting.most <= 700
    monkeypatch.setattr("gft.inputs.words.WORDS_AT_ONCE", 10**6)
    monkeypatch.setattr("gft.inputs.beginnings.LONG", 10**9)
    whole = task.encode(counting, rows, 24)
    assert (spans.features, spans.rows) == (whole.features, whole.rows)
    assert spans.lost == pytest.approx(whole.lost, rel=0.02)
    assert tokens.features == encode_words(counting, words, 24).features


def test_a_pair_of_long_texts_is_cut_before_its_pieces_are_paired(tiny: Path) -> None:
    from transformers import AutoTokenizer

    processor = AutoTokenizer.from_pretrained(tiny)
    columns = [["good film , " * 7000], ["bad " * 20_000]]
    began = time.process_time()
    encoded = encode_texts(processor, columns, 8)
    assert time.process_time() - began < 5  # it took minutes
    assert len(encoded.features[0]["input_ids"]) == 8
    whole = module.all_tokens(processor, [columns[0][0], columns[1][0]])
    assert encoded.lost[0] == pytest.approx(sum(map(len, whole)), rel=0.02)
