"""A hub on loopback for the whole session, and commands as a user runs them."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

# The clients read these when they are imported, so they are set before anything else is.
from forking import Forking, plainly
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


@pytest.fixture(scope="module", autouse=True)
def _few_objects_to_look_through() -> None:
    """Leave what is imported by now out of garbage collection: each fit collects, 0.3 s each."""
    gc.collect()
    gc.freeze()


def variables() -> dict[str, str]:
    """Return the environment without what pytest says of the test."""
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@pytest.fixture(scope="session")
def forking() -> Iterator[Forking]:
    """A process whose forks run commands, with the environment of the whole session."""
    process = Forking(variables())
    yield process
    process.close()


@pytest.fixture
def shell(forking: Forking) -> Callable[..., Ran]:
    """Run a command in a process of its own, with a text for standard input."""

    def command(function: str, *words: object, stdin: str = "") -> Ran:
        script = Path(sys.executable).parent / f"gft_{function}"
        if (here := variables()) != forking.environment:
            return plainly([str(script), *map(str, words)], stdin, here)
        return forking.run(script, *words, stdin=stdin)

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
