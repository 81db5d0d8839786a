"""What must be quick imports nothing heavy; a room imports only rooms before it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gft

HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "huggingface_hub",
    "sklearn",
    "scipy",
    "pandas",
    "starlette",
    "uvicorn",
)
ARRAYS = ("numpy", "pyarrow")
"""What is needed for metrics and data, and not for arguments."""
SOURCE = Path(next(iter(gft.__path__)))
ORDER = ("processes", "errors|visible|older_keys|digits|registered", "events",
         "event_log|notes|markup", "storage", "language", "data", "metrics", "covariates",
         "adapters", "baselines", "targets", "inputs", "cells", "request", "suppliers|tasks",
         "predict_only", "registry", "calling|opening",
         "engine", "graphs", "record_file|folder", "results", "report", "publishing",
         "model", "functions", "serving", "api|commands", "__main__")  # fmt: skip


def heavy_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {*HEAVY, *ARRAYS} & set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words",
    [["fit", "--help"], ["fit", "--eqn", "classify: a b ~ c"], ["predict", "--help_all"],
     ["eval", "--nope"], ["summary", "--help"],
     ["serve", "--help"], ["push", "--help"], ["serve", "--port", "x"]],
)  # fmt: skip
def test_help_and_mistakes_are_light(words: list[str]) -> None:
    function = words[0]
    assert not heavy_after(
        f"from gft.commands.shell import run\nfrom gft.commands.{function} import *\n"
        f"run({function!r}, {function}_command, {words[1:]!r})"
    )


def test_help_reads_tables_of_arguments_alone() -> None:
    code = "import sys\nfrom gft.commands.fit import *\nrun('fit', fit_command, ['--help'])"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = set(done.stdout.splitlines()[-1].split())
    assert "gft.tasks.options" in imported
    unneeded = {"gft.folder", "gft.language.grammar", "gft.suppliers.local", "gft.tasks.classify"}
    assert imported & unneeded == set()


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
    wrong, there = [], modules()
    for file in there.values():
        room = file.relative_to(SOURCE).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        for module in imported(file, types=True):
            if not module.startswith("gft."):
                continue
            other = module.split(".")[1]
            if f"gft.{other}" not in there:  # such as gft.fit, a function
                continue
            if rank[other] > rank[room] or {room, other} == {"suppliers", "tasks"}:
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


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Within a room too, and inside functions. An import for types alone is none when it runs."""
    imports = {name: imported(file) for name, file in modules().items()}
    circles = []
    for name in imports:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            found = (imports[waiting.pop()] & imports.keys()) - seen
            seen |= found
            waiting += found
        if name in seen:
            circles.append(name)
    assert not circles, circles


def test_circles_are_seen_however_they_are_spelt(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(
        "import gft.a\nfrom gft import b\nfrom gft.c import d\n"
        "if TYPE_CHECKING:\n    from gft import not_this\nelse:\n    import gft.e\n"
        "def f():\n    import gft.f\n"
    )
    found = {"gft.a", "gft", "gft.b", "gft.c", "gft.c.d", "gft.e", "gft.f"}
    assert imported(file) == found
    assert imported(file, types=True) == found | {"gft.not_this"}


def test_what_makes_a_cpu_fast_has_one_door() -> None:
    cpu = "gft.engine.cpu"
    entering = {
        name
        for name, file in modules().items()
        if not name.startswith(cpu) and any(one.startswith(cpu) for one in imported(file, True))
    }
    assert entering == {"gft.engine.placed_model"}


def modules() -> dict[str, Path]:
    """Return the files of gft by the names of their modules."""
    found = {}
    for file in SOURCE.rglob("*.py"):
        parts = file.relative_to(SOURCE.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = file
    return found


def imported(file: Path, types: bool = False) -> set[str]:
    """Return the names that a file imports when it runs, of modules and of what is in them.

    With `types` those too that it imports for types alone.
    """
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        checked = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if isinstance(node, ast.If) and checked and not types:
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{one.name}" for one in node.names)}
        waiting += ast.iter_child_nodes(node)
    return found
