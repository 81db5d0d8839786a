"""Tables that gft writes give the rows that went in: to gft itself, to pandas, and to R."""

from __future__ import annotations

import csv
import datetime
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gft.data.delimited import read_delimited
from gft.errors import UserError
from gft.functions.row_formats import RowFormat, cell_text, named_row

Gft = Callable[..., Any]

TEXTS = ["plain", "a\ttab", "a\nline", 'say "hi"', '"', "one, two; three", "  around  ", "007",
         "it's", "#1", "a|b", "back\\slash", "\N{PILE OF POO}", "naïve", "end\n"]  # fmt: skip
ENDINGS = ["cr\rhere", "crlf\r\nhere"]


def written(form: str, rows: list[dict[str, Any]]) -> str:
    made = RowFormat(form)
    return "".join(made.lines(row, "") for row in rows)


@pytest.mark.parametrize("form", ["csv", "tsv"])
@pytest.mark.parametrize("width", [1, 2])
def test_what_goes_in_comes_back(form: str, width: int, tmp_path: Path) -> None:
    rows = [{"text": text, "n": "x"} for text in (*TEXTS, *ENDINGS, "", "NA", "last")]
    rows = [dict(list(row.items())[:width]) for row in rows]
    file = tmp_path / f"x.{form}"
    file.write_text(written(form, rows), "utf-8", newline="")
    assert read_delimited(file, tab=form == "tsv").to_pylist() == rows
    frame = pd.read_csv(file, sep="," if form == "csv" else "\t", dtype=str, na_filter=False)
    assert frame.to_dict("records") == rows


def test_each_text_alone_is_read_back_from_a_tsv(tmp_path: Path) -> None:
    """The reader of a tsv judges by its cells whether it is quoted: one cell has to do."""
    file = tmp_path / "x.tsv"
    for text in (*TEXTS, *ENDINGS):
        file.write_text(written("tsv", [{"a": text}]), "utf-8", newline="")
        assert read_delimited(file, tab=True).to_pylist() == [{"a": text}]


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="there is no R")
@pytest.mark.parametrize(("form", "reader"), [("csv", "read.csv"), ("tsv", "read.delim")])
def test_r_reads_them(form: str, reader: str, tmp_path: Path) -> None:
    rows = [{"id": f"{n:03}", "text": text, "n": n} for n, text in enumerate(TEXTS)]
    rows += [{"id": None, "text": "no id", "n": None}]
    (tmp_path / f"x.{form}").write_text(written(form, rows), "utf-8", newline="")
    code = (
        f'd <- {reader}("x.{form}", colClasses = c(id = "character"), encoding = "UTF-8")\n'
        "cat(dim(d), class(d$n), sum(d$n, na.rm = TRUE), sum(is.na(d$n)), '\\n')\n"
        'writeBin(charToRaw(paste0(enc2utf8(d$text), "\\f", collapse = "")), "texts")\n'
        'cat(d$id[1:3], sep = ",")\n'
    )
    (tmp_path / "x.R").write_text(code)
    done = subprocess.run(["Rscript", "--vanilla", "x.R"], cwd=tmp_path, capture_output=True,
                          text=True, timeout=120, check=True)  # fmt: skip
    numbers, ids = done.stdout.splitlines()
    assert numbers.split() == [str(len(rows)), "3", "integer", str(sum(range(len(TEXTS)))), "1"]
    assert ids == "000,001,002"
    texts = (tmp_path / "texts").read_bytes().decode().split("\f")[:-1]
    assert texts == [row["text"] for row in rows]


def test_cells_of_a_table() -> None:
    assert cell_text(None) == cell_text(float("nan")) == ""
    assert cell_text(["calm", "very hard"]) == '["calm", "very hard"]'
    assert cell_text([]) == "[]"
    assert cell_text([0, 1]) == "[0, 1]"
    assert cell_text([0.5, 1.5]) == "0.5 1.5"
    assert cell_text(["New", "York"], words=True) == "New York"
    assert cell_text(["New York", "is"], words=True) == '["New York", "is"]'
    assert cell_text(["[1]"], words=True) == '["[1]"]'
    assert cell_text(["B-PER", None], words=True) == '["B-PER", null]'
    assert cell_text({"text": ["a"]}) == '{"text": ["a"]}'
    assert cell_text(datetime.date(2024, 2, 29)) == "2024-02-29"
    assert cell_text(True) == "True"


def test_json_is_json_whatever_the_value() -> None:
    row = {"a": float("nan"), "b": Decimal("1.50"), "c": Decimal(3), "d": [float("inf"), 1.5],
           "e": datetime.datetime(2024, 2, 29, 12), "f": b"caf\xc3\xa9", "g": {"h": float("nan")},
           "i": True, "j": 7}  # fmt: skip
    told = json.loads(RowFormat("jsonl").lines(row, ""), parse_constant=pytest.fail)
    assert told == {"a": None, "b": 1.5, "c": 3, "d": [None, 1.5], "e": "2024-02-29T12:00:00",
                    "f": "café", "g": {"h": None}, "i": True, "j": 7}  # fmt: skip


def test_no_name_is_written_over() -> None:
    columns = {"prediction": "old", "predicted_prediction": "older", "score_a": "mine"}
    found = {"prediction": "new", "score": 0.5, "scores": {"a": 0.5, "b": 0.25}}
    assert named_row(columns, found, apart=True) == {
        **columns, "predicted_predicted_prediction": "new", "score": 0.5,
        "predicted_score_a": 0.5, "score_b": 0.25,
    }  # fmt: skip


def test_a_table_keeps_its_columns() -> None:
    form = RowFormat("tsv")
    assert form.lines({"a": 1}, "") == '"a"\n1\n'
    with pytest.raises(UserError, match=r"--format tsv: the columns are a, .* has b too"):
        form.lines({"a": 1, "b": 2}, "")


def test_cat_data_writes_a_table_and_lines(gft: Gft, tmp_path: Path) -> None:
    rows = [{"text": "a\tb", "tags": ["x y", "z"]}, {"text": "c", "tags": []}]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ("cat_data", "--data", f"C:{tmp_path / 'd.jsonl'}")
    assert gft(*words).out.splitlines()[0] == "text|a\\tb\ttags|x y z"
    ran = gft(*words, "--format", "tsv")
    assert "note: --format tsv is a table with a header; gft's own lines are" in ran.err
    table = ran.out
    found = list(csv.DictReader(io.StringIO(table), delimiter="\t"))
    assert [{**row, "tags": json.loads(row["tags"])} for row in found] == rows
    assert [json.loads(line) for line in gft(*words, "--format", "jsonl").out.splitlines()] == rows


def test_a_spreadsheet_computes_nothing_if_asked(gft: Gft, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("text,=n\n=1+1,-2\n+49,x\n-3,-y\n")
    words = ("cat_data", "--data", f"C:{tmp_path / 'd.csv'}", "--format", "csv")
    assert gft(*words).out == "text,=n\n=1+1,-2\n+49,x\n-3,-y\n"
    assert gft(*words, "--safe_csv").out == "text,'=n\n'=1+1,-2\n+49,x\n-3,'-y\n"
    ran = gft("cat_data", "--data", f"C:{tmp_path / 'd.csv'}", "--safe_csv")
    assert "--safe_csv has no effect: it is for --format csv and tsv" in ran.err
