"""What holds for every equation: printed it reads back, and a mistake has a place in the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gft.errors import EquationError
from gft.language.equation import EVERYTHING, Equation, Term, parse_equation

TASKS = st.sampled_from(["classify", "c", "2", "text-classification", "machine translation"])
PLAIN = st.from_regex(r"[^\W\d][\w.]{0,8}", fullmatch=True)
ODD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
OPERATORS = st.sampled_from([".", "~", "+", "-", ":", "`", "\\", "\\`", " ", "a ~ b", "1st", "\n"])
NAMES = PLAIN | ODD | OPERATORS


@st.composite
def equations(draw: st.DrawFn) -> Equation:
    left = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    right = [Term(name) for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))]
    left_out: list[str] = []
    if draw(st.booleans()):
        right.insert(draw(st.integers(0, len(right))), EVERYTHING)
        left_out = draw(st.lists(NAMES, max_size=2))
    return Equation(draw(TASKS), tuple(left), tuple(right), tuple(left_out))


@given(equations())
def test_printed_it_reads_back(equation: Equation) -> None:
    assert parse_equation(str(equation)) == equation


@given(equations(), st.lists(NAMES, max_size=5, unique=True))
def test_a_dot_stands_for_what_is_not_named(equation: Equation, columns: list[str]) -> None:
    expanded = equation.expanded(columns)
    assert EVERYTHING not in expanded.right
    if EVERYTHING in equation.right:
        taken = set(expanded.inputs) - set(equation.inputs)
        assert taken == set(columns) - set(equation.columns)


WORDS = st.lists(st.sampled_from([*"c:y~+-.`()ab1 \\", "`a b`", "~", "classify: "]) | ODD)


@given(WORDS.map("".join))
def test_any_text_reads_back_or_has_a_mistake_with_its_place(text: str) -> None:
    try:
        equation = parse_equation(text)
    except EquationError as mistake:
        assert 0 <= mistake.position <= len(text)
        return
    assert parse_equation(str(equation)) == equation
