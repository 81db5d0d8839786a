"""Programs with P: models or P: data as their authors wrote them: `paddle_programs.tsv`.

One of each kind is run; `GFT_EVERY_PROGRAM=1 pytest tests/test_paddle_programs.py` runs all.
Those of a task or a data set that is not there yet wait for it.
"""

from __future__ import annotations

import csv
import json
import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gft.registry import task_names, tasks
from gft.suppliers import downloads, paddle_table
from gft.suppliers.paddle_names import RENAMED, built_in
from gft.suppliers.pdparams import read_pdparams
from hub.datasets import SCHEMAS
from hub.mirror import Mirror
from hub.paddle import WEIGHTS, DataStore, serve_model
from hub.server import Hub

Row = dict[str, str]
ROWS = {"train": 24, "dev": 8, "test": 8}
with Path(__file__).with_name("paddle_programs.tsv").open(encoding="utf-8") as file:
    EVERY: list[Row] = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def task_of(row: Row) -> str | None:
    """Return the task, None if it is not there yet."""
    return task_names().get(row["eqn"].partition(":")[0])


def refused(row: Row) -> bool:
    return row["model"].startswith(("P:ernie-gen-", "P:ernie-doc-"))


def there(row: Row) -> bool:
    data = row["data"]
    return task_of(row) is not None and (data[0] != "H" or data[2:] in SCHEMAS)


def kind(row: Row) -> tuple[str | None, ...]:
    """Return what a program has in common with those that are like it."""
    name = row["model"][2:]
    family = built_in()[RENAMED.get(name, name)]["family"] if row["model"][0] == "P" else "H"
    data = row["data"].partition(",")[0] if row["data"][0] == "P" else row["data"][0]
    return family, data, task_of(row)


def chosen() -> list[Row]:
    """Return every program that can be run, or one of each kind: that with the fewest epochs."""
    possible = [row for row in EVERY if there(row) and not refused(row)]
    if os.environ.get("GFT_EVERY_PROGRAM"):
        return possible
    longest_first = sorted(possible, key=lambda row: row["arguments"][-2:], reverse=True)
    return list({kind(row): row for row in longest_first}.values())


def named(row: Row) -> str:
    return f"{row['model']}-{row['data']}-{row['eqn'].partition(':')[0]}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """PaddleNLP's store with a tiny model under each name, and its data sets with a few rows."""
    mirror, home = Mirror(), tmp_path_factory.mktemp("paddle") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GFT_PADDLE_MIRROR", mirror.url)
        patch.setenv("PPNLP_HOME", str(home))
        patch.setattr(downloads, "WAITS", ())
        for name in {row["model"][2:] for row in EVERY if row["model"][0] == "P"}:
            entry = built_in().get(RENAMED.get(name, name))
            if entry is not None:
                serve_model(mirror, home, name, f"{entry['family']}_sequence")
        data = DataStore(mirror, home)
        patch.setattr(paddle_table, "TABLE", data.copy)
        for name in {row["data"][2:] for row in EVERY if row["data"][0] == "P"}:
            data.fill(name, ROWS)
        yield mirror
    paddle_table._table.cache_clear()
    mirror.close()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the programs call $gft, with their own data sets, a few rows of each."""
    gft = tmp_path_factory.mktemp("gft")
    for row in EVERY:
        if row["data"].startswith("C:$gft/"):
            write_csv(Path(row["data"][2:].replace("$gft", str(gft))), row["eqn"])
    return gft


def write_csv(path: Path, equation: str) -> None:
    """Write the three splits of a data set with the columns of an equation."""
    task, _, columns = equation.partition(":")
    left, right = ([one.strip() for one in side.split("+")] for side in columns.split("~"))
    path.parent.mkdir(parents=True, exist_ok=True)
    for split, count in (("train", 24), ("val", 8), ("test", 8)):
        lines = [",".join([*left, *right])]
        for n in range(count):
            label = f"{n % 5}.5" if task == "regress" else ["no", "yes"][n % 2]
            label = "L U L" if task == "classify_tokens" else label
            lines.append(",".join([*[label] * len(left), *["the good movie"] * len(right)]))
        path.with_name(f"{path.name}.{split}").write_text("\n".join(lines) + "\n")


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
    if row["data"].startswith("C:$1/"):
        write_csv(tmp_path / row["data"].rpartition("/")[2], row["eqn"])
    ran = gft("fit", *words_of(row, own, tmp_path))
    assert ran.status == 0, ran.err
    out = Path(row["output_dir"].replace("$1", str(tmp_path)))
    record = json.loads((out / "gft.json").read_text(encoding="utf-8"))
    assert record["task"]["name"] == task_of(row)
    assert record["model"]["spec"] == row["model"]
    if row["splits"]:
        splits = row["splits"].split(",")
        assert [record["data"]["splits"][role] for role in ("train", "val", "test")] == splits
    figures = json.loads((out / "metrics.json").read_text(encoding="utf-8"))["splits"]["val"]
    assert record["figure_of_merit"] in figures["figures"]
    assert (out / "model.safetensors").is_file()
    if row["model"][0] == "P":
        assert read_pdparams(out / "paddle" / WEIGHTS, "P:out")
    else:
        assert not (out / "paddle").exists()


@pytest.mark.parametrize("row", [row for row in EVERY if refused(row)], ids=named)
def test_what_only_generates_or_needs_memories(
    row: Row, store: Mirror, own: Path, gft: Callable[..., Any], tmp_path: Path
) -> None:
    asked = len(store.asked)
    ran = gft("fit", *words_of(row, own, tmp_path / "out"))
    assert ran.status == 2
    [line] = [line for line in ran.err.splitlines() if "error" in line]
    assert "no class in transformers" in line or "transformers has no class" in line
    assert not (tmp_path / "out").exists()
    assert all(not path.endswith(".pdparams") for path, _ in store.asked[asked:])


def test_every_program_is_run_or_refused_or_waits() -> None:
    assert len(EVERY) == 124
    waiting = [row for row in EVERY if not there(row)]
    tasks_waited_for = {row["eqn"].partition(":")[0] for row in waiting}
    assert tasks_waited_for <= {"classify_tokens", "classify_spans"}
    assert all(task_of(row) in tasks() for row in EVERY if row not in waiting)
