"""Files as programs write them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

EQN = "classify: label ~ text"


def test_a_lone_carriage_return_goes_out_and_comes_back(
    table: Any, gft: Any, rows: Any, fit: Any, tmp_path: Path
) -> None:
    import pandas as pd

    found = [{"text": "cr\rhere", "label": "x"}, {"text": "plain", "label": "y"}] * 6
    file = table("d.jsonl", found)
    written = table("x.csv", gft("cat_data", "--data", file, "--format", "csv").out)
    assert rows(written) == found
    assert fit(file, EQN).status == 0
    done = gft("predict", "--model", tmp_path / "out", "--data", file, "--split", "train",
               "--format", "csv")  # fmt: skip
    predicted = table("y.csv", done.out)
    assert [row["text"] for row in rows(predicted)] == [row["text"] for row in found]
    assert pd.read_csv(predicted).text.tolist() == [row["text"] for row in found]


def test_an_unused_column_of_any_shape(table: Any, fit: Any, gft: Any) -> None:
    found: Any = [{"text": "the acid", "ner": [[0, 3, "PROC"]], "label": "a"},
                  {"text": "no", "ner": [], "label": "b"}] * 6  # fmt: skip
    file = table("d.jsonl", found)
    assert fit(file, EQN, "--dry_run").status == 0
    assert gft("init", file).status == 0
    late: list[Any] = [
        {"text": f"t {n}", "meta": {"wiki": n if n < 10_500 else "x"}, "label": "ab"[n % 2]}
        for n in range(11_000)
    ]
    file = table("late.jsonl", late)
    assert fit(file, EQN, "--dry_run").status == 0


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('"Kommentar, frei";"Klasse"\n"gut, wirklich";"pos"\n"schlecht";"neg"\n',
         {"Kommentar, frei": "gut, wirklich", "Klasse": "pos"}),
        ("text\tlabel, gold\ngood\tx\nbad, really\ty\n", {"text": "good", "label, gold": "x"}),
        ("sep=;\ntext;label\ngut;pos\nschlecht;neg\n", {"text": "gut", "label": "pos"}),
        ("text,label\rgood,a\rbad,b\r", {"text": "good", "label": "a"}),
    ],
    ids=["a comma in quotes", "tabs", "sep=", "carriage returns"],
)  # fmt: skip
def test_what_separates_cells(table: Any, rows: Any, content: str, expected: Any) -> None:
    found = rows(table("d.csv", content))
    assert found[0] == expected and len(found) == 2


def test_cyrillic_is_not_taken_for_latin(table: Any, gft: Any, rows: Any) -> None:
    text = "текст,метка\nхороший фильм,да\nплохой фильм,нет\n"
    file = table("d.csv", text.encode("cp1251"))
    done = gft("cat_data", "--data", file)
    assert done.status == 2
    assert "LATIN1" not in done.err.upper() and "GB18030" not in done.err.upper()
    assert "1251" in done.err
    capitals = '{"text":"ok","label":"a"}\n{"text":"АТЗС","label":"b"}\n'
    assert "1251" in gft("cat_data", "--data", table("e.jsonl", capitals.encode("cp1251"))).err
    found = rows(file, None, "--encoding", "cp1251")
    assert found[0] == {"текст": "хороший фильм", "метка": "да"}


def test_json_with_splits_inside(table: Any, rows: Any) -> None:
    train, test = [{"text": "a", "label": "x"}] * 4, [{"text": "b", "label": "y"}] * 2
    for name, content in (("d.json", {"train": train, "test": test}),
                          ("e.json", {"train": train, "test": test * 2})):  # fmt: skip
        file = table(name, content)
        assert rows(file, None, "--split", "train") == train
        assert rows(file, None, "--split", "test") == content["test"]
    by_number = table("f.json", {"1": train[0], "2": test[0]})
    assert rows(by_number) == [{"row_name": 1, **train[0]}, {"row_name": 2, **test[0]}]


def test_what_exists_on_disk_needs_no_letter(
    table: Any, gft: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table("reviews/train.csv", "text,label\na,b\n")
    for split in ("train", "val"):
        table(f"irony.{split}", "text,label\nc,d\n")
    monkeypatch.chdir(tmp_path)
    for name in ("reviews", "irony"):
        done = gft("cat_data", "--data", name, "--split", "train", "--format", "csv")
        assert done.status == 0 and f"C:{name}" in done.err
        assert next(csv.reader(done.out.splitlines()[1:])) in (["a", "b"], ["c", "d"])
