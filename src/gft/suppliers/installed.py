"""The suppliers that are installed, found through entry points, and what specifications mean.

Ours are registered as a stranger's would be: one line in a `pyproject.toml`. The modules they
name must be light at the top: a framework is imported where it is used.
"""

from __future__ import annotations

from functools import cache

from gft.language.spec import Letters, Spec, parse_spec
from gft.registered import entries
from gft.suppliers.protocol import Supplier


@cache
def suppliers() -> dict[str, Supplier]:
    """Return every supplier by its letter."""
    found: list[Supplier] = [entry.load()() for entry in entries("gft.suppliers").values()]
    return {supplier.letter: supplier for supplier in found}


@cache
def letters() -> Letters:
    """Return the letter for each spelling of a supplier, and for specifications without one."""
    every = suppliers().values()
    return Letters(
        {name.lower(): one.letter for one in every for name in (one.letter, *one.names)},
        usual=next(one.letter for one in every if one.is_usual),
        of_paths=next(one.letter for one in every if one.is_of_paths),
    )


def parse(text: str) -> Spec:
    """Return the specification that a text spells. Raises `UserError`."""
    return parse_spec(text, letters())


def supplier_of(spec: Spec) -> Supplier:
    """Return the supplier that a specification names."""
    return suppliers()[spec.supplier]
