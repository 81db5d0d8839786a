"""json and jsonl: values as they are, every mistake with its line or row."""

import json

import pytest

from gft.data.assembled import ROWS_PER_CHUNK
from gft.data.files import read_data
from gft.data.objects import read_json, read_jsonl
from gft.data.table import Rows
from gft.errors import UserError


def read(tmp_path, content, name="x.jsonl"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return (read_jsonl if name.endswith("l") else read_json)(path)


def error_of(tmp_path, content, name="x.jsonl"):
    with pytest.raises(UserError) as caught:
        read(tmp_path, content, name)
    [message] = caught.value.messages
    assert str(tmp_path / name) in message
    return message.replace(str(tmp_path / name), "FILE")


def mixed(tmp_path, content, column, name="x.jsonl"):
    """Return what is said of a column of values that do not go together."""
    return (
        Rows(read(tmp_path, content, name))
        .columns[column]
        .mixed.replace(str(tmp_path / name), "FILE")
    )


def test_lists_objects_and_missing_keys(tmp_path):
    lines = '{"words": ["a", "b"], "answer": {"start": [3]}}\n\n{"words": [], "label": 1}\n'
    assert read(tmp_path, lines).to_pylist() == [
        {"words": ["a", "b"], "answer": {"start": [3]}, "label": None},
        {"words": [], "answer": None, "label": 1},
    ]


def test_columns_are_in_the_order_of_the_file(tmp_path):
    names = [f"c{n}" for n in range(20, 0, -1)]
    assert read(tmp_path, json.dumps(dict.fromkeys(names, 1))).column_names == names


def test_integers_and_floats_mix_and_dates_stay_text(tmp_path):
    table = read(tmp_path, '{"x": 1, "day": "2020-01-01"}\n{"x": 2.5, "day": null}\n{"x": NaN}\n')
    assert [repr(one) for one in Rows(table).column("x")] == ["1", "2.5", "None"]
    assert table.column("day").to_pylist() == ["2020-01-01", None, None]


def test_forms_are_joined_across_chunks(tmp_path):
    lines = ['{"x": null, "tags": []}'] * ROWS_PER_CHUNK
    lines += ['{"x": 1, "tags": ["a"]}'] * ROWS_PER_CHUNK + ['{"x": 0.5, "new": "b"}']
    table = read(tmp_path, "\n".join(lines))
    assert table.num_rows == 2 * ROWS_PER_CHUNK + 1
    assert table.slice(table.num_rows - 2).to_pylist() == [
        {"x": 1.0, "tags": ["a"], "new": None},
        {"x": 0.5, "tags": None, "new": "b"},
    ]
    message = mixed(tmp_path, "\n".join([*lines, "", '{"x": "one"}']), "x")
    assert message == (
        f"FILE, line {2 * ROWS_PER_CHUNK + 3}: column 'x' holds the text 'one', "
        "where the rows before hold numbers"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "FILE is empty"),
        ('{"a": 1}\n{"a": }\n', "FILE, line 2: no JSON: Expecting value at character 7"),
        ('{"a": 1}\n[1, 2]\n', "FILE, line 2: expected an object, found the list [1, 2]"),
        (b'{"a": "x"}\n{"a": "\xe9"}\n', "FILE, line 2: byte 0xe9 is not UTF-8"),
    ],
)
def test_a_mistake_in_jsonl_names_its_line(tmp_path, content, expected):
    assert expected in error_of(tmp_path, content)


ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ROWS, indent=2),
        json.dumps({"a": [1, 2], "b": ["x", "y"]}),
        json.dumps({"version": "1.1", "data": ROWS}),
        json.dumps({"data": ROWS}),
        "\n".join(json.dumps(row) for row in ROWS),
        "\ufeff" + json.dumps(ROWS),
    ],
    ids=["rows", "columns", "wrapped", "only wrapped", "lines", "mark"],
)
def test_the_forms_of_json(tmp_path, content):
    assert read(tmp_path, content, "x.json").to_pylist() == ROWS


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (" \n", "FILE is empty; expected a list of objects"),
        ("[]", "FILE is empty; expected objects"),
        ('[{"a": 1},\n {"a": 2}\n', "FILE, line 3: no JSON: Expecting ',' delimiter"),
        ('{"a": 1}\n{"a": }\n', "FILE, line 2: no JSON"),
        ('[{"a": 1}, 5]', "FILE, row 2: expected an object, found the number 5"),
        ('{"a": [1, 2], "b": [1]}', "the columns differ in length: 'a' has 2, 'b' has 1"),
        (b'[\n{"a": "\xe9"}]', "FILE, line 2: byte 0xe9 is not UTF-8"),
    ],
)
def test_a_mistake_in_json_names_its_line_or_row(tmp_path, content, expected):
    assert expected in error_of(tmp_path, content, "x.json")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"a": 1}\n\n{"a": "x"}\n', "FILE, line 3: column 'a' holds the text 'x', where"),
        ('{"a": "x"}\n{"a": true}\n', "FILE, line 2: column 'a' holds true, where the rows before"),
        ('{"a": [1]}\n{"a": ["x"]}\n', "FILE, line 2: column 'a' holds the list ['x'], where the "),
        ('{"a": 1}\n{"a": 36893488147419103232}\n', "FILE, line 2: column 'a' holds 368934881474"),
        ('{"a": "\\ud83d"}\n', "FILE, line 1: column 'a' holds '\\ud83d', half of a surrogate"),
        ('{"a": ["x", 1]}\n{"a": []}\n', "line 1: column 'a' holds a list of texts and numbers"),
        ('{"a": {"b": {"c": 1}}}\n{"a": {"b": {"c": "x"}}}', "line 2: column 'a.b.c' holds the te"),
        ('{"a": {"b": [1, "x"]}}\n', "line 1: column 'a.b' holds a list of numbers and texts"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}\n", "line 1: column 'a' is nested more than 32 deep"),
        ('{"a": 9007199254740993}\n{"a": 0.5}\n', "column 'a' mixes integers beyond 53 bits with"),
    ],
)
def test_values_of_several_forms_are_json_and_the_first_misfit_is_known(
    tmp_path, content, expected
):
    assert expected in mixed(tmp_path, content, "a")
    lines = [json.loads(line) for line in content.splitlines() if line]
    rows = Rows(read(tmp_path, content))
    assert [{"a": one} for one in rows.column("a")] == lines
    assert next(rows.batches(["a"], 9))["a"] == rows.column("a")
    assert rows.columns["a"].kind == "other"


def test_a_column_is_json_from_its_beginning(tmp_path):
    lines = ['{"x": {"a": 1}, "y": 0}'] * ROWS_PER_CHUNK + ['{"x": {"b": [1, "u"]}, "y": 1}']
    rows = Rows(read(tmp_path, "\n".join(lines)))
    assert rows.column("x")[:1] + rows.column("x")[-1:] == [{"a": 1}, {"b": [1, "u"]}]
    assert list(rows.columns) == ["x", "y"]
    assert rows.columns["y"].kind == "integer"


def test_integers_beside_floats_stay_integers_in_lists_and_in_any_part(tmp_path):
    lines = ['{"x": 1, "y": [1, 2.5]}'] * ROWS_PER_CHUNK + ['{"x": 0.5, "y": [3.0]}']
    rows = Rows(read(tmp_path, "\n".join(lines)))
    assert repr([rows.column("x")[0], rows.column("y")[0]]) == "[1, [1, 2.5]]"
    assert repr(rows.column("x")[-1]) == "0.5"
    plain = Rows(read(tmp_path, '{"x": 1.0}\n{"x": 2.5}\n'))
    assert repr(plain.column("x")) == "[1.0, 2.5]"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (json.dumps({"1": {"a": 1}, "2": {"a": 2}}), [(1, 1), (2, 2)]),
        (json.dumps({"p": {"a": 1}, "q": {"a": 2}}), [("p", 1), ("q", 2)]),
        (json.dumps({"a": {"0": 1, "1": 2}}), [(0, 1), (1, 2)]),
    ],
)
def test_objects_of_objects_are_rows_with_names(tmp_path, content, expected):
    table = read(tmp_path, content, "x.json")
    assert [(row["row_name"], row["a"]) for row in table.to_pylist()] == expected


@pytest.mark.parametrize(
    "content", [json.dumps(ROWS), json.dumps(ROWS, indent=1), "\n [" + json.dumps(ROWS)[1:]]
)
def test_a_list_that_is_called_jsonl(tmp_path, content):
    assert read(tmp_path, content, "x.jsonl").to_pylist() == ROWS


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"train": ROWS, "test": ROWS[:1]}),
        json.dumps({"train": ROWS, "test": {"a": [1], "b": ["x"]}}),
        json.dumps({"train": {"a": [1, 2], "b": ["x", "y"]}, "test": ROWS[:1]}),
    ],
)
def test_splits_in_one_file(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    data = read_data(tmp_path / "x.json")
    assert {name: rows.table.to_pylist() for name, rows in data.splits.items()} == {
        "train": ROWS,
        "test": ROWS[:1],
    }
    (tmp_path / "x.json").rename(tmp_path / "train.json")
    with pytest.raises(UserError, match="holds the splits train and test; give it by itself"):
        read_data(tmp_path)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ("9" * 5_000, "a whole number with thousands of digits"),
    ],
)
@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_what_python_stumbles_over_is_one_line(tmp_path, value, told, name):
    assert told in error_of(tmp_path, f'{{"a": {value}}}', name)


def test_parts_of_a_split_whose_columns_differ(tmp_path):
    (tmp_path / "train-0.jsonl").write_text('{"a": "x", "b": 1, "d": 0}\n')
    (tmp_path / "train-1.jsonl").write_text('{"a": "y", "b": ["z"], "c": 2}\n')
    rows = read_data(tmp_path).splits["train"]
    assert rows.column("b") == [1, ["z"]]
    assert (rows.column("c"), rows.column("d")) == ([None, 2], [0, None])
    assert "in train-1.jsonl" in rows.columns["b"].mixed
