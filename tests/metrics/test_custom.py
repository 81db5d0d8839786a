"""A metric of the user's own: what it sees, what it may give, what is said when it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gft.errors import UserError
from gft.language.spec import Spec
from gft.metrics.intervals import values_with_intervals
from gft.metrics.protocol import Scored
from gft.metrics.table import find_metrics
from gft.targets.classes import Classes
from gft.targets.numbers import Numbers
from gft.targets.protocol import Target
from gft.targets.several import Several

SHARE = """
def compute(predictions, references):
    right = sum(a == b for a, b in zip(predictions, references))
    return {"share": right / len(references), "first": float(references[0] == 1)}
"""


def metric(folder: Path, code: str, target: Target | None = None):
    (folder / "mine.py").write_text(code, encoding="utf-8")
    [found] = find_metrics(Spec("C", str(folder / "mine.py")), target or Classes())
    return found


def test_it_sees_labels_and_gets_an_interval(tmp_path: Path) -> None:
    found = metric(tmp_path, SHARE)
    gold = np.array([0, 1, 1, 0] * 25)
    guess = np.array([0, 1, 0, 0] * 25)
    scored = Scored(gold, guess, None, ("no", "yes"))
    share, first = values_with_intervals([found], scored)
    assert (share.name, share.value) == ("share", 0.75)
    assert share.low is not None and 0.6 < share.low < 0.75 < share.high < 0.9
    assert (first.name, first.value) == ("first", 0.0)
    numbered = Scored(gold[1:], guess[1:], None, ("0", "1"))
    assert values_with_intervals([found], numbered)[1].value == 1.0


@pytest.mark.parametrize(
    ("target", "scored", "seen"),
    [
        (Numbers(), Scored(np.array([[1.5]]), np.array([[2.0]]), None, ("y",)), ([2.0], [1.5])),
        (
            Numbers(),
            Scored(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), None, ("a", "b")),
            ([[3.0, 4.0]], [[1.0, 2.0]]),
        ),
        (
            Several(),
            Scored(np.array([[True, True]]), np.array([[False, False]]), None, ("a", "b")),
            ([[]], [["a", "b"]]),
        ),
    ],
)
def test_what_other_tasks_hand_over(
    tmp_path: Path, target: Target, scored: Scored, seen: tuple
) -> None:
    same = f"float((predictions, references) == {seen!r})"
    code = f"def compute(predictions, references): return {{'same': {same}}}"
    found = metric(tmp_path, code, target)
    assert values_with_intervals([found], scored)[0].value == 1.0


def test_a_slow_function_has_no_interval(tmp_path: Path) -> None:
    code = "import time\ndef compute(predictions, references):\n    "
    code += "time.sleep(0.02)\n    return {'f': 1}"
    gold = np.array([0, 1] * 10)
    [score] = values_with_intervals([metric(tmp_path, code)], Scored(gold, gold, None, ("a", "b")))
    assert (score.value, score.low) == (1.0, None)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def compute(:", "cannot be run: SyntaxError"),
        ("def score(p, r): pass", "has no compute(predictions, references); it has score"),
        ("def compute(predictions, references): return 3", "a dict of numbers by name, not 3"),
        ("def compute(predictions, references): return {'f': 'x'}", "a dict of numbers by name"),
        ("def compute(predictions): return {}", "compute fails: TypeError"),
        ("def compute(predictions, references): 1/0", "compute fails: ZeroDivisionError"),
    ],
)
def test_mistakes_are_found_before_anything_is_fitted(tmp_path: Path, code: str, told: str) -> None:
    with pytest.raises(UserError, match=re.escape(told)):
        metric(tmp_path, code).measures(("a", "b"))


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(UserError, match="no file nothing"):
        find_metrics(Spec("C", "nothing.py"), Classes())
