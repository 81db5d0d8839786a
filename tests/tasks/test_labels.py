from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from gft.data.spelling import comparing
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest
from gft.suppliers.local import Local
from gft.tasks.classes import weights_of
from gft.tasks.classify import Classify
from gft.tasks.labels import (
    are_names,
    by_name,
    in_natural_order,
    in_order_of,
    pair_of,
    same_names,
)
from gft.tasks.regress import Regress

EQUATION = parse_equation("classify: y ~ x")


def bind(kind: type, test: list | None = None, classes: list[str] | None = None, **train: list):
    table = {"x": ["a"] * len(train["y"]), **train}
    rows = {"train": Rows(pa.table(table), {"y": classes} if classes else None)}
    if test is not None:
        more = pa.table({"x": ["a"] * len(test), "y": test})
        rows["test"] = Rows(more, {"y": classes} if classes else None)
    return kind.bind(EQUATION, DataSet("d", rows), rows)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([10, 9, 9], ("9", "10")),
        (["10", "9"], ("9", "10")),
        (["b", "10"], ("10", "b")),
        ([True, False], ("False", "True")),
        ([2.0, 1.0], ("1.0", "2.0")),
        (["a", None, "", "b"], ("a", "b")),
        ([-1, 0, 1], ("-1", "0", "1")),
    ],
)
def test_classes_of_the_data(values: list, labels: tuple[str, ...]) -> None:
    assert bind(Classify, y=values).labels == labels


def test_minus_one_is_glues_mark() -> None:
    task = bind(Classify, y=[0, 1], test=[-1, 1])
    assert task.labels == ("0", "1")
    assert task.golds({"y": [-1, 1, None]}) == [None, 1, None]
    named = bind(Classify, y=[0, 1, -1], classes=["no", "yes"])
    assert named.golds({"y": [1, -1]}) == [1, None]
    assert bind(Classify, y=[-1, 1]).golds({"y": [-1, 1]}) == [0, 1]
    scores = bind(Regress, y=[0.5, 3.0], test=[-1.0])
    assert scores.golds({"y": [-1.0, 2.0]}) == [None, [2.0]]
    assert bind(Regress, y=[-3.0, 3.0]).golds({"y": [-1.0]}) == [[-1.0]]


def test_a_label_that_train_lacks_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert bind(Classify, y=["a", "b"], test=["c"]).labels == ("a", "b", "c")
    assert "test has labels that train lacks" in capsys.readouterr().err


def test_fit_keeps_a_head_with_the_same_names() -> None:
    task = bind(Classify, y=[0, 1, 2], classes=["entailment", "neutral", "not entailed"])
    theirs = {"id2label": {"0": "Not-Entailed", "1": "NEUTRAL", "2": "entailment"}}
    adapted = task.adapt(theirs)
    met = adapted.task
    assert met.labels == ("not entailed", "neutral", "entailment")
    assert met.golds({"y": [0, 1, 2]}) == [2, 1, 0]
    assert not adapted.request.new_head and not adapted.notes
    assert adapted.request.labels == met.labels
    adapted = task.adapt({"id2label": {"0": "good", "1": "bad", "2": "ugly"}})
    assert adapted.request.new_head and "is replaced" in adapted.notes[0]
    assert task.adapt({}).request.new_head


def test_a_head_that_knows_more_labels_lends_their_rows(tmp_path: Path) -> None:
    task = bind(Classify, y=["good", "bad", "good"])
    theirs = {"id2label": {"0": "ugly", "1": "Bad", "2": "GOOD"}}
    adapted = task.adapt(theirs)
    assert task.labels == ("bad", "good")
    assert adapted.request.head_rows == (1, 2)
    assert adapted.notes == (
        "the head for bad and good starts from the model's weights for Bad and GOOD",
    )
    mapped = replace(bind(Classify, y=["nice", "nasty"]), label_map=("nice=GOOD", "nasty=bad"))
    assert mapped.adapt(theirs).request.head_rows == (1, 2)
    assert not bind(Classify, y=["good", "nasty"]).adapt(theirs).request.head_rows
    with pytest.raises(UserError, match=r"--label_map nice=pretty: expected DATA=MODEL"):
        replace(mapped, label_map=("nice=pretty",)).adapt(theirs)

    from hub.models import bert

    folder = bert(tmp_path / "model", ("ugly", "Bad", "GOOD"))
    source = Local().model(Spec("C", str(folder)), Options({}))
    before = source.load(ModelRequest(task.head)).model.classifier
    after = source.load(adapted.request)
    assert not after.new_weights
    assert after.model.config.id2label == {0: "bad", 1: "good"}
    assert after.model.classifier.weight.equal(before.weight[1:])
    assert after.model.classifier.bias.equal(before.bias[1:])


def test_eval_meets_labels_by_name() -> None:
    model = bind(Classify, y=["no", "yes", "maybe"])
    data = bind(Classify, y=["Yes", "No"])
    met, told = data.aligned(model)
    assert met.labels == model.labels == ("maybe", "no", "yes")
    assert met.golds({"y": ["Yes", "No", "nothing"]}) == [2, 1, None]
    assert not told
    with pytest.raises(UserError, match=r"left and right.*maybe, no and yes"):
        bind(Classify, y=["left", "right"]).aligned(model)
    _, told = bind(Classify, y=[0, 1, 2]).aligned(model)
    assert "by position" in told[0]


def test_names() -> None:
    assert not are_names(["LABEL_0", "label_1", "2"])
    assert are_names(["0", "one"])
    assert in_natural_order(["10", "9", "1e1"]) == ("9", "10", "1e1")


def test_labels_that_differ_in_case_alone_stay_apart() -> None:
    ours, theirs = ("X", "Xx", "x"), ("x", "X", "Xx")
    assert same_names(ours, theirs)
    assert in_order_of(ours, theirs) == theirs
    assert by_name(ours, ("0", "1", "2"), theirs) == ("2", "0", "1")
    assert not same_names(("X", "x"), ("x", "o"))
    assert same_names(("B-PER", "o"), ("b_per", "O"))


def test_labels_may_hold_commas_and_equals_signs() -> None:
    labels = ("Food, drink", "x=y", "x", "a")
    even = [1.0] * len(labels)
    assert weights_of(["Food, drink=2", "x=y=3"], labels, even) == (2, 3, 1, 1)
    assert weights_of(["a=4,food, drink=2,X=5"], labels, even) == (2, 1, 5, 4)
    with pytest.raises(UserError, match=r"LABEL=WEIGHT for labels among .*found 'Food, drink'"):
        weights_of(["Food, drink"], labels, even)
    with pytest.raises(UserError, match="no label 'Foods'"):
        weights_of(["Foods=2"], labels, even)

    key = comparing(labels)
    assert pair_of("Food, drink=x=y", labels, key, labels) == ("Food, drink", "x=y")
    assert pair_of("x=y=Food, drink", labels, key, labels) == ("x=y", "Food, drink")
    assert pair_of("x=y=", labels, key, labels) == ("x=y", "")
    assert pair_of("a=b=c", labels, key) == ("a", "b=c")
    with pytest.raises(UserError, match="may mean 'x' as 'y=b' or 'x=y' as 'b'"):
        pair_of("x=y=b", labels, key)


def test_numbers_meet_as_numbers() -> None:
    model = bind(Classify, y=["0.0", "1.0"])
    met, told = bind(Classify, y=[1, 0]).aligned(model)
    assert not told and met.golds({"y": [1, 0]}) == [1, 0]
    only, _ = bind(Classify, test=["1"], y=["1", "0"]).aligned(model)
    assert only.golds({"y": ["1"]}) == [1]


def test_both_unicode_forms_meet() -> None:
    composed, decomposed = (unicodedata.normalize(form, "thé") for form in ("NFC", "NFD"))
    met, told = bind(Classify, y=[decomposed, "a"]).aligned(bind(Classify, y=["a", composed]))
    assert not told and met.golds({"y": [decomposed]}) == [1]
