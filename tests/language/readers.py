"""Which options the source reads, found in its syntax: `options.of(TABLE).name`, not in strings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gft
from gft.language.argument import Arguments, rows
from gft.registry import tables

SOURCE = Path(next(iter(gft.__path__)))
TABLES: dict[str, type[Arguments]] = {table.__name__: table for table in tables()}


@dataclass(frozen=True)
class Read:
    """One reading: in which module, of which table, which argument."""

    module: str
    table: type[Arguments]
    name: str


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax of every module but those of the tables, by its dotted name."""
    found = {}
    for file in SOURCE.rglob("*.py"):
        parts = ("gft", *file.relative_to(SOURCE).with_suffix("").parts)
        if parts[-1] != "options":
            name = ".".join(parts).removesuffix(".__init__")
            found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


@cache
def reads() -> frozenset[Read]:
    """Return every reading of an option in the source."""
    return frozenset(one for name, tree in modules().items() for one in _of_scope(name, tree, {}))


@cache
def imports(module: str) -> frozenset[str]:
    """Return the modules of gft that one names in its imports, wherever they stand in it."""
    found = set()
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gft"):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found & modules().keys())


def reached(*starts: str) -> set[str]:
    """Return the modules that some import, those that these import, and so on."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += imports(module)
    return found


def _table(node: ast.expr) -> type[Arguments] | None:
    """Return the table of an expression `....of(TABLE)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr != "of" or len(node.args) != 1 or not isinstance(node.args[0], ast.Name):
        return None
    return TABLES.get(node.args[0].id)


def _of_scope(module: str, scope: ast.AST, outer: dict[str, type[Arguments]]) -> Iterator[Read]:
    """Yield the readings in a function or module; names of an outer one are known inside."""
    known = dict(outer)
    inner = []
    nodes = list(ast.iter_child_nodes(scope))
    for node in nodes:  # grows while it is walked
        if isinstance(node, ast.FunctionDef):
            inner.append(node)
            continue
        nodes += ast.iter_child_nodes(node)
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node):
                table = _table(value)
                if isinstance(target, ast.Name) and table:
                    known[target.id] = table
    for node in nodes:
        if isinstance(node, ast.Attribute):
            table = _table(node.value)
            if isinstance(node.value, ast.Name):
                table = known.get(node.value.id)
            if table:
                yield Read(module, table, node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            argument = node.args[0]
            whole = TABLES.get(argument.id) if isinstance(argument, ast.Name) else None
            if whole and node.func.id in ("rows", "rows_of"):
                yield from (Read(module, whole, row.name) for row in rows(whole))
    for function in inner:
        yield from _of_scope(module, function, known)


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        yield from zip(target.elts, node.value.elts, strict=True)
    else:
        yield target, node.value
