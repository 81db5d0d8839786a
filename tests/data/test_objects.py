"""json and jsonl: values as they are, every mistake with its line or row."""

import json

import pytest

from gft.data.objects import ROWS_PER_CHUNK, read_json, read_jsonl
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
    assert table.column("x").to_pylist() == [1.0, 2.5, None]
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
    message = error_of(tmp_path, "\n".join([*lines, "", '{"x": "one"}']))
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
        ('{"a": 1}\n\n{"a": "x"}\n', "FILE, line 3: column 'a' holds the text 'x', where"),
        ('{"a": "x"}\n{"a": true}\n', "FILE, line 2: column 'a' holds true, where the rows before"),
        ('{"a": [1]}\n{"a": ["x"]}\n', "FILE, line 2: column 'a' holds the list ['x'], where"),
        ('{"a": 1}\n{"a": 36893488147419103232}\n', "FILE, line 2: column 'a' holds 368934881474"),
        ('{"a": "\\ud83d"}\n', "FILE, line 1: column 'a' holds '\\ud83d', half of a surrogate"),
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
        ('{"a": {"0": 1}}', "expected a list of objects, or an object with a list for each column"),
        ('[{"a": 1}, 5]', "FILE, row 2: expected an object, found the number 5"),
        ('[{"a": 1}, {"a": "x"}]', "FILE, row 2: column 'a' holds the text 'x'"),
        ('{"a": [1, 2], "b": [1]}', "the columns differ in length: 'a' has 2, 'b' has 1"),
        (b'[\n{"a": "\xe9"}]', "FILE, line 2: byte 0xe9 is not UTF-8"),
    ],
)
def test_a_mistake_in_json_names_its_line_or_row(tmp_path, content, expected):
    assert expected in error_of(tmp_path, content, "x.json")
