"""rds files for tests, written by hand in the form that R's manual calls XDR, version 2."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

NA = -(2**31)
"""R's missing integer."""

_NIL, _SYM, _PAIR, _CLOSURE, _CHAR, _LGL, _INT, _REAL, _STR, _VEC = (
    254, 1, 2, 3, 9, 10, 13, 14, 16, 19,
)  # fmt: skip


def _int(*values: int) -> bytes:
    return struct.pack(f">{len(values)}i", *values)


def _char(text: str | None) -> bytes:
    if text is None:
        return _int(_CHAR, -1)
    data = text.encode()
    return _int(_CHAR | 8 << 12, len(data)) + data


def _vector(form: int, count: int, cells: bytes, about: Mapping[str, bytes]) -> bytes:
    flags = form | (0x100 if "class" in about else 0) | (0x200 if about else 0)
    return _int(flags, count) + cells + (_attributes(about) if about else b"")


def _attributes(about: Mapping[str, bytes]) -> bytes:
    pairs = [_int(_PAIR | 0x400, _SYM) + _char(name) + value for name, value in about.items()]
    return b"".join(pairs) + _int(_NIL)


def texts(cells: Sequence[str | None], **about: bytes) -> bytes:
    """Return a character vector."""
    return _vector(_STR, len(cells), b"".join(map(_char, cells)), about)


def integers(cells: Sequence[int], **about: bytes) -> bytes:
    """Return an integer vector; `NA` is missing."""
    return _vector(_INT, len(cells), _int(*cells), about)


def logicals(cells: Sequence[int]) -> bytes:
    """Return a vector of 0, 1 and `NA`."""
    return _vector(_LGL, len(cells), _int(*cells), {})


def doubles(cells: Sequence[float], **about: bytes) -> bytes:
    """Return a numeric vector."""
    return _vector(_REAL, len(cells), struct.pack(f">{len(cells)}d", *cells), about)


def factor(codes: Sequence[int], levels: Sequence[str]) -> bytes:
    """Return a factor: codes from 1."""
    return integers(codes, levels=texts(levels), **{"class": texts(["factor"])})


def labelled(cells: Sequence[float], labels: Mapping[str, float], **about: bytes) -> bytes:
    """Return codes with labels, as haven keeps them."""
    named = doubles(list(labels.values()), names=texts(list(labels)))
    kinds = texts(["haven_labelled", "vctrs_vctr", "double"])
    return doubles(cells, labels=named, **about, **{"class": kinds})


def items(values: Sequence[bytes], names: Sequence[str], kind: str | None) -> bytes:
    """Return a list with names, of a class."""
    about = {"names": texts(names)} | ({"class": texts([kind])} if kind else {})
    return _vector(_VEC, len(values), b"".join(values), about)


def frame(**columns: bytes) -> bytes:
    """Return a data frame."""
    return items(list(columns.values()), list(columns), "data.frame")


def named_rows(names: Sequence[str], **columns: bytes) -> bytes:
    """Return a data frame whose rows have names."""
    about = {"names": texts(list(columns)), "row.names": texts(names)}
    about["class"] = texts(["data.frame"])
    return _vector(_VEC, len(columns), b"".join(columns.values()), about)


def function() -> bytes:
    """Return a closure without arguments: `function() NULL`."""
    return _int(_CLOSURE | 0x400, 253, _NIL, _NIL)


def sequence(count: float) -> bytes:
    """Return `1:count` as R abridges it since version 3.5."""
    kind = b"".join(_int(_PAIR, _SYM) + _char(name) for name in ("compact_intseq", "base")) + _int(
        _PAIR, _INT, 1, _INT, _NIL
    )
    return _int(238) + kind + doubles([count, 1, 1]) + _int(_NIL)


def write_rds(path: Path, thing: bytes, packed: bool = True) -> Path:
    """Write an object as `saveRDS` does."""
    data = b"X\n" + _int(2, 0x40202, 0x20300) + thing
    path.write_bytes(gzip.compress(data) if packed else data)
    return path
