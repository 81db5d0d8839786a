"""Quiet clients: what they log, warn and draw is reported by gft in one line, or not at all."""

from __future__ import annotations

import logging
import sys
import warnings
from importlib import import_module
from typing import Any


def quieten(debug: bool, *clients: str) -> None:
    """Silence `huggingface_hub`, `transformers`, `datasets`, importing them; not with `--debug`.

    A bar for a real download stays on a terminal; bars for reading what is here already do not.
    """
    if debug:
        return
    for client in clients:
        warnings.filterwarnings("ignore", module=rf"{client}(\.|$)")
        utils: Any = import_module(f"{client}.utils")
        # `datasets` logs as an error what it raises then.
        level = logging.CRITICAL if client == "datasets" else logging.ERROR
        utils.logging.set_verbosity(level)
        if client == "huggingface_hub":
            # Telemetry asks for a list of the hub's own, and a wrong answer ends every later call.
            constants: Any = import_module(f"{client}.constants")
            constants.HF_HUB_DISABLE_TELEMETRY = True
        if client == "transformers":
            utils.logging.disable_progress_bar()
        elif client == "datasets" or not sys.stderr.isatty():
            with warnings.catch_warnings():
                # The client warns when the environment wants the bars; then they are drawn.
                warnings.simplefilter("ignore")
                utils.disable_progress_bars()
