"""csv and tsv: every cell as it is written, every mistake with its line."""

import time
from pathlib import Path

import pytest

from gft.data.delimited import ROWS_PER_CHUNK, read_delimited
from gft.data.delimiters import is_quoted
from gft.errors import UserError


@pytest.fixture
def write(tmp_path):
    def _write(content: str | bytes, name: str = "x.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


def rows_of(path: Path) -> list[dict[str, str]]:
    return read_delimited(path, tab=path.suffix == ".tsv").to_pylist()


def error_of(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        rows_of(path)
    [message] = caught.value.messages
    assert str(path) in message
    return message.replace(str(path), "FILE")


def test_cells_are_text_and_nothing_is_read_as_missing(write):
    rows = rows_of(write("a,b\n007,null\nNA,\n1.0,nan\n true ,None\n"))
    assert rows == [
        {"a": "007", "b": "null"},
        {"a": "NA", "b": ""},
        {"a": "1.0", "b": "nan"},
        {"a": " true ", "b": "None"},
    ]


def test_quoting_follows_rfc_4180(write):
    rows = rows_of(write('a,b\r\n"x, y","he said ""no"""\r\n"two\r\nlines\n",5" disk\r\n'))
    assert rows == [{"a": "x, y", "b": 'he said "no"'}, {"a": "two\r\nlines\n", "b": '5" disk'}]


def test_a_byte_order_mark_and_blanks_around_names_are_left_out(write):
    path = write(b"\xef\xbb\xbfa, b\n1, 2\n")
    assert rows_of(path) == [{"a": "1", "b": " 2"}]
    assert rows_of(write(b"\xef\xbb\xbfa\tb\n1\t2\n", "x.tsv")) == [{"a": "1", "b": "2"}]


def test_separators_other_than_a_comma_are_seen_and_noted(write, capsys):
    assert rows_of(write("text;label\na, b;x\n")) == [{"text": "a, b", "label": "x"}]
    assert "separated by ';'" in capsys.readouterr().err
    assert rows_of(write('text\tlabel\n"a\tx\n')) == [{"text": '"a', "label": "x"}]
    assert "separated by tabs" in capsys.readouterr().err
    assert rows_of(write("a;b,c\n1,2\n")) == [{"a;b": "1", "c": "2"}]
    assert capsys.readouterr().err == ""


def test_blank_lines_are_rows_only_in_a_file_of_one_column(write):
    assert rows_of(write("\na,b\n\n1,2\n\n\n3,4\n\n")) == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4"},
    ]
    assert [row["a"] for row in rows_of(write("a\n1\n\n2\n\n\n"))] == ["1", "", "2"]


def test_marks_in_a_tsv_are_plain_text(write):
    text = 'text\tlabel\n"lone\t0\nmid " dle\t1\nend"\t0\n"whole"\t1\n""\t0\n'
    path = write(text, "x.tsv")
    assert not is_quoted(path)
    assert [row["text"] for row in rows_of(path)] == [
        '"lone', 'mid " dle', 'end"', '"whole"', '""',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"text"\t"label"\n"a"\t1\n"b ""c"""\t2\n', ["a", 'b "c"']),
        ('text\tlabel\n"say ""hi"""\t1\nplain\t2\n', ['say "hi"', "plain"]),
        ('text\tlabel\n"two\nlines"\t1\nplain\t2\n', ["two\nlines", "plain"]),
        ('text\tlabel\n"a\ttab"\t1\nplain\t2\n', ["a\ttab", "plain"]),
        ('text\tlabel\n"a"\t1\n"b ""c"""\t2\n"d"\t1\n', ["a", 'b "c"', "d"]),
    ],
)
def test_a_quoted_tsv_is_known_by_its_form(write, text, expected):
    path = write(text, "x.tsv")
    assert is_quoted(path)
    assert [row["text"] for row in rows_of(path)] == expected


def test_marks_around_all_cells_of_a_column_of_a_tsv_are_no_text(write, capsys):
    path = write('text\tlabel\n"a"\tx\n"b"\t"y"\n"c"\tx\n', "x.tsv")
    assert not is_quoted(path)  # Some labels are whole, others bare: marks are text.
    path = write('text\tlabel\n"a"\t"x"\n"b"\t"y"\n"c"\t"x"\n', "x.tsv")
    assert rows_of(path)[1] == {"text": "b", "label": "y"}
    assert "read without them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('"text, free";"label"\n"a, b";"x"\n"c";"y"\n', {"text, free": "a, b", "label": "x"}),
        ("text\tlabel, gold\na\tx\nb, c\ty\n", {"text": "a", "label, gold": "x"}),
        ("text;price, net\na;1,5\nb;2,0\n", {"text": "a", "price, net": "1,5"}),
        ("text;score\na, b;1,5\nb, d;2,0\n", {"text": "a, b", "score": "1,5"}),
        ("text|label\na|x\nb|y\n", {"text": "a", "label": "x"}),
        ("text|more,label\na|b,x\nb|c,y\n", {"text|more": "a|b", "label": "x"}),
        ("sep=;\ntext;label\na,b;x\n", {"text": "a,b", "label": "x"}),
        ('"sep=|"\r\ntext|label\r\na,b|x\r\n', {"text": "a,b", "label": "x"}),
        ("a,b;c\n1,2;3\n4,x;7\n", {"a": "1", "b;c": "2;3"}),
    ],
)
def test_what_parses_every_line_separates_the_cells(write, content, expected):
    assert rows_of(write(content))[0] == expected


def test_lines_that_end_in_carriage_returns_alone(write):
    assert rows_of(write("a,b\r1,2\r3,4\r")) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert rows_of(write("a\tb\r1\t2\r", "x.tsv")) == [{"a": "1", "b": "2"}]


def test_a_carriage_return_inside_a_cell_stays(write):
    rows = rows_of(write('a,b\nx\ry,1\n"x\r\ny\r",2\r\nz,\r\r\n'))
    assert rows == [{"a": "x\ry", "b": "1"}, {"a": "x\r\ny\r", "b": "2"}, {"a": "z", "b": ""}]


@pytest.mark.parametrize(
    ("content", "first"),
    [
        (",a\n0,x\n1,x\n", {"row_name": 0, "a": "x"}),
        ('"","a"\n"1","x"\n"3","x"\n', {"row_name": 1, "a": "x"}),
        ('"","a"\n"Mazda","x"\n"Fiat","x"\n', {"row_name": "Mazda", "a": "x"}),
        (",a\n01,x\n02,x\n", {"row_name": "01", "a": "x"}),
        (",row_name\n0,x\n", {"row_name_": 0, "row_name": "x"}),
        ('"a" "b"\n"1" "x y" "p"\n"2" "z" "q"\n', {"row_name": 1, "a": "x y", "b": "p"}),
        ('"a","b"\n"1","x, y",2.5\n"2","z",3\n', {"row_name": 1, "a": "x, y", "b": "2.5"}),
        ("a\tb\n1\tx y\tp\n2\tz\tq\n", {"row_name": 1, "a": "x y", "b": "p"}),
    ],
)
def test_names_of_rows_as_r_and_pandas_write_them(write, capsys, content, first):
    assert rows_of(write(content))[0] == first
    assert "the first column has no name and names the rows: row_name" in capsys.readouterr().err


def test_empty_columns_without_a_name_are_left_out(write, capsys):
    assert rows_of(write("a;b;;\n1;2;;\n3;4; ;\n"))[1] == {"a": "3", "b": "4"}
    assert "2 columns without a name and without values left out" in capsys.readouterr().err


IDS = '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n'


@pytest.mark.parametrize(
    ("begin", "told"),
    [
        (f'Q1,Q2\n"What, if any?",Why?\n{IDS}', "rows 2 and 3 are headers too"),
        (f"Q1,Q2\n{IDS}", "row 2 is a header too"),
        ("Q1,Q2\nResponse,\n", "row 2 is a header too"),
        ("Q1,Q2\nq1,q2\n", "row 2 is a header too"),
    ],
)
def test_further_headers_of_a_survey_are_left_out(write, capsys, begin, told):
    assert rows_of(write(begin + "a,1\nb,2\n")) == [{"Q1": "a", "Q2": "1"}, {"Q1": "b", "Q2": "2"}]
    assert told in capsys.readouterr().err


def test_a_question_above_numbers_is_told_and_stays(write, capsys):
    assert len(rows_of(write("Q1,Q2\nWhat?,How much?\na,1\nb,2\nc,3\nd,4\n"))) == 5
    assert "it asks a question in Q2" in capsys.readouterr().err


def test_a_tsv_keeps_a_carriage_return_inside_a_cell(write):
    assert rows_of(write("a\tb\r\nx\ry\t1\r\n", "x.tsv")) == [{"a": "x\ry", "b": "1"}]


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        ("", "x.csv", "FILE is empty"),
        ("\n\n", "x.tsv", "FILE is empty"),
        ("a,b\n1,2\n3\n", "x.csv", "FILE, line 3: found 1 field, expected 2 as in the header"),
        ('a,b\n"1\n2",2\n1,2,3\n', "x.csv", "FILE, line 4: found 3 fields, expected 2"),
        ("a,b\n1,2,3\n", "x.csv", "a cell with ',' in it must be in quotation marks"),
        ("a\tb\n1\t2\n\n1\t2\t3\n", "x.tsv", "FILE, line 4: found 3 fields, expected 2"),
        ("a,,c\n1,2,3\n", "x.csv", "FILE, line 1: column 2 has no name"),
        (",a\nx,1\nx,2\n", "x.csv", "FILE, line 1: column 1 has no name; the first line must name"),
        ("id,text\n1,a, b\n2,c, d\n", "x.csv", "FILE, line 2: found 3 fields, expected 2"),
        ("a,b,a\n1,2,3\n", "x.csv", "FILE, line 1: two columns are called 'a'"),
        ('a,b\n1,2\n"x,2\n3,4\n', "x.csv", "FILE, line 3: a quotation mark is opened in this row"),
        ('a,b\n1,2\n"x"y,2\n', "x.csv", "FILE, line 3: text after a closing quotation mark"),
        ("a\rb,c\r1,2\r3,4\n", "x.csv", "FILE, line 1: some lines end in carriage returns alone"),
        ('"a"\t"b"\n"x\t2\n', "x.tsv", "FILE, line 2: a quotation mark is opened"),
        (b"a,b\n1,2\n1,\x00\n", "x.csv", "FILE, line 3: a zero byte"),
    ],
)
def test_a_mistake_names_the_file_and_the_line(write, content, name, expected):
    assert expected in error_of(write(content, name))


def test_latin1_is_named_with_its_line_and_the_argument_that_reads_it(write):
    path = write("text,label\nok,1\ncaf\u00e9 noir,2\n".encode("latin1"))
    assert error_of(path) == (
        "FILE, line 3: byte 0xe9 is not UTF-8; it may be CP1252: --encoding CP1252"
    )
    assert read_delimited(path, encoding="cp1252").column("text").to_pylist()[1] == "caf\u00e9 noir"


def test_a_picture_that_is_called_csv(write):
    message = error_of(write(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
    assert message == "FILE, line 1: expected text, but the file is a PNG image"


def test_a_column_may_be_called_as_a_binary_file_begins(write):
    assert rows_of(write("PAR1,b\n1,2\n")) == [{"PAR1": "1", "b": "2"}]


@pytest.mark.parametrize("text", ["0.5,good\n0.7,bad\n", "a film,pos\nb film,neg\nc film,pos\n"])
def test_a_first_line_that_looks_like_data_is_noted(write, capsys, text):
    read_delimited(write(text))
    assert "looks like data" in capsys.readouterr().err


def test_an_ordinary_header_is_not_noted(write, capsys):
    read_delimited(write("text,label\na,b\n"))
    assert capsys.readouterr().err == ""


def test_a_long_document_is_one_cell(write):
    long = "word " * 100_000
    assert rows_of(write(f'a,b\n"{long}",1\n'))[0]["a"] == long


def test_rows_beyond_a_chunk_are_in_order_and_quick(write):
    count = 2 * ROWS_PER_CHUNK + 7
    path = write("n,text\n" + "".join(f'{n},"row, {n}"\n' for n in range(count)))
    began = time.process_time()
    table = read_delimited(path)
    assert time.process_time() - began < 10
    assert table.column("n").to_pylist() == [str(n) for n in range(count)]
    with path.open("a") as file:
        file.write("1\n")
    assert f"line {count + 2}:" in error_of(path)


def test_a_hundred_columns_more_take_no_longer_than_the_hundred_before(write):
    """The time grows with the columns: were it with their square, this would take a minute."""
    from gft.data.files import read_data

    header = ",".join(f"c{n}" for n in range(40_000))
    path = write(header + "\n" + ",".join("1" * 40_000) + "\n")
    started = time.process_time()
    [rows] = read_data(path).splits.values()
    [batch] = rows.batches(list(rows.columns), 10)
    assert batch["c39999"] == ["1"]
    assert time.process_time() - started < 20
