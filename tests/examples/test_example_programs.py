"""The tree of example programs is what the tables say, and a shell and gft read it so."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

import programs
from gft.commands.argument_file import read_arguments
from gft.language.command_line import parse_command_line
from gft.language.program import build_program
from gft.registry import arguments, predict_only_names, task_names
from gft.suppliers.installed import letters

FITS = programs.table("fit_examples")
THEIRS = programs.table("their_models")
OUT = "/tmp/a folder"
FUNCTIONS = ("fit", "predict", "eval", "summary")


def test_the_tree_is_what_the_tables_say() -> None:
    there = {
        path.relative_to(programs.HERE).as_posix(): path.read_text(encoding="utf-8")
        for tree in programs.TREES
        for path in (programs.HERE / tree).rglob("*.sh")
    }
    assert there == programs.programs(), "python3 examples/programs.py writes them again"
    assert sum(path.startswith("fit_examples/") for path in there) == len(FITS) == 196


@pytest.fixture(scope="module")
def asked() -> dict[str, list[list[str]]]:
    """The words of every gft command by program, as a shell hands them over."""
    paths = sorted(programs.programs())
    stub = 'gft_NAME() { printf "%s\\037" NAME "$@"; printf "\\036"; } >&3\n'
    stubs = "".join(stub.replace("NAME", name) for name in FUNCTIONS)
    loop = 'exec 3>&1; python3() { :; }\nfor f do (set -- "OUT"; . "./$f"); printf "\\035"; done\n'
    done = subprocess.run(
        ["sh", "-c", stubs + loop.replace("OUT", OUT), "sh", *paths],
        env={"gft": "/g", "datasets": "/d", "gft_checkpoints": "/c", "HOME": "/home/me",
             "PATH": "/usr/bin:/bin"},
        cwd=programs.HERE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    parts = done.stdout.split("\035")[:-1]
    return {
        path: [line.split("\037")[:-1] for line in part.split("\036")[:-1]]
        for path, part in zip(paths, parts, strict=True)
    }


@pytest.mark.parametrize("row", FITS[::7], ids=lambda row: row["path"])
def test_a_shell_hands_over_what_the_table_says(
    row: programs.Row, asked: dict[str, list[list[str]]]
) -> None:
    [[function, *words]] = asked[f"fit_examples/{row['path']}"]
    expected = []
    for name in ("model", "data", "metric", "splits", "output_dir", "eqn"):
        expected += [f"--{name}", row[name]] if row[name] else []
    expected += shlex.split(row["arguments"])
    filled = {"$gft": "/g", "$1": OUT, "$HOME": "/home/me"}
    for name, value in filled.items():
        expected = [word.replace(name, value) for word in expected]
    assert function == "fit"
    assert words == expected


def test_gft_knows_every_argument_of_every_program(asked: dict[str, list[list[str]]]) -> None:
    assert len(asked) > 700
    for path, commands in asked.items():
        assert commands, path
        for function, *words in commands:
            parsed = parse_command_line(function, words, arguments(), read_arguments)
            program = build_program(
                function, parsed.given, letters(), task_names(), predict_only_names()
            )
            assert program.model, path


def test_a_program_asks_for_what_it_needs() -> None:
    path = programs.HERE / "fit_examples/model.PaddleHub/language/KGC/WN18RR.sh"
    for env, said in (({}, "the folder of gft's repository"), ({"gft": "/g"}, "WN18RR.sh FOLDER")):
        done = subprocess.run(["sh", path], env={**env, "PATH": "/bin"}, capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert done.returncode != 0
        assert said in done.stderr


def test_tables_have_a_row_a_program() -> None:
    assert len({row["path"] for row in FITS}) == len(FITS)
    assert len({(row["function"], row["name"]) for row in THEIRS}) == len(THEIRS)
    tasks = {row["name"] for row in THEIRS}
    for function in ("predict", "summary"):
        assert {row["name"] for row in THEIRS if row["function"] == function} == tasks
    assert all(Path(row["path"]).suffix == ".sh" for row in FITS)
