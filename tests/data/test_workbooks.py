"""Sheets of workbooks as tables: values with their types, and what is said of the rest."""

import datetime as dt
import gzip
import sys
import zipfile

import pytest
from workbook_files import Formula, Wrong, write_ods, write_xlsx

from gft.data import sheets
from gft.data.files import read_data
from gft.errors import UserError

WRITERS = {"xlsx": write_xlsx, "ods": write_ods}
ROWS = [
    ["id", "text", "score", "day", "at", "ok"],
    [1, "good\nbook", 1.5, dt.date(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 4, 5), True],
    [2, "007", 2, dt.date(2024, 1, 3), dt.datetime(2024, 1, 3), False],
    [3, "a < b & c", None, None, None, None],
]


@pytest.fixture(params=["xlsx", "ods"])
def write(request, tmp_path):
    """Return what writes a workbook of either form and gives its path."""
    return lambda sheets: WRITERS[request.param](tmp_path / f"x.{request.param}", sheets)


def table_of(path, sheet=None):
    return read_data(path, sheet).splits["train"].table


def error_of(path, sheet=None):
    with pytest.raises(UserError) as caught:
        read_data(path, sheet)
    return str(caught.value)


def notes_of(capsys):
    return [line.partition("note: ")[2] for line in capsys.readouterr().err.splitlines()]


def test_values_keep_their_types(write):
    data = read_data(write({"Sheet1": ROWS, "Sheet2": []}))
    assert {name: column.kind for name, column in data.columns.items()} == {
        "id": "integer", "text": "text", "score": "float", "day": "text", "at": "text",
        "ok": "boolean",
    }  # fmt: skip
    assert data.splits["train"].table.to_pydict() == {
        "id": [1, 2, 3],
        "text": ["good\nbook", "007", "a < b & c"],
        "score": [1.5, 2.0, None],
        "day": ["2024-01-02", "2024-01-03", None],
        "at": ["2024-01-02T03:04:05", "2024-01-03T00:00:00", None],
        "ok": [True, False, None],
    }


def test_a_column_of_several_forms_is_text_as_a_spreadsheet_shows_it(write, capsys):
    path = write({"A": [["n", "t"], [7, "a"], ["NA", "b"], [2.5, "c"], [True, "d"]]})
    assert table_of(path)["n"].to_pylist() == ["7", "NA", "2.5", "TRUE"]
    [note] = notes_of(capsys)
    assert "column 'n' holds numbers (2), text (1) and true and false (1)" in note
    assert "text; the first cell with text is in row 3" in note


def test_errors_and_formulas_without_a_value_are_missing_and_counted(write, capsys):
    rows = [["x", "t"], [Wrong(), "a"], [Formula("A1+1", 7), "b"], [Formula("A1"), "c"]]
    assert table_of(write({"A": [*rows, [Wrong("#REF!"), "d"]]}))["x"].to_pylist() == [
        None, 7, None, None,
    ]  # fmt: skip
    errors, formulas = notes_of(capsys)
    assert "2 cells with an error such as #N/A taken as missing" in errors
    assert "1 formula without a stored value" in formulas


def test_a_formula_whose_value_is_there_and_empty(tmp_path, capsys):
    path = write_xlsx(tmp_path / "x.xlsx", {"A": [["x", "t"], [Formula("B2+1", 7), "a"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    parts[part] = parts[part].replace(b"<v>7</v>", b"<v></v>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert table_of(path).to_pydict() == {"x": [None], "t": ["a"]}
    assert "1 formula without a stored value" in notes_of(capsys)[0]


def test_titles_and_what_is_empty_are_left_out(write, capsys):
    rows = [[], ["Survey 2024"], [], [None, "text", "label", None, "extra"], []]
    path = write({"A": [*rows, [None, "good", 1, None, None], [None, "bad", 0, None, None]]})
    assert table_of(path).to_pydict() == {
        "text": ["good", "bad"], "label": [1, 0], "extra": [None, None],
    }  # fmt: skip
    title, row, columns = notes_of(capsys)
    assert "'Survey 2024' is a title; row 4 names the columns" in title
    assert "left out 1 empty row" in row
    assert "2 columns without a name and without values left out" in columns


def test_a_title_right_above_the_names(write, capsys):
    path = write({"A": [["Answers of May"], ["text", "label"], ["good", 1]]})
    assert table_of(path).to_pydict() == {"text": ["good"], "label": [1]}
    # One word may be the name of the first column, and the second has none.
    path = write({"A": [["text"], ["good", "x"], ["bad", "y"]]})
    assert "row 1: column 2 has no name" in error_of(path)


def test_numbers_that_a_spreadsheet_has_rounded(write, capsys):
    path = write({"A": [["id", "t"], [1234567890123456768, "a"], [2, "b"]]})
    assert table_of(path)["id"].to_pylist() == [1234567890123456768, 2]
    assert "column 'id' holds numbers of more than 15 digits" in notes_of(capsys)[0]


def test_rows_names_and_further_headers_are_as_in_csv(write, capsys):
    path = write({"A": [[None, "text"], [1, "a"], [2, "b"]]})
    assert table_of(path).to_pydict() == {"row_name": [1, 2], "text": ["a", "b"]}
    assert "the first column has no name and names the rows" in notes_of(capsys)[0]
    ids = ['{"ImportId":"QID1"}', '{"ImportId":"QID2"}']
    path = write({"A": [["Q1", "Q2"], ["How old?", "Why?"], ids, [7, "so"], [8, "no"]]})
    assert table_of(path).to_pydict() == {"Q1": [7, 8], "Q2": ["so", "no"]}
    assert "rows 2 and 3 are headers too" in notes_of(capsys)[0]


def test_which_sheet_is_meant(write, capsys):
    path = write({"Notes": [], "Answers": ROWS, "Other one": [["text"], ["x"]]})
    assert error_of(path) == (
        f"{path} has 2 sheets with data: Answers and Other one; name one of them: {path},Answers"
    )
    assert table_of(path, "Other one").to_pydict() == {"text": ["x"]}
    assert table_of(path, "answers").num_rows == 3
    assert "no sheet 'Answrs'" in error_of(path, "Answrs")
    assert "(did you mean 'Answers'?)" in error_of(path, "Answrs")
    assert "no cell holds a value" in error_of(path, "Notes")


def test_sheets_named_after_splits(write):
    data = read_data(write({"Train": ROWS, "test": ROWS[:2], "Notes": []}))
    assert {name: len(rows) for name, rows in data.splits.items()} == {"train": 3, "test": 1}
    assert data.origin["files"]["test"] == data.origin["files"]["train"]
    assert "sheet 'test' has a header but no rows" in error_of(
        write({"train": ROWS, "test": ROWS[:1]})
    )


def test_a_hidden_sheet_is_read_where_it_is_named(tmp_path):
    path = write_xlsx(tmp_path / "x.xlsx", {"Codes": [["a"], [1]], "Data": ROWS}, ["Codes"])
    assert table_of(path).num_rows == 3
    assert table_of(path, "Codes").to_pydict() == {"a": [1]}


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (["text", None, "text2"], "row 1: column 2 has no name"),
        (["text", "text", "b"], "row 1: two columns are called 'text'"),
    ],
)
def test_names_of_columns_are_as_in_csv(write, header, problem):
    assert f"sheet 'A', {problem}" in error_of(write({"A": [header, ["a", "b", "c"]]}))


def test_numbers_as_names_of_columns_are_noted(write, capsys):
    table_of(write({"A": [["good", 1], ["bad", 0]]}))
    assert "row 1 is read as the column names, but looks like data" in (notes_of(capsys)[0])


def test_cells_far_apart_take_no_room(write):
    path = write({"A": [["a"], *([[]] * 20_000), [None] * 1000 + ["far"]]})
    assert "its cells lie in 20,002 rows and 1,001 columns" in error_of(path)


def test_a_repeated_cell_of_ods_takes_no_room(tmp_path):
    path = write_ods(tmp_path / "x.ods", {"A": [["a"], ["b"]]})
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    many = '<table:table-cell table:number-columns-repeated="100000000" '
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content.replace("<table:table-cell ", many, 1))
    assert "100,000,000 columns, and at most 16,777,216 cells are read" in error_of(path)


def test_too_much_xml_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_BYTES", 1 << 20)
    path = write_xlsx(tmp_path / "x.xlsx", {"A": ROWS})
    archive = zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED)
    with archive, archive.open("xl/sharedStrings.xml", "w") as part:
        part.write(b" " * (3 << 20))
    assert "holds 3 MiB of XML, and at most 1 MiB are read" in error_of(path)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is encrypted"),
        ("x.xls", b"<html><table></table></html>", "a web page under the name of a workbook"),
        ("x.xlsx", b"", "is empty"),
        ("x.xlsx", b"text,label\n", "something else under the name of a workbook"),
        ("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is not a complete workbook"),
        ("x.xlsx", b"PK\x03\x04" + bytes(30), "is not a complete workbook"),
        ("x.numbers", b"PK", "is a document of Apple Numbers; there, File > Export To"),
        ("x.xlsb", b"PK", "is a binary workbook"),
    ],
)
def test_what_is_no_workbook_is_said_in_one_line(tmp_path, name, content, problem):
    (tmp_path / name).write_bytes(content)
    message = error_of(tmp_path / name)
    assert problem in message
    assert "\n" not in message


def test_a_reader_that_gives_up_is_one_line(tmp_path, monkeypatch):
    class PanicException(BaseException):
        """What pyo3 raises for a panic."""

    def panicking(path):
        raise PanicException("index out of bounds")

    monkeypatch.setattr("python_calamine.load_workbook", panicking)
    path = write_xlsx(tmp_path / "x.xlsx", {"A": ROWS})
    assert error_of(path) == f"{path} is damaged: its reader gave up on it"


def test_entities_are_not_expanded(tmp_path):
    path = write_xlsx(tmp_path / "x.xlsx", {"A": ROWS})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    parts[part] = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + parts[part]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert "a document type, which no spreadsheet program writes" in error_of(path)


def test_compressed_and_in_a_folder(tmp_path):
    whole = write_xlsx(tmp_path / "x.xlsx", {"A": ROWS}).read_bytes()
    (tmp_path / "x.xlsx.gz").write_bytes(gzip.compress(whole))
    assert table_of(tmp_path / "x.xlsx.gz").num_rows == 3
    folder = tmp_path / "folder"
    folder.mkdir()
    write_xlsx(folder / "train.xlsx", {"A": ROWS})
    write_xlsx(folder / "test.xlsx", {"A": ROWS[:2]})
    assert {n: len(rows) for n, rows in read_data(folder).splits.items()} == {
        "train": 3, "test": 1,
    }  # fmt: skip


def test_a_sheet_of_what_has_none(tmp_path):
    (tmp_path / "x.csv").write_text("text\na\n")
    assert "has no sheets; expected no name of one after it" in error_of(tmp_path / "x.csv", "A")


def test_without_its_reader_a_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    (tmp_path / "x.xlsx").write_bytes(b"")
    assert error_of(tmp_path / "x.xlsx").endswith(
        "files of the form .xlsx need a reader of their own: pip install 'gft[tables]'"
    )
