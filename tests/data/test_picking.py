"""The split that a command reads."""

import numpy as np
import pyarrow as pa
import pytest

from gft.data.partition import draw
from gft.data.picking import Labelling, pick_split
from gft.data.roles import assign_roles
from gft.data.table import DataSet, Rows
from gft.data.ties import tie
from gft.errors import UserError
from gft.language.program import SELECT_FROM_TRAIN as SELECT


def rows(count, label=lambda n: "ab"[n % 2]):
    return Rows(pa.table({"n": list(range(count)), "y": [label(n) for n in range(count)]}))


def apart(rows, split):
    """No row belongs to another."""
    every = np.arange(len(rows))
    return tie(every, every < 0, None, np.zeros((0, 2), dtype=int))


def labels(data):
    def golds(name):
        return data.splits[name].labels(["y"]).golds(lambda part: [y or None for y in part["y"]])

    return Labelling(golds, apart, stratified=True)


def drawn(data, names=None):
    found = {name: labels(data).golds(name) for name in data.splits}
    return draw(data, assign_roles(data, names), found, apart, stratified=True)


def pick(data, name, names, fitted=None):
    return pick_split(data, name, names, labels(data), fitted)


def test_the_split_that_is_read_by_default():
    hidden = rows(2, lambda n: "")
    every = {"train": rows(4), "dev": rows(3), "test": rows(2)}
    assert pick(DataSet("films", every), None, None).name == "test"
    picked = pick(DataSet("glue", {**every, "test": hidden}), None, None)
    assert (picked.name, len(picked.rows)) == ("dev", 3)
    assert picked.note == "the split is dev; --split names another one"
    only = pick(DataSet("films", {"train": rows(4)}), None, None)
    assert only.note == "the split is train, the only one of films"
    with pytest.raises(UserError, match="name one: --split train or extra"):
        pick(DataSet("films", {"train": rows(4), "extra": rows(1)}), None, None)


def test_the_split_that_is_asked_for():
    data = DataSet("films", {"train": rows(40), "dev": rows(3), "extra": rows(2)})
    for asked, name in (("extra", "extra"), ("val", "dev"), ("validation", "dev")):
        picked = pick(data, asked, None)
        assert (picked.name, picked.note) == (name, None)
    assert pick(data, "test", ("train", "dev", "extra")).name == "extra"
    with pytest.raises(
        UserError, match="no split 'tset' in films; available: train, dev and extra"
    ):
        pick(data, "tset", None)


def test_val_that_fit_takes_from_train_is_the_same_in_eval():
    data = DataSet("films", {"train": rows(40)})
    picked = pick(data, "val", None)
    assert picked.rows.column("n") == drawn(data).rows(data, "val").column("n")
    assert "val is the 10 % that gft_fit takes out of train" in picked.note


def test_a_fit_says_which_rows_it_drew():
    data = DataSet("films", {"train": rows(40), "extra": rows(30), "dev": rows(3)})
    fitted = drawn(data, ("extra", SELECT, "train"))
    for names in (None, ("extra", SELECT)):
        picked = pick_split(data, "val", names, None, fitted)
        assert picked.rows.numbers().tolist() == fitted.parts["val"].numbers.tolist()
        assert (picked.name, picked.note) == (SELECT, "val is what gft_fit drew: 3 rows")
    assert pick(data, "test", None, fitted).name == "train"
    assert pick(data, None, None, fitted).name == "train"
    # Other names are other splits, and a name of the data's is that split.
    assert pick_split(data, "val", ("train", "dev"), None, fitted).name == "dev"
    assert pick_split(data, "extra", None, None, fitted).rows is data.splits["extra"]


def test_other_data_than_the_fits_is_drawn_anew():
    before, data = (DataSet("films", {"train": rows(count)}) for count in (40, 41))
    picked = pick(data, "val", None, drawn(before))
    assert picked.rows.column("n") == drawn(data).rows(data, "val").column("n")
    assert picked.note.endswith(
        "; films is not the data that the model was fitted to: it may know some of these rows"
    )
    with pytest.raises(UserError, match=r"'val' in films; .*is not the data that the model was"):
        pick_split(data, "val", None, None, drawn(before))


def test_train_without_what_the_fit_drew():
    data = DataSet("films", {"train": rows(40)})
    fitted = drawn(data)
    left = fitted.parts["train"].numbers.tolist()
    for name in ("train", None):  # The only split is train.
        picked = pick_split(data, name, None, None, fitted, False, without_drawn=True)
        assert picked.rows.numbers().tolist() == left and len(left) == 36
        assert picked.of(data).numbers().tolist() == left
        assert picked.note == (
            "train is 36 of the 40 rows of train: without those that gft_fit drew for val"
        )
    assert len(pick_split(data, "train", None, None, fitted, False).rows) == 40
    assert len(pick_split(data, "val", None, None, fitted, False, without_drawn=True).rows) == 4
    # Of other data it is what a fit would leave.
    other = DataSet("films", {"train": rows(41)})
    picked = pick_split(other, "train", None, labels(other), fitted, False, without_drawn=True)
    assert picked.rows.numbers().tolist() == drawn(other).parts["train"].numbers.tolist()
    assert picked.note.endswith("films is not the data that the model was fitted to")


def test_train_from_which_nothing_was_drawn_is_whole():
    data = DataSet("films", {"train": rows(40, lambda n: "ab"[n % 2] if n else ""), "val": rows(4)})
    picked = pick_split(data, "train", None, None, drawn(data), False, without_drawn=True)
    assert len(picked.rows) == 40 and picked.note is None


def test_a_name_of_the_datas_own_is_all_of_that_split():
    data = DataSet("films", {"train": rows(8), "extra": rows(30)})
    fitted = drawn(data, ("extra", SELECT))
    for name, count in (("train", 8), ("extra", 30)):
        assert (
            len(pick_split(data, name, None, None, fitted, False, without_drawn=True).rows) == count
        )


def test_other_data_with_too_few_labels_is_read_whole_and_a_note_says_so():
    fitted = drawn(DataSet("films", {"train": rows(60)}))
    other = DataSet("new", {"train": rows(2, lambda n: "")})
    picked = pick_split(other, "train", None, labels(other), fitted, without_drawn=True)
    assert len(picked.rows) == 2
    assert picked.note == (
        "new is not the data that the model was fitted to: train is all of its rows"
    )
