"""Texts that are nearly the same: what brute force finds is found, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from gft.data.near import ALIKE, HASHES, folded, near_pairs, signatures, similarity


def sentences(count: int, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    words = ["".join(random.choice(list("abcdefghijklmnop"), random.integers(2, 9)))
             for _ in range(400)]  # fmt: skip
    return [" ".join(random.choice(words, random.integers(6, 20))) for _ in range(count)]


def changed(text: str, seed: int) -> str:
    """The text with some of its letters replaced, from none to an eighth."""
    random = np.random.default_rng(seed)
    share = random.uniform(0, 0.12)
    return "".join("z" if random.random() < share else letter for letter in text)


def test_it_finds_what_comparing_all_with_all_finds() -> None:
    known = sentences(300, 0)
    texts = [changed(one, n) for n, one in enumerate(known)] + sentences(100, 1)
    found = near_pairs(texts, known)
    exact = {
        n
        for n, one in enumerate(texts)
        if max(similarity(folded(one), folded(other)) for other in known) >= ALIKE
    }
    assert set(found) <= exact
    assert len(exact) > 50 and len(found) >= 0.93 * len(exact)
    assert all(similarity(folded(texts[a]), folded(known[b])) >= ALIKE for a, b in found.items())


@pytest.mark.parametrize(
    ("text", "known", "near"),
    [
        ("The weights  made the rope stretch!", "the weights made the rope stretch .", True),
        ("散热不错,功耗很低,配置较高,屏幕舒服!", "散热不错，功耗很低， 配置较高，屏幕舒服", True),
        ("a", "A.", True),
        ("ab", "ba", False),
        ("John saw the boat in the harbour", "Mary left the town by the evening train", False),
        ("...", "!!!", False),
        ("", "", False),
    ],
)
def test_case_points_and_blanks_count_for_nothing(text: str, known: str, near: bool) -> None:
    assert bool(near_pairs([text], ["something else entirely", known])) is near


def test_many_that_are_all_alike_cost_no_more() -> None:
    known = [f"the price of the item in shop number {n} has changed" for n in range(3000)]
    assert len(near_pairs(known[:1000], known[1000:])) == 1000


def test_signatures_agree_as_often_as_pieces_overlap() -> None:
    pairs = [(one, changed(one, n)) for n, one in enumerate(sentences(400, 3))]
    ours, theirs = (signatures([folded(pair[k]) for pair in pairs]) for k in (0, 1))
    assert ours.shape == (400, HASHES)
    exact = np.array([similarity(folded(a), folded(b)) for a, b in pairs])
    assert abs((ours == theirs).mean() - exact.mean()) < 0.02


def test_nothing() -> None:
    assert near_pairs([], ["a"]) == near_pairs(["a"], []) == {}


def test_no_emoticon_is_nearly_another():
    assert near_pairs([":d", "(^;0", ":)"], ["d:", "(-:0", ":("]) == {}
    assert near_pairs(["Ok!"], ["ok"]) == {0: 0}
