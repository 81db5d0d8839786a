"""Which rows are taken out of train: the same ones everywhere, of each class its share."""

from collections import Counter

import numpy as np

from gft.data.drawing import classes_of_rows, select
from gft.data.ties import tie


def select_tenth(count, classes, fingerprint):
    every = np.arange(count)
    ties = tie(every, every < 0, None, np.zeros((0, 2), dtype=int))
    [found] = select(ties, classes, fingerprint, [max(1, round(count / 10))])
    return found


def test_the_selection_is_stratified_by_largest_remainders():
    sizes = {"rare": 12, "mid": 37, "often": 151}
    kinds = np.random.default_rng(0).permutation(np.repeat(list(sizes), list(sizes.values())))
    picked = select_tenth(200, kinds, "0123456789abcdef")
    assert picked.tolist() == sorted(set(picked.tolist()))
    # Shares of 1.2, 3.7 and 15.1 of 20 rows: the largest remainder is rounded up.
    assert Counter(kinds[picked].tolist()) == {"rare": 1, "mid": 4, "often": 15}


def test_the_selection_is_this_one_on_any_machine():
    assert select_tenth(50, None, "0123456789abcdef").tolist() == [9, 11, 18, 28, 38]
    assert select_tenth(2, None, "0").tolist() in ([0], [1])


def test_classes_are_numbered_in_the_order_of_their_names():
    assert classes_of_rows(["b", "a", "b", "c"], 4).tolist() == [1, 0, 1, 2]
