"""What linear models see of texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from gft.baselines.features import Features
from gft.baselines.terms import Terms, Way


def test_text_without_blanks_is_read_by_characters() -> None:
    texts = ["这部电影很好看", "这部电影不好看,浪费时间", "good film"]
    features = Features.fitted({"text": texts}, 1000)
    assert features.of_characters
    assert "characters" in features.what
    plain = Features.fitted({"text": ["a film of some length", "another one that is long"]}, 1000)
    assert not plain.of_characters


@pytest.mark.parametrize(
    ("way", "how"),
    [
        ("words", {"token_pattern": r"\w+|[^\w\s]", "ngram_range": (1, 2)}),
        ("characters", {"analyzer": "char_wb", "ngram_range": (1, 3)}),
    ],
)
@given(texts=st.lists(st.text(" \t\n.,aAbß\u0130中文_9é"), min_size=1, max_size=8))
def test_terms_are_weighed_as_scikit_learn_does(
    way: Way, how: dict[str, Any], texts: list[str]
) -> None:
    theirs = TfidfVectorizer(**how, sublinear_tf=True)
    try:
        expected = theirs.fit_transform(texts)
    except ValueError:
        return  # not a single term
    terms = Terms(way, tuple(theirs.get_feature_names_out().tolist()), theirs.idf_)
    np.testing.assert_allclose(terms.of(texts).toarray(), expected.toarray(), rtol=1e-12)
    for fitted in Features.fitted({"a": texts}, 9999).vocabularies:
        if fitted.way == way:
            assert fitted.terms == terms.terms
            np.testing.assert_array_equal(fitted.idf, terms.idf)


def test_features_have_names_in_their_order() -> None:
    features = Features.fitted({"a": ["red", "blue"], "b": ["red", "red"]}, 1000)
    matrix = features.of({"a": ["red"], "b": ["blue red"]}).toarray()[0]
    assert features.width == len(matrix) == len(features.named())
    there = {features.named()[n] for n in np.flatnonzero(matrix)}
    assert {("a", "red"), ("b", "blue"), ("b", "red"), ("a and b", "")} <= there
    assert ("a", "blue") not in there
    nothing = Features.fitted({"a": ["", " "]}, 1000)
    assert nothing.of({"a": ["x"]}).shape == (1, nothing.width) and nothing.named() == []
