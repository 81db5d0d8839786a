"""`.pdparams`: Paddle's files of weights, read without running anything, and written.

Such a file is a pickle of `{name: array}`. Paddle's own loader does whatever a pickle says; this
one makes arrays and nothing else.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.errors import GftError, UserError, first_line

if TYPE_CHECKING:
    import numpy as np

    Arrays = dict[str, np.ndarray[Any, Any]]

NAME_TABLE = "StructuredToParameterName@@"
"""Paddle's key for the names that its parameters have in a static graph."""
PROTOCOL = 4

_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")


class _Refused(Exception):
    """A pickle names something that is no part of an array."""


def read_pdparams(path: Path, model: str) -> Arrays:
    """Return the arrays in a file by name, as Paddle lays them out.

    Half precision comes as float32; Paddle keeps bfloat16 as the bits in unsigned integers.
    Raises `UserError`, calling the model `model`, when the file holds anything else.
    """
    try:
        with path.open("rb") as file:
            read = _Arrays(file, encoding="latin1").load()
    except _Refused as refused:
        raise UserError(
            f"{model}: {path.name} asks for {refused}, which weights do not need: such a file "
            "could run any program, so it is not read"
        ) from None
    except MemoryError:
        raise GftError(f"{model}: not enough memory to read {path.name}") from None
    except Exception as problem:
        raise UserError(
            f"{model}: {path} is not a file of weights, or is damaged ({first_line(problem)}); "
            "if it was downloaded, remove it and run this again"
        ) from problem
    return _checked(read, path, model)


def write_pdparams(path: Path, weights: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write arrays as `paddle.save` writes a state: any Paddle from 2.0 on reads it."""
    import numpy as np

    state: dict[str, Any] = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    state[NAME_TABLE] = _parameter_names(weights)
    with path.open("wb") as file:
        pickle.dump(state, file, protocol=PROTOCOL)


class _Arrays(pickle.Unpickler):
    """Knows how to make arrays, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few things that pickled arrays are made with."""
        found = _known().get((module, name))
        if found is None:
            raise _Refused(f"{module}.{name}")
        return found

    def persistent_load(self, pid: Any) -> Any:
        """Refuse what lies outside the file."""
        raise _Refused(f"something outside the file ({str(pid)[:40]!r})")


class _Type:
    """A type of numbers; what a pickle says of it beside its name is only in which order bytes are.

    The rest of what it may say makes one that ends the process when an array of it is touched.
    """

    def __init__(self, name: str, *flags: object) -> None:
        import numpy as np

        self.dtype = np.dtype(str(name))

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if not self.dtype.hasobject:
            self.dtype = self.dtype.newbyteorder(state[1])


class _Array:
    """An array, made of what a pickle says once that is checked."""

    def __init__(self, *unused: object) -> None:
        self.array: Any = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        import numpy as np

        version, shape, of, fortran, data = state
        made: Any = np.empty(0)
        made.__setstate__((version, shape, of.dtype, bool(fortran), data))
        self.array = made


def _scalar(of: _Type, data: bytes | str) -> Any:
    import numpy as np

    content = data.encode("latin1") if isinstance(data, str) else data
    return np.frombuffer(content, of.dtype)[0]


def _known() -> dict[tuple[str, str], Any]:
    import numpy as np

    return {
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): _Type,
        ("collections", "OrderedDict"): OrderedDict,
        ("_codecs", "encode"): _latin1,
        **{(module, "_reconstruct"): _Array for module in _MODULES},
        **{(module, "scalar"): _scalar for module in _MODULES},
    }


def _latin1(text: str, encoding: str = "latin1") -> bytes:
    """Return the bytes that an old pickle spells as text."""
    if encoding not in ("latin1", "latin-1"):
        raise _Refused(f"the encoding {encoding!r}")
    return text.encode("latin1")


def _checked(read: Any, path: Path, model: str) -> Arrays:
    """Return what was read if it is arrays of numbers by name. Raises `UserError`."""
    import numpy as np

    if not isinstance(read, dict):
        raise UserError(f"{model}: {path} holds a {type(read).__name__}, expected weights by name")
    arrays: Arrays = {}
    for name, found in read.items():
        if name == NAME_TABLE:
            continue
        value = found.array if isinstance(found, _Array) else found
        if not isinstance(name, str) or not isinstance(value, np.ndarray | np.generic):
            raise UserError(
                f"{model}: {path} holds a {type(value).__name__} under {str(name)[:60]!r}, "
                "expected an array of numbers"
            )
        arrays[name] = _numbers(np.asarray(value), name, path, model)
    if not arrays:
        raise UserError(f"{model}: {path} holds no weights")
    return arrays


def _numbers(
    array: np.ndarray[Any, Any], name: str, path: Path, model: str
) -> np.ndarray[Any, Any]:
    import numpy as np

    if array.dtype.kind == "f":
        return array.astype(np.float32, copy=False)
    if array.dtype == np.uint16:
        return (array.astype(np.uint32) << 16).view(np.float32)
    if array.dtype.kind in "iub":
        return array
    raise UserError(
        f"{model}: {path} holds {array.dtype.name} under {name!r}, expected an array of numbers"
    )


def _parameter_names(weights: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, str]:
    """Return names as Paddle gives them to the parameters of one network: `linear_3.w_0`."""
    layers: dict[str, str] = {}
    counts: dict[str, int] = {}
    names = {}
    for name, array in weights.items():
        layer, _, part = name.rpartition(".")
        if layer not in layers:
            kind = "layer_norm" if array.ndim == 1 else "linear"
            kind = "embedding" if "embed" in name.split(".")[-2:][0] else kind
            layers[layer] = f"{kind}_{counts.get(kind, 0)}"
            counts[kind] = counts.get(kind, 0) + 1
        names[name] = f"{layers[layer]}.{'b' if part == 'bias' else 'w'}_0"
    return names
