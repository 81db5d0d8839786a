"""Targets that are made of classes: metrics of each, and classes in another order."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from gft.metrics.per_class import confusion
from gft.metrics.protocol import Scored
from gft.metrics.table import find
from gft.targets.classes import Classes
from gft.targets.several import Several
from gft.targets.tags import Tags
from metric_samples import random_classes


@pytest.mark.parametrize("classes", [2, 5])
def test_per_class_is_scikit_learns(classes: int) -> None:
    scored = random_classes(300, classes, missing=1 if classes > 2 else None)
    theirs = precision_recall_fscore_support(
        scored.gold, scored.prediction, labels=range(classes), zero_division=0
    )
    found = Classes().per_class(scored)
    assert list(found) == list(scored.names)
    for n, one in enumerate(found.values()):
        assert tuple(one.values()) == pytest.approx([values[n] for values in theirs])
    their_table = confusion_matrix(scored.gold, scored.prediction, labels=range(classes))
    ours, table = confusion(scored), np.zeros((classes, classes), dtype=np.int64)
    table[ours.gold, ours.found] = ours.counts
    assert (table == their_table).all()


def test_per_label_is_scikit_learns() -> None:
    random = np.random.default_rng(4)
    gold, scores = random.random((100, 4)) < 0.3, random.random((100, 4))
    scored = Scored(gold, scores > 0.5, scores, tuple("abcd"))
    theirs = precision_recall_fscore_support(gold, scores > 0.5, zero_division=0)
    for n, one in enumerate(Several().per_class(scored).values()):
        assert tuple(one.values()) == pytest.approx([values[n] for values in theirs])


def test_entities_have_types_and_words_have_tags() -> None:
    from seqeval.metrics import classification_report

    names = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    random = np.random.default_rng(5)
    gold, found = ([random.integers(0, 5, 12) for _ in range(30)] for _ in range(2))
    spelt = [[[names[n] for n in row] for row in rows] for rows in (gold, found)]
    theirs = classification_report(*spelt, output_dict=True, zero_division=0)
    mine = Tags().per_class(Scored(gold, found, None, names))
    assert list(mine) == ["LOC", "PER"]
    for name, one in mine.items():
        expected = [theirs[name][key] for key in ("precision", "recall", "f1-score", "support")]
        assert tuple(one.values()) == pytest.approx(expected)
    words = Tags().per_class(Scored(gold, found, None, ("a", "b", "c", "d", "e")))
    flat = precision_recall_fscore_support(np.concatenate(gold), np.concatenate(found))
    assert words["c"]["f1"] == pytest.approx(flat[2][2])
    assert words["c"]["support"] == flat[3][2]


def test_labels_in_another_order() -> None:
    ours = random_classes(50, 3, seed=5)
    names = tuple(name.upper() for name in (ours.names[2], ours.names[0], ours.names[1]))
    turned = Classes().in_order_of(ours, names)
    assert turned.names == names
    for metric in (find("accuracy"), find("f1"), find("loss")):
        values = [metric.reduce(metric.rows(one), np.ones((1, 50))) for one in (ours, turned)]
        assert values[0] == pytest.approx(values[1])
    assert Classes().in_order_of(ours, ("x", "y", "z")) is None
    tags = Scored([np.array([0, 1])], [np.array([1, 1])], None, ("A", "B"))
    assert [row.tolist() for row in Tags().in_order_of(tags, ("B", "A")).gold] == [[1, 0]]
    several = Scored(np.array([[True, False]]), np.array([[True, True]]), None, ("A", "B"))
    assert Several().in_order_of(several, ("B", "A")).gold.tolist() == [[False, True]]
