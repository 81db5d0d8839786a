"""Clustering scores are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as theirs

from gft.metrics.clustering import CLUSTERING
from gft.metrics.table import find
from metric_samples import assert_weights_repeat, of_classes, random_classes, values_of


@pytest.mark.parametrize("name", CLUSTERING)
def test_scores_are_scikit_learns(name: str) -> None:
    scored = random_classes(60, 4)
    expected = getattr(theirs, name)(scored.gold, scored.prediction)
    assert values_of(find(name), scored) == [pytest.approx(expected, abs=1e-9)]
    assert_weights_repeat(find(name), scored)


@pytest.mark.parametrize("name", [name for name in CLUSTERING if name != "mutual_info_score"])
def test_names_of_clusters_do_not_matter(name: str) -> None:
    other = of_classes([0, 0, 1, 1, 2, 2], np.eye(3)[[2, 2, 0, 0, 1, 1]])
    assert values_of(find(name), other) == [pytest.approx(1)]
