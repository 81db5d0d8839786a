"""Intervals hold the value in the population in 95 % of splits; where they do not, they say so.

A small edition of `benchmarks/coverage.py`. Chance adds 1.3 % to a coverage of 300 splits, as a
standard deviation; percentiles alone hold 83 to 89 % of most metrics of classes and errors here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from gft.metrics.differences import paired_differences
from gft.metrics.intervals import Result, intervals_of
from gft.metrics.protocol import Array, Scored
from gft.metrics.samples import points
from gft.metrics.table import find
from metric_samples import of_classes, of_numbers

DRAWS = 300


def of_two(share: float, rows: int = 100_000, skill: float = 2.0) -> Scored:
    """Return rows of two classes, of which class 1 has a share, with calibrated probabilities."""
    random = np.random.default_rng(0)
    gold = (random.random(rows) < share).astype(int)
    seen = random.normal(size=rows) + skill * gold
    yes = 1 / (1 + np.exp(-np.log(share / (1 - share)) - skill * seen + skill**2 / 2))
    return of_classes(gold, np.stack([1 - yes, yes], 1))


def covered(
    names: Sequence[str], population: Scored, chosen: Callable[[np.random.Generator], Array],
    groups: Array | None = None,
) -> dict[str, float]:  # fmt: skip
    """Return how often intervals of splits drawn from a population hold its own value."""
    random, metrics = np.random.default_rng(1), [find(name) for name in names]
    every = [metric.rows(population) for metric in metrics]
    truths = [
        points(metric, one, population.names)[0] for metric, one in zip(metrics, every, strict=True)
    ]
    hits, none = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for seed in range(DRAWS):
        rows = chosen(random)
        found = intervals_of(
            metrics, [one[rows] for one in every], population.names, groups, seed, 200
        )
        for name, one, truth in zip(names, found, truths, strict=True):
            if one.low is None or one.high is None:
                none[name] += 1  # It claims nothing; that has to be rare.
            else:
                hits[name] += one.low <= truth <= one.high
    assert max(none.values()) <= 0.03 * DRAWS, none
    return {name: count / (DRAWS - none[name]) for name, count in hits.items()}


def drawn(rows: int, of: int = 100_000) -> Callable[[np.random.Generator], Array]:
    return lambda random: random.integers(0, of, rows)


def test_metrics_of_a_rare_class() -> None:
    """500 rows, 25 of them of the class."""
    names = ("f1", "recall", "mcc", "balanced_accuracy", "roc_auc", "average_precision")
    for name, share in covered(names, of_two(0.05), drawn(500)).items():
        assert share >= 0.915, (name, share)


def test_the_area_of_a_good_model() -> None:
    [share] = covered(["roc_auc"], of_two(0.2, skill=3.0), drawn(150)).values()
    assert share >= 0.93


def test_means_of_skewed_errors() -> None:
    random = np.random.default_rng(0)
    gold = random.normal(size=100_000)
    population = of_numbers(gold, gold + random.exponential(size=100_000) - 1)
    for name, share in covered(("mse", "rmse", "mae", "r2"), population, drawn(100)).items():
        assert share >= 0.915, (name, share)


def test_twenty_groups() -> None:
    """Their rows are mostly right or wrong together; some are ten times as large as others."""
    random, whole = np.random.default_rng(0), 60
    easy = np.repeat(random.normal(size=3_000), whole)
    right = easy + random.normal(size=3_000 * whole) > -1
    gold = random.integers(0, 2, 3_000 * whole)
    population = of_classes(gold, np.eye(2)[np.where(right, gold, 1 - gold)])
    sizes = np.geomspace(5, 50, 20).astype(int)
    groups = np.repeat(np.arange(20), sizes)
    within = np.concatenate([np.arange(size) for size in sizes])
    found = covered(
        ("accuracy", "f1"), population,
        lambda random: random.integers(0, 3_000, 20)[groups] * whole + within, groups,
    )  # fmt: skip
    for name, share in found.items():
        assert share >= 0.915, (name, share)


def test_differences_in_a_rare_class() -> None:
    first, second = of_two(0.05), of_two(0.05, skill=2.0)
    other = of_classes(first.gold, np.roll(second.scores, 1, axis=0))
    random, metrics = np.random.default_rng(1), [find("f1"), find("roc_auc")]
    every = [[metric.rows(one) for one in (first, other)] for metric in metrics]
    truths = [
        points(metric, ours, first.names)[0] - points(metric, theirs, first.names)[0]
        for metric, (ours, theirs) in zip(metrics, every, strict=True)
    ]
    hits = np.zeros(2)
    for seed in range(DRAWS):
        rows = random.integers(0, 100_000, 500)
        both = [[one[rows] for one in of_both] for of_both in every]
        [found] = paired_differences(metrics, both, first.names, None, seed, 200)
        hits += [one.low <= truth <= one.high for one, truth in zip(found, truths, strict=True)]
    assert (hits / DRAWS >= 0.92).all(), hits / DRAWS


def caveats(names: Sequence[str], scored: Scored, groups: Array | None = None) -> list[str | None]:
    metrics = [find(name) for name in names]
    found: list[Result] = intervals_of(
        metrics, [metric.rows(scored) for metric in metrics], scored.names, groups, 0, 100
    )
    return [one.caveat for one in found]


SHORT = ": this interval is unreliable"


def test_too_few_rows_of_a_class_are_said() -> None:
    gold = np.repeat([0, 1], [94, 6])
    scored = of_classes(gold, np.eye(2)[np.where(np.arange(100) % 10, gold, 1)])
    few = f"only 6 rows of class1{SHORT}"
    names = ["accuracy", "f1", "recall", "roc_auc", "mcc", "f1_macro", "balanced_accuracy"]
    assert caveats(names, scored) == [None, *[few] * 6]
    assert caveats(["precision"], scored) == [f"only 16 rows predicted as class1{SHORT}"]
    many = of_classes(np.repeat(gold, 5), np.repeat(scored.scores, 5, axis=0))
    assert caveats(["f1", "mcc", "roc_auc", "precision"], many) == [None] * 4


def test_few_groups_few_numbers_and_heavy_tails_are_said() -> None:
    random = np.random.default_rng(0)
    gold = random.normal(size=400)
    usual = of_numbers(gold, gold + random.normal(size=400))
    names = ["mse", "mae", "pearson", "r2"]
    assert caveats(names, usual) == [None] * 4
    assert caveats(names, usual, np.arange(400) % 12) == [f"only 12 groups{SHORT}"] * 4
    few = of_numbers(usual.gold[:60], usual.prediction[:60])
    assert caveats(names, few) == [f"only 60 rows{SHORT}"] * 4
    errors = random.normal(size=400) * np.where(np.arange(400) % 100, 1, 12)
    heavy = of_numbers(gold, gold + errors)
    told = caveats(["mse", "rmse", "r2"], heavy)
    assert len(set(told)) == 1 and "of all squared errors comes from " in str(told[0])
    assert caveats(["mae"], heavy) == [None]
    assert "a larger error" in str(caveats(["max_error"], usual)[0])


def test_a_metric_that_is_undefined_in_samples_says_so() -> None:
    """A type of entity that stands in one row of thirty is missing in a third of the samples."""
    from gft.targets.tags import Tags

    names = ("O", "B-LOC", "B-PER")
    tags = [np.array([1, 0, 2] if n == 0 else [1, 0, 0]) for n in range(30)]
    scored = Scored(tags, tags, None, names)
    [metric] = [find("seqeval", None, Tags())]
    found = {
        one.name: one.caveat
        for one in intervals_of([metric], [metric.rows(scored)], names, None, 0, 200)
    }
    assert found["f1_LOC"] is None
    assert found["f1_PER"] == f"only 1 entity of PER{SHORT}"


@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "mcc", "roc_auc", "average_precision"])
def test_all_right_is_not_always_right(name: str) -> None:
    """Samples of rows that are all right do not spread: the interval is that of so many rows."""
    gold = np.repeat([0, 1], [270, 30])
    scored = of_classes(gold, np.eye(2)[gold])
    metric = find(name)
    [found] = intervals_of([metric], [metric.rows(scored)], scored.names, None, 0, 100)
    assert found.value == 1 == found.high and found.caveat is None
    assert 0.75 < found.low < 0.96
