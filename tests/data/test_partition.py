"""Which row plays which role, drawn once, written and read again."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from gft.data.memory import from_memory
from gft.data.partition import Partition, RoleRows, draw, read_partition
from gft.data.roles import Sizes, assign_roles
from gft.data.table import DataSet, Rows
from gft.data.ties import tie
from gft.errors import UserError
from gft.language.program import SELECT_FROM_TRAIN as SELECT
from gft.language.program import TEST_FROM_TRAIN as TEST


def rows(count, label=lambda n: "ab"[n % 2], **columns):
    return Rows(
        pa.table({"n": list(range(count)), "y": [label(n) for n in range(count)], **columns})
    )


def apart(rows, split):
    """No row belongs to another."""
    every = np.arange(len(rows))
    return tie(every, every < 0, None, np.zeros((0, 2), dtype=int))


def golds(data):
    return {
        name: some.labels(["y"]).golds(lambda part: [y or None for y in part["y"]])
        for name, some in data.splits.items()
        if "y" in some.columns
    }


def drawn(data, names=None):
    return draw(data, assign_roles(data, names), golds(data), apart, stratified=True)


def numbers(partition, data, role):
    return partition.rows(data, role).column("n")


def test_the_splits_as_they_are():
    data = DataSet("films", {"train": rows(10), "validation": rows(4), "test": rows(3)})
    found = drawn(data)
    assert {role: len(found.rows(data, role)) for role in found.parts} == {
        "train": 10, "val": 4, "test": 3}  # fmt: skip
    assert all(part.numbers is None for part in found.parts.values())
    assert found.names() == {"train": "train", "val": "validation", "test": "test"}
    assert found.without_label() == {"train": 0, "val": 0, "test": 0}
    assert not found.optimistic


def test_a_tenth_of_train_is_taken_out_of_it():
    data = DataSet("films", {"train": rows(105)})
    found = drawn(data)
    val, train = (numbers(found, data, role) for role in ("val", "train"))
    assert len(val) == 10 and sorted(train + val) == list(range(105))
    assert found.parts["val"].split == "train" and found.names()["val"] == SELECT
    again = DataSet("other name", {"train": rows(105)})
    assert numbers(drawn(again), again, "val") == val
    changed = DataSet("films", {"train": rows(105, lambda n: "abc"[n % 3])})
    assert numbers(drawn(changed), changed, "val") != val


def test_train_elsewhere_means_what_is_left():
    data = DataSet("films", {"train": rows(50)})
    found = drawn(data, ("train", SELECT, "train"))
    assert numbers(found, data, "test") == numbers(found, data, "train")
    assert not set(numbers(found, data, "test")) & set(numbers(found, data, "val"))
    assert found.optimistic


def test_test_is_taken_out_of_train_beside_val(tmp_path):
    data = DataSet("films", {"train": rows(200)})
    sizes = Sizes(val=0.1, test=30)
    found = draw(data, assign_roles(data, None, sizes), golds(data), apart, stratified=True)
    parts = {role: numbers(found, data, role) for role in ("train", "val", "test")}
    assert [len(one) for one in parts.values()] == [150, 20, 30]
    assert sorted(n for part in parts.values() for n in part) == list(range(200))
    # val is the same rows whether test is drawn or not.
    assert parts["val"] == numbers(drawn(data), data, "val")
    assert not found.optimistic
    found.write(tmp_path / "x", data, {})
    again = read_partition(tmp_path / "x")
    assert again.names() == found.names() == {"train": "train", "val": SELECT, "test": TEST}
    assert again.drawing == found.drawing
    assert {role: numbers(again, data, role) for role in parts} == parts


def test_sizes_that_leave_nothing():
    data = DataSet("films", {"train": rows(20)})
    roles = assign_roles(data, None, Sizes(0.5, 10))
    with pytest.raises(
        UserError, match=r"--val_size 0\.5 and --test_size 10 leave nothing of the 20"
    ):
        draw(data, roles, golds(data), apart)


def test_rows_that_all_belong_together(capsys):
    data = DataSet("films", {"train": rows(20)})
    none = np.zeros((0, 2), dtype=int)

    def together(some, split):
        return tie(np.zeros(len(some)), np.zeros(len(some), dtype=bool), None, none)

    found = draw(data, assign_roles(data, None), golds(data), together)
    assert set(found.parts) == {"train"} and len(found.rows(data, "train")) == 20
    told = "all 20 labelled rows of train of films belong together"
    assert told in capsys.readouterr().err
    with pytest.raises(UserError, match=told):
        draw(data, assign_roles(data, None, Sizes(test=0.2)), golds(data), together)


def test_unlabelled_rows_go_before_the_selection():
    data = DataSet("films", {"train": rows(60, lambda n: None if n % 2 else "ab"[n // 2 % 2])})
    found = drawn(data)
    train, val = (numbers(found, data, role) for role in ("train", "val"))
    assert [len(train), len(val)] == [27, 3]
    assert all(n % 2 == 0 for n in train + val)
    assert found.without_label() == {"train": 30}


@pytest.mark.parametrize("hidden", [rows(5, lambda n: ""), Rows(pa.table({"n": [1, 2]}))])
def test_a_split_without_labels_has_no_rows_for_its_role(hidden):
    data = DataSet("glue", {"train": rows(9), "dev": rows(3), "test": hidden})
    found = drawn(data)
    assert len(found.rows(data, "test")) == 0
    assert found.without_label()["test"] == len(hidden)


@pytest.mark.parametrize("count", [2, 3, 9, 14, 101])
def test_both_sides_of_the_selection_have_rows(count):
    data = DataSet("films", {"train": rows(count)})
    found = drawn(data)
    assert len(found.rows(data, "val")) == max(1, round(count / 10))
    assert len(found.rows(data, "train")) == count - len(found.rows(data, "val"))


def test_a_train_split_of_one_row_is_too_short():
    with pytest.raises(UserError, match="split train of films has 1 labelled row, too few"):
        drawn(DataSet("films", {"train": rows(1)}))


def test_what_is_written_is_read_again(tmp_path):
    data = DataSet("films", {"train": rows(60, lambda n: None if n < 6 else "ab"[n % 2]),
                             "test": rows(7)})  # fmt: skip
    found = drawn(data)
    file = tmp_path / "partition.parquet"
    used = {role: found.rows(data, role).select(range(4)) for role in ("train", "test")}
    found.write(file, data, used)
    table = pyarrow.parquet.read_table(file)
    assert table.column_names == ["role", "split", "row", "used", "fold"]
    assert table["fold"].null_count == len(table) == 54 + 7
    chosen = [row for row in table.to_pylist() if row["used"]]
    assert [(row["role"], row["row"]) for row in chosen] == [
        *(("train", int(n)) for n in used["train"].numbers()), *(("test", n) for n in range(4))
    ]  # fmt: skip
    again = read_partition(file)
    assert (again.names(), again.rule, again.fingerprint) == (
        found.names(), 4, data.fingerprint())  # fmt: skip
    assert again.without_label() == {"train": 6, "test": 0}
    for role in found.parts:
        assert numbers(again, data, role) == numbers(found, data, role)


def test_folds_are_kept(tmp_path):
    data = DataSet("films", {"train": rows(4)})
    parted = Partition(
        {"train": RoleRows("train", folds=np.array([0, 1, 1, 0]))}, data.fingerprint()
    )
    parted.write(tmp_path / "x.parquet", data, {})
    assert read_partition(tmp_path / "x.parquet").parts["train"].folds.tolist() == [0, 1, 1, 0]


def test_a_file_that_is_something_else(tmp_path):
    file = tmp_path / "partition.parquet"
    assert read_partition(file) is None
    other = pa.table({"role": ["a"]})
    for write in (lambda: file.write_text("no"), lambda: pyarrow.parquet.write_table(other, file)):
        write()
        with pytest.raises(
            UserError, match=r"partition\.parquet is broken: (gft_fit did|Could) not"
        ):
            read_partition(file)


def test_numbers_are_those_of_the_users_split():
    datasets = pytest.importorskip("datasets")
    shuffled = datasets.Dataset.from_dict({"n": list(range(20))}).shuffle(seed=1)
    data = from_memory(shuffled)
    split = data.splits["train"]
    assert split.numbers().tolist() == list(range(20))
    some = split.select([3, 5, 8]).select([2, 0])
    assert some.numbers().tolist() == [8, 3]
    assert some.column("n") == [shuffled[8]["n"], shuffled[3]["n"]]


@pytest.mark.parametrize(
    ("names", "optimistic"),
    [
        (("train", "val", "test"), False),
        (("train", "val", "val"), True),
        (("train", SELECT, "train"), True),
        (("train", SELECT, SELECT), True),
        (("train", SELECT, "test"), False),
        (("train", "val"), False),
    ],
)
def test_a_test_split_that_was_seen_is_optimistic(names, optimistic):
    data = DataSet("films", {name: rows(20) for name in ("train", "val", "test")})
    assert drawn(data, names).optimistic is optimistic
