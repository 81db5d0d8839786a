"""What must be quick imports nothing heavy; a room imports only rooms before it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gft

HEAVY = ("torch", "transformers", "datasets", "huggingface_hub", "sklearn", "scipy", "pandas")
ARRAYS = ("numpy", "pyarrow")
"""What is needed for figures and data, and not for arguments."""
SOURCE = Path(next(iter(gft.__path__)))
ORDER = ("processes", "errors", "events", "event_log|notes", "language", "data", "metrics",
         "adapters", "baselines", "targets", "inputs", "request", "suppliers|tasks",
         "predict_only", "registry", "opening", "engine", "folder", "results", "report", "model",
         "functions", "api|commands", "__main__")  # fmt: skip


def heavy_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {*HEAVY, *ARRAYS} & set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words",
    [["fit", "--help"], ["fit", "--eqn", "classify: a b ~ c"], ["predict", "--help_all"],
     ["eval", "--nope"], ["summary", "--help"]],
)  # fmt: skip
def test_help_and_mistakes_are_light(words: list[str]) -> None:
    function = words[0]
    assert not heavy_after(
        f"from gft.commands.shell import run\nfrom gft.commands.{function} import *\n"
        f"run({function!r}, {function}_command, {words[1:]!r})"
    )


def test_import_and_summary_of_a_folder_are_light(
    tiny: Path, colours: Path, tmp_path: Path
) -> None:
    assert not heavy_after("import gft")
    gft.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
            output_dir=str(tmp_path / "out"), num_train_epochs=1)  # fmt: skip
    for folder in (tmp_path / "out", tiny):
        imported = heavy_after(
            "from gft.commands.shell import run\nfrom gft.commands.summary import *\n"
            f"run('summary', summary_command, [{str(folder)!r}])"
        )
        assert not imported & set(HEAVY)


def test_rooms() -> None:
    rank = {name: n for n, names in enumerate(ORDER) for name in names.split("|")}
    wrong = []
    for file in SOURCE.rglob("*.py"):
        room = file.relative_to(SOURCE).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("gft"):
                continue
            modules = (
                [node.module]
                if node.module != "gft"
                else [f"gft.{alias.name}" for alias in node.names]
            )
            for module in modules:
                other = str(module).split(".")[1]
                if rank[other] > rank[room]:
                    wrong.append(f"{file.name} of {room} imports {other}")
                if {room, other} == {"suppliers", "tasks"}:
                    wrong.append(f"{file.name} of {room} imports {other}")
    assert not wrong, wrong


def test_no_two_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(file.relative_to(SOURCE).as_posix())
    assert not {name: files for name, files in places.items() if len(files) > 1}


def test_what_is_shown_is_tested_where_it_is_made() -> None:
    tests = Path(__file__).parent / "report"
    modules = [file.stem for file in (SOURCE / "report").glob("[a-z]*.py")]
    assert not [name for name in modules if not (tests / f"test_{name}.py").is_file()]
