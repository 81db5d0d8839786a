"""The argument of `ordinal`, in a module of its own: `--help` reads it, and nothing more."""

from __future__ import annotations

from gft.language.argument import FIT, TRAINING, TaskArguments, argument


class OrdinalOptions(TaskArguments):
    """How a target is spread over the classes."""

    strictness: float = argument(
        1.0, "how much a far miss costs more than a near one (ordinal)", TRAINING, FIT, above=0
    )
