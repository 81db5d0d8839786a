"""Rows that belong together are in one bundle, whatever else is drawn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gft.data.drawing import select
from gft.data.ties import Ties, folds_of, tie, with_near

NONE = np.zeros((0, 2), dtype=np.int64)
numbers = st.integers(0, 12)


@st.composite
def tied(draw):
    """Rows with texts, groups or none, some short, some nearly the same."""
    same = np.array(draw(st.lists(numbers, min_size=2, max_size=60)), dtype=np.uint64)
    count = len(same)
    rows = st.integers(0, count - 1)
    groups = draw(st.none() | st.lists(numbers, min_size=count, max_size=count).map(np.array))
    few = draw(st.sets(numbers, max_size=3))
    near = draw(st.lists(st.tuples(rows, rows).filter(lambda pair: pair[0] != pair[1]), max_size=9))
    short = np.isin(same, np.array(sorted(few), dtype=np.uint64))
    pairs = np.array(near, dtype=np.int64).reshape(-1, 2)
    return same, groups, tie(same, short, groups, pairs)


def apart(values, parts):
    """Return the values that stand in more than one part."""
    seen = [set(np.asarray(values)[part].tolist()) for part in parts]
    return {one for n, some in enumerate(seen) for other in seen[n + 1 :] for one in some & other}


@given(tied(), st.integers(1, 20), st.integers(1, 20), st.booleans(), st.integers(1, 99))
def test_no_draw_puts_rows_apart_that_belong_together(found, first, second, stratified, seed):
    same, groups, ties = found
    count = len(same)
    ties = with_near(ties, max(2, first // 2))
    classes = np.arange(count) % 3 if stratified else None
    wanted = [min(first, count), min(second, count)]
    val, test = select(ties, classes, f"{seed:x}", wanted)
    drawn = np.isin(ties.bundles, ties.bundles[np.concatenate([val, test])])
    train = np.flatnonzero(~drawn)
    parts = [train, val, test]
    assert len(np.unique(np.concatenate(parts))) == sum(map(len, parts))
    if groups is not None:
        assert not apart(groups, parts)
    # Short texts of several groups may be in train only.
    assert not apart(same, parts)
    assert not ties.everyday[val].any() and not ties.everyday[test].any()
    if len(np.unique(ties.bundles[~ties.everyday])) > 1:
        assert len(train) and len(val)


@given(tied(), st.integers(2, 5))
def test_no_bundle_is_in_two_folds(found, count):
    same, _, ties = found
    folds = folds_of(ties.bundles, count)
    assert all(len(set(folds[ties.bundles == one])) == 1 for one in ties.bundles)
    if len(np.unique(ties.bundles)) == len(same):
        assert folds.tolist() == (np.arange(len(same)) % count).tolist()


def test_a_short_text_ties_no_groups_together():
    same = np.array([1, 2, 1, 3, 4, 4], dtype=np.uint64)
    groups = np.array([0, 0, 1, 1, 2, 3])
    short = same == 1
    found = tie(same, short, groups, NONE)
    assert found.bundles.tolist() == [0, 0, 1, 1, 2, 2]  # 4 is no short text: it ties 2 and 3.
    assert found.everyday.tolist() == [True, False, True, False, False, False]
    assert tie(same, short, None, NONE).everyday.sum() == 0


def test_near_rows_are_one_bundle_while_it_can_still_be_drawn():
    near = np.array([[0, 1], [1, 2], [3, 4]])
    ties = Ties(np.arange(6), np.zeros(6, dtype=bool), near)
    assert with_near(ties, 3).bundles.tolist() == [0, 0, 0, 1, 1, 2]
    assert with_near(ties, 2).bundles.tolist() == [0, 0, 1, 2, 2, 3]


def test_shares_and_classes_are_kept_as_well_as_bundles_allow():
    bundles = np.repeat(np.arange(200), 5)
    classes = np.repeat(np.arange(200) % 4, 5)
    [val] = select(Ties(bundles, bundles < 0, NONE), classes, "a1", [100])
    assert len(val) == 100
    assert np.bincount(classes[val]).tolist() == [25, 25, 25, 25]
    uneven = np.repeat(np.arange(40), np.arange(1, 41))  # of 820 rows
    [val] = select(Ties(uneven, uneven < 0, NONE), None, "a1", [82])
    assert abs(len(val) - 82) <= 3
    big = np.repeat([0, 1], [90, 10])
    [val] = select(Ties(big, big < 0, NONE), None, "a1", [5])
    assert val.tolist() == list(range(90, 100))
