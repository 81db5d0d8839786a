"""Which split is train, val and test."""

import pyarrow as pa
import pytest

from gft.data.roles import Sizes, assign_roles
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.program import SELECT_FROM_TRAIN as SELECT
from gft.language.program import TEST_FROM_TRAIN as TEST


def data_with(*names):
    return DataSet("films", {name: Rows(pa.table({"n": [1]})) for name in names})


@pytest.mark.parametrize("val", ["val", "validation", "dev", "valid", "eval"])
def test_usual_spellings_of_val_need_no_splits(val):
    roles = assign_roles(data_with("train", "test", val), None)
    assert roles.names() == {"train": "train", "val": val, "test": "test"}
    assert roles.notes == ()


def test_no_val_is_selected_from_train_and_noted():
    roles = assign_roles(data_with("train", "test"), None)
    assert roles.names() == {"train": "train", "val": SELECT, "test": "test"}
    assert roles.notes == ("films has no val split: 10 % of train is taken out of it for val",)


@pytest.mark.parametrize("val", ["validation", "dev"])
def test_mnli_is_matched_unless_said_otherwise(val):
    endings = ("mismatched", "matched")
    names = [f"{name}_{ending}" for name in (val, "test") for ending in endings]
    roles = assign_roles(data_with("train", *names), None)
    assert (roles.val, roles.test) == (f"{val}_matched", "test_matched")
    assert f"val is {val}_matched and test is test_matched" in roles.notes[0]
    said = assign_roles(data_with("train", *names), ("train", names[0], names[2]))
    assert (said.val, said.test, said.notes) == (names[0], names[2], ())


def test_the_only_split_is_train_unless_its_name_says_otherwise():
    roles = assign_roles(data_with("all"), None)
    assert (roles.train, roles.val, roles.test) == ("all", SELECT, None)
    assert "the only split of films, all, is used as train" in roles.notes
    with pytest.raises(UserError, match=r"no split called train; available: test\. Say which"):
        assign_roles(data_with("test"), None)


def test_wrong_names_are_told_together_with_those_that_exist():
    with pytest.raises(UserError) as caught:
        assign_roles(data_with("train", "validation"), ("trian", "validation", "tset"))
    assert caught.value.messages == (
        "no split 'trian' in films (did you mean 'train'?); available: train and validation",
        "no split 'tset' in films; available: train and validation",
    )


def test_fewer_names_than_three():
    data = data_with("train", "val", "test")
    assert assign_roles(data, ("train",)).names() == {"train": "train", "val": SELECT}
    assert assign_roles(data, ("train", "test")).names() == {"train": "train", "val": "test"}


def test_train_cannot_be_selected_from_train():
    with pytest.raises(UserError, match="stands for val or test, not for train"):
        assign_roles(data_with("train"), (SELECT, "train"))


def test_sizes_of_what_is_drawn():
    both = assign_roles(data_with("train"), None, Sizes(0.2, 500))
    assert both.names() == {"train": "train", "val": SELECT, "test": TEST}
    assert both.drawn == {SELECT: 0.2, TEST: 500}
    assert both.notes == (
        "films has no val split: 20 % of train is taken out of it for val",
        "films has no test split: 500 rows of train are taken out of it for test",
    )
    said = assign_roles(data_with("train", "dev"), ("train", "dev"), Sizes(0.2, 0.1))
    assert said.drawn == {TEST: 0.1}
    assert (
        "--val_size has no effect: the data has a val split of its own, dev (1 row), which is used"
    ) in said.notes
    own = assign_roles(data_with("train", "val", "test"), None, Sizes(test=0.1))
    assert (own.drawn, own.notes) == (
        {},
        ("--test_size has no effect: the data has a test split of its own (1 row), which is used",),
    )
    # Without a size of its own, test is the same rows as val, as ever.
    same = assign_roles(data_with("train"), ("train", SELECT, SELECT))
    assert same.drawn == {SELECT: 0.1}
    assert assign_roles(data_with("train", "val"), ("train", "val", SELECT)).drawn == {SELECT: 0.1}
    apart = assign_roles(data_with("train"), ("train", SELECT, SELECT), Sizes(test=0.1))
    assert apart.drawn == {SELECT: 0.1, TEST: 0.1}


@pytest.mark.parametrize("size", [0, -1, 2.5])
def test_sizes_are_shares_or_numbers_of_rows(size):
    with pytest.raises(UserError, match=r"--test_size: expected a share such as 0\.1 or a number"):
        assign_roles(data_with("train"), None, Sizes(test=size))
