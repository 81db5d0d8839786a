"""Metrics of tags: of entities to the last digit as seqeval has them, of words as scikit-learn."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import pytest
from seqeval.metrics import accuracy_score, classification_report
from sklearn.metrics import f1_score, matthews_corrcoef, recall_score

from gft.errors import UserError
from gft.language.spec import Spec
from gft.metrics.intervals import point_values, values_with_intervals
from gft.metrics.protocol import Scored
from gft.metrics.table import choose_merit, choose_metrics, find
from gft.metrics.tags import are_of_entities
from gft.targets.tags import Tags

VOCABULARIES = {
    "BIO": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
    "I without B": ["O", "I-PER", "I-LOC"],
    "IOBES": ["O", "B-A", "I-A", "E-A", "S-A", "B-B", "E-B", "S-B", "I-B"],
    "BILOU": ["O", "B-A", "I-A", "L-A", "U-A", "U-B"],
    "no types": ["O", "B", "I", "E", "S"],
    "no prefixes": ["NN", "N", ",", ".", "O", "OTHER", "x", "X", "Xx", "SYM"],
    "odd": ["B-x-y", "I-x-y", "-", "B-", "I", "O", ".-A", "E", "S-A", "L-A", "I-A"],
}


def numbers(rows: list[list[str]], names: tuple[str, ...]) -> list[Any]:
    return [np.array([names.index(tag) for tag in row], dtype=np.int32) for row in rows]


def drawn(names: tuple[str, ...], seed: int) -> tuple[list[list[str]], list[list[str]]]:
    generator = random.Random(seed)
    gold = [generator.choices(names, k=generator.randint(0, 9)) for _ in range(30)]
    predicted = [
        [tag if generator.random() < 0.6 else generator.choice(names) for tag in row]
        for row in gold
    ]
    return gold, predicted


def seqeval(gold: list[list[str]], predicted: list[list[str]]) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = classification_report(gold, predicted, output_dict=True)
    together = report.pop("micro avg")
    del report["macro avg"], report["weighted avg"]
    return {
        "overall_f1": together["f1-score"],
        "overall_precision": together["precision"],
        "overall_recall": together["recall"],
        "overall_accuracy": accuracy_score(gold, predicted),
        **{f"f1_{kind}": of["f1-score"] for kind, of in report.items()},
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("case", VOCABULARIES)
def test_entities_are_seqevals_to_the_last_digit(case: str, seed: int) -> None:
    names = tuple(VOCABULARIES[case])
    gold, predicted = drawn(names, seed)
    scored = Scored(numbers(gold, names), numbers(predicted, names), None, names)
    mine = point_values([find("seqeval", None, Tags())], scored)
    known = {name: value for name, value in mine.items() if not np.isnan(value)}
    assert known == seqeval(gold, predicted)


def test_a_worked_example() -> None:
    names = ("O", "B-MISC", "I-MISC", "B-PER", "I-PER")
    gold = [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    predicted = [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    scored = Scored(numbers(gold, names), numbers(predicted, names), None, names)
    assert point_values([find("seqeval", None, Tags())], scored) == {
        "overall_f1": 0.5, "overall_precision": 0.5, "overall_recall": 0.5,
        "overall_accuracy": 0.8, "f1_MISC": 0.0, "f1_PER": 1.0,
    }  # fmt: skip
    results = values_with_intervals([find("seqeval", None, Tags())], scored)
    assert results[0].low < 0.01 and results[0].high > 0.99
    assert results[0].caveat == "only 2 rows: this interval is unreliable"


def test_words_are_scikit_learns() -> None:
    names = tuple(VOCABULARIES["no prefixes"])
    gold, predicted = drawn(names, 0)
    scored = Scored(numbers(gold, names), numbers(predicted, names), None, names)
    specs = [Spec("H", name, None) for name in ("accuracy", "recall_weighted", "mcc")]
    metrics = choose_metrics([*specs, Spec("H", "f1", "macro")], (), Tags())
    flat = [tag for row in gold for tag in row], [tag for row in predicted for tag in row]
    assert point_values(metrics, scored) == pytest.approx({
        "accuracy": np.mean(np.array(flat[0]) == np.array(flat[1])),
        "recall_weighted": recall_score(*flat, average="weighted"),
        "matthews_correlation": matthews_corrcoef(*flat),
        "f1_macro": f1_score(*flat, average="macro"),
    })  # fmt: skip


def test_which_tags_are_of_entities() -> None:
    assert are_of_entities(("O", "B-PER", "I-PER")) and are_of_entities(("B-NP", "O", "S-x-y"))
    assert not are_of_entities(("NN", "O")) and not are_of_entities(("O",))
    assert not are_of_entities(("X", "Xx", "x", "misc")) and not are_of_entities(("B", "I", "O"))


def test_merit_and_mistakes() -> None:
    metrics = choose_metrics([], ("accuracy", "f1_macro"), Tags())
    assert choose_merit(metrics, ("NN", "O"), [], "overall_accuracy", None).name == "accuracy"
    assert choose_merit(metrics, ("NN", "O"), [], None, None).name == "accuracy"
    with pytest.raises(UserError, match="no metric 'H:bleu'; available: seqeval, accuracy, f1"):
        find("bleu", None, Tags())
    with pytest.raises(UserError, match="no configuration 'binary' in H:f1"):
        find("f1", "binary", Tags())
