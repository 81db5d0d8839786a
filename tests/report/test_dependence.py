"""Drawings of partial dependence."""

from __future__ import annotations

import re
import xml.etree.ElementTree as tree

from gft.report.dependence import partial_dependence

NUMBERS = {"numeric": True, "values": [20.0, 40.0, 60.0],
           "averages": {"yes": [0.2, 0.3, 0.6]}}  # fmt: skip
LEVELS = {"numeric": False, "values": ["red", "<b>green & gold"],
          "averages": {"a": [0.5, 0.3], "b": [0.1, 0.2], "c": [0.4, 0.5]}}  # fmt: skip


def test_a_number_is_a_line_and_a_category_dots() -> None:
    age, party = partial_dependence(
        {"classes": {"yes": {}}, "directions": {"age": NUMBERS, "party": LEVELS}}
    )
    assert age.title == "Probability of yes by age"
    line = tree.fromstring(age.svg())
    dots = [one for one in line.iter() if one.tag.endswith("circle")]
    assert len(dots) == 3
    heights = [float(one.attrib["cy"]) for one in dots]
    assert heights == sorted(heights, reverse=True)  # it rises
    drawn = tree.fromstring(party.svg())
    assert len([one for one in drawn.iter() if one.tag.endswith("circle")]) == 6
    assert "<b>" not in party.svg() and re.search("&lt;b&gt;green", party.svg())
    assert party.description.endswith("a from 0.3 to 0.5; b from 0.1 to 0.2; c from 0.4 to 0.5.")


def test_without_directions_there_is_nothing() -> None:
    assert partial_dependence({"rows": 3}) == []
