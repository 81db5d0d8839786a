"""Duplicate texts are one bare text."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gft.data.folding import bare, comparable, is_short

SAME = [
    ("I love it!", "i  LOVE it"),
    ("well-known", "Well known"),
    ("don't", "Don\u2019t"),
    ("RT @anna: the train is late", "The train is late."),
    ("rt @a_1 RT @b: the train is late", "the train is late"),
    ("caf\u00e9", "cafe\u0301"),
    ("\uff27\uff4f\uff4f\uff44\u3002", "good"),
    ("Stra\u00dfe", "STRASSE"),
    ("a\u00a0b\u200b", "a b"),
    ("\u00bfQu\u00e9?", "qu\u00e9"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_does_not_count(one, other):
    assert bare(one) == bare(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("good", "goods"), ("fine \U0001f600", "fine \U0001f621"), ("part of it", "art of it"),
     ("\u0939\u093f", "\u0939\u0940")],
)  # fmt: skip
def test_what_counts(one, other):
    assert bare(one) != bare(other)


@given(st.text(), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_never_counts(text, cased):
    # Not every letter comes back from its other case, such as the dotless i.
    if text.casefold() == cased(text).casefold():
        assert bare(cased(text)) == bare(text)


@given(st.text(), st.sampled_from(string.punctuation + string.whitespace), st.integers(0, 50))
def test_punctuation_and_whitespace_never_count(text, mark, place):
    # An at sign may make the prefix of a retweet.
    if mark not in "@_" and "@" not in text:
        place %= len(text) + 1
        # Combining marks join the letter before them.
        if bare(text[:place]) + bare(text[place:]) == bare(text):
            assert bare(text[:place] + mark + text[place:]) == bare(text)


def test_short_texts():
    assert is_short(bare("Thank you very much!")) and is_short("")
    assert not is_short(bare("the waiter forgot our second order"))
    assert is_short("\u8c22\u8c22\u4f60") and not is_short(
        "\u8fd9\u5bb6\u9910\u5385\u7684\u670d\u52a1\u5f88\u5dee"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [(":d", ":D"), ("RT @anna: :-)", ":-) "), ("No!", "no"), ("no :", "no"), ("ok...", "OK"),
     ("?!", ""), ("...", "-"), ("I.", "i"), ("\u597d\uff1a", "\u597d"), ("x-d", "xd")],
)  # fmt: skip
def test_what_says_the_same(one, other):
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(":d", "d:"), (":d", "d"), ("(-:o", "o-:"), (":)", ":("), ("<3", "3"), ("5%", "$5"),
     ("o_o", "o/\\o"), (":)", "")],
)  # fmt: skip
def test_marks_are_what_an_emoticon_says(one, other):
    assert comparable(one) != comparable(other)


@given(st.text(), st.sampled_from(string.whitespace), st.integers(0, 50))
def test_texts_of_three_letters_and_more_say_what_is_bare(text, blank, place):
    if len(bare(text)) > 2:
        assert comparable(text) == bare(text)
    place %= len(text) + 1
    if "@" not in text:
        assert (
            comparable(text[:place] + blank + text[place:]) == comparable(text)
            or len(bare(text)) == 2
        )
