"""Lists written into cells of text are lists, whoever wrote them; nothing else is one."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from gft.cells.lists import list_in, object_in

TAGS = ["O", "B-PER", "it's", 'a "b"', "ü", "\N{GRINNING FACE}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        ("['O', 'B-PER']", ["O", "B-PER"]),
        ('["O", "B-PER"]', ["O", "B-PER"]),
        ("['O' 'B-PER'\n 'I-PER']", ["O", "B-PER", "I-PER"]),
        ("['B-PER']", ["B-PER"]),
        ("('O', 'B-PER')", ["O", "B-PER"]),
        ("('O',)", ["O"]),
        ("{'spam', 'ham'}", ["spam", "ham"]),
        ("array(['O', 'B-PER'], dtype=object)", ["O", "B-PER"]),
        ("array(['O', 'B-PER'], dtype='<U5')", ["O", "B-PER"]),
        ("[np.str_('O'), np.int64(3), np.float64(0.5)]", ["O", 3, 0.5]),
        ('c("O", "B-PER")', ["O", "B-PER"]),
        ('c("O", NA)', ["O", None]),
        ("c(1L, 0L)", [1, 0]),
        ("[0 1 0]", [0, 1, 0]),
        ("[0. 1.]", [0.0, 1.0]),
        ("[1, 0]", [1, 0]),
        ("[None, 'B-PER', nan]", [None, "B-PER", None]),
        ("[null, NaN]", [None, None]),
        ("[True, false]", [True, False]),
        ("[['a', 'b'], ['c']]", [["a", "b"], ["c"]]),
        ("  ['a']  ", ["a"]),
        (r"['it\'s', '\u00e9']", ["it's", "é"]),
        (r'["\ud83d\ude00"]', ["\N{GRINNING FACE}"]),
        ("set()", []),
    ],
)
def test_lists(text: str, expected: list[Any]) -> None:
    assert list_in(text) == expected


@pytest.mark.parametrize("write", [repr, str, lambda tags: str(np.array(tags)),
                                   lambda tags: repr(np.array(tags, dtype=object)),
                                   lambda tags: str(list(np.array(tags)))])  # fmt: skip
def test_what_python_writes_is_read_back(write: Any) -> None:
    assert list_in(write(TAGS)) == TAGS
    assert list_in(write(["O"] * 300)) == ["O"] * 300


@pytest.mark.parametrize(
    "text",
    ["", "O B-PER", "[laughs]", "(laughs)", "[O, B-PER]", "['O', 'B' 'C']", "['a' ... 'b']", "(1)",
     "['a'", "['a']]", "['a'] and ['b']", "see [1]", "{'a': 1}", "print('a')", "[print('a')]",
     "[__import__('os')]", "[" * 10_000 + "]" * 10_000, "['a', b]", "[1 +]", "a: b"],
)  # fmt: skip
def test_no_lists(text: str) -> None:
    assert list_in(text) is None


def test_objects() -> None:
    text = "{'text': array(['Elbe'], dtype=object), 'answer_start': array([4], dtype=int32)}"
    assert object_in(text) == {"text": ["Elbe"], "answer_start": [4]}
    assert object_in('{"text": ["Elbe"]}') == {"text": ["Elbe"]}
    assert object_in("{}") == {}
    assert object_in("{'a', 'b'}") is None
    assert object_in("{'a': 1, 'b'}") is None


def test_time_is_linear() -> None:
    begun = time.perf_counter()
    assert list_in("['a' " * 20_000) is None
    assert list_in(str(["a"] * 50_000)) == ["a"] * 50_000
    assert time.perf_counter() - begun < 5
