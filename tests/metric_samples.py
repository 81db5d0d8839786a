"""Scored rows at random, and the two ways to count a row twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gft.metrics.protocol import Array, Metric, Scored


def of_classes(gold: Array, scores: Array, prediction: Array | None = None) -> Scored:
    scores = np.asarray(scores, dtype=np.float64)
    names = tuple(f"class{n}" for n in range(scores.shape[1]))
    predicted = scores.argmax(1) if prediction is None else np.asarray(prediction)
    return Scored(np.asarray(gold), predicted, scores, names)


def random_classes(rows: int, classes: int, seed: int = 0, missing: int | None = None) -> Scored:
    """Return rows whose scores lean to gold; probabilities are rounded, so that some tie.

    The class `missing` is neither gold nor predicted.
    """
    random = np.random.default_rng(seed)
    gold = random.integers(0, classes, rows)
    scores = random.dirichlet(np.ones(classes), rows)
    scores[np.arange(rows), gold] += 0.3
    if missing is not None:
        gold[gold == missing] = (missing + 1) % classes
        scores[:, missing] = 0
    scores = np.round(scores / scores.sum(1, keepdims=True), 1) + 0.01
    return of_classes(gold, scores / scores.sum(1, keepdims=True))


def of_numbers(gold: Array, prediction: Array) -> Scored:
    gold, prediction = (
        np.asarray(each, dtype=np.float64).reshape(len(each), -1) for each in (gold, prediction)
    )
    names = ("Valence", "Arousal", "Dominance")[: gold.shape[1]]
    return Scored(gold, prediction, None, names)


def random_numbers(rows: int, outputs: int = 1, seed: int = 0) -> Scored:
    """Return positive numbers with one decimal, so that some tie."""
    random = np.random.default_rng(seed)
    gold = np.round(random.gamma(2, 2, (rows, outputs)), 1) + 0.1
    return of_numbers(gold, np.round(gold * random.uniform(0.5, 1.5, gold.shape), 1) + 0.1)


def values_of(metric: Metric, scored: Scored) -> list[float]:
    values = metric.reduce(metric.rows(scored), np.ones((1, len(scored))))
    assert values.shape == (len(metric.measures(scored.names)), 1)
    return [float(value) for value in values[:, 0]]


def repeated(scored: Scored, often: Array) -> Scored:
    """Return the rows, each as often as it says."""
    gold, prediction = (np.repeat(each, often, axis=0) for each in (scored.gold, scored.prediction))
    scores = None if scored.scores is None else np.repeat(scored.scores, often, axis=0)
    return replace(scored, gold=gold, prediction=prediction, scores=scores)


def assert_weights_repeat(metric: Metric, scored: Scored, samples: int = 4) -> None:
    """Check that a weight of 2 is the row twice and a weight of 0 no row."""
    weights = np.random.default_rng(1).poisson(1, (samples, len(scored)))
    weights[:, 0] += 1
    found = metric.reduce(metric.rows(scored), weights.astype(np.float64))
    for sample, often in enumerate(weights):
        expected = values_of(metric, repeated(scored, often))
        np.testing.assert_allclose(found[:, sample], expected, rtol=1e-9, atol=1e-12)
