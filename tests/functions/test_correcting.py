"""--corrections: labels that come back from a spreadsheet."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

import gft as gft_package
from data.workbook_files import write_xlsx
from gft.data.marks import row_marks
from gft.data.table import Rows

GFT = Callable[..., Any]
TEXTS = [f"{word} number {n}" for n, word in enumerate(["river", "stone", "Käse"] * 20)]
COLOURS = ["red", "grün", "=blue"]


def colours(folder: Path) -> Path:
    """Write 60 rows of three classes and return their file."""
    file = folder / "colours.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "colour"])
        writer.writerows([text, COLOURS[n % 3]] for n, text in enumerate(TEXTS))
    return file


def marks(texts: Sequence[str] = TEXTS) -> list[str]:
    return list(row_marks(Rows(pa.table({"text": list(texts)})), ["text"]))


def written(file: Path, lines: Sequence[Sequence[Any]], encoding: str = "utf-8-sig",
            delimiter: str = ",") -> Path:  # fmt: skip
    """Write a table of corrections: row, label and corrected label of each line."""
    with file.open("w", newline="", encoding=encoding) as out:
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(["row", "split", "text", "colour", "corrected_label", "inputs_hash"])
        for row, label, corrected in lines:
            writer.writerow([row, "train", TEXTS[row - 1], label, corrected, marks()[row - 1]])
    return file


def rows_of(gft: GFT, data: Path, *more: Any, split: str = "train") -> dict[str, str]:
    ran = gft("cat_data", "--data", f"C:{data}", "--eqn", "classify: colour ~ text",
              "--split", split, "--format", "jsonl", *more)  # fmt: skip
    assert ran.status == 0, ran.err
    rows = map(json.loads, ran.out.splitlines())
    return {row["text"]: row["colour"] for row in rows}


def of_val(gft: GFT, data: Path) -> int:
    """Return the number, from 1, of a row that is drawn for val."""
    return TEXTS.index(next(iter(rows_of(gft, data, split="val")))) + 1


def in_train(gft: GFT, data: Path) -> list[int]:
    """Return the numbers of rows that are not drawn for val, of each class in turn."""
    val = rows_of(gft, data, split="val")
    return [n + 1 for n, text in enumerate(TEXTS) if text not in val]


def test_what_is_written_beside_a_label_or_over_it_is_taken(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    first, second, third, *_ = (n for n in in_train(gft, data) if n % 3 == 1)
    file = written(
        tmp_path / "new.csv",
        [(third, "red", ""), (second, "grün", ""), (first, "red", "'=blue")],
    )
    before, after = rows_of(gft, data), rows_of(gft, data, "--corrections", file)
    changed = {text: after[text] for text in after if after[text] != before[text]}
    assert changed == {TEXTS[first - 1]: "=blue", TEXTS[second - 1]: "grün"}


def test_val_is_drawn_by_the_labels_as_they_were(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    file = written(
        tmp_path / "new.csv",
        [(n, COLOURS[(n - 1) % 3], "red") for n in in_train(gft, data)[:20]],
    )
    before = rows_of(gft, data, split="val")
    assert rows_of(gft, data, "--corrections", file, split="val") == before


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("cp1252", ";"), ("utf-8", ","), ("utf-16", "\t"), ("utf-8-sig", ";"), ("cp1252", ",")],
)
def test_any_way_of_saving_is_read(gft: GFT, tmp_path: Path, encoding: str, delimiter: str) -> None:
    data = colours(tmp_path)
    row = next(n for n in in_train(gft, data) if n % 3 == 1)
    file = written(tmp_path / "new.csv", [(row, "red", "grün")], encoding, delimiter)
    with file.open(
        "a", newline="", encoding=encoding.replace("-sig", "").replace("16", "16-le")
    ) as out:
        out.write(delimiter * 5 + "\r\n")  # An empty row, as spreadsheets leave.
    assert rows_of(gft, data, "--corrections", file)[TEXTS[row - 1]] == "grün"


def test_a_workbook_is_read(gft: GFT, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    data = colours(tmp_path)
    row = next(n for n in in_train(gft, data) if n % 3 == 1)
    lines = [["inputs_hash", "corrected_label", "row", "colour"],
             [marks()[row - 1], "GRÜN ", row, "red"]]  # fmt: skip
    write_xlsx(tmp_path / "new.xlsx", {"Sheet1": lines})
    after = rows_of(gft, data, "--corrections", tmp_path / "new.xlsx")
    assert after[TEXTS[row - 1]] == "grün"


def refused(gft: GFT, data: Path, file: Path) -> list[str]:
    ran = gft("cat_data", "--data", f"C:{data}", "--eqn", "classify: colour ~ text",
              "--split", "train", "--corrections", file)  # fmt: skip
    assert ran.status == 2 and ran.out == ""
    errors: list[str] = ran.errors
    return errors


def test_rows_that_are_others_now_are_refused(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    file = written(tmp_path / "new.csv", [(1, "red", "grün"), (4, "red", "")])
    lines = data.read_text(encoding="utf-8").splitlines()
    data.write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
    errors = refused(gft, data, file)
    assert len(errors) == 2
    assert (
        f"--corrections {file}, row 2: row 1 of train of colours.csv has other inputs" in errors[0]
    )
    assert "row 3: row 4 of train" in errors[1]


def test_what_is_no_label_is_refused(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    file = written(tmp_path / "new.csv", [(1, "red", "gren"), (4, "red", "violet")])
    errors = refused(gft, data, file)
    assert "row 2: no label 'gren'" in errors[0] and "did you mean 'grün'?" in errors[0]
    assert "row 3: no label 'violet'" in errors[1]


def test_broken_tables_are_refused(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    assert "there is no such file" in refused(gft, data, tmp_path / "none.csv")[0]
    (tmp_path / "other.csv").write_text("text,colour\na,red\n", encoding="utf-8")
    assert "has no column row and inputs_hash" in refused(gft, data, tmp_path / "other.csv")[0]
    file = written(tmp_path / "new.csv", [(1, "red", "grün"), (1, "red", "=blue")])
    assert "row 3 and row 2 give different labels for row 1 of train" in refused(gft, data, file)[0]
    text = file.read_text(encoding="utf-8-sig").replace("\n1,train", "\n99,train")
    file.write_text(text, encoding="utf-8")
    assert "row 2: there is no row 99; train has 60 rows" in refused(gft, data, file)[0]
    file.write_text(text.replace("99,train", "x,train"), encoding="utf-8")
    assert "row 2: column 'row' holds 'x'" in refused(gft, data, file)[0]


def test_val_is_left_alone_unless_told(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    row = of_val(gft, data)
    label = COLOURS[(row - 1) % 3]
    other = next(one for one in COLOURS if one != label)
    file = written(tmp_path / "new.csv", [(row, label, other)])
    ran = gft("cat_data", "--data", f"C:{data}", "--eqn", "classify: colour ~ text",
              "--split", "val", "--corrections", file)  # fmt: skip
    assert "0 labels changed; ignored 1 correction of rows outside train" in ran.err
    assert rows_of(gft, data, "--corrections", file, split="val")[TEXTS[row - 1]] == label
    held_out = rows_of(gft, data, "--corrections", file, "--correct_held_out", split="val")
    assert held_out[TEXTS[row - 1]] == other


def table(file: Path, header: Sequence[str], *lines: Sequence[Any]) -> Path:
    with file.open("w", newline="", encoding="utf-8-sig") as out:
        csv.writer(out).writerows([header, *lines])
    return file


def cells(gft: GFT, data: Path, eqn: str, file: Path, *more: str) -> list[dict[str, Any]]:
    ran = gft("cat_data", "--data", f"C:{data}", "--eqn", eqn, "--split", "train",
              "--format", "jsonl", "--corrections", file, *more)  # fmt: skip
    assert ran.status == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def splits(folder: Path, columns: dict[str, Any]) -> Path:
    """Write rows as train, val and test of parquet, so that all of train is train."""
    for split in ("train", "val", "test"):
        pa.parquet.write_table(pa.table(columns), folder / f"{split}.parquet")
    return folder


def test_numbers_are_corrected_as_any_spreadsheet_writes_them(gft: GFT, tmp_path: Path) -> None:
    data = splits(tmp_path, {"text": TEXTS[:4], "size": [1, 2, 3, 4]})
    file = table(tmp_path / "new.csv", ["row", "size", "corrected_label", "inputs_hash"],
                 [1, 1, "2,5", marks()[0]], [2, 2, "2.0", marks()[1]],
                 [3, 3, -7, marks()[2]])  # fmt: skip
    rows = cells(gft, data, "regress: size ~ text", file)
    assert [row["size"] for row in rows] == [2.5, 2, -7, 4]
    table(file, ["row", "size", "corrected_label", "inputs_hash"], [1, 1, "big", marks()[0]])
    ran = gft("cat_data", "--data", f"C:{data}", "--eqn", "regress: size ~ text", "--split",
              "train", "--corrections", file)  # fmt: skip
    assert ran.status == 2 and "row 2: 'big' is not a number" in ran.errors[0]


def test_lists_of_labels_are_corrected(gft: GFT, tmp_path: Path) -> None:
    labels = [["a"], ["a", "b"], [], ["b"]]
    data = splits(tmp_path, {"text": TEXTS[:4], "label": labels})
    file = table(tmp_path / "new.csv", ["row", "label", "corrected_label", "inputs_hash"],
                 [1, '["a"]', '["b", "a"]', marks()[0]], [2, '["b", "a"]', "", marks()[1]],
                 [4, '["b"]', "[]", marks()[3]])  # fmt: skip
    rows = cells(gft, data, "classify: label ~ text", file)
    assert [row["label"] for row in rows] == [["b", "a"], ["a", "b"], [], []]


def test_columns_of_labels_are_corrected_each_in_its_own(gft: GFT, tmp_path: Path) -> None:
    data = splits(tmp_path, {"text": TEXTS[:4], "a": [1, 0, 1, 0], "b": [1, 1, 0, 0]})
    file = table(tmp_path / "new.csv", ["row", "corrected_a", "corrected_b", "inputs_hash"],
                 [1, "0", "", marks()[0]], [2, "1", "0", marks()[1]])  # fmt: skip
    rows = cells(gft, data, "classify: a + b ~ text", file)
    assert [(bool(row["a"]), bool(row["b"])) for row in rows[:3]] == [
        (False, True), (True, False), (True, False),
    ]  # fmt: skip


def test_a_column_that_was_sorted_by_itself_is_refused(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    header = ["row", "split", "text", "colour", "corrected_label", "inputs_hash"]
    lines = [[n + 1, "train", TEXTS[n], COLOURS[n % 3], "", marks()[n]] for n in range(20)]
    lines[0][4] = "grün"
    texts = sorted(line[2] for line in lines)
    moved = [[*line[:2], text, *line[3:]] for line, text in zip(lines, texts, strict=True)]
    errors = refused(gft, data, table(tmp_path / "new.csv", header, *reversed(moved)))
    assert "was a column sorted by itself?" in errors[0]
    assert len(errors) == 7 and re.search(r"error: and \d+ more rows of ", errors[-1])
    found = re.findall(r"new.csv, row (\d+): the text of row", "\n".join(errors))
    assert len(found) == 5 and list(map(int, found)) == sorted(map(int, found))
    lines[3][2] += " edited"
    [error] = refused(gft, data, table(tmp_path / "new.csv", header, *lines))
    assert "row 5: the text of row 4 of train is not that of the data" in error
    assert "('river number 3 edited', not 'river number 3')" in error
    lines[3][2] = f" {TEXTS[3]}\r\n"  # What spreadsheets do to a cell is no mistake.
    rows_of(gft, data, "--corrections", table(tmp_path / "new.csv", header, *lines))
    without = [[*line[:2], *line[3:]] for line in lines]
    file = table(tmp_path / "new.csv", [*header[:2], *header[3:]], *without)
    rows_of(gft, data, "--corrections", file)


def test_labels_of_another_column_are_refused(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    file = table(tmp_path / "new.csv", ["row", "text", "mood", "corrected_label", "inputs_hash"],
                 [1, TEXTS[0], "red", "grün", marks()[0]])  # fmt: skip
    [error] = refused(gft, data, file)
    assert "has no column 'colour', so its labels are of another column" in error


def test_many_bad_rows_are_told_by_the_first_and_a_cause(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    file = written(tmp_path / "new.csv", [(n, "red", "violet") for n in range(30, 0, -1)])
    errors = refused(gft, data, file)
    assert "is it of another equation?" in errors[0] and len(errors) == 7
    assert "row 2: no label 'violet'" in errors[1] and "and 25 more rows" in errors[6]
    text = re.sub(r"(?m)^(\d+),train", r"\g<1>000,train", file.read_text(encoding="utf-8-sig"))
    file.write_text(text, encoding="utf-8")
    errors = refused(gft, data, file)
    assert "this table belongs to other data than colours.csv" in errors[0] and len(errors) == 7
    assert "row 2: there is no row 30,000" in errors[1]


def test_many_changed_labels_are_told(gft: GFT, tmp_path: Path) -> None:
    data = colours(tmp_path)
    known = in_train(gft, data)
    for count, told in ((5, False), (20, True)):
        some = [n for n in known if n % 3][:count]
        lines = [(n, COLOURS[(n - 1) % 3], "=blue") for n in some]
        ran = gft("cat_data", "--data", f"C:{data}", "--eqn", "classify: colour ~ text", "--split",
                  "train", "--corrections", written(tmp_path / "new.csv", lines))  # fmt: skip
        assert ran.status == 0 and (f"changes 20 of {len(known)} labels" in ran.err) == told


def test_a_fit_keeps_what_was_corrected(gft: GFT, tiny: Path, tmp_path: Path) -> None:
    data, out = colours(tmp_path), tmp_path / "out"
    row, other, *_ = (n for n in in_train(gft, data) if n % 3 == 1)
    file = written(tmp_path / "new.csv", [(row, "red", "=blue")])
    fit = ["fit", "--model", f"C:{tiny}", "--data", f"C:{data}", "--eqn",
           "classify: colour ~ text", "--num_train_epochs", "1", "--corrections", file]  # fmt: skip
    ran = gft(*fit, "--output_dir", out)
    assert ran.status == 0, ran.err
    assert f"--corrections {file}: 1 label changed" in ran.err
    record = json.loads((out / "gft.json").read_text(encoding="utf-8"))
    assert record["data"]["corrections"]["changed"] == 1
    assert record["data"]["fingerprint"] == gft_package.load_data(f"C:{data}").fingerprint()
    with (out / "corrections.csv").open(newline="", encoding="utf-8-sig") as lines:
        [kept] = csv.DictReader(lines)
    assert (kept["row"], kept["colour"], kept["corrected_label"]) == (str(row), "red", "'=blue")
    # What the folder was fitted to has the corrected label, in every function.
    shown = gft("cat_data", "--model", f"C:{out}", "--split", "train", "--format", "jsonl")
    labels = {one["text"]: one["colour"] for one in map(json.loads, shown.out.splitlines())}
    assert labels[TEXTS[row - 1]] == "=blue" and labels[TEXTS[other - 1]] == "red"
    gold = gft("predict", "--model", f"C:{out}", "--split", "train")
    assert gold.out.splitlines()[row - 1].split("\t")[1] == "=blue"
    # The table of the next round has what was corrected before, and is taken as a whole.
    with (out / "label_errors.csv").open(newline="", encoding="utf-8-sig") as lines:
        [again] = [one for one in csv.DictReader(lines) if one["row"] == str(row)]
    assert (again["colour"], again["corrected_label"]) == ("red", "'=blue")
    next_round = rows_of(gft, data, "--corrections", out / "label_errors.csv")
    assert next_round == rows_of(gft, data, "--corrections", file)
    # Another table is another program, also under the same name.
    written(file, [(row, "red", "grün")])
    ran = gft(*fit, "--output_dir", out)
    assert ran.status == 2 and f"{file} has changed since {out} was fitted" in ran.errors[0]
    fit[-1] = out / "label_errors.csv"
    ran = gft(*fit, "--output_dir", out, "--overwrite_output_dir")
    assert ran.status == 2 and "copy it elsewhere" in ran.errors[0]
