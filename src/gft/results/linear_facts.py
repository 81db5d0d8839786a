"""What a linear model that was kept has learned: its terms, and those that weigh most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gft.baselines.linear import LinearModel
from gft.baselines.linear_files import read_linear

MOST = 8
"""So many terms of each label are shown."""


@dataclass(frozen=True)
class Weighed:
    """A term of a column, and its weight; a term that is empty stands for how alike two are.

    A covariate has no column, and its name is the term.
    """

    column: str
    term: str
    weight: float


@dataclass(frozen=True)
class LinearFacts:
    """A linear model in words and numbers.

    `columns` are those of text and `sizes` how many terms there are of each way; `covariates` the
    other columns. `heaviest` are the terms with the largest weights for each label, largest first;
    of an output the largest and the least.
    """

    what: str
    rows: int
    columns: tuple[str, ...]
    sizes: dict[str, int]
    longest: int
    numbers: int
    heaviest: dict[str, list[Weighed]]
    covariates: tuple[str, ...] = ()


def read_linear_facts(folder: Path) -> LinearFacts:
    """Return what there is to say of the model in a folder. Raises `UserError`."""
    model = read_linear(folder)
    features, covariates = model.regressors.features, model.regressors.covariates
    return LinearFacts(
        model.what,
        model.rows,
        model.regressors.texts,
        {one.way: len(one.terms) for one in features.vocabularies} if features else {},
        model.longest,
        model.size,
        _heaviest(model),
        covariates.columns if covariates else (),
    )


def _heaviest(model: LinearModel) -> dict[str, list[Weighed]]:
    named = model.regressors.named()
    found: dict[str, list[Weighed]] = {}
    for n, label in enumerate(model.labels):
        weights = model.weights.coefficients[n]
        order = np.argsort(-weights, kind="stable")[: len(named)].tolist()
        chosen = [index for index in order[:MOST] if weights[index] > 0]
        if model.weights.link == "identity":
            chosen += [index for index in order[-MOST:] if weights[index] < 0]
        found[label] = [_weighed(named[index], weights[index]) for index in chosen]
    return found


def _weighed(named: tuple[str, str], weight: float) -> Weighed:
    return Weighed(*named, round(float(weight), 4))
