"""The file of a model in `transformers`, imported without what only others need.

Each such file brings in `torch._dynamo`, `torch.distributed.tensor`, `scipy.optimize` and
accelerate: a quarter of the time from the shell to the first answer, and a prediction by an encoder
uses none of them. A command that predicts asks for less (`importing_little`): the file is then
imported as on a machine where the optional packages are not installed, and without
`torch.compile`. What is left away stays away for the process, so nobody else's process is asked.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from gft import processes

OPTIONAL = (
    "is_accelerate_available",
    "is_scipy_available",
    "is_torch_distributed_available",
)
"""What `transformers` asks before it imports packages that it can do without."""
COMPILER = "torch._dynamo"
TRACED = "torch._dynamo._trace_wrapped_higher_order_op"
HEADS = ("sequence-classification", "token-classification", "question-answering", "encoder")
"""Heads of encoders; models that write texts and those of images and sounds import more."""

_LITTLE = ContextVar("little", default=False)


@contextmanager
def importing_little() -> Iterator[None]:
    """Have models that are loaded within import little; the process does nothing else after."""
    token = _LITTLE.set(True)
    try:
        yield
    finally:
        _LITTLE.reset(token)


@contextmanager
def lean(config: Any, settings: Mapping[str, Any], head: str) -> Iterator[None]:
    """Import the file of the model that a configuration belongs to; the model is loaded within.

    `settings` are its `config.json`. Nothing is done unless little is asked for, nor for models
    that may need what is left away: other heads, code of their own, quantized weights, several
    processes.
    """
    special = {"auto_map", "quantization_config"} & settings.keys()
    several = processes.count() > 1
    there = COMPILER in sys.modules or "transformers.modeling_utils" in sys.modules
    if not _LITTLE.get() or head not in HEADS or special or several or there:
        yield
        return
    _import_model(type(config).__module__.replace(".configuration_", ".modeling_"))
    with _nothing_drawn_on_meta():
        yield


def _import_model(module: str) -> None:
    import transformers.utils
    import transformers.utils.import_utils

    owners: tuple[Any, ...] = (transformers.utils, transformers.utils.import_utils)
    kept = [(owner, name, getattr(owner, name)) for owner in owners for name in OPTIONAL
            if hasattr(owner, name)]  # fmt: skip
    sys.modules[COMPILER], sys.modules[TRACED] = _Marks(COMPILER), _Later(TRACED)
    try:
        for owner, name, _ in kept:
            setattr(owner, name, _not_installed)
        importlib.import_module(module)
    except Exception:
        return  # It is imported as ever when it is needed, and what is wrong is said then.
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)
        del sys.modules[COMPILER], sys.modules[TRACED]


def _not_installed(*_: Any) -> bool:
    return False


class _Marks(ModuleType):
    """Stands for `torch._dynamo`: its marks for functions leave them as they are."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _left_as_it_is


class _Later(ModuleType):
    """Stands for a module whose functions import it when they are called."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def called(*args: Any, **kwargs: Any) -> Any:
            return getattr(importlib.import_module(self.__name__), name)(*args, **kwargs)

        return called


def _left_as_it_is(function: Any = None, *_: Any, **__: Any) -> Any:
    return (lambda given: given) if function is None else function


@contextmanager
def _nothing_drawn_on_meta() -> Iterator[None]:
    """Draw no weights where there is no memory for them: torch imports its compiler to do so."""
    import torch

    draw: Callable[..., Any] = torch.nn.init.normal_

    def drawn(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        return tensor if tensor.is_meta else draw(tensor, *args, **kwargs)

    torch.nn.init.normal_ = drawn
    try:
        yield
    finally:
        torch.nn.init.normal_ = draw
