"""The quick start, run as `make quickstart` runs it, and what its page says that it prints."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")
PER_MACHINE = re.compile(r"in [\d.]+ s \(\d+ rows/s\)")
ALLOWED = (0.005, 0.05)
"""How far scores, and predicted ratings, may be from what the page shows. Processors differ by
more than that: what the page shows is of the machine that the tests run on."""


def blocks() -> list[list[str]]:
    """Return the lines of the two blocks of output on the page that shows the quick start."""
    text = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
    mark = "<!-- output: not checked, make quickstart is not run -->\n```output\n"
    return [part.split("\n```")[0].splitlines() for part in text.split(mark)[1:]]


def shape(line: str) -> str:
    """Return a line with its numbers, and the widths that they need, made equal."""
    return " ".join(NUMBER.sub("0", PER_MACHINE.sub("", line)).replace("─", "").split())


def numbers(line: str) -> list[float]:
    return [float(one.replace(",", "")) for one in NUMBER.findall(PER_MACHINE.sub("", line))]


def alike(shown: str, said: str) -> bool:
    """Whether a line is what the page shows, but for what another machine may change."""
    allowed = ALLOWED["\t" in shown]
    return shape(shown) == shape(said) and all(
        there == pytest.approx(here, abs=allowed) if "." in text else there == here
        for text, here, there in zip(
            NUMBER.findall(PER_MACHINE.sub("", shown)), numbers(shown), numbers(said), strict=True
        )
    )


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_page_shows_what_the_quick_start_prints(tmp_path: Path) -> None:
    shutil.copy(ROOT / "quickstart" / "run.py", tmp_path)
    first, second = blocks()
    ran = subprocess.run(
        [sys.executable, str(tmp_path / "run.py")], capture_output=True, text=True, check=True
    )
    summary = subprocess.run(
        [str(Path(sys.executable).with_name("gft_summary")), str(tmp_path / "fitted")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for shown, said in ((first, ran.stdout), (second, summary.stdout)):
        there = iter(said.splitlines())
        for line in shown:
            if shape(line) and not line.startswith("(here"):  # That line stands for metrics above.
                assert any(alike(line, one) for one in there), f"{line}\n\nis not in\n\n{said}"
    assert re.search(r"^From the command to its answers: [\d.]+ s$", ran.stdout, re.MULTILINE)
    check_the_front_page(tmp_path / "fitted", ran.stdout)


def check_the_front_page(fitted: Path, said: str) -> None:
    """Run the lines of the front page that ask the fitted model, the server on a free port."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = text.split("the test of the quick start runs it -->\n```sh\n")[1].split("\n```")[0]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    lines = lines.replace("quickstart/fitted &", f"quickstart/fitted --port {port} &")
    lines = lines.replace("8000", port).replace("quickstart/fitted", str(fitted))
    lines = lines.replace(".venv/bin/activate", str(Path(sys.executable).with_name("activate")))
    done = subprocess.run(
        ["bash", "-c", f"set -e\n{lines}\nkill %1\nwait"], capture_output=True, text=True,
        timeout=120, check=True,
    )  # fmt: skip
    shell, http = done.stdout.splitlines()
    assert shell in said.splitlines()
    [answer] = json.loads(http)["predictions"]
    rating = answer["prediction"]
    shown = [line.split("\t")[1] for line in said.splitlines() if line.startswith("gridlock\t")]
    assert rating == pytest.approx(float(shown[0]), abs=ALLOWED[1])
