"""`Rows` and `DataSet`: rows in order, fingerprints of values."""

import numpy as np
import pyarrow as pa
import pytest

from gft.data.table import DataSet, Rows

VALUES = {
    "text": ["a", None, "bc", ""],
    "n": [1, None, 3, 4],
    "x": [0.5, None, -1.0, 2.0],
    "flag": [True, None, False, True],
    "words": [["a", "b"], None, [], ["c"]],
    "answer": [{"start": [1], "text": "t"}, None, {"start": [], "text": None}, None],
    "day": pa.array([1, None, 3, 4], pa.date32()),
}


def fingerprint(table, **changes):
    return DataSet("x", {"train": Rows(table, **changes)}).fingerprint()


def test_rows_are_selected_in_order_across_chunks():
    chunks = [pa.array([f"row {n}" for n in range(at, at + 100)]) for at in range(0, 1000, 100)]
    rows = Rows(pa.table({"text": pa.chunked_array(chunks), "n": list(range(1000))}))
    order = np.random.default_rng(1).permutation(1000)
    chosen = rows.select(order).select([5, 3, 3, 998])
    expected = [int(order[n]) for n in (5, 3, 3, 998)]
    assert chosen.column("n") == expected
    assert list(chosen.batches(["n", "text"], 3)) == [
        {"n": expected[:3], "text": [f"row {n}" for n in expected[:3]]},
        {"n": expected[3:], "text": [f"row {expected[3]}"]},
    ]
    batches = list(rows.select(order).batches(["n"], 7))
    assert [n for batch in batches for n in batch["n"]] == order.tolist()
    assert len(chosen) == 4


def test_the_fingerprint_does_not_depend_on_the_layout():
    table = pa.table(VALUES)
    first = fingerprint(table)
    pieces = pa.concat_tables([table.slice(0, 1), table.slice(1, 2), table.slice(3)])
    padded = pa.concat_tables([table, table]).slice(4)
    assert fingerprint(pieces) == first
    assert fingerprint(padded) == first
    assert fingerprint(pa.concat_tables([table, table]), indices=np.arange(4)) == first
    wide = table.set_column(0, "text", table["text"].cast(pa.large_string()))
    assert fingerprint(wide) == first
    coded = table.set_column(0, "text", table["text"].dictionary_encode())
    assert fingerprint(coded) == first


def test_bytes_under_a_missing_value_do_not_count():
    valid = pa.array([True, False, True]).buffers()[1]
    one, other = (pa.array(values, pa.int64()).buffers()[1] for values in ([1, 2, 3], [1, 9, 3]))
    arrays = [pa.Array.from_buffers(pa.int64(), 3, [valid, data]) for data in (one, other)]
    assert fingerprint(pa.table({"n": arrays[0]})) == fingerprint(pa.table({"n": arrays[1]}))


@pytest.mark.parametrize("name", VALUES)
def test_the_fingerprint_changes_with_any_value(name):
    table = pa.table(VALUES)
    place = table.column_names.index(name)
    other = table.column(name).take([0, 1, 2, 2])
    assert fingerprint(table.set_column(place, name, other)) != fingerprint(table)
    gone = table.column(name).take(pa.array([None, 1, 2, 3]))
    assert fingerprint(table.set_column(place, name, gone)) != fingerprint(table)


def test_the_fingerprint_is_this_one_everywhere():
    assert fingerprint(pa.table({"text": ["good", "bad"], "n": [1, 2]})) == "3962fa043f5ba203"


def test_text_moved_between_cells_changes_the_fingerprint():
    one, other = pa.table({"a": ["ab", "c"]}), pa.table({"a": ["a", "bc"]})
    assert fingerprint(one) != fingerprint(other)
