"""A hub, PaddleNLP's store and data sets of one's own, all tiny and on this machine.

They are those of the tests (`tests/hub`), under the names that the example programs ask for, so
that every program runs as it stands, in seconds, without a network.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Self

from programs import HERE, table

ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tests"))
OWN_ROWS = {"train": 96, "val": 16, "test": 16}
STORED_ROWS = {"train": 24, "dev": 8, "test": 8}
MADE = ("VAD/simple/VAD.simple.100k", "VAD/simple/VAD.simple.1000k")


class Loopback:
    """Servers that run until `close`; `environment` leads a program to them."""

    def __init__(self, folder: Path) -> None:
        import datasets
        from transformers.utils import logging

        from hub import ready, world
        from hub.mirror import Mirror
        from hub.paddle import fill_store
        from hub.server import Hub

        logging.disable_progress_bar()
        logging.set_verbosity_error()
        datasets.disable_progress_bars()
        with ExitStack() as stack:
            hub, mirror = Hub(), Mirror()
            stack.callback(hub.close)
            stack.callback(mirror.close)
            world.fill(hub, folder / "models")
            ready.add_to(hub, folder / "models")
            own = small_gft(folder / "gft")
            fill_store(mirror, folder / "paddle", table("fit_examples"), STORED_ROWS)
            clean = {
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("HF_", "TRANSFORMERS_", "GFT_", "PPNLP_"))
            }
            self.environment = {
                **clean,
                "HF_ENDPOINT": hub.url,
                "HF_HOME": str(folder / "hf"),
                "HF_HUB_DISABLE_TELEMETRY": "1",
                "GFT_PADDLE_MIRROR": mirror.url,
                "GFT_PADDLE_MD5": "off",  # Tiny data sets have other checksums than PaddleNLP's.
                "PPNLP_HOME": str(folder / "paddle"),
                "gft": str(own),
                "datasets": str(own / "datasets"),
                "gft_checkpoints": str(folder / "checkpoints"),
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), clean["PATH"]]),
                "OMP_NUM_THREADS": "1",
            }
            self._servers = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self._servers.close()


def small_gft(folder: Path) -> Path:
    """Return a folder like gft's repository: its programs, and the first rows of its data sets."""
    (folder / "datasets" / "VAD" / "simple").mkdir(parents=True)
    (folder / "examples").symlink_to(HERE, target_is_directory=True)
    for path in (ROOT / "datasets").rglob("*"):
        place = folder / path.relative_to(ROOT)
        if path.suffix == ".py":
            shutil.copy(path, place)
        count = OWN_ROWS.get(path.suffix[1:])
        if count is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            with path.open(encoding="utf-8") as file:
                place.write_text("".join(islice(file, count + 1)), encoding="utf-8")
    for name in MADE:  # Their programs make these, unless they are there.
        for split in OWN_ROWS:
            smaller = folder / "datasets" / f"VAD/simple/VAD.simple.10k.{split}"
            shutil.copy(smaller, folder / "datasets" / f"{name}.{split}")
    return folder
