"""A hub on loopback for the whole session, and commands as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

# The clients read these when they are imported, so they are set before anything else is.
from hub.server import Hub
from ran import Ran

# Two workers share the cores: threads that wait must not spin. Read when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
settings.register_profile("gft", deadline=None, derandomize=True, database=None)
settings.load_profile("gft")
HUB = Hub()
HOME = tempfile.TemporaryDirectory(prefix="hf-home-")
for name in [one for one in os.environ if one.startswith(("HF_", "TRANSFORMERS_"))]:
    del os.environ[name]
os.environ.update(HF_ENDPOINT=HUB.url, HF_HOME=HOME.name, HF_HUB_DISABLE_TELEMETRY="1")


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    from hub.world import fill

    fill(HUB, tmp_path_factory.mktemp("models"))
    yield HUB
    HUB.close()


@pytest.fixture
def gft(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command in this process: `gft("fit", "--model", ...)`."""
    from gft.commands.shell import run

    def command(function: str, *words: object) -> Ran:
        capsys.readouterr()
        body = getattr(import_module(f"gft.commands.{function}"), f"{function}_command")
        status = run(function, body, [str(word) for word in words])
        return Ran(status, *capsys.readouterr())

    return command


@pytest.fixture
def shell() -> Callable[..., Ran]:
    """Run a command in a process of its own, with bytes or text for standard input."""

    def command(function: str, *words: object, stdin: str = "") -> Ran:
        done = subprocess.run(
            [str(Path(sys.executable).parent / f"gft_{function}"), *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return command


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny pre-trained BERT in a folder."""
    from hub import models

    return models.bert(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set of one's own: colours.train, .val and .test; mark0 is red, mark1 blue."""
    folder = tmp_path_factory.mktemp("data")
    for split, rows in (("train", 64), ("val", 24), ("test", 20)):
        lines = ["text,colour,size"]
        for n in range(rows):
            word = ["river", "stone", "market"][n % 3]
            lines.append(f"{word} mark{n % 2} {word},{['red', 'blue'][n % 2]},{n % 2 * 2.5}")
        (folder / f"colours.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "colours"
