"""gft, general fine-tuning: fit a deep net with one equation.

    fit = gft.fit(model="H:bert-base-cased", data="H:glue,qqp", output_dir="qqp",
                  eqn="classify: label ~ question1 + question2")
    fit.predict([("How old are you?", "What is your age?")])

Importing this module imports nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gft.api import (
        evaluate,
        fit,
        load,
        load_data,
        plan,
        predict,
        serve,
        serve_app,
        suggest,
        summary,
    )
    from gft.errors import GftError, Interrupted, UserError
    from gft.events import Stop
    from gft.model.fit import Fit

__all__ = [
    "Fit",
    "GftError",
    "Interrupted",
    "Stop",
    "UserError",
    "evaluate",
    "fit",
    "load",
    "load_data",
    "plan",
    "predict",
    "serve",
    "serve_app",
    "suggest",
    "summary",
]

__version__ = "0.1.0"
"""The one place that says it: pyproject.toml reads it here, and CITATION.cff is held to it."""

_HOMES = {
    "Fit": "gft.model.fit",
    "GftError": "gft.errors",
    "Interrupted": "gft.errors",
    "Stop": "gft.events",
    "UserError": "gft.errors",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'gft' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "gft.api")), name)
