"""No file outside a supplier spells its letter or name; nothing imports its room."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gft
from gft.suppliers.installed import suppliers

SOURCE = Path(next(iter(gft.__path__)))
ROOMS = ("suppliers/hub", "suppliers/paddle")
PARAMETERS = 'ParamSpec("P")'
"""A parameter of types is called P as well."""
METRICS = re.compile(r"metrics/\w+\.py")
"""A metric's specification has letters of its own: no supplier is asked for a metric."""
SHOWN = {
    "engine/options.py": "huggingface is what trackers call a project",
}
OTHERWISE = {
    ("inputs/kind.py", "C"): "R's function that makes a factor of a variable",
    ("language/tokens.py", "C"): "the same",
    ("data/folding.py", "P"): "the marks of punctuation among the categories of Unicode",
}
"""Texts that are one letter, and what they stand for there."""
LIBRARIES = re.compile(r"huggingface_hub|github\.com/huggingface")
"""A library, which shares its name with the hub."""


def places() -> dict[str, str]:
    """Return the file or room of each supplier of ours by its letter."""
    found = {}
    for letter, supplier in suppliers().items():
        file = Path(inspect.getfile(type(supplier))).relative_to(SOURCE)
        found[letter] = (file.parent if len(file.parts) > 2 else file).as_posix()
    return found


def files() -> Iterator[tuple[str, str]]:
    for file in SOURCE.rglob("*.py"):
        yield file.relative_to(SOURCE).as_posix(), file.read_text(encoding="utf-8")


def constants(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield each text of the code, but for docstrings, and whether a value follows in it."""
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for part, following in zip(node.values, [*node.values[1:], None], strict=True):
                if isinstance(part, ast.Constant):
                    told.add(id(part))
                    yield str(part.value), isinstance(following, ast.FormattedValue)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value, False


@pytest.mark.parametrize("room", ROOMS)
def test_nobody_imports_a_suppliers_room(room: str) -> None:
    module = f"gft.{room.replace('/', '.')}"
    outside = [name for name, text in files() if not name.startswith(room) and module in text]
    assert not outside


@pytest.mark.parametrize("letter", sorted(places()))
def test_nobody_spells_a_supplier(letter: str) -> None:
    place, names = places()[letter], {name.lower() for name in suppliers()[letter].names}
    # Suppliers name each other where they tell users to whom to turn, tasks in their examples.
    inside = (place, *ROOMS, "tasks/")
    wrong = []
    for file, text in files():
        if file.startswith(inside) or METRICS.fullmatch(file) or file in SHOWN:
            continue
        for said, followed in constants(ast.parse(text.replace(PARAMETERS, "None"))):
            plain = LIBRARIES.sub("", said).lower()
            if (file, said) in OTHERWISE:
                continue
            if said == letter or said.lower() in names:
                wrong.append(f"{file}: {said!r}")
            elif followed and re.search(rf"\b{letter}:$", said):
                wrong.append(f"{file}: a specification made of {said!r}")
            elif letter != "C" and any(len(name) > 2 and name in plain for name in names):
                wrong.append(f"{file}: {said!r}")
    assert not wrong, wrong
