"""Which columns could stand on either side of an equation."""

from __future__ import annotations

import pytest

from gft.data.memory import from_memory
from gft.results.candidates import candidates
from gft.results.data_facts import describe_data

WORDS = ["a fine day", "a bad day", "a day at sea", "no day at all"] * 5
SUGGESTED = {
    "stars": ({"id": range(20), "title": WORDS, "stars": [1, 2, 3, 4] * 5},
              "regress: stars ~ title"),
    "numbers as text": ({"label": [f"{n / 7:.3f}" for n in range(20)], "s1": WORDS, "s2": WORDS},
                        "regress: label ~ s1 + s2"),
    "several numbers": ({"word": [f"w{n}" for n in range(20)],
                         "valence": [n / 3 for n in range(20)],
                         "arousal": [n / 7 for n in range(20)]},
                        "regress: valence + arousal ~ word"),
    "the label by its name": ({"lang": ["en", "de"] * 10, "label": ["x", "y"] * 10,
                               "body": WORDS}, "classify: label ~ body"),
    "a name with a blank": ({"my label": ["x", "y"] * 10, "body": WORDS},
                            "classify: `my label` ~ body"),
    "a row number is no label": ({"idx": [0, 1] * 10, "body": WORDS}, None),
}  # fmt: skip


@pytest.mark.parametrize("case", SUGGESTED)
def test_suggested_equations(case: str) -> None:
    columns, expected = SUGGESTED[case]
    data = from_memory({name: list(values) for name, values in columns.items()})
    assert data is not None
    equation = candidates(data, describe_data(data)).equation(None)
    assert (str(equation) if equation else None) == expected
