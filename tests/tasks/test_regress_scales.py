"""`regress: log(y) ~ x` learns the logarithm, and everything outside is in the unit of y."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.metrics.intervals import values_with_intervals
from gft.metrics.table import find
from gft.tasks.protocol import Task
from gft.tasks.regress import Regress


def bound(equation: str, price: list[float | None], model: Task | None = None) -> tuple[Task, Rows]:
    rows = Rows(pa.table({"price": price, "text": ["a"] * len(price)}))
    data = DataSet("d", {"train": rows})
    return Regress.bind(parse_equation(equation), data, {"train": rows}, model), rows


def test_it_learns_the_logarithm_and_predicts_the_number() -> None:
    task, rows = bound("regress: log(price) ~ text", [1.0, 100.0, None])
    golds = task.golds(dict(next(rows.batches(["price"], 9))))
    assert golds == [[0.0], [pytest.approx(math.log(100))], None]
    assert task.value([math.log(20)], None) == [pytest.approx(20)]
    assert task.fields([math.log(20)], None, Options({})) == ["20.0000"]
    assert task.fields([math.log(1.2345e-5)], None, Options({})) in (["1.234e-05"], ["1.235e-05"])
    assert task.described([golds[0], golds[1]])["price"]["mean"] == pytest.approx(50.5)
    assert str(task.equation) == "regress: log(price) ~ text"


def test_metrics_are_on_both_scales() -> None:
    task, _ = bound("regress: log1p(price) ~ text", [0.0, 5.0])
    gold, said = np.array([[0.0], [1.0], [2.0]]), np.array([[0.0], [1.0], [3.0]])
    metrics = task.measuring([find("mean_squared_error", None, task.target)])
    found = values_with_intervals(metrics, task.scored(list(gold), said, None), samples=10)
    values = {one.name: one.value for one in found}
    assert values["mean_squared_error"] == pytest.approx((math.e**3 - math.e**2) ** 2 / 3)
    assert values["mean_squared_error (log1p price)"] == pytest.approx(1 / 3)


def test_a_fitted_model_keeps_its_scale() -> None:
    model, _ = bound("regress: log(price) ~ text", [1.0, 2.0])
    restored = Regress.restore(model.saved())
    assert isinstance(restored, Regress) and restored.scales == ("log",)
    same, _ = bound("regress: price ~ text", [1.0, 2.0], restored)
    aligned, _ = same.aligned(restored)
    assert str(aligned.equation) == "regress: log(price) ~ text"
    other, _ = bound("regress: log1p(price) ~ text", [1.0, 2.0])
    with pytest.raises(UserError, match=r"fitted to regress: log\(price\), not to regress: log1p"):
        other.aligned(restored)


def test_numbers_that_have_no_logarithm_are_told() -> None:
    told = r"row 2 of train holds 0, and log\(\) takes numbers above 0: log1p\(price\) takes those"
    with pytest.raises(UserError, match=told):
        bound("regress: log(price) ~ text", [3.0, 0.0])
    with pytest.raises(UserError, match=r"holds -2, and log1p\(\) takes numbers above -1$"):
        bound("regress: log1p(price) ~ text", [-2.0, 0.0])


def test_a_value_that_is_most_of_the_variance(capsys: pytest.CaptureFixture[str]) -> None:
    price = [*map(float, range(10, 30)), 1e30]
    task, rows = bound("regress: price ~ text", price)
    golds = [[one] for one in price]
    task.learned(rows, golds)
    [line] = capsys.readouterr().err.splitlines()
    assert "price is 1e+30 in one row of train, which makes up 95% of the variance" in line
    assert "correct the cell, or empty it" in line
    task.learned(rows, golds[:-1])
    assert not capsys.readouterr().err


def test_spreads_that_float32_cannot_hold() -> None:
    task, rows = bound("regress: price ~ text", [1e-41, 2e-41])
    with pytest.raises(UserError, match=r"a standard deviation of 5e-42 in train; .* multiply"):
        task.learned(rows, [[1e-41], [2e-41]])
    assert task.middles_and_spreads([[0.1]] * 7)[1] == [1.0]
    assert task.middles_and_spreads([[1990.0], [1991.0]])[1] == [0.5]
