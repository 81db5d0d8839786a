"""Which columns could stand on either side of an equation."""

from __future__ import annotations

import pytest

from gft.data.memory import from_memory
from gft.results.candidates import candidates
from gft.results.data_facts import describe_data

WORDS = ["a fine day", "a bad day", "a day at sea", "no day at all"] * 5
SUGGESTED = {
    "stars and ids": ({"id": range(20), "title": WORDS, "stars": [1, 2, 3, 4] * 5},
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
    "four stars": ({"title": WORDS, "stars": [1, 2, 3, 4] * 5}, "regress: stars ~ title"),
    "three stars": ({"title": WORDS + WORDS, "stars": [1, 2, 3, 1] * 10},
                    "classify: stars ~ title"),
    "a scale called label": ({"title": WORDS, "label": [1, 2, 3, 4] * 5},
                             "classify: label ~ title"),
    "a scale with a code": ({"title": WORDS * 5, "agreement": [1, 2, 3, 4, 5, 5, 4, 3, 2, 99] * 10},
                            "regress: agreement ~ title"),
    "decimal commas": ({"text": WORDS, "Note": [f"{1 + n / 10:.1f}".replace(".", ",")
                                                for n in range(20)]}, "regress: Note ~ text"),
    "a stance, not who has it": ({"speaker": [f"s{n // 4}" for n in range(80)],
                                  "turn": [n % 4 + 1 for n in range(80)], "utterance": WORDS * 4,
                                  "stance": ["for", "against", "neither", "for"] * 20},
                                 "classify: stance ~ utterance"),
    "columns of 0 and 1": ({"id": range(20), "text": WORDS, "anger": [0, 1] * 10,
                            "fear": [1, 0, 0, 0] * 5, "joy": [0, 0, 1, 1] * 5},
                           "classify: anger + fear + joy ~ text"),
    "one column of 0 and 1": ({"text": WORDS, "toxic": [0, 1] * 10}, "classify: toxic ~ text"),
    "prompts": ({"prompt": [f"say {n} in French" for n in range(20)],
                 "completion": [f"c'est le {n}" for n in range(20)]},
                "generate: completion ~ prompt"),
    "prompts with a class": ({"prompt": [f"say {n} in French" for n in range(20)],
                              "response": [f"c'est le {n}" for n in range(20)],
                              "label": ["good", "bad"] * 10},
                             "classify: label ~ prompt + response"),
    "Chinese": ({"评论": [f"这家酒店的服务非常好房间很干净{n}" for n in range(20)],
                 "情感": ["正面", "负面"] * 10}, "classify: 情感 ~ 评论"),
    "lists written as text": ({"text": WORDS, "topics": ["['a', 'b']", "['b']", "[]", "['a']"] * 5},
                              "classify: topics ~ text"),
    "words as lists": ({"tokens": [one.split() for one in WORDS], "label": ["x", "y"] * 10},
                       "classify: label ~ tokens"),
    "dates and addresses": ({"date": [f"2024-01-{n + 1:02}" for n in range(20)],
                             "url": [f"https://example.org/{n % 3}" for n in range(20)],
                             "text": WORDS, "topic": ["x", "y"] * 10}, "classify: topic ~ text"),
    "amounts": ({"text": [f"{one} {n}" for n, one in enumerate(WORDS)],
                 "reading_time": [(n * 7919) % 613 + 300 for n in range(20)]},
                "regress: reading_time ~ text"),
    "a row number is no label": ({"idx": [0, 1] * 10, "body": WORDS}, None),
}  # fmt: skip


@pytest.mark.parametrize("case", SUGGESTED)
def test_suggested_equations(case: str) -> None:
    columns, expected = SUGGESTED[case]
    data = from_memory({name: list(values) for name, values in columns.items()})
    assert data is not None
    equation = candidates(data, describe_data(data)).equation(None)
    assert (str(equation) if equation else None) == expected


def test_several_labels_in_a_cell_need_a_delimiter() -> None:
    cells = ["fun;art", "art", "fun", "nature;art", "nature", "fun;nature"]
    data = from_memory({"text": WORDS + WORDS[:10], "topics": cells * 5})
    assert data is not None
    choice = candidates(data, describe_data(data)).choice(None)
    assert choice is not None and choice.options == (("--label_delimiter", ";"),)
    assert choice.reason == "topics has several labels in a cell, with ';' between them"


def test_the_second_best_is_known() -> None:
    data = from_memory({"text": WORDS, "stars": [1, 2, 3, 4] * 5, "lang": ["en", "de"] * 10})
    assert data is not None
    found = candidates(data, describe_data(data))
    best = found.choice(None)
    assert best is not None
    second = found.runner_up(best)
    assert second is not None and str(second.equation) == "classify: stars ~ text"


def test_a_label_that_is_the_same_in_every_row() -> None:
    data = from_memory({"text": WORDS, "label": ["x"] * 20})
    assert data is not None
    found = candidates(data, describe_data(data))
    assert found.choice(None) is None
    assert found.obstacle == "label is 'x' in every row: there is nothing to tell apart"
