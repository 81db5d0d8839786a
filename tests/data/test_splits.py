"""The rows of train, val and test, and the split that a command reads."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from gft.data.roles import assign_roles
from gft.data.splits import choose_splits, pick_split, select_tenth, take_splits
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.program import SELECT_FROM_TRAIN as SELECT


def rows(count, label=lambda n: "ab"[n % 2], **columns):
    return Rows(
        pa.table({"n": list(range(count)), "y": [label(n) for n in range(count)], **columns})
    )


def labelled(some):
    return np.array([y not in (None, "") for y in some.column("y")])


def classes(some):
    return np.array(some.column("y"))


def chosen(data, names=None):
    return choose_splits(data, names, ["y"], labelled, classes)


def numbers(some):
    return some.column("n")


def test_the_splits_as_they_are():
    data = DataSet("films", {"train": rows(10), "validation": rows(4), "test": rows(3)})
    splits = chosen(data)
    assert [len(splits.train), len(splits.val), len(splits.test)] == [10, 4, 3]
    assert splits.names == {"train": "train", "val": "validation", "test": "test"}
    assert (splits.notes, splits.optimistic) == ((), False)
    assert splits.left_out == {"train": 0, "val": 0, "test": 0}


def test_a_tenth_of_train_is_taken_out_of_it():
    data = DataSet("films", {"train": rows(105)})
    splits = chosen(data)
    assert len(splits.val) == 10
    assert sorted(numbers(splits.train) + numbers(splits.val)) == list(range(105))
    assert splits.test is None
    again = chosen(DataSet("other name", {"train": rows(105)}))
    assert numbers(again.val) == numbers(splits.val)
    changed = chosen(DataSet("films", {"train": rows(105, lambda n: "abc"[n % 3])}))
    assert numbers(changed.val) != numbers(splits.val)


def test_train_elsewhere_means_what_is_left():
    data = DataSet("films", {"train": rows(50)})
    splits = chosen(data, ("train", SELECT, "train"))
    assert numbers(splits.test) == numbers(splits.train)
    assert not set(numbers(splits.test)) & set(numbers(splits.val))
    assert splits.optimistic


def test_unlabelled_rows_go_before_the_selection():
    data = DataSet("films", {"train": rows(60, lambda n: None if n % 2 else "ab"[n // 2 % 2])})
    splits = chosen(data)
    assert [len(splits.train), len(splits.val)] == [27, 3]
    assert all(n % 2 == 0 for n in numbers(splits.train) + numbers(splits.val))
    assert splits.left_out == {"train": 30}
    assert "rows of train without a label, which are left out: 30" in splits.notes


@pytest.mark.parametrize("hidden", [rows(5, lambda n: ""), Rows(pa.table({"n": [1, 2]}))])
def test_a_test_split_without_labels_is_none(hidden):
    splits = chosen(DataSet("glue", {"train": rows(9), "dev": rows(3), "test": hidden}))
    assert splits.test is None
    assert splits.notes == ("no row of test has a label, so there are no test figures",)
    assert splits.left_out["test"] == len(hidden)


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


@pytest.mark.parametrize("count", [2, 3, 9, 14, 101])
def test_both_sides_of_the_selection_have_rows(count):
    splits = chosen(DataSet("films", {"train": rows(count)}))
    assert len(splits.val) == max(1, round(count / 10))
    assert len(splits.train) == count - len(splits.val)


@pytest.mark.parametrize(
    ("splits", "names", "expected"),
    [
        ({"train": rows(1)}, None, "split train of films has 1 labelled row, too few"),
        ({"train": rows(0), "val": rows(2)}, None, "no row of split train of films has a label"),
        ({"train": rows(4), "val": rows(2, lambda n: "")}, None, "no row of split val of films"),
        ({"train": rows(4)}, ("train", "vla"), "no split 'vla' in films; there is train"),
        (
            {"train": Rows(pa.table({"n": [1], "label": [1]})), "val": rows(2)},
            None,
            "no column 'y' in split train of films; there is n and label",
        ),
    ],
)
def test_mistakes_are_named(splits, names, expected):
    with pytest.raises(UserError) as caught:
        chosen(DataSet("films", splits), names)
    assert expected in str(caught.value)


def test_splits_by_gold_values_are_the_same():
    data = DataSet("films", {"train": rows(60, lambda n: None if n % 6 == 0 else "ab"[n % 2])})
    roles = assign_roles(data, None)
    by_golds = take_splits(data, roles, lambda some: some.column("y"), stratified=True)
    assert numbers(by_golds.rows["val"]) == numbers(chosen(data).val)
    assert by_golds.left_out == {"train": 10}
    empty = DataSet("films", {"train": rows(9), "val": rows(3), "test": rows(2, lambda n: None)})
    kept = take_splits(empty, assign_roles(empty, None), lambda some: some.column("y"), False)
    assert len(kept.rows["test"]) == 0
    assert kept.test is None


def test_the_split_that_is_read_by_default():
    hidden = rows(2, lambda n: "")
    every = {"train": rows(4), "dev": rows(3), "test": rows(2)}
    assert pick_split(DataSet("films", every), None, None, labelled).name == "test"
    picked = pick_split(DataSet("glue", {**every, "test": hidden}), None, None, labelled)
    assert (picked.name, len(picked.rows)) == ("dev", 3)
    assert picked.note == "the split is dev; --split names another one"
    only = pick_split(DataSet("films", {"train": rows(4)}), None, None, labelled)
    assert only.note == "the split is train, the only one of films"
    with pytest.raises(UserError, match="name one: --split train or extra"):
        pick_split(DataSet("films", {"train": rows(4), "extra": rows(1)}), None, None, labelled)


def test_the_split_that_is_asked_for():
    data = DataSet("films", {"train": rows(40), "dev": rows(3), "extra": rows(2)})
    for asked, name in (("extra", "extra"), ("val", "dev"), ("validation", "dev")):
        picked = pick_split(data, asked, None, labelled)
        assert (picked.name, picked.note) == (name, None)
    assert pick_split(data, "test", ("train", "dev", "extra"), labelled).name == "extra"
    with pytest.raises(UserError, match="no split 'tset' in films; there is train, dev and extra"):
        pick_split(data, "tset", None, labelled)


def test_val_that_fit_takes_from_train_is_the_same_in_eval():
    data = DataSet("films", {"train": rows(40)})
    picked = pick_split(data, "val", None, labelled, equation_left=["y"], classes=classes)
    assert numbers(picked.rows) == numbers(chosen(data).val)
    assert "val is the 10 % that gft_fit takes out of train" in picked.note
