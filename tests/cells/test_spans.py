"""Spans of characters are tags of the words that they cover, and what cannot be one is told."""

from __future__ import annotations

from typing import Any

import pytest

from gft.cells.spans import Span, SpanCounts, spans_of, tags_of

TEXT = "Ada Lovelace lived in London."
SPANS = [Span(0, 12, "PER"), Span(22, 28, "LOC")]


@pytest.mark.parametrize(
    "cell",
    [
        [{"start": 0, "end": 12, "label": "PER"}, {"start": 22, "end": 28, "label": "LOC"}],
        [{"id": 7, "start_offset": 0, "end_offset": 12, "label": "PER"},
         {"id": 8, "start_offset": 22, "end_offset": 28, "label": "LOC"}],
        [[0, 12, "PER"], (22, 28, "LOC", "")],
        {"entities": [[0, 12, "PER"], [22, 28, "LOC"]]},
        "[(0, 12, 'PER'), (22, 28, 'LOC')]",
        '{"entities": [[0, 12, "PER"], [22, 28, "LOC"]]}',
        [{"start": 0, "end": 12, "labels": ["PER"], "start_offset": None},
         {"start": 22, "end": 28, "labels": ["LOC"]}],
    ],
)  # fmt: skip
def test_forms(cell: Any) -> None:
    assert spans_of(cell) == SPANS


def test_a_place_with_two_labels_is_two_spans() -> None:
    cell = [{"start": 0, "end": 3, "labels": ["A", "B"], "text": "Ada"}]
    assert spans_of(cell) == [Span(0, 3, "A", "Ada"), Span(0, 3, "B", "Ada")]


@pytest.mark.parametrize(
    "cell", [None, "O B-PER", "[]x", ["O"], [[0, 1]], [["a", 1, 2]], [{"start": 1}], {"a": 1}, 3,
             [[True, False, "x"]], [{"start": 1, "end": 2, "label": None}], ["O", [0, 1, "X"]]]
)  # fmt: skip
def test_what_is_no_span(cell: Any) -> None:
    assert spans_of(cell) is None


def tagged(text: str, *spans: Span) -> tuple[list[str], SpanCounts]:
    tally = SpanCounts()
    return tags_of(text, spans, tally, "row 1 of train"), tally


def test_words_have_the_tag_of_their_span() -> None:
    tags, tally = tagged(TEXT, *SPANS)
    assert tags == ["B-PER", "I-PER", "O", "O", "B-LOC"]
    assert tally.counts == {"tagged": 2, "beside": 1}
    assert tally.examples == {"beside": "row 1 of train: 'London' in 'London.'"}
    assert tagged("", *[])[0] == []
    assert tagged(" a\u00a0b\tc\n", Span(1, 4, "X"))[0] == ["B-X", "O"]


def test_spans_next_to_each_other_begin_anew() -> None:
    assert tagged("a b c", Span(0, 1, "X"), Span(2, 5, "X"))[0] == ["B-X", "B-X", "I-X"]


def test_spans_that_do_not_fit() -> None:
    tags, tally = tagged("Neustadt an der Elbe", Span(3, 8, "X"), Span(16, 20, "LOC"),
                         Span(0, 20, "ORG"), Span(18, 30, "Y"), Span(8, 9, "Z"),
                         Span(4, 4, "Z"), Span(-2, 4, "Z"))  # fmt: skip
    assert tags == ["B-ORG", "I-ORG", "I-ORG", "I-ORG"]
    assert tally.counts == {"tagged": 1, "overlapping": 2, "off": 4}
    tags, tally = tagged("Neustadt", Span(3, 8, "X"))
    assert (tags, tally.examples["inside a word"]) == (
        ["B-X"],
        "row 1 of train: 'stadt' in 'Neustadt'",
    )


def test_a_text_that_is_named_says_where_it_stands() -> None:
    smile = "\N{GRINNING FACE} Elbe"
    assert tagged(smile, Span(2, 6, "LOC", "Elbe"))[0] == ["O", "B-LOC"]
    assert tagged(smile, Span(3, 7, "LOC", "Elbe"))[0] == ["O", "B-LOC"]  # as JavaScript counts
    assert tagged("the Elbe", Span(0, 4, "LOC", "Elbe"))[0] == ["O", "B-LOC"]
    tags, tally = tagged("Elbe and Elbe", Span(1, 5, "LOC", "Elbe"))
    assert tags == ["O"] * 3 and tally.counts == {"off": 1}
    assert tagged("New  York", Span(0, 9, "LOC", "New York"))[0] == ["B-LOC", "I-LOC"]


def test_long_rows_are_read_in_linear_time() -> None:
    text = "word " * 50_000
    spans = [Span(n, n + 4, "X") for n in range(0, len(text), 5)]
    assert tagged(text, *spans)[0] == ["B-X"] * 50_000
