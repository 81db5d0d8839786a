"""Data that Python code holds: frames, datasets, dicts."""

import subprocess
import sys
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from gft.data.memory import from_datasets, from_memory
from gft.errors import UserError

LISTS = {"text": ["good", None, "bad"], "score": [1.0, float("nan"), 2.5]}
ROWS = [("good", 1.0), (None, None), ("bad", 2.5)]


def content(data, split="train"):
    rows = data.splits[split]
    return list(zip(*(rows.column(name) for name in rows.columns), strict=True))


@pytest.mark.parametrize(
    "thing",
    [
        LISTS,
        {"text": tuple(LISTS["text"]), "score": np.array(LISTS["score"])},
        pd.DataFrame(LISTS, index=[7, 8, 9]),
        pl.DataFrame({"text": LISTS["text"], "score": [1.0, None, 2.5]}),
        pl.LazyFrame({"text": LISTS["text"], "score": [1.0, None, 2.5]}),
        datasets.Dataset.from_dict({"text": LISTS["text"], "score": [1.0, None, 2.5]}),
        pa.table({"text": LISTS["text"], "score": [1.0, None, 2.5]}),
    ],
    ids=["lists", "arrays", "pandas", "polars", "lazy", "datasets", "arrow"],
)
def test_every_form_is_the_split_train_with_missing_values(thing):
    data = from_memory(thing)
    assert content(data) == ROWS
    assert [column.kind for column in data.columns.values()] == ["text", "float"]
    assert data.origin == {"supplier": "memory"}
    many = from_memory({"train": thing, "test": thing})
    assert list(many.splits) == ["train", "test"]
    assert content(many, "test") == ROWS


@pytest.mark.parametrize("name", ["H:glue,qqp", Path("x.csv"), 3, None])
def test_a_name_is_no_data(name):
    assert from_memory(name) is None


def test_pandas_objects_categories_and_numbered_columns():
    frame = pd.DataFrame(
        {
            0: pd.Categorical(["a", "b"]),
            "tags": [["x"], None],
            "mixed": np.array(["s", np.nan], dtype=object),
            "whole": pd.array([1, None], dtype="Int64"),
        }
    )
    data = from_memory(frame)
    assert content(data) == [("a", ["x"], "s", 1), ("b", None, None, None)]
    assert list(data.columns) == ["0", "tags", "mixed", "whole"]


def test_datasets_classes_and_selected_rows():
    names = datasets.ClassLabel(names=["neg", "pos"])
    dataset = datasets.Dataset.from_dict(
        {"text": list("abc"), "label": [0, 1, -1], "tags": [[0], [1, 1], []]},
        features=datasets.Features(
            {"text": datasets.Value("string"), "label": names, "tags": datasets.List(names)}
        ),
    )
    data = from_memory(datasets.DatasetDict({"train": dataset, "dev": dataset.select([2, 0])}))
    assert content(data, "dev") == [("c", -1, []), ("a", 0, [0])]
    assert data.columns["label"].kind == "class"
    assert data.columns["tags"].kind == "list"
    assert data.columns["label"].classes == data.columns["tags"].classes == ("neg", "pos")
    assert content(from_memory(dataset.filter(lambda row: row["text"] != "b"))) == [
        ("a", 0, [0]),
        ("c", -1, []),
    ]


def test_formats_and_transforms_of_datasets():
    dataset = datasets.Dataset.from_dict({"text": ["a"], "label": [0]})
    with pytest.raises(UserError, match="the dataset has a transform"):
        from_memory(dataset.with_transform(lambda batch: batch))
    with pytest.raises(UserError, match=r"data\['test'\]: the dataset has a transform"):
        from_memory({"test": dataset.with_transform(lambda batch: batch)})
    assert content(from_memory(dataset.with_format("numpy"))) == [("a", 0)]
    assert content(from_memory(dataset.with_format("numpy", columns=["text"]))) == [("a",)]


def test_datasets_stay_mapped_from_their_file(tmp_path):
    datasets.Dataset.from_dict({"n": list(range(200_000))}).save_to_disk(str(tmp_path))
    dataset = datasets.load_from_disk(str(tmp_path))
    before = pa.total_allocated_bytes()
    rows = from_datasets(dataset)
    assert pa.total_allocated_bytes() - before < 100_000
    assert len(rows) == 200_000


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        ({}, "the dict is empty"),
        ({"a": []}, "has no rows"),
        ({"a": [1], "b": [1, 2]}, "the columns differ in length: 'a' has 1, 'b' has 2"),
        ({"a": [1], "b": "text"}, "'b' is a str"),
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            "two columns of the data frame are called 'a'",
        ),
        (pd.DataFrame({"a": []}), "train has no rows"),
        (
            datasets.Dataset.from_dict({"a": [1]}).to_iterable_dataset(),
            "IterableDataset is not read",
        ),
    ],
)
def test_mistakes_are_named(thing, expected):
    with pytest.raises(UserError) as caught:
        from_memory(thing)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("thing", "split", "expected"),
    [
        ({"a": [1, 2, "x"]}, "train", "data, row 3: column 'a' holds the text 'x'"),
        ({"train": {"a": [1]}, "test": {"a": [1, "x"]}}, "test", "data['test'], row 2: column 'a'"),
        (pd.DataFrame({"a": [1, "x"]}), "train", "data, row 2: column 'a' holds the text 'x'"),
    ],
)
def test_mixed_columns_are_read_and_known(thing, split, expected):
    rows = from_memory(thing).splits[split]
    assert expected in rows.columns["a"].mixed
    assert rows.column("a")[-1] == "x"


def test_lists_need_no_framework():
    # pandas is not looked for: pyarrow imports it by itself where it is installed.
    code = (
        "import sys; from gft.data.memory import from_memory; from_memory({'a': ['x']});"
        "print({'polars', 'datasets', 'torch', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
