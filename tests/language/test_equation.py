from __future__ import annotations

import pytest

from gft.errors import EquationError
from gft.language.equation import EVERYTHING, Equation, Interaction, Term, parse_equation

GOOD = {
    "classify: label ~ question1 + question2": ("classify", ("label",), ("question1", "question2")),
    "regress:V+A+D~Word": ("regress", ("V", "A", "D"), ("Word",)),
    "text-classification: `my label` ~ `a \\` b`": (
        "text-classification", ("my label",), ("a ` b",)),
    "2: y ~ x.1 + Größe + _z": ("2", ("y",), ("x.1", "Größe", "_z")),
    "  c :\ty~\n x ": ("c", ("y",), ("x",)),
    "c: `a:b~c+d` ~ `1st` + `x - y`": ("c", ("a:b~c+d",), ("1st", "x - y")),
    "fill_mask: text ~ text": ("fill_mask", ("text",), ("text",)),
    "c: y ~ `.`": ("c", ("y",), (".",)),
    "c: `.` ~ x": ("c", (".",), ("x",)),
    "c: `~` + `+` ~ `:` + `-`": ("c", ("~", "+"), (":", "-")),
    "machine translation: en ~ fr": ("machine translation", ("en",), ("fr",)),
}  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_it_says(text: str) -> None:
    found = parse_equation(text)
    assert (found.task, found.left, found.inputs) == GOOD[text]
    assert found == Equation.of_columns(*GOOD[text])
    assert parse_equation(str(found)) == found


WRONG = {
    "classify label ~ x": ("expected TASK:", 0),
    "c: ~ x": ("expected a column after ':'", 3),
    "c: y ~": ("expected a column after '~'", 6),
    "c: y x ~ z": ("expected '+' between 'y' and 'x'", 5),
    "c: y ~ a + + b": ("expected a column after '+'", 11),
    "c: y ~ a ~ b": ("a second '~'", 9),
    "c: y ~ `a": ("never closed", 7),
    "c: 1x ~ b": ("cannot begin with a digit", 3),
    "c: y ~ num(a) - 1": ("the intercept is always included and not written", 16),
    "c: y ~ 0 + a": ("the intercept is always included and not written", 7),
    "c: y ~ - 1 + num(a)": ("the intercept is always included and not written", 9),
    "c: y ~ num(a) * cat(b)": ("interact in num(a):cat(b), beside num(a) + cat(b)", 14),
    "c: y ~ poly(a, 2)": ("a function takes one column", 13),
    "c: y ~ relevel(a, b)": ("the first level is the reference", 16),
    "c: y ~ d$a": ("a column is named alone", 8),
    "c: y ~ a + 1": ("a column of this name is `1`, in back-quotes", 11),
    "c: y": ("expected '~'", 4),
    "c: . ~ x": ("only be used on the right", 3),
    "c: y ~ a - b": ("there is no '.'", 11),
    "c: y ~ a & b": ("'&' has no meaning here", 9),
    "c: y ~ a + a": ("appears twice on the right", 11),
    ": y ~ x": ("expected the name of a task", 0),
    "": ("expected TASK:", 0),
    "c: y - x ~ .": ("on the right", 7),
    "c: y ~ . - .": ("cannot be excluded", 11),
    "c: y + y ~ x": ("appears twice on the left", 7),
    "c: y ~ x : z": ("x is not a covariate; ':' joins covariates: num(a):cat(b)", 9),
    "c: y ~ num(a):z": ("z is not a covariate", 13),
    "c: y ~ num(a):num(a)": ("a covariate appears twice in its interaction", 7),
    "c: y ~ num(a) + num(a)": ("'num(a)' appears twice on the right", 16),
    "c: y ~ num(a):cat(b) + factor(b):num(a)": ("'cat(b):num(a)' appears twice", 23),
    "c: y ~ a + num(a)": ("as text and as a number; use it as one of them", 11),
    "c: y ~ log(a) + cat(a)": ("as a number and as a category", 16),
    "c: y ~ log(a + 1)": ("log(x + 1) is log1p(a)", 13),
    "c: y ~ num(a * 2)": ("'*' has no meaning here", 13),
    "c: y ~ num(log(a))": ("a function takes one column", 14),
    "c: y ~ num(a": ("expected ')' after 'a'", 12),
    "c: y ~ num(.)": ("'.' cannot be used in a function", 11),
    "c: y ~ num()": ("expected a column after '(', found ')'", 11),
    "c: y ~ . - num(a)": ("'-' takes the name alone: - a", 11),
    "c: factor(y) ~ x": ("factor() cannot be used on the left of '~'", 3),
    "vote ~ num(a):cat(b)": ("expected TASK:", 0),
    "c: `` ~ x": ("an empty name", 3),
    "c: y ~ a * b": ("'*' has no meaning here: columns are only listed, joined by '+'", 9),
    "c: y ~ a + (1 + b)": ("compute a new column", 11),
    "c: y ~ a + (1|b)": ("there are no random effects; leave it out, and --group b keeps", 13),
    "c: y ~ a + (age || speaker)": ("--group speaker keeps the rows of each speaker", 16),
    "c: y ~ I(age^2)": ("compute the power in the data first, and write num(age2)", 12),
    "c: y ~ poly(age, 2)": ("and write num(age2) for it", 15),
    "c: y ~ num(age)^2": ("and write num(age2) for it", 15),
    "c: y ~ (num(a) + cat(b))^2": ("interactions are written out: num(a):cat(b)", 24),
    "r: cbind(a, b) ~ x": ("outputs are joined by '+', as in 'regress: a + b ~ x'", 10),
    "c: y ~ der lange Name + b": ("or one name in back-quotes: `der lange Name`", 11),
    "c: y ~ a + ": ("back-quotes need single quotes around the equation", 10),
    "c: a `~` b": ("expected '~' between the outputs and the inputs", 5),
    "c: a `~` b ~ x": ("expected '+' between 'a' and '~'", 5),
    "c `:` y ~ x": ("expected TASK:", 0),
    "c: y ~ a `+` b": ("expected '+' between 'a' and '+'", 9),
    "c: y ~ . - `.` - .": ("cannot be excluded", 17),
    "classify: label question1": ("expected '~' between the outputs and the inputs", 16),
    "classify: label question1 + question2": ("as in 'classify: y ~ x'", 16),
    "c/d: y ~ x": ("'/' has no meaning here", 1),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_has_its_place(text: str) -> None:
    problem, position = WRONG[text]
    with pytest.raises(EquationError) as raised:
        parse_equation(text)
    assert problem in raised.value.problem
    assert raised.value.position == position
    shown, caret = str(raised.value).split("\n")[1:]
    assert len(caret) == 4 + position + 1
    assert shown[4:] == text


def test_everything() -> None:
    found = parse_equation("c: y ~ . - id").expanded(["id", "a", "y", "b"])
    assert found.inputs == ("a", "b")
    assert parse_equation("c: y ~ b + .").expanded(["a", "b"]).inputs == ("b", "a")


def test_everything_but_something_reads_back() -> None:
    found = parse_equation("c: y ~ . - id - `a b`")
    assert (found.right, found.left_out) == ((EVERYTHING,), ("id", "a b"))
    assert parse_equation(str(found)) == found
    assert found.columns == ("y", "id", "a b")


def test_a_caret_stands_under_its_place_in_several_lines() -> None:
    with pytest.raises(EquationError) as raised:
        parse_equation("c: y ~ a\n  + + b")
    shown, caret = str(raised.value).split("\n")[1:]
    assert shown[caret.index("^")] == "+"
    assert shown[: caret.index("^")].count("+") == 1


def test_a_quoted_dot_is_a_column() -> None:
    assert parse_equation("c: y ~ `.`").right == (Term("."),)
    both = parse_equation("c: y ~ . + `.` - `a`")
    assert both.right == (EVERYTHING, Term("."))
    assert both.expanded([".", "a", "b"]).inputs == ("b", ".")
    assert parse_equation(str(both)) == both


def test_a_term_spells_its_function() -> None:
    assert str(Term("my age", "num")) == "num(`my age`)"
    assert str(Equation("c", ("y",), (Term("age", "num"), EVERYTHING))) == "c: y ~ num(age) + ."


def test_covariates() -> None:
    found = parse_equation("c: y ~ text(t) + num(age) + log(age) + `x y` + num(age):factor(party)")
    age, log, party = Term("age", "num"), Term("age", "log"), Term("party", "cat")
    assert found.right == (Term("t"), age, log, Term("x y"), Interaction((age, party)))
    assert found.inputs == ("t", "age", "x y", "party")
    assert found.texts == ("t", "x y")
    assert found.covariates == ((age,), (log,), (age, party))
    assert str(found) == "c: y ~ t + num(age) + log(age) + `x y` + num(age):cat(party)"
    assert parse_equation(str(found)) == found


def test_everything_beside_covariates() -> None:
    found = parse_equation("c: y ~ . + num(age) - id").expanded(["id", "text", "age", "title"])
    assert str(found) == "c: y ~ text + title + num(age)"


def test_a_logarithm_on_the_left() -> None:
    found = parse_equation("regress: log(price) + size ~ text")
    assert (found.left, found.scales) == (("price", "size"), ("log", None))
    assert str(found) == "regress: log(price) + size ~ text"
    assert found.expanded([]) == parse_equation(str(found))
