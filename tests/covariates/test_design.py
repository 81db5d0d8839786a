"""What train teaches about covariates, and the numbers that rows become."""

from __future__ import annotations

import json
import math
from collections import Counter

import numpy as np
import pytest

from gft.covariates.covariates import Covariates
from gft.covariates.design import Design
from gft.covariates.factors import CategoryFactor
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.terms import Term

AGE, LOG, PARTY = Term("age", "num"), Term("age", "log1p"), Term("party", "cat")
TERMS = ((AGE,), (PARTY,), (AGE, PARTY))
CELLS = {
    "age": [20.0, 40.0, None, 60.0, 80.0],
    "party": ["Green", "green", "Red", None, "Red"],
}


def test_names_and_widths() -> None:
    design = Design.fitted(TERMS, CELLS)
    assert design.names == (
        "age", "age (missing)", "party: Green", "party: Red", "party (missing)",
        "age × party: Green", "age × party: Red", "age × party (missing)",
    )  # fmt: skip
    assert (design.width, design.widths) == (8, (2, 3, 3))
    assert design.columns == ("age", "party")


def test_a_number_is_centred_and_scaled_by_train() -> None:
    design = Design.fitted(((AGE,),), CELLS)
    found = design.of({"age": [50.0, 50.0 + math.sqrt(500), None, math.nan]})
    assert found == pytest.approx(np.array([[0, -0.2], [1, -0.2], [0, 0.8], [0, 0.8]]))
    assert design.of(CELLS).mean(0) == pytest.approx([0, 0])


def test_levels_are_centred_and_an_unseen_one_is_the_average() -> None:
    design = Design.fitted(((PARTY,),), CELLS)
    green, blue = design.of({"party": ["GREEN", "Blue"]})
    two, one = math.sqrt(2 / 12), math.sqrt(1 / 11)
    assert green == pytest.approx([0.6 * two, -0.4 * two, -0.2 * one])
    assert blue.tolist() == [0, 0, 0]
    assert design.of(CELLS).mean(0) == pytest.approx([0, 0, 0])


def test_a_rare_level_weighs_less() -> None:
    [factor] = Design.fitted(((PARTY,),), {"party": ["a"] * 90 + ["b"] * 10}).factors
    assert isinstance(factor, CategoryFactor)
    assert factor.weights**2 == pytest.approx([0.9, 0.5])


def test_equal_numbers_are_one_level() -> None:
    design = Design.fitted(((PARTY,),), {"party": ["2", "1", "1.0", "10", "1"]})
    assert design.names == ("party: 1", "party: 2", "party: 10")


def test_an_interaction_is_the_product_and_tells_nothing_at_the_mean() -> None:
    design = Design.fitted(TERMS, CELLS)
    found = design.of({"age": [80.0, 50.0, None], "party": ["Red", "Red", "Red"]})
    assert found[0, 5:] == pytest.approx(found[0, 0] * found[0, 2:5])
    assert not found[1:, 5:].any()


def test_missing_cells_of_a_column_are_told_once() -> None:
    design = Design.fitted(((LOG,), (AGE,)), {"age": [0.0, 1.0, None]})
    assert design.names == ("log1p(age)", "log1p(age) (missing)", "age")


def test_what_train_has_not_is_counted() -> None:
    cells = {"age": [1.0, 2.0], "party": ["a", "b"]}
    unseen = {"age": [None, 3.0], "party": ["c", None]}
    found = Design.fitted(TERMS, cells).unknown(unseen)
    assert found == {"age": Counter({"": 1}), "party": Counter({"c": 1, "": 1})}


def test_a_constant_is_0() -> None:
    assert not Design.fitted(((AGE,),), {"age": [0.1] * 10}).of({"age": [0.1, 0.2]})[0].any()


def test_it_reads_back() -> None:
    design = Design.fitted((*TERMS, (LOG,)), CELLS)
    assert Design.restore(json.loads(json.dumps(design.saved()))) == design


BROKEN = {
    "terms": [[], [[]], [[{"column": "age", "function": "exp"}]], "age", None],
    "factors": [None, [], [{"column": "age", "function": "num", "mean": 1, "sd": 0, "missing": 0}]],
    "names": [None, ["age"]],
}


@pytest.mark.parametrize(
    ("name", "value"), [(n, one) for n, some in BROKEN.items() for one in some]
)
def test_what_is_broken_is_told(name: str, value: object) -> None:
    saved = Design.fitted(TERMS, CELLS).saved()
    with pytest.raises(ValueError, match=r".+"):
        Design.restore({**saved, name: value})


def test_too_many_levels() -> None:
    cells = {"party": [str(n // 2) for n in range(2_002)]}
    with pytest.raises(UserError, match=r"cat\(party\) has 1,001 levels in 2,002 rows of train, m"):
        Design.fitted(((PARTY,),), cells)
    with pytest.raises(UserError, match=r"has 30 levels in 30 rows of train: an id says nothing"):
        Design.fitted(((PARTY,),), {"party": [str(n) for n in range(30)]})


def test_a_model_meets_other_columns_by_their_order() -> None:
    fitted = Covariates(TERMS).fitted(CELLS)
    alter, partei = Term("alter", "num"), Term("partei", "cat")
    ours = Covariates(((alter,), (partei,), (alter, partei))).of_model(fitted, "the model")
    found = ours.of({"alter": CELLS["age"], "partei": CELLS["party"]})
    assert (found == fitted.of(CELLS)).all()
    with pytest.raises(
        UserError, match=r"the model was fitted with num.*; the equation has num\(age\): name"
    ):
        Covariates(((AGE,),)).of_model(fitted, "the model")


def test_a_column_that_teaches_nothing_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    terms = parse_equation("classify: y ~ t + num(age) + cat(party) + num(mass)").covariates
    cells = {"age": [None] * 4, "party": ["red"] * 4, "mass": [1.0, 2.0, None, 4.0]}
    Covariates(terms).fitted(cells)
    told = capsys.readouterr().err
    assert "age has the same value in all rows of train, or none" in told
    assert "party has the same value" in told and "mass" not in told


def test_levels_keep_the_order_that_the_data_has() -> None:
    cells = {"party": ["good", "bad", "Very bad", None, "other", "bad"]}
    [factor] = Design.fitted(
        ((PARTY,),), cells, {"party": ("very bad", "bad", "so", "good")}
    ).factors
    assert isinstance(factor, CategoryFactor)
    assert factor.levels == ("Very bad", "bad", "good", "other", None)
    assert factor.counts == (1, 2, 1, 1, 1)
