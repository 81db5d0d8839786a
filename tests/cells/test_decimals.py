"""Numbers as a file's writer wrote them: decimal commas and thousands, on the left of regress."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gft.data.numbers import as_numbers, how_written, is_number, number_in, with_point
from ran import Ran

EQN = "regress: y ~ text"
Gft = Callable[..., Ran]


def written(folder: Path, cells: Sequence[str], name: str = "d.csv") -> Path:
    file = folder / name
    file.write_text("text;y\n" + "".join(f"text {n};{cell}\n" for n, cell in enumerate(cells)))
    return file


def numbers_of(ran: Ran) -> list[str]:
    assert ran.status == 0, ran.err
    return [line.split("\t")[1] for line in ran.out.splitlines()]


def test_one_strict_rule_says_what_a_number_is() -> None:
    for text, number in (("1", 1), (" -1.5 ", -1.5), (".5", 0.5), ("5.", 5), ("2e-3", 0.002)):
        assert number_in(text) == number
    for text in (
        "1_000",
        "0x10",
        "infinity",
        "nan",
        "1e400",
        "٣",
        "½",
        "5 %",
        "$5",
        "3,5",
        "",
        ".",
    ):
        assert not is_number(text)
    assert with_point("1.234,5", ",") == "1234.5" and with_point("1,234.5", ".") == "1234.5"
    assert with_point("12.34,5", ",") is None and with_point("1.234.5", ",") is None


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["3,5", "1"], [3.5, 1]),
        (["1.234,5", "2.000"], [1234.5, 2000]),
        (["1,234.5", "2,000"], [1234.5, 2000]),
        (["1,234,567"], [1234567]),
        (["0,125", "1,234"], [0.125, 1.234]),
        (["1.234"], [1.234]),
        (["3,5", "3.5"], None),
        (["3,5", "1.234"], None),
        (["3,5", "good"], None),
    ],
)
def test_how_a_column_is_written(cells: list[str], numbers: list[float] | None) -> None:
    assert as_numbers(cells) == numbers


def test_decimal_commas_are_found_over_all_splits(gft: Gft, tmp_path: Path) -> None:
    written(tmp_path, ["1,234", "2"], "train.csv")
    written(tmp_path, ["0,5", "1,234"], "test.csv")
    ran = gft("cat_data", "--data", tmp_path, "--eqn", EQN, "--split", "train")
    assert numbers_of(ran) == ["1.234", "2"]
    assert "column 'y': numbers with a decimal comma, such as '0,5', read as 0.5" in ran.err


def test_what_can_be_read_in_two_ways_is_refused(gft: Gft, tmp_path: Path) -> None:
    words = ("--data", written(tmp_path, ["2", "1,234"]), "--eqn", EQN)
    ran = gft("cat_data", *words)
    assert ran.status == 2
    assert ran.errors == [
        "gft_cat_data: error: column 'y' of d.csv: '1,234' (row 2 of train) may be 1.234 or 1234; "
        "choose --decimal , (a decimal comma) or --decimal . (a decimal point)"
    ]
    assert numbers_of(gft("cat_data", *words, "--decimal", ",")) == ["2", "1.234"]
    assert numbers_of(gft("cat_data", *words, "--decimal", ".")) == ["2", "1234"]
    ran = gft("cat_data", "--data", written(tmp_path, ["3,5", "2.5"]), "--eqn", EQN)
    assert (
        "numbers are written in two ways: '3,5' (row 1 of train) and '2.5' (row 2" in ran.errors[0]
    )


def test_cells_that_are_no_numbers_are_named(gft: Gft, tiny: Path, tmp_path: Path) -> None:
    for cell, why in (("1_000", "is not a number"), ("5 %", "has a percent sign"),
                      ("$5", "has a currency"), ("1e400", "is too large a number"),
                      ("infinity", "is not a number"), ("٣", "is not a number")):  # fmt: skip
        ran = gft("init", written(tmp_path, ["2", cell]), "--eqn", EQN)
        assert ran.errors == [
            f"gft_init: error: column 'y' of d.csv: row 2 of train holds {cell!r}, which {why}; "
            "regress needs numbers"
        ]
    file = written(tmp_path, ["2", "NA", "?"])
    ran = gft("fit", "--model", f"C:{tiny}", "--data", file, "--eqn", EQN, "--dry_run")
    assert "regress needs numbers: --na 'NA,?' if it means a missing value" in ran.errors[0]
    assert "--na 'NA,?' \\" in gft("init", file, "--eqn", EQN).out
    ran = gft("init", written(tmp_path, ["2", "1e39"]), "--eqn", EQN)
    assert "holds '1e39': models compute with numbers up to 3.4e+38" in ran.errors[0]


def test_a_fitted_model_remembers_how_numbers_were_written(
    gft: Gft, tiny: Path, tmp_path: Path
) -> None:
    out, plain = tmp_path / "out", written(tmp_path, ["3,5", "1,25", "2", "4,0"])
    done = gft("fit", "--model", f"C:{tiny}", "--data", plain, "--eqn", EQN, "--splits",
               "train,train", "--num_train_epochs", 1, "--output_dir", out)  # fmt: skip
    assert done.status == 0, done.err
    assert json.loads((out / "gft.json").read_text())["data"]["cells"] == {"decimal": ","}
    other = written(tmp_path, ["1,234", "2"], "other.csv")
    words = ("eval", "--model", f"C:{out}", "--split", "train", "--format", "json", "--data")
    assert gft(*words, other).status == 0
    ran = gft(*words, written(tmp_path, ["1.5", "2"], "points.csv"))
    assert ran.status == 2 and "--decimal ." in ran.errors[0]
    assert gft(*words, written(tmp_path, ["1.5", "2"], "points.csv"), "--decimal", ".").status == 0


def test_only_cells_that_show_it_are_evidence() -> None:
    assert how_written(["1,234", "good"]).odds == ("1,234",)
    assert how_written(["good, better", "1"]).is_plain
