"""The example programs: `python3 examples/programs.py` writes them from two tables beside it.

`fit_examples.tsv` has a row for each program that fits a model; for each that can be fitted there
are three more: predict, eval and summary of what it left. `their_models.tsv` has programs for
models that others fitted. A test holds tables and programs equal.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
TREES = ("fit_examples", "predict_examples", "eval_examples", "summary_examples")
Row = dict[str, str]


def table(name: str) -> list[Row]:
    """Return the rows of a table; cells are text as a shell reads it."""
    with (HERE / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def programs() -> dict[str, str]:
    """Return every program by its path under this folder."""
    found = {}
    for row in table("fit_examples"):
        found[f"fit_examples/{row['path']}"] = fit_program(row)
        if not row["error"]:
            for function in ("predict", "eval", "summary"):
                found[f"{function}_examples/{row['path']}"] = twin(function, row)
    for row in table("their_models"):
        path = f"{row['function']}_examples/their_models/{row['name']}.sh"
        found[path] = their_program(row)
    return found


def fit_program(row: Row) -> str:
    """Return the program of a row, which takes the folder for its results."""
    usage = f"sh {Path(row['path']).name} FOLDER"
    lines = [f"outdir=${{1:?usage: {usage}}}"]
    if row["first"]:
        lines += ["set -e", row["first"].replace("$1", "$outdir")]
    parts = [
        *(f"--{name} {quoted(row[name])}" for name in ("model", "data", "metric", "splits")
          if row[name]),
        f"--output_dir {quoted(row['output_dir'])}",
        f"--eqn '{row['eqn']}'",
        *re.split(r" (?=--)", row["arguments"]),
    ]  # fmt: skip
    return text(*lines, command("gft_fit", parts).replace("$1", "$outdir"))


def twin(function: str, row: Row) -> str:
    """Return the program that predicts, scores or says what is in what a fit left."""
    if function == "summary":
        return text(command("gft_summary", [f"--model {quoted('C:' + left_by(row))}"]))
    data = row["data"].replace("$1", results_of(row))
    parts = [f"--model {quoted('C:' + left_by(row))}", f"--data {quoted(data)}"]
    named = ("metric", "splits") if function == "eval" else ("splits",)
    parts += [f"--{name} {row[name]}" for name in named if row[name]]
    return text(command(f"gft_{function}", parts))


def results_of(row: Row) -> str:
    """Return the folder that a fit program is given when all of them are run."""
    return f"$gft_checkpoints/{row['path'].removesuffix('.sh')}/ckpt"


def left_by(row: Row) -> str:
    """Return the folder that a fit program leaves its model in."""
    return row["output_dir"].replace("$1", results_of(row))


def their_program(row: Row) -> str:
    """Return the program of a row of `their_models`."""
    parts = [f"--{name} {quoted(row[name])}" for name in ("model", "data", "metric", "split")
             if row[name]]  # fmt: skip
    parts += [f"--eqn '{row['eqn']}'"] if row["eqn"] else []
    parts += re.split(r" (?=--)", row["arguments"]) if row["arguments"] else []
    run = command(f"gft_{row['function']}", parts)
    return text(f"{row['input']} |\n{run}" if row["input"] else run)


def command(name: str, parts: list[str]) -> str:
    """Return a command with an argument a line."""
    return " \\\n    ".join([f"{name} {parts[0]}", *parts[1:]])


def quoted(word: str) -> str:
    """Return a word between double quotes if the shell is to fill something in."""
    return f'"{word}"' if "$" in word else word


def text(*lines: str) -> str:
    """Return a program, which asks for the variables that it needs."""
    body = "\n".join(lines)
    asked = {
        "gft": "the folder of gft's repository",
        "datasets": "the folder of the data sets, $gft/datasets",
        "gft_checkpoints": "the folder that the fit programs left their results in",
    }
    needs = [
        f': "${{{name}:?{what}}}"'.replace("$gft/", "gft/")
        for name, what in asked.items()
        if re.search(rf"\${name}\b", body)
    ]
    return "\n".join(["#!/bin/sh", *needs, body, ""])


def main() -> int:
    """Write the programs, and remove what is no longer in the tables; return the exit status."""
    wanted = programs()
    for tree in TREES:
        for path in (HERE / tree).rglob("*.sh"):
            if path.relative_to(HERE).as_posix() not in wanted:
                path.unlink()
    for name, body in wanted.items():
        (HERE / name).parent.mkdir(parents=True, exist_ok=True)
        (HERE / name).write_text(body, encoding="utf-8", newline="\n")
    print(f"{len(wanted)} programs are in {HERE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
