"""Quiet clients: what they log, warn and draw is either said by gft in one line, or not said."""

from __future__ import annotations

import sys
import warnings
from typing import Any

CLIENTS = ("huggingface_hub", "transformers", "datasets")


def quieten(debug: bool, *clients: str) -> None:
    """Silence `clients` (of `CLIENTS`), importing them; `--debug` leaves them as they are.

    A bar for a real download stays on a terminal; bars for reading what is here already do not.
    """
    if debug:
        return
    for client in clients:
        warnings.filterwarnings("ignore", module=rf"{client}(\.|$)")
        _SILENCERS[client]()


def _hub() -> None:
    import logging

    from huggingface_hub.utils.tqdm import disable_progress_bars

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if not sys.stderr.isatty():
        with warnings.catch_warnings():
            # The client warns when the environment wants the bars; then they are drawn.
            warnings.simplefilter("ignore")
            disable_progress_bars()


def _transformers() -> None:
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _datasets() -> None:
    from datasets.utils import disable_progress_bars, logging

    logging.set_verbosity_error()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        disable_progress_bars()


_SILENCERS: dict[str, Any] = {
    "huggingface_hub": _hub,
    "transformers": _transformers,
    "datasets": _datasets,
}
