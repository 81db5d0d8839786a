"""Whether two models differ: equal ones seldom do, five points on 1,725 rows nearly always do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test

from gft.metrics.comparison import (
    MCNEMAR,
    RANDOMISATION,
    compare_with_best,
    holm,
    mcnemar,
    randomised,
)
from gft.metrics.intervals import Tally
from gft.metrics.protocol import Scored
from gft.metrics.table import find
from metric_samples import of_classes, of_numbers, random_classes

ACCURACY, F1 = find("accuracy"), find("f1")


def right(random: np.random.Generator, hard: np.ndarray, share: float) -> Scored:
    """A model that is right on such a share of rows, more often where they are easy."""
    gold = (np.arange(len(hard)) % 2).astype(int)
    said = np.where(random.random(len(hard)) < np.clip(share + hard, 0, 1), gold, 1 - gold)
    return of_classes(gold, np.eye(2)[said])


def compared(metrics: list[object], measure: str, best: Scored, other: Scored, **how: object):
    """Return the comparison of two models by a metric of some metrics."""
    tallies = []
    for scored in (best, other):
        tallies.append(Tally(metrics))
        tallies[-1].add(scored)
    measures = [one for metric in metrics for one in metric.measures(best.names)]
    [found] = compare_with_best(
        tallies[0], tallies[1:], next(one for one in measures if one.name == measure), **how
    )
    return found


@pytest.mark.parametrize(("metric", "rows"), [(ACCURACY, 300), (F1, 150)])
def test_equal_models_are_seldom_called_different(metric: object, rows: int) -> None:
    """At most 17 of 200, which 5 % of them exceed once in fifty times."""
    random = np.random.default_rng(1)
    called = 0
    for _ in range(200):
        hard = random.normal(0, 0.1, rows)
        p = _p_of(metric, *(right(random, hard, 0.8) for _ in range(2)))
        called += p < 0.05
    assert called <= 17


@pytest.mark.parametrize("metric", [ACCURACY, F1])
def test_five_points_on_1725_rows_are_found(metric: object) -> None:
    random = np.random.default_rng(2)
    found, draws = 0, 60 if metric is ACCURACY else 25
    for _ in range(draws):
        hard = random.normal(0, 0.1, 1725)
        found += _p_of(metric, *(right(random, hard, share) for share in (0.85, 0.8))) < 0.05
    assert found >= 0.8 * draws


def _p_of(metric: object, one: Scored, other: Scored) -> float:
    if metric is ACCURACY:
        return mcnemar(*((each.gold == each.prediction).astype(float) for each in (one, other)))
    found = randomised(metric, 0, *(metric.rows(each) for each in (one, other)))
    assert found is not None
    return found


def test_the_best_of_several_equal_models_stands_out_seldom() -> None:
    """That one is chosen because it is the best of these rows is accounted for."""
    random = np.random.default_rng(3)
    called = 0
    for _ in range(100):
        hard = random.normal(0, 0.1, 300)
        models = [right(random, hard, 0.8) for _ in range(8)]
        share = [(each.gold == each.prediction).mean() for each in models]
        best = models.pop(int(np.argmax(share)))
        shares = [(each.gold == each.prediction).astype(float) for each in (best, *models)]
        p = [mcnemar(shares[0], one) for one in shares[1:]]
        called += min(holm(p, 28)) < 0.05
    assert called <= 10


def test_mcnemar_is_the_binomial_test() -> None:
    ours, theirs = np.repeat([1, 1, 0, 0], [50, 14, 4, 9]), np.repeat([1, 0, 1, 0], [50, 14, 4, 9])
    assert mcnemar(ours, theirs) == binomtest(14, 18, 0.5).pvalue
    assert mcnemar(ours, ours) == 1


def test_randomisation_is_scipys_permutation_test() -> None:
    random = np.random.default_rng(4)
    gold = random.normal(size=80)
    ours, theirs = (of_numbers(gold, gold + random.normal(0, sd, 80)) for sd in (0.5, 0.62))
    metric = find("mean_squared_error")
    p = randomised(metric, 0, metric.rows(ours), metric.rows(theirs))
    errors = [(each.gold - each.prediction)[:, 0] ** 2 for each in (ours, theirs)]
    theirs_p = permutation_test(
        errors, lambda x, y: np.mean(x) - np.mean(y), permutation_type="samples",
        n_resamples=20_000, rng=0,
    ).pvalue  # fmt: skip
    assert p == pytest.approx(theirs_p, abs=0.06 * theirs_p + 0.01)


def test_groups_are_swapped_whole() -> None:
    """Ten speakers, each heard fifty times: that one model suits six of them better is chance."""
    group = np.repeat(np.arange(10), 50)
    gold = np.zeros(500, dtype=int)
    ours, theirs = (of_classes(gold, np.eye(2)[(group % 5 < n).astype(int)]) for n in (2, 3))
    alone = compared([ACCURACY], "accuracy", ours, theirs)
    whole = compared([ACCURACY], "accuracy", ours, theirs, groups=group)
    assert (alone.test, whole.test) == (MCNEMAR, RANDOMISATION)
    assert alone.p < 1e-9 and whole.p > 0.3
    assert alone.value == whole.value == pytest.approx(-0.2)


def test_a_comparison_is_the_others_metric_less_the_bests() -> None:
    best, other = random_classes(400, 3, seed=1), random_classes(400, 3, seed=2)
    other = of_classes(best.gold, other.scores)
    for metric in (ACCURACY, F1, find("loss"), find("roc_auc")):
        found = compared([F1, metric], metric.name, best, other)
        values = [metric.reduce(metric.rows(one), np.ones((1, 400)))[0, 0] for one in (other, best)]
        assert found.value == pytest.approx(values[0] - values[1])
        assert found.low < found.value < found.high
        assert 0 < found.p <= 1 and found.adjusted == found.p


@pytest.mark.parametrize(
    ("p", "family", "expected"),
    [([0.01, 0.04, 0.03], 3, [0.03, 0.06, 0.06]), ([0.2, None, 0.9], 3, [0.6, None, 1.0]),
     ([0.01], 6, [0.06]), ([], 0, [])],
)  # fmt: skip
def test_holm(p: Sequence[float], family: int, expected: Sequence[float]) -> None:
    assert holm(p, family) == pytest.approx(expected)


def test_other_labels_have_no_p_value_but_of_shares() -> None:
    ours = random_classes(60, 3, seed=6)
    other = Scored(ours.gold, ours.prediction, ours.scores, ("k", "l", "m"))
    assert compared([F1], "f1", ours, other).p is None
    assert compared([ACCURACY], "accuracy", ours, other).p == 1


def test_a_test_of_few_groups_says_that_it_can_tell_nothing() -> None:
    random = np.random.default_rng(0)
    hard = np.zeros(300)
    best, other = right(random, hard, 0.95), right(random, hard, 0.2)
    for groups, few in ((4, True), (5, True), (6, False), (30, False)):
        found = compared([ACCURACY], "accuracy", best, other, groups=np.arange(300) % groups)
        told = f"with {groups} groups p cannot be below {2.0 ** (1 - groups):.3g}: no difference"
        assert (found.p_caveat is not None) == few == ("p_caveat" in found.saved())
        assert not few or (found.p_caveat.startswith(told) and found.p > 0.05)
    assert compared([ACCURACY], "accuracy", best, other).p_caveat is None
