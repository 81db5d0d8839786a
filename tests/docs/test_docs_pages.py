"""Pages say what the code says, leave nothing out, and link to what is there."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

import from_code
import picture
from gft.folder import CARD, HISTORY, METRICS, PREDICTIONS, REPORT
from gft.language.argument import FUNCTIONS
from gft.language.older_names import OLDER
from gft.metrics.glue import TASKS
from gft.metrics.table import BUILT_IN, names_for
from gft.record_file import RECORD
from gft.registry import arguments, predict_only, tasks
from gft.suppliers.installed import suppliers
from pages import DOCS, ROOT, anchors_of, blocks_of, code_of, links_of, name_of, pages

TABLE = arguments()

OURS = sorted(DOCS.rglob("*.md"))
NOT_OURS = {
    "strictness",  # of the example of a task of one's own
    *("index-url", "no-deps", "version", "help", "help_all", "rm", "user"),
    *("retry", "retry-connrefused"),  # of curl
    *(
        "gres",
        "job-name",
        "cpus-per-task",
        "mem",
        "time",
        "signal",
        "requeue",
        "install",
        "field",
        "standalone",
        "nproc_per_node",
        "multi_gpu",
        "num_processes",
    ),
}
"""Options of other programs that pages speak of, and those that every command has."""


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", OURS, ids=name_of)
def test_what_is_made_from_the_code_is_what_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == from_code.written(text), "python docs/from_code.py writes it again"
    assert text.count("<!-- from code:") == text.count("<!-- end -->")


def test_every_argument_is_documented() -> None:
    anchors, text = anchors_of(DOCS / "arguments/all.md"), text_of("arguments/all.md")
    acting = {name for name, one in TABLE.items() if not one.no_effect}
    assert acting <= anchors
    assert all(f"| `{name}` |" in text for name in {*TABLE, *OLDER} - acting)
    for one in TABLE.values():
        assert one.no_effect or len(one.help) > 8, one.name


def test_every_task_is_documented_and_has_an_example_that_runs() -> None:
    for name in tasks():
        blocks = blocks_of(DOCS / f"tasks/{name}.md")
        shown = [one for one in blocks if one.language == "sh" and not one.mark]
        assert any("gft_fit" in one.text and f"{name}:" in one.text for one in shown), name
        assert f"<!-- from code: task {name} -->" in text_of(f"tasks/{name}.md")
    applied = blocks_of(DOCS / "tasks/predict_only.md")
    for name in predict_only():
        assert f"<!-- from code: predict_only_task {name} -->" in text_of("tasks/predict_only.md")
        spelt = name.replace("_", "-")
        assert any(f"--task {spelt}" in one.text and not one.mark for one in applied), name


def test_every_function_has_a_page_with_an_example_that_runs() -> None:
    for name in FUNCTIONS:
        page = f"functions/gft_{name}.md"
        assert f"<!-- from code: arguments_of {name} -->" in text_of(page)
        assert any(f"gft_{name} " in one.text and one.language == "sh" and not one.mark
                   for one in blocks_of(DOCS / page)), name  # fmt: skip


def test_every_metric_and_supplier_is_documented() -> None:
    text = text_of("metrics.md")
    names = {*BUILT_IN, *(name for task in tasks().values() for name in names_for(task.target))}
    assert [name for name in names if f"`{name}`" not in text and name != "glue"] == []
    assert all(f"`H:glue,{name}`" in text for name in TASKS)
    headings = text_of("suppliers.md")
    assert all(f"\n## {letter}: " in headings for letter in suppliers())


def test_every_file_of_the_output_folder_is_documented() -> None:
    text = text_of("output_folder.md")
    for name in (CARD, HISTORY, METRICS, PREDICTIONS, RECORD, REPORT, "paddle/", "checkpoint-"):
        assert f"| `{name}" in text, name


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_no_link_is_dead(page: Path) -> None:
    for number, link in links_of(page):
        where = f"{name_of(page)}, line {number}: {link}"
        if re.match(r"https?://|mailto:", link):
            assert re.fullmatch(r"https?://[\w.-]+\.[a-z]+(/\S*)?", link), where
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), where
        assert target.is_relative_to(ROOT), where
        if DOCS in page.parents:
            assert DOCS in target.parents, f"{where}: the site has only what is under docs"
        if anchor:
            assert target.suffix == ".md" and anchor in anchors_of(target), where


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_arguments_that_pages_speak_of_exist(page: Path) -> None:
    known = {*TABLE, *OLDER, *NOT_OURS}
    spoken = {
        (number, name)
        for number, text in code_of(page)
        for name in re.findall(r"(?<![\w-])--([a-z][\w-]*)", text)
        if not re.search("benchmarks/|make_cased.py", text)  # They have arguments of their own.
    }
    wrong = [one for one in spoken if one[1].replace("-", "_") not in known and one[1] not in known]
    deliberate = [one for one in wrong if one[1] == "learnin_rate"]
    assert wrong == deliberate, f"{name_of(page)}: {wrong}"


def test_python_names_that_pages_speak_of_exist() -> None:
    for page in pages():
        for number, text in code_of(page):
            for name in re.findall(r"(?<![\w./'\"-])gft((?:\.[a-z_]\w*)+)(?!\w*[/.])", text):
                module, _, last = f"gft{name}".rpartition(".")
                if last in ("json", "options", "tasks", "suppliers", "zip", "css"):
                    continue
                try:
                    import_module(f"gft{name}")
                except ModuleNotFoundError:
                    assert hasattr(import_module(module), last), f"{name_of(page)}, line {number}"


def _said_by_gft() -> str:
    """Return every text in the source; what is filled into one is `...`."""
    said = []
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    one.value if isinstance(one, ast.Constant) else "..." for one in node.values
                ]
                said.append("".join(str(part) for part in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.append(node.value)
    return "\n".join(said)


def test_errors_that_the_page_explains_are_what_gft_says() -> None:
    said, explained = _said_by_gft(), 0
    for line in text_of("errors.md").splitlines():
        for message in re.findall(r"`([^`]+)`", line.split(" | ")[0]) if line[:3] == "| `" else ():
            for part in re.split(r"\.\.\.|'[^']*'|\d+|[()]", message):
                if len(part.strip(" ;:,-")) > 8:
                    explained += 1
                    assert part.strip() in said, f"{message}: {part!r}"
    assert explained > 20


def _nav(entries: object) -> list[str]:
    if isinstance(entries, str):
        return [entries]
    inner = entries.values() if isinstance(entries, dict) else entries
    assert not isinstance(inner, str)
    return [path for entry in inner for path in _nav(entry)]


def test_every_page_is_in_the_navigation_once() -> None:
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(_nav(settings["nav"])) == [one.relative_to(DOCS).as_posix() for one in OURS]


def test_the_front_page_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 140


def test_the_picture_of_the_front_page_is_what_the_quick_start_prints() -> None:
    page = text_of("quickstart.md")
    assert picture.drawn(page) == picture.PICTURE.read_text(encoding="utf-8"), (
        "python docs/from_code.py draws it again"
    )
    shown = picture.summary(page)
    assert len(shown) > 20 and any(" * " in line for line in shown)
    assert "docs/assets/summary.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
