"""gft_summary --data --eqn: what looks wrong with the data before anything is trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gft as gft_package

Gft = Callable[..., Any]
TOPICS = {
    "food": "soup bread salt oven spoon dinner onion",
    "ships": "sail anchor mast deck tide port",
}
COMMON = "the a of we had some very with then under over again"
GERMAN = "das Schiff liegt seit gestern im Hafen und niemand weiß, wann es wieder fährt"


def text(topic: str, seed: int, words: int = 9) -> str:
    random = np.random.default_rng(seed)
    return " ".join(random.choice(f"{TOPICS[topic]} {COMMON}".split(), words))


def rows(count: int, first: int) -> list[dict[str, str]]:
    topics = list(TOPICS)
    return [{"text": text(topics[n % 2], first + n), "topic": topics[n % 2]} for n in range(count)]


def write(folder: Path, **splits: list[dict[str, str]]) -> Path:
    for name, found in splits.items():
        lines = "".join(json.dumps(row) + "\n" for row in found)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def warnings(
    gft: Gft, folder: Path, eqn: str = "classify: topic ~ text", *more: object
) -> list[str]:
    ran = gft("summary", "--data", f"C:{folder}", "--eqn", eqn, *more)
    assert ran.status == 0, ran.err
    return [line[2:] for line in ran.out.splitlines() if line.startswith("- ")]


def test_clean_data_has_none(gft: Gft, tmp_path: Path) -> None:
    write(tmp_path, train=rows(200, 0), val=rows(60, 1000))
    given = ("summary", "--data", f"C:{tmp_path}", "--eqn", "classify: topic ~ text")
    ran = gft(*given)
    assert "Warnings: none; nothing looks wrong" in ran.out
    assert gft(*given, "--strict").status == 0
    assert "Warnings" not in gft("summary", "--data", f"C:{tmp_path}").out


def test_what_is_wrong_is_counted_with_an_example(gft: Gft, tmp_path: Path) -> None:
    train, val = rows(200, 0), rows(60, 1000)
    train += [{"text": "one of a kind", "topic": "rare"}, {"text": " ", "topic": "food"}]
    val += [{**row, "text": f"  {row['text']} "} for row in train[:7]]
    val += [{**row, "text": row["text"].upper() + "!"} for row in train[20:23]]
    val += [{**row, "text": row["text"].upper() + " again!"} for row in train[50:54]]
    val += [{"text": "unheard of", "topic": "new"}]
    found = warnings(gft, write(tmp_path, train=train, val=val))
    start = train[0]["text"][:40]
    same = f"10 of the 75 rows of val are in train too (13.3%), such as '{start}"
    assert any(line.startswith(same) for line in found)  # fmt: skip
    assert any(line.startswith("4 more of the 75 rows of val (5.3%) are nearly in train")
               and train[50]["text"][:30].upper() in line for line in found)  # fmt: skip
    assert "val has labels that train lacks: new" in found
    assert "val has no row of rare, which train has: its scores say nothing of that class" in found
    assert "1 class has fewer than 5 rows: rare (1)" in found
    assert "1 of the 202 rows of train has no text at all" in found
    assert len(found) == 6


def test_splits_are_used_as_named(gft: Gft, tmp_path: Path) -> None:
    write(tmp_path, train=rows(50, 0), test=rows(80, 0))
    found = warnings(gft, tmp_path, "classify: topic ~ text", "--splits", "test,train")
    assert found[-1].startswith("50 of the 50 rows of train are in test too (100.0%)")


def test_languages_and_lengths(gft: Gft, tmp_path: Path) -> None:
    val = [{"text": f"{GERMAN} {text('ships', n, 2)}", "topic": "ships"} for n in range(60)]
    found = warnings(gft, write(tmp_path, train=rows(200, 0), val=val, test=rows(99, 5000)))
    assert any("train and val are in other languages" in line and "% de in val" in line
               for line in found)  # fmt: skip
    assert any(line.startswith("the texts of val are longer than those of train") for line in found)
    assert not any("of test" in line for line in found)


def test_a_column_that_gives_the_label_away(gft: Gft, tmp_path: Path) -> None:
    train = [{**row, "shelf": f"S{len(row['topic'])}"} for row in rows(200, 0)]
    write(tmp_path, train=train)
    [found] = warnings(gft, tmp_path, "classify: topic ~ text + shelf")
    assert found.startswith("column 'shelf' gives topic away: its value alone is right on 100.0%")
    assert warnings(gft, tmp_path) == []


def test_rows_that_a_model_would_cut(gft: Gft, tiny: Path, tmp_path: Path) -> None:
    train = rows(196, 0) + [{"text": text("food", n, 900), "topic": "food"} for n in range(4)]
    [found] = warnings(gft, write(tmp_path, train=train), "classify: topic ~ text",
                       "--model", f"C:{tiny}")  # fmt: skip
    assert found.startswith("2.0 % of the rows of train are longer than the")
    assert "would be truncated (counted in 200 of them)" in found


def test_strict_makes_errors_of_them(gft: Gft, tmp_path: Path) -> None:
    write(tmp_path, train=rows(200, 0), val=rows(10, 0))
    given = ("summary", "--data", f"C:{tmp_path}", "--eqn", "classify: topic ~ text")
    ran = gft(*given, "--strict")
    assert ran.status == 2 and ran.out == ""
    assert ran.errors[0].startswith("gft_summary: error: 10 of the 10 rows of val are in train too")
    assert "Traceback" not in ran.err
    [found] = json.loads(gft(*given, "--json").out)["warnings"]
    assert (found["kind"], found["count"]) == ("in two splits", 10)
    idle = gft("summary", "--data", f"C:{tmp_path}", "--strict")
    assert idle.status == 0 and "--strict has no effect without --data and --eqn" in idle.err
    with pytest.raises(gft_package.UserError, match="are in train too"):
        gft_package.summary(data=f"C:{tmp_path}", eqn="classify: topic ~ text", strict=True)


def test_repeats_are_folded_as_in_a_fit(gft: Gft, tmp_path: Path) -> None:
    train = rows(200, 0)
    train += [
        {"text": f"RT @ann: {row['text'].upper()} !!", "topic": row["topic"]} for row in train[:7]
    ]
    write(tmp_path, train=train)
    assert "7 rows of train repeat an earlier row" in "\n".join(warnings(gft, tmp_path))


def test_rows_without_a_label_contradict_none(gft: Gft, tmp_path: Path) -> None:
    said = [{"text": "none", "topic": topic} for topic in ("food", "ships", "")]
    write(tmp_path, train=rows(200, 0) + said)
    [told] = [one for one in warnings(gft, tmp_path) if "different labels" in one]
    assert told == (
        "2 rows of train have the same input and different labels: 'none' is food and ships"
    )


def test_groups_in_two_splits_are_counted(gft: Gft, tmp_path: Path) -> None:
    train = [{**row, "who": f"w{n % 20}"} for n, row in enumerate(rows(200, 0))]
    val = [{**row, "who": f"w{n % 40}"} for n, row in enumerate(rows(60, 1000))]
    write(tmp_path, train=train, val=val)
    eqn = "classify: topic ~ text"
    assert not any("group" in one for one in warnings(gft, tmp_path, eqn))
    told = "\n".join(warnings(gft, tmp_path, eqn, "--group", "who"))
    assert "40 of the 60 rows of val (66.7%) are of a group of who that train has too (20" in told
    ran = gft("summary", "--data", f"C:{tmp_path}", "--eqn", eqn, "--group", "whom")
    assert ran.status == 2 and "--group: " in ran.err and "whom" in ran.err
