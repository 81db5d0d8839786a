"""Cells that come back from a spreadsheet."""

from __future__ import annotations

import unicodedata

import pytest

from gft.data.same_cell import is_same_cell

KEPT = [
    ("'=2+2", "=2+2"),
    ("one two", " one\r\ntwo "),
    ("a_x000D_\nb", "a\r\nb"),
    (unicodedata.normalize("NFD", "Käse"), "Käse"),
    ("Kr?l 'x'", "Król 'x'"),
    ("KÃ¤se", "Käse"),
    ("?? ok", "😀😀 ok"),
    ("????", "привет"[:4]),
    ("", "n/a"),
    ("1,5", "1.50"),
    ("7", "007"),
    ("1,23457E+16", "12345678901234567"),
    ("1.234,50", "1234.5"),
    ("0.33", "0.33333333"),
    ("05.01.2020", "2020-01-05"),
    ("2020-01-05 00:00:00", "2020-01-05"),
    ("1/5/20", "2020-01-05"),
    ("04. Mrz", "3/4"),
    ("TRUE", "True"),
]
OTHERS = [
    ("the worst film", "the best film"),
    ("the film edited", "the film"),
    ("", "the film"),
    ("再见", "你好"),
    ("21", "20"),
    ("2001", "2002"),
    ("06.01.2020", "2020-01-05"),
]


@pytest.mark.parametrize(("found", "own"), KEPT)
def test_what_a_spreadsheet_makes_of_a_cell_is_the_cell(found: str, own: str) -> None:
    assert is_same_cell(found, own)


@pytest.mark.parametrize(("found", "own"), OTHERS)
def test_another_text_is_another_cell(found: str, own: str) -> None:
    assert not is_same_cell(found, own)


def test_in_a_guessed_encoding_ascii_counts() -> None:
    assert is_same_cell("Kдse und Brot", "Käse und Brot", guessed=True)
    assert is_same_cell("Kr?l", "Król", guessed=True)
    assert not is_same_cell("Kдse und Wein", "Käse und Brot", guessed=True)
