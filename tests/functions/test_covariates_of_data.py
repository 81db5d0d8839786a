"""Numbers and categories of a table: what gft_init, gft_summary and gft_cat_data say of them."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gft = Callable[..., Any]
HEADER = ("id", "speech", "age", "region", "code", "one", "when", "vote")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw = random.Random(3)
    words = ["we", "you", "they", "like", "hate", "law", "tax", "war", "peace", "never"]
    file = tmp_path_factory.mktemp("survey") / "survey.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER)
        for n in range(150):
            vote = draw.choice(["yes", "no"])
            speech = f"{' '.join(draw.choices(words, k=8))} {n}"
            age = "" if n % 10 == 0 else draw.randint(18, 80)
            region = draw.choice(["North", "South", "East"])
            writer.writerow((n, speech, age, region, {"yes": "J", "no": "N"}[vote], 1,
                             f"2024-01-{1 + n % 28:02}", vote))  # fmt: skip
    return file


def test_init_puts_covariates_beside_the_text(gft: Gft, table: Path) -> None:
    page = gft("init", table).out
    assert "--eqn 'classify: vote ~ speech + num(age) + cat(region)'" in page
    told = "num(age) and cat(region), beside the text; not code, which gives the label away"
    assert f"# covariates  {told}" in page
    assert "# inputs      speech; not id, code, one and when" in page


def test_init_names_the_missing_codes_of_covariates(gft: Gft, tmp_path: Path) -> None:
    """99 stands beside answers of 1 to 5, and is somebody's weight in another column."""
    draw = random.Random(4)
    lines = ["speech,age,mood,weight,vote"]
    for n in range(120):
        age, mood = (-99 if n % 9 == 0 else draw.randint(18, 80)), draw.choice([1, 2, 3, 4, 5, 99])
        words = " ".join(draw.choices(["we", "you", "they", "like", "hate", "law", "tax"], k=7))
        lines.append(
            f"{words} {n},{age},{mood},{draw.randint(50, 120)},{draw.choice(['yes', 'no'])}"
        )
    file = tmp_path / "answers.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    page = gft("init", file).out
    assert "num(age) + num(mood) + num(weight)" in page
    assert "--na -99 " in page and "mood: '99'" in page


def test_init_leaves_out_places_times_and_judgements(gft: Gft, tmp_path: Path) -> None:
    draw = random.Random(5)
    rows = [
        {
            "speaker": f"S{n // 8:02d}", "turn": n % 8 + 1, "count": n % 8 * 3 + n // 8,
            "pageNumber": draw.randint(1, 90), "posted": 1_700_000_000 + draw.randint(0, 10**6),
            "stars": draw.randint(1, 5), "number_of_children": draw.randint(0, 4),
            "speech": f"what they said {' '.join(draw.choices('abcdefgh', k=5))} {n}",
            "vote": draw.choice(["yes", "no"]),
        }
        for n in range(160)
    ]  # fmt: skip
    (file := tmp_path / "talk.jsonl").write_text("\n".join(map(json.dumps, rows)))
    page = gft("init", file).out
    assert "--eqn 'classify: vote ~ speech + num(number_of_children)'" in page


def test_summary_describes_covariates_and_finds_what_gives_the_label_away(
    gft: Gft, table: Path
) -> None:
    equation = "classify: vote ~ speech + num(age) + cat(code)"
    ran = gft("summary", "--data", f"C:{table}", "--eqn", equation)
    rows = [line.split() for line in ran.out.splitlines()]
    assert any(row[:3] == ["num(age)", "15", "mean"] for row in rows)
    assert any(row[:4] == ["cat(code)", "0", "2", "levels:"] for row in rows)
    assert "- column 'code' gives vote away: its value alone is right on 100.0%" in ran.out
    assert "column 'age' gives" not in ran.out
    found = json.loads(
        gft("summary", "--data", f"C:{table}", "--eqn", equation, "--format", "json").out
    )
    assert [one["column"] for one in found["covariates"]] == ["age", "code"]


def test_bare_columns_that_are_no_texts_are_noted(gft: Gft, table: Path) -> None:
    ran = gft("summary", "--data", f"C:{table}", "--eqn", "classify: vote ~ speech + age + region")
    told = "is read as text: write num(age) to have it as a number"
    assert f"column 'age' holds numbers, and {told}" in ran.err
    assert "column 'region' holds 3 short values, and is read as text: write cat(region)" in ran.err


def test_cat_data_writes_covariates_as_the_data_has_them(gft: Gft, table: Path) -> None:
    words = ("cat_data", "--data", f"C:{table}", "--split", "train",
             "--eqn", "classify: vote ~ num(age) + cat(region)")  # fmt: skip
    with table.open(encoding="utf-8", newline="") as file:
        first, second = list(csv.DictReader(file))[:2]
    lines = gft(*words).out.splitlines()
    assert lines[0] == f"|{first['region']}\t{first['vote']}"
    assert lines[1] == f"{second['age']}|{second['region']}\t{second['vote']}"
    rows = [json.loads(one) for one in gft(*words, "--format", "jsonl").out.splitlines()[:2]]
    assert (rows[0]["age"], rows[1]["age"]) == (None, int(second["age"]))


WRONG = {
    "classify: vote ~ speech + num(region)": "which is not a number: cat(region) takes categories",
    "classify: vote ~ speech + cat(id)": "cat(id) has 150 levels in 150 rows of train: an id says",
    "classify: vote ~ speech + nmu(age)": "no function 'nmu' (did you mean 'num'?)",
    "classify: vote ~ speech + as.factor(age)": "no function 'as.factor': write cat(age)",
    "classify: log(age) ~ speech": "classify learns no logarithm: only regress takes log()",
    "generate: speech ~ speech + num(age)": "generate takes text, not num(age): write age, which",
    "regress: log(id) ~ speech": "row 1 of train holds '0', and log() takes numbers above 0: log1p",
}


@pytest.mark.parametrize("equation", WRONG)
def test_what_is_wrong_is_one_line(gft: Gft, table: Path, equation: str) -> None:
    ran = gft("summary", "--data", f"C:{table}", "--eqn", equation)
    lines = [one for one in (ran.err + ran.out).splitlines() if WRONG[equation] in one]
    assert len(lines) == 1


def test_a_model_meets_data_with_covariates(gft: Gft, tiny: Path, table: Path) -> None:
    words = ("--data", f"C:{table}", "--eqn", "classify: vote ~ speech + num(age)")
    ran = gft("summary", "--model", f"C:{tiny}", *words)
    assert ran.status == 0 and "Input lengths:" in ran.out


def test_the_same_text_of_two_people_is_no_contradiction(gft: Gft, tmp_path: Path) -> None:
    lines = ["text,age,party,vote"]
    lines += [f"the law of mark{n} is good,{20 + n % 9},red,{'yn'[n % 2]}" for n in range(120)]
    lines += ["I do not know,30,red,y", "I do not know,31,red,n", "i do not know!,31.0,Red,y"]
    file = tmp_path / "talks.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for right, told in (
        ("text + num(age) + cat(party)", "2 rows of train have the same input and different "
         "labels: 'I do not know | 31 | red' is n and y"),
        ("text", "3 rows of train have the same input and different labels: 'I do not know' is"),
    ):  # fmt: skip
        page = gft("summary", "--data", file, "--eqn", f"classify: vote ~ {right}").out
        assert told in " ".join(page.split()), page
        assert ("levels: red (123)" in page) == ("cat" in right)
