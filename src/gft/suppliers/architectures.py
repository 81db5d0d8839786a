"""Which heads the installed `transformers` has for a type of model."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from gft.suppliers.heads import AUTO_CLASSES

TABLE = "models/auto/modeling_auto.py"


@cache
def heads_of_type(model_type: str) -> tuple[str, ...]:
    """Return the heads, of `AUTO_CLASSES`, that a type such as `bert` can have."""
    types = _types()
    return tuple(head for head, auto in AUTO_CLASSES.items() if model_type in types.get(auto, ()))


@cache
def _types() -> dict[str, frozenset[str]]:
    """Return the types of models that each Auto class knows.

    The table of transformers is read and not imported, for with it comes torch: three seconds for
    what takes a fiftieth of one. Empty where transformers is laid out otherwise.
    """
    found = find_spec("transformers")
    table = Path(found.origin).parent / TABLE if found and found.origin else None
    if table is None or not table.is_file():
        return {}
    body = ast.parse(table.read_text(encoding="utf-8")).body
    values = {
        target.id: statement.value
        for statement in body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    types = {}
    for statement in body:
        if isinstance(statement, ast.ClassDef) and statement.name in AUTO_CLASSES.values():
            mapping = values.get(_mapping_of(statement))
            arguments = mapping.args if isinstance(mapping, ast.Call) else []
            named = [one.id for one in arguments if isinstance(one, ast.Name)]
            types[statement.name] = _keys(values[named[-1]]) if named else frozenset()
    return types


def _mapping_of(auto_class: ast.ClassDef) -> str:
    """Return the name of the mapping that an Auto class is made with."""
    for statement in auto_class.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name):
            return statement.value.id
    return ""


def _keys(table: ast.expr) -> frozenset[str]:
    """Return the first of each pair of texts in an expression."""
    return frozenset(
        str(pair.elts[0].value)
        for pair in ast.walk(table)
        if isinstance(pair, ast.Tuple) and pair.elts and isinstance(pair.elts[0], ast.Constant)
    )
