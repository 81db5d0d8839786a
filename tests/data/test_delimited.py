"""csv and tsv: every cell as it is written, every mistake with its line."""

import time
from pathlib import Path

import pytest

from gft.data.delimited import ROWS_PER_CHUNK, is_quoted, read_delimited
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
    ],
)
def test_a_quoted_tsv_is_known_by_its_form(write, text, expected):
    path = write(text, "x.tsv")
    assert is_quoted(path)
    assert [row["text"] for row in rows_of(path)] == expected


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
        (
            ",a\n0,x\n",
            "x.csv",
            "column 1 has no name; the first line must name the columns (pandas",
        ),
        ("a,b,a\n1,2,3\n", "x.csv", "FILE, line 1: two columns are called 'a'"),
        ('a,b\n1,2\n"x,2\n3,4\n', "x.csv", "FILE, line 3: a quotation mark is opened in this row"),
        ('a,b\n1,2\n"x"y,2\n', "x.csv", "FILE, line 3: text after a closing quotation mark"),
        ("a,b\n1\r2,3\n", "x.csv", "FILE, line 2: a carriage return inside a cell"),
        ("a\tb\r1\t2\r", "x.tsv", "FILE, line 1: lines end in carriage returns alone"),
        ('"a"\t"b"\n"x\t2\n', "x.tsv", "FILE, line 2: a quotation mark is opened"),
        (b"a,b\n1,2\n1,\x00\n", "x.csv", "FILE, line 3: a zero byte"),
    ],
)
def test_a_mistake_names_the_file_and_the_line(write, content, name, expected):
    assert expected in error_of(write(content, name))


def test_latin1_is_named_with_its_line_and_how_to_convert_it(write):
    message = error_of(write("text,label\nok,1\ncaf\u00e9 noir,2\n".encode("latin1")))
    assert message == (
        "FILE, line 3: byte 0xe9 is not UTF-8; the file may be LATIN1: "
        "convert it: iconv -f LATIN1 -t UTF-8 x.csv > utf8.x.csv"
    )


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "CP1252"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")]
)
def test_other_encodings_are_guessed(write, encoding, name):
    text = (
        "text,label\n\u201cgood\u201d,1\n" if encoding == "cp1252" else "text,label\n很好的酒店,1\n"
    )
    assert f"iconv -f {name} -t UTF-8" in error_of(write(text.encode(encoding)))


def test_a_picture_that_is_called_csv(write):
    message = error_of(write(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
    assert message == "FILE, line 1: expected text, but the file is a PNG image"


def test_a_column_may_be_called_as_a_binary_file_begins(write):
    assert rows_of(write("PAR1,b\n1,2\n")) == [{"PAR1": "1", "b": "2"}]


@pytest.mark.parametrize("text", ["0.5,good\n0.7,bad\n", "a film,pos\nb film,neg\nc film,pos\n"])
def test_a_first_line_that_looks_like_data_is_noted(write, capsys, text):
    read_delimited(write(text))
    assert "looks like a row of data" in capsys.readouterr().err


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
