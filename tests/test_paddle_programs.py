"""Programs with P: models or P: data as their authors wrote them: `examples/fit_examples.tsv`.

One of each kind is run; `GFT_EVERY_PROGRAM=1 pytest tests/test_paddle_programs.py` runs all.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import make_cased
from gft.registry import task_names
from gft.suppliers.paddle import downloads
from gft.suppliers.paddle import table as paddle_table
from gft.suppliers.paddle.names import RENAMED, built_in
from gft.suppliers.paddle.pdparams import read_pdparams
from hub.mirror import Mirror
from hub.paddle import WEIGHTS, fill_store
from hub.server import Hub
from loopback import STORED_ROWS, small_gft
from metrics_of_rows import metrics_of
from programs import Row, table

EVERY = [row for row in table("fit_examples") if "P:" in row["model"] + row["data"]]


def kind(row: Row) -> tuple[str | None, ...]:
    """Return what a program has in common with those that are like it."""
    name = row["model"][2:]
    family = built_in()[RENAMED.get(name, name)]["family"] if row["model"][0] == "P" else "H"
    data = row["data"].partition(",")[0] if row["data"][0] == "P" else row["data"][0]
    return family, data, task_of(row)


def task_of(row: Row) -> str:
    return task_names()[row["eqn"].partition(":")[0]]


def chosen() -> list[Row]:
    """Return every program that can be run, or one of each kind: that with the fewest epochs."""
    possible = [row for row in EVERY if not row["error"]]
    if os.environ.get("GFT_EVERY_PROGRAM"):
        return possible
    longest_first = sorted(possible, key=lambda row: row["arguments"][-2:], reverse=True)
    return list({kind(row): row for row in longest_first}.values())


def named(row: Row) -> str:
    return row["path"].removesuffix(".sh")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """PaddleNLP's store with a tiny model under each name, and its data sets with a few rows."""
    mirror, home = Mirror(), tmp_path_factory.mktemp("paddle") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GFT_PADDLE_MIRROR", mirror.url)
        patch.setenv("PPNLP_HOME", str(home))
        patch.setattr(downloads, "WAITS", ())
        patch.setattr(paddle_table, "TABLE", fill_store(mirror, home, EVERY, STORED_ROWS).copy)
        yield mirror
    paddle_table._table.cache_clear()
    mirror.close()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the programs call $gft, with a few rows of each data set."""
    return small_gft(tmp_path_factory.mktemp("home") / "gft")


def words_of(row: Row, gft: Path, out: Path) -> list[str]:
    """Return the words of the command as the shell would hand them over."""
    options = ("model", "data", "metric", "splits", "eqn", "output_dir")
    words = [word for name in options if row[name] for word in (f"--{name}", row[name])]
    words += shlex.split(row["arguments"])
    return [word.replace("$gft", str(gft)).replace("$1", str(out)) for word in words]


@pytest.mark.parametrize("row", chosen(), ids=named)
def test_a_program(
    row: Row, hub: Hub, store: Mirror, own: Path, gft: Callable[..., Any], tmp_path: Path
) -> None:
    if row["first"]:
        _, script, *words = shlex.split(
            row["first"].partition(" > ")[0].replace("$1", str(tmp_path))
        )
        if script.endswith("make_cased.py"):
            assert make_cased.main(words) == 0
    ran = gft("fit", *words_of(row, own, tmp_path))
    assert ran.status == 0, ran.err
    out = Path(row["output_dir"].replace("$1", str(tmp_path)))
    record = json.loads((out / "gft.json").read_text(encoding="utf-8"))
    assert record["task"]["name"] == task_of(row)
    assert record["model"]["spec"] == row["model"]
    if row["splits"]:
        splits = row["splits"].split(",")
        assert [record["data"]["splits"][role] for role in ("train", "val", "test")] == splits
    scores = json.loads((out / "metrics.json").read_text(encoding="utf-8"))["splits"]["val"]
    assert record["figure_of_merit"] in scores["metrics"]
    if task_of(row) in ("classify_tokens", "classify_spans"):
        ran = gft("predict", "--model", f"C:{out}", "--data",
                  row["data"].replace("$1", str(tmp_path)), "--split",
                  record["data"]["splits"]["val"], "--format", "jsonl")  # fmt: skip
        expected = metrics_of(row, [json.loads(line) for line in ran.out.splitlines()])
        found = {name: scores["metrics"][name]["value"] for name in expected}
        assert found == pytest.approx(expected, rel=1e-12, abs=0)
    assert (out / "model.safetensors").is_file()
    if row["model"][0] == "P":
        assert read_pdparams(out / "paddle" / WEIGHTS, "P:out")
    else:
        assert not (out / "paddle").exists()


@pytest.mark.parametrize("row", [row for row in EVERY if row["error"]], ids=named)
def test_what_only_generates_or_needs_memories(
    row: Row, store: Mirror, own: Path, gft: Callable[..., Any], tmp_path: Path
) -> None:
    asked = len(store.asked)
    ran = gft("fit", *words_of(row, own, tmp_path / "out"))
    assert ran.status == 2
    [line] = [line for line in ran.err.splitlines() if "error" in line]
    assert row["error"] in line
    assert not (tmp_path / "out").exists()
    assert all(not path.endswith(".pdparams") for path, _ in store.asked[asked:])


def test_the_table_has_them_all() -> None:
    assert len(EVERY) == 124
