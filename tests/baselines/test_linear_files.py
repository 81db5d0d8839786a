"""A linear model as files: the same when it is read again, and one line for what is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from safetensors.numpy import load_file, save_file

from gft.baselines.linear import LinearModel
from gft.baselines.linear_files import read_linear, write_linear
from gft.baselines.protocol import NUMBERS, SETTINGS
from gft.covariates.files import SETTINGS as COVARIATES
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.registry import tasks
from gft.results.baselines import cells, fit_baselines

AGES = [20.0 + n % 37 for n in range(72)]
PARTIES = [["Con", "Green", None][n % 3] for n in range(72)]
WORDS = ["river", "stone", "market", "garden", "河岸", "石头"]
FIRST = [f"{a} {b}" for a in WORDS for b in WORDS] * 2
SECOND = FIRST[::-1]
TARGETS: dict[str, tuple[str, list[Any]]] = {
    "classify: y ~ a + b": ("softmax", [["no", "yes", "so"][len(text) % 3] for text in FIRST]),
    "classify: y ~ a": ("softmax", ["no" if "stone" in text else "yes" for text in FIRST]),
    "classify: y ~ b": ("logistic", [sorted({*text.split(), "all"}) for text in SECOND]),
    "regress: y ~ a + b": ("identity", [len(text) / 3 for text in FIRST]),
    "regress: y ~ num(age) + a + cat(party)": ("identity", [len(text) / 3 for text in FIRST]),
    "classify: y ~ a + num(age):cat(party)": (
        "softmax",
        ["no" if age > 40 else "yes" for age in AGES],
    ),
}


def fitted(eqn: str) -> tuple[LinearModel, Any, Any, list[Any]]:
    """Return a model, what predicts in a fit, its rows and their gold values."""
    columns = {"a": FIRST, "b": SECOND, "age": AGES, "party": PARTIES, "y": TARGETS[eqn][1]}
    rows = Rows(pa.table(columns))
    equation = parse_equation(eqn)
    task = tasks()[equation.task].bind(equation, DataSet("made", {"train": rows}), {"train": rows})
    golds = task.golds_of(rows).values
    task = task.learned(rows, golds)
    [baseline] = [one for one in fit_baselines(task, rows, golds) if one.model]
    assert baseline.model is not None
    return baseline.model, baseline.predict, cells(task, rows, np.arange(len(rows))), list(golds)


@pytest.mark.parametrize("eqn", TARGETS)
def test_it_predicts_what_was_measured(eqn: str, tmp_path: Path) -> None:
    model, predict, rows, golds = fitted(eqn)
    write_linear(model, tmp_path)
    read = read_linear(tmp_path)
    assert (read.weights.link, read.labels) == (TARGETS[eqn][0], model.labels)
    assert (read.what, read.rows, read.columns) == (model.what, len(golds), model.columns)
    values, scores = read.predict(rows)
    expected, probabilities = predict(rows, golds)
    np.testing.assert_array_equal(values, expected)
    assert (scores is None) == (probabilities is None)
    if scores is not None and probabilities is not None:
        np.testing.assert_allclose(scores, probabilities, rtol=0, atol=1e-12)
        assert np.isfinite(scores).all() and (scores >= 0).all()
    beside = [COVARIATES] if "num" in eqn else []
    assert sorted(path.name for path in tmp_path.iterdir()) == [*beside, SETTINGS, NUMBERS]
    assert b"pickle" not in (tmp_path / SETTINGS).read_bytes()


Change = Callable[[dict[str, Any], dict[str, Any]], None]
BROKEN: dict[str, tuple[Change, str]] = {
    "too few weights": (
        lambda _, n: n.update(coefficients=n["coefficients"][:, :-1]),
        "coefficients is float64 of shape",
    ),
    "too many weights": (
        lambda _, n: n.update(intercepts=np.zeros(10**6)),
        "intercepts is float64 of shape (1000000,), expected float64 of shape (2,)",
    ),
    "halves": (
        lambda _, n: n.update(intercepts=n["intercepts"].astype(np.float16)),
        "intercepts is float16",
    ),
    "not a number": (lambda _, n: n["coefficients"].fill(np.nan), "is not a number"),
    "infinite": (lambda _, n: n["intercepts"].fill(np.inf), "is not a number"),
    "huge": (lambda _, n: n["coefficients"].fill(1e300), "or is too large"),
    "negative": (lambda _, n: n["idf.words"].fill(-1), "inverse frequency is not above 0"),
    "no weights": (lambda _, n: n.pop("coefficients"), "has no coefficients"),
    "no terms": (lambda s, _: s.update(vocabularies=[{"way": "words", "terms": []}]), "terms is"),
    "terms twice": (
        lambda s, _: s["vocabularies"][0]["terms"].__setitem__(0, "river"),
        "the same text twice",
    ),
    "numbers for terms": (
        lambda s, _: s["vocabularies"][0]["terms"].__setitem__(0, 7),
        "terms is not a list of texts",
    ),
    "two of a kind": (
        lambda s, _: s.update(vocabularies=s["vocabularies"][:1] * 2),
        "two vocabularies",
    ),
    "another way": (lambda s, _: s["vocabularies"][0].update(way=["words"]), "none of words"),
    "another link": (lambda s, _: s.update(link="exp"), "link is none of softmax"),
    "no columns": (lambda s, _: s.update(columns=[]), "columns is not a list of texts"),
    "other labels": (lambda s, _: s.update(labels=["a", "b", "c"]), "expected float64"),
    "labels of numbers": (lambda s, _: s.update(labels=[1, 2]), "labels is not a list of texts"),
    "fixed": (lambda s, _: s.update(fixed={"no": 2}), "'no' is not a label with a probability"),
    "all fixed": (lambda s, _: s.update(fixed={"no": 0, "yes": 0}), "every label is fixed"),
    "rows": (lambda s, _: s.update(rows="many"), "rows is not of type int"),
    "a later gft": (lambda s, _: s.update(linear_format=2), "another version of gft"),
    "length": (lambda s, _: s.update(characters=10**4000), "another number of characters"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_fit_together_is_one_line(name: str, tmp_path: Path) -> None:
    change, message = BROKEN[name]
    write_linear(fitted("classify: y ~ a")[0], tmp_path)
    settings = json.loads((tmp_path / SETTINGS).read_text(encoding="utf-8"))
    numbers = {key: np.array(one) for key, one in load_file(tmp_path / NUMBERS).items()}
    change(settings, numbers)
    (tmp_path / SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
    save_file(numbers, tmp_path / NUMBERS)
    with pytest.raises(UserError) as raised:
        read_linear(tmp_path)
    assert message in str(raised.value) and str(tmp_path) in str(raised.value)
    assert len(raised.value.messages) == 1 and "\n" not in str(raised.value)


WRONG_COVARIATES: dict[str, tuple[dict[str, Any], str]] = {
    "coding": ({"covariates": "one-hot"}, "coded neither by average nor by treatment"),
    "columns": ({"columns": ["a", "age"]}, "its covariates are not among its columns"),
    "no text": ({"columns": ["age", "party"]}, "a vocabulary, and no column of text"),
    "another coding": ({"covariates": "treatment"}, "coefficients is float64 of shape"),
}


@pytest.mark.parametrize("name", WRONG_COVARIATES)
def test_covariates_that_do_not_fit_are_one_line(name: str, tmp_path: Path) -> None:
    change, message = WRONG_COVARIATES[name]
    write_linear(fitted("regress: y ~ num(age) + a + cat(party)")[0], tmp_path)
    settings = json.loads((tmp_path / SETTINGS).read_text(encoding="utf-8")) | change
    (tmp_path / SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(UserError) as raised:
        read_linear(tmp_path)
    assert message in str(raised.value) and len(raised.value.messages) == 1
    (tmp_path / COVARIATES).unlink()
    with pytest.raises(UserError, match="not complete without its covariates"):
        read_linear(tmp_path)


@pytest.mark.parametrize("name", [SETTINGS, NUMBERS])
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"\xff" * 64, b"[" * 99999])
def test_what_is_no_such_file_is_one_line(name: str, content: bytes, tmp_path: Path) -> None:
    write_linear(fitted("classify: y ~ a")[0], tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=name) as raised:
        read_linear(tmp_path)
    assert "\n" not in str(raised.value)
    (tmp_path / name).unlink()
    with pytest.raises(UserError, match="is incomplete"):
        read_linear(tmp_path)
