"""Labels as tables have them: lists in every spelling, one class in several, names by split."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from gft.cells.columns import Columns
from gft.cells.delimiters import likely_delimiter
from gft.cells.reading import read_columns
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.tasks.classify import Classify
from gft.tasks.classify_tokens import ClassifyTokens
from ran import Ran

EQUATION = parse_equation("classify: y ~ x")


def read(classes: dict[str, list[str]] | None = None, options: dict | None = None,
         **splits: list[Any]) -> Columns:  # fmt: skip
    """Return the columns of splits that have these labels; `classes` names those of a split's."""
    rows = {
        split: Rows(
            pa.table({"x": [f"text {n}" for n in range(len(cells))], "y": cells}),
            {"y": classes[split]} if classes and split in classes else None,
        )
        for split, cells in splits.items()
    }
    return read_columns(EQUATION, DataSet("d", rows), Classify, Options(options or {}))


def labels(columns: Columns, split: str = "train") -> list[Any]:
    return columns.data.splits[split].column("y")


def test_what_needs_nothing_is_not_copied() -> None:
    for cells in (["a", "b", None], [1, 0, 1], [True, False], [["a"], ["a", "b"], []], [-1, 0, 1]):
        columns = read(train=cells)
        assert labels(columns) == cells and columns.data.original is None
        assert not columns.notes and not columns.warnings


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1.0", "0.0", "1", "1.0", "1e0"], ["1.0", "0.0", "1.0", "1.0", "1.0"]),
        (["TRUE", "true", "FALSE", "True", "TRUE"], ["TRUE", "TRUE", "FALSE", "TRUE", "TRUE"]),
        (["Spam", "spam ", "spam", "ham"], ["spam", "spam", "spam", "ham"]),
        (["very\u00a0good", "very good", "very  good", "very good"], ["very good"] * 4),
        (["1.0", "1", "none"], ["1.0", "1", "none"]),
        (["a-b", "a b", "A-B"], ["a-b", "a b", "a-b"]),
        (["007", "7", "7", "8"], ["7", "7", "7", "8"]),
    ],
)
def test_one_class_has_one_spelling(cells: list[str], expected: list[str]) -> None:
    assert labels(read(train=cells)) == expected


def test_a_note_says_which_spellings_are_one() -> None:
    decomposed = unicodedata.normalize("NFD", "café")
    [note] = read(train=["Spam", "spam", "spam", "café", "café", decomposed]).notes
    assert "'spam' (2) is also 'Spam' (1)" in note
    assert f"'café' (2) is also {decomposed!r} (1, in another Unicode form)" in note


def test_whitespace_around_a_class_is_none_of_it() -> None:
    columns = read(train=[" pos", "pos", "neg\u00a0", "  ", ""], test=["neg "])
    assert labels(columns) == ["pos", "pos", "neg", None, None]
    assert labels(columns, "test") == ["neg"]
    assert not columns.notes


def test_dates_are_classes() -> None:
    days = [date(2020, 1, 31), None, date(2021, 1, 31)]
    assert labels(read(train=days)) == ["2020-01-31", None, "2021-01-31"]


def test_splits_and_types_meet() -> None:
    columns = read(train=[0.0, 1.0, 1.0], val=[0, 1], test=["1", "0"])
    assert labels(columns, "val") == ["0.0", "1.0"]
    assert labels(columns, "test") == ["1.0", "0.0"]
    columns = read(train=["true", "false"], test=[True, False])
    assert labels(columns, "test") == ["true", "false"]
    assert columns.data.fingerprint() == columns.data.original.fingerprint()


def test_single_letters_that_differ_in_case_are_two_classes() -> None:
    columns = read(train=["s", "S", "s"])
    assert labels(columns) == ["s", "S", "s"] and columns.data.original is None
    assert "'s' (2) and 'S' (1) differ only in case and remain two classes" in columns.notes[0]


def test_names_of_classes_come_from_each_split() -> None:
    names = {"train": ["neg", "pos"], "test": ["Pos", "NEG", "odd"]}
    columns = read(names, train=[0, 1, None], test=[0, 1, 2, -1], val=["pos", "neg", "1", ""])
    assert labels(columns) == [0, 1, None]
    assert labels(columns, "test") == [1, 0, 2, -1]
    assert labels(columns, "val") == [1, 0, 1, None]
    for rows in columns.data.splits.values():
        assert rows.columns["y"].classes == ("neg", "pos", "odd")
    assert "(train: neg and pos; test: Pos, NEG and odd; val: no names)" in columns.notes[0]
    lists = read({"train": ["a", "b"], "test": ["b", "a"]}, train=[[0], [1, 0]], test=[[0], []])
    assert labels(lists, "test") == [[1], []]


@pytest.mark.parametrize("cells", [
    [[0, 1, 1], [1, 0, 0]], [["0", "1"], ["1", "0"]], [[True, False], [False, True]],
    ["[0, 1, 1]", "[0, 0, 0]"], ["[0. 1.]", "[1. 0.]"], [[1, 0, 0], None, [0, 1, 0]],
    [[1, 0, 0], [], [0, 1, 0]],
])  # fmt: skip
def test_lists_of_zero_and_one_are_no_classes(cells: list[Any]) -> None:
    with pytest.raises(UserError, match="that are 0 or 1, such as"):
        read(train=cells)


def test_classes_called_zero_and_one_stay() -> None:
    for cells in ([[0, 1], [1], []], [["0"], ["1"]], [["0", "1"], ["1"], ["0", "1"]]):
        assert labels(read(train=cells)) == cells
    named = read({"train": ["no", "yes"]}, train=[[0, 1], [1, 0]])
    assert labels(named) == [[0, 1], [1, 0]]


def test_lists_of_zero_and_one_for_named_classes() -> None:
    columns = read({"train": ["a", "b", "c"]}, train=[[0, 1, 1], [0, 0, 0], None])
    assert labels(columns) == [[1, 2], [], None]
    assert "each 1 is read as the class at its position" in columns.notes[0]


def test_lists_written_as_text_are_lists() -> None:
    cells = ["['a', 'b']", '["a"]', "[]", "", "['b' 'a']", "b", None]
    columns = read(train=cells, test=["['art']"])
    assert labels(columns) == [["a", "b"], ["a"], [], None, ["b", "a"], ["b"], None]
    assert labels(columns, "test") == [["art"]]
    assert any(
        "1 cell with a single label, read as a list of one" in note for note in columns.notes
    )


def test_a_single_value_beside_lists_is_a_list_of_one() -> None:
    columns = read(train=[["pos"], ["neg", "pos"]], test=["pos", "neg", ""])
    assert labels(columns, "test") == [["pos"], ["neg"], None]
    columns = read({"train": ["a", "b"], "test": ["a", "b"]}, train=[[0], [1, 0]], test=[1, 0])
    assert labels(columns, "test") == [[1], [0]]
    assert columns.data.splits["test"].columns["y"].classes == ("a", "b")


def test_nothing_within_a_list_is_no_label() -> None:
    columns = read(train=[["a", None], [None], [""], [], ["b"], None])
    assert labels(columns) == [["a"], None, None, [], ["b"], None]
    [note] = columns.notes
    assert "3 missing values within lists left out; 2 rows had nothing else, and no label" in note


def test_label_delimiter() -> None:
    cells = ["a; b", "b", "a;;c", "", None, " ; ", "['a', 'b']"]
    columns = read(options={"label_delimiter": ";"}, train=cells)
    assert labels(columns) == [["a", "b"], ["b"], ["a", "c"], None, None, None, ["a", "b"]]
    assert any("split at ';'" in note for note in columns.notes)


@pytest.mark.parametrize(("cells", "delimiter"), [
    (["a;b", "b;c", "a", "c"], ";"),
    (["a|b", "c|d", "a|c", "b|d"], "|"),
    (["fun, art", "art", "fun", "fun, art"], ","),
    (["Food, drink", "Sports, leisure", "Travel", "Food, drink"], None),
    (["Food, drink", "Food", "Food, drink"], None),
    (["1,5", "2", "2,5", "1", "1,5", "5"], None),
    (["a", "b"], None),
    (["San Francisco, CA", "Los Angeles, CA", "Austin, TX", "Dallas, TX"], None),
])  # fmt: skip
def test_what_looks_like_several_labels(cells: list[str], delimiter: str | None) -> None:
    assert likely_delimiter({text: cells.count(text) for text in cells}) == delimiter
    columns = read(train=cells)
    assert labels(columns) == cells
    told = [one for one in columns.warnings if "--label_delimiter" in one]
    assert bool(told) == (delimiter is not None)


def test_cells_beside_lists_that_may_be_several_labels_are_refused() -> None:
    with pytest.raises(UserError, match="such as 'fun,art': give --label_delimiter , if they are"):
        read(train=["['nature', 'art']", "art", "fun,art"])
    read(train=["['Food, drink']", "Food, drink"])


def test_lists_of_lists_are_no_labels() -> None:
    with pytest.raises(UserError, match="lists of lists or objects"):
        read(train=["[['a']]", "[]"])


def test_a_delimiter_is_for_classes() -> None:
    from gft.tasks.regress import Regress

    data = DataSet("d", {"train": Rows(pa.table({"x": ["a"], "y": [0.5]}))})
    with pytest.raises(UserError, match="--label_delimiter is for classes; regress has none"):
        read_columns(EQUATION, data, Regress, Options({"label_delimiter": ";"}))


def test_labels_of_several_forms_meet(gft: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    rows = [("a", ["p", "n"], ["p", "n"]), ("b", "p", ["p"]), (["c", "d"], 1, ["1"])]
    file.write_text("".join(json.dumps({"x": text, "y": label}) + "\n" for text, label, _ in rows))
    done = gft("cat_data", "--data", file, "--eqn", "classify: y ~ x", "--format", "jsonl")
    shown = [json.loads(line) for line in done.out.splitlines()]
    assert [row["y"] for row in shown] == [label for *_, label in rows]
    assert [row["x"] for row in shown] == ["a", "b", "c d"]
    file.write_text('{"x": "a", "y": "p"}\n{"x": "b", "y": {"p": 1}}\n')
    done = gft("cat_data", "--data", file, "--eqn", "classify: y ~ x")
    assert done.status == 2 and "d.jsonl, line 2: column 'y' holds an object" in done.err


def test_tags_are_one_in_both_unicode_forms_and_keep_their_case() -> None:
    tags = [unicodedata.normalize(form, "B-É") for form in ("NFC", "NFC", "NFD")]
    words = [["a", "b", "c"], ["d"]]
    equation = parse_equation("classify_tokens: y ~ x")

    def tagged(cells: list[Any], classes: list[str] | None = None) -> Rows:
        return Rows(pa.table({"x": words, "y": cells}), {"y": classes} if classes else None)

    data = DataSet("d", {"train": tagged([tags, ["b-É"]])})
    found = read_columns(equation, data, ClassifyTokens, Options({})).data
    assert found.splits["train"].column("y") == [[tags[0]] * 3, ["b-É"]]
    given = {"train": tagged([[0, 1, 0], [1]], ["O", "X"]), "test": tagged([[0, 1, 1], [-100]],
             ["X", "O"])}  # fmt: skip
    found = read_columns(equation, DataSet("d", given), ClassifyTokens, Options({})).data
    assert found.splits["test"].column("y") == [[1, 0, 0], [-100]]


def test_columns_of_labels_that_never_say_no_are_refused() -> None:
    equation = parse_equation("classify: a + b ~ x")

    def read_two(a: list[Any], b: list[Any]) -> Columns:
        table = pa.table({"x": ["t"] * len(a), "a": a, "b": b})
        return read_columns(equation, DataSet("d", {"train": Rows(table)}), Classify, Options({}))

    with pytest.raises(UserError, match=r"say yes or nothing, never no.* write 0"):
        read_two(["1", "", "1"], ["", "1", ""])
    warned = read_two(["1", "", "1"], ["0", "1", "-1"])
    assert ["column 'a'" in one for one in warned.warnings] == [True]
    assert warned.notes == ("-1 in column 'b' of train of d is read as an unknown label",)
    assert not read_two(["1", "", "0"], ["0", "1", ""]).warnings
    assert not read_two(["1", "1"], ["0", "1"]).warnings


def test_numbers_and_slashes_are_several_labels_beside_each_by_itself() -> None:
    for cells, parts in ((["1", "2", "1,2", "3", "1,3", "1,2"], "1,2"),
                         (["a", "b", "a/b", "b/c", "c", "a/b"], "a/b")):  # fmt: skip
        [warning] = read(train=cells).warnings
        assert f"such as '{parts}'" in warning and "--label_delimiter" in warning
    for cells in (["1,3", "1,7", "2,0", "1,3"], ["N/A", "yes", "N/A"], ["his/her"] * 3 + ["its"]):
        assert not read(train=cells).warnings


def test_truth_values_that_are_numbers_too_are_warned_of() -> None:
    [warning] = read(train=["TRUE", "1", "FALSE", "0", "true"]).warnings
    assert "'1' (1)" in warning and "remain separate classes" in warning
    assert not read(train=["TRUE", "false"]).warnings and not read(train=["0", "1", "2"]).warnings
