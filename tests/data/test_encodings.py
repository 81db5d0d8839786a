"""Encodings: a guess where it is likely, the one that is named, none for what is no text."""

import gzip
import random

import pytest

from gft.data.encodings import encoding_named, likely_encodings
from gft.data.files import read_data
from gft.data.lines import LONGEST_LINE, text_lines
from gft.errors import UserError

WORDS = {
    "cp1251": ["хорошо", "Привет", "Очень хороший фильм", "файл", "ПЛОХО, но смешно"],
    "koi8-r": ["хорошо", "привет мир", "Очень хороший фильм"],
    "cp1252": ["sehr schön", "“quoted”", "café noir", "Straße", "señor niño", "5 €", "coração"],
    "gb18030": ["很好的酒店", "好", "房间很小"],
    "big5": ["很好的酒店"],
    "shift-jis": ["とても良いホテル", "テスト"],
    "euc-kr": ["아주 좋은 호텔", "별로예요"],
    "cp1250": ["zażółć gęślą jaźń", "Příliš žluťoučký kůň"],
    "cp1253": ["καλημέρα κόσμε"],
    "cp1254": ["çok güzel şarkı ığ"],
    "cp1255": ["שלום עולם, מה שלומך היום"],
    "cp1256": ["مرحبا بالعالم"],
}


@pytest.mark.parametrize("encoding", WORDS)
def test_the_likely_encoding_of_a_few_words(encoding):
    for words in WORDS[encoding]:
        assert likely_encodings(f"text,label\n{words},1\n".encode(encoding))[0] == encoding.upper()


@pytest.mark.parametrize("words", ["АТЗС", "ДА", "ХОРОШИЙ фильм"])
def test_words_in_capitals_are_cyrillic_too(words):
    assert "CP1251" in likely_encodings(words.encode("cp1251"))


def test_what_is_no_text_has_no_likely_encoding():
    chance = random.Random(1)
    assert likely_encodings(bytes(chance.choice(range(32, 256)) for _ in range(300))) == []
    assert likely_encodings(b"\x00\x01caf\xe9") == []
    assert likely_encodings(b"plain") == []


def test_names_of_encodings():
    assert encoding_named("Windows-1252") == encoding_named("CP1252") == "cp1252"
    assert encoding_named("UTF-8-BOM") == "utf-8-sig"
    for name in ("cp12522", "hex", "rot13", "no such"):
        with pytest.raises(UserError, match=f"no encoding '{name}'"):
            encoding_named(name)
    with pytest.raises(UserError, match="did you mean 'cp1252'"):
        encoding_named("cp12522")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", "text;score\nfür 5 €;1,5\nGröße;2,0\n"),
        ("x.tsv", "text\tscore\nfür 5 €\t1,5\nGröße\t2,0\n"),
        ("x.jsonl", '{"text": "für 5 €", "score": "1,5"}\n{"text": "Größe", "score": "2,0"}\n'),
        ("x.json", '[{"text": "für 5 €", "score": "1,5"}, {"text": "Größe", "score": "2,0"}]'),
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-32"])
def test_every_form_of_text_is_read_in_an_encoding(tmp_path, encoding, name, content):
    (tmp_path / name).write_bytes(content.encode(encoding))
    named = None if encoding in ("utf-16", "utf-32") else encoding  # These begin with a mark.
    rows = read_data(tmp_path / name, encoding=named).splits["train"]
    assert rows.table.to_pylist() == [
        {"text": "für 5 €", "score": "1,5"},
        {"text": "Größe", "score": "2,0"},
    ]


def test_a_mistake_in_another_encoding_has_its_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n\x81,3\n")
    with pytest.raises(UserError, match="line 3: byte 0x81 is not CP1252; name the encoding"):
        read_data(path, encoding="cp1252")
    path.write_bytes("a,b\n1,ж\n".encode("utf-16-le"))
    with pytest.raises(UserError, match=r"a zero byte.*--encoding UTF-16LE"):
        read_data(path)


def test_utf_8_that_is_read_as_something_else_is_warned_of(tmp_path, capsys):
    (tmp_path / "x.csv").write_text("a,b\nfür,1\n", encoding="utf-8")
    read_data(tmp_path / "x.csv", encoding="cp1252")
    assert "looks like UTF-8, and is read as CP1252" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("begin", "told"),
    [
        (b"$FL2@(#) SPSS\0\0\xff", "an SPSS file"),
        (b"PK\x03\x04\x14\0\xff", "an office document"),
        (b"\x1f\x8b\x08\0\xff", "compressed by gzip"),
        (b"X\n\0\0\0\x03\xff", "a file of R's"),
        (b"abc\0\x01\xff", "this is not a text file"),
    ],
)
@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.json", "x.jsonl"])
def test_binary_files_are_told_no_encoding(tmp_path, begin, told, name):
    (tmp_path / name).write_bytes(begin * 20)
    with pytest.raises(UserError) as caught:
        read_data(tmp_path / name)
    [message] = caught.value.messages
    assert told in message and "--encoding" not in message


def test_a_line_without_an_end_ends_in_an_error(tmp_path):
    path = tmp_path / "x.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(3):
            file.write(b"a" * (LONGEST_LINE // 2))
    with pytest.raises(UserError, match="line 1: the line is longer than 64 MiB"):
        next(text_lines(path))
