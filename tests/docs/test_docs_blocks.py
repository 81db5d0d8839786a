"""Every block of commands in every page of the repository runs, and shows what the page shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from hub.mirror import Mirror
from hub.server import Hub
from loopback import small_gft
from own_files import write_own_files
from pages import Block, blocks_of, name_of, pages
from shown import agrees
from site_hub import filled, store
from terminal import Shown, Terminal

RUN = ("sh", "python")
SHOWN = "output"
OTHER = ("text", "json", "yaml", "js", "csv", "toml", "r", "powershell", "mermaid")
"""Languages of blocks that are no commands of ours, or none that can run here."""
NOT_RUN = "not run: "
FILE = "file: "
STATUS = "status: "
VARY = "output: numbers vary"
UNCHECKED = "output: not checked, "
COMMANDS = re.compile(r"^ *(?:\$ |gft_\w+ |gft |pip |python3? |make |sh )", re.MULTILINE)
RUNNING = [page for page in pages() if any(one.language in RUN for one in blocks_of(page))]


@pytest.fixture(scope="module")
def variables(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What a terminal of a reader has: the hub, PaddleNLP's store, and gft's folder."""
    mirror = Mirror()
    made = tmp_path_factory.mktemp("site")
    own = small_gft(made / "gft")
    with filled(hub, made), store(mirror, made):
        yield {
            "GFT_PADDLE_MIRROR": mirror.url,
            "PPNLP_HOME": str(made / "paddle"),
            "gft": str(own),
            "datasets": str(own / "datasets"),
            "gft_checkpoints": str(made / "checkpoints"),
        }
    mirror.close()


@pytest.mark.parametrize("page", RUNNING, ids=name_of)
def test_blocks_run(page: Path, variables: dict[str, str], tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "work", {**variables, "HOME": str(tmp_path)})
    try:
        write_own_files(terminal.folder, page)
        last: Shown | None = None
        for block in blocks_of(page):
            where = f"{name_of(page)}, line {block.line}"
            if block.mark.startswith(FILE):
                terminal.write(block.mark.removeprefix(FILE), block.text)
            elif block.mark.startswith(NOT_RUN):
                last = None
            elif block.language in RUN:
                last = run(terminal, block, where)
            elif block.language == SHOWN and not block.mark.startswith(UNCHECKED):
                assert last is not None, f"{where}: nothing ran before this output"
                wrong = [
                    agrees(block.text, came, block.mark == VARY)
                    for came in (last.terminal, last.out)
                ]
                assert "" in wrong, f"{where}: {wrong[0]}"
    finally:
        terminal.close()


def run(terminal: Terminal, block: Block, where: str) -> Shown:
    """Run a block, and see that it ended as it should."""
    shown = terminal.sh(block.text) if block.language == "sh" else terminal.python(block.text)
    expected = int(block.mark.removeprefix(STATUS)) if block.mark.startswith(STATUS) else 0
    assert shown.status == expected, f"{where}: status {shown.status}\n{shown.terminal}"
    assert expected or not shown.failed, f"{where}: {shown.failed}\n{shown.terminal}"
    return shown


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_blocks_are_of_a_known_kind(page: Path) -> None:
    for block in blocks_of(page):
        where = f"{name_of(page)}, line {block.line}"
        assert block.language in (*RUN, SHOWN, *OTHER), f"{where}: {block.language!r}"
        told = block.mark.partition(":")[0] in ("not run", "file", "status", "output")
        assert told or not block.mark or block.mark.startswith("/generated"), f"{where}: mark"
        for mark in (NOT_RUN, UNCHECKED):
            if block.mark.startswith(mark):
                assert len(block.mark.removeprefix(mark)) > 8, f"{where}: say why"
        if block.language in ("text", "csv", "toml", "json", "yaml"):
            hidden = COMMANDS.search(block.text)
            assert hidden is None, f"{where}: {hidden and hidden[0]!r} belongs into a block of sh"
        if block.language == "json":
            json.loads(block.text)
        if block.language == "yaml":
            yaml.safe_load(block.text)


@pytest.mark.parametrize(
    ("shown", "came", "vary", "right"),
    [
        ("a\nb\n", "a\nb\n", False, True),
        ("a\n", "a\nb\n", False, False),
        ("a\n...\n", "a\nb\nc\n", False, True),
        ("a\n...\nc\n", "a\nb\n", False, False),
        ("x ... z\n", "x y z\n", False, True),
        ("rows 1,234 at 0.50\n", "rows   12 at -3.1\n", True, True),
        ("rows 1\n", "rows 2\n", False, False),
        ("rows 1\n", "lines 1\n", True, False),
        ("bert2 1\n", "bert3 1\n", True, False),
        ("f1 0.5 to 0.6\n", "f1 0.1 to 0.9 (!)\n(!) only 2 rows\n", True, True),
        (
            "is +0.1 (0.01 to 0.2).\n",
            "is 0.1 (-0.1 to 0.2): not significant, as the interval includes 0.\n",
            True,
            True,
        ),
        ("f1 0.5\n", "f1 0.5 (!)\n", False, False),
    ],
)
def test_what_counts_as_shown(shown: str, came: str, vary: bool, right: bool) -> None:
    assert (agrees(shown, came, vary) == "") is right


def test_a_block_that_fails_is_found(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "work", {})
    try:
        with pytest.raises(AssertionError, match="status 2"):
            run(terminal, Block(1, "sh", "gft_fit --modle x\n", ""), "a page, line 1")
        with pytest.raises(AssertionError, match="predict"):
            run(terminal, Block(1, "sh", "echo x | gft_predict --modle x | cat\n", ""), "a page")
        shown = run(terminal, Block(1, "sh", "gft_fit --modle x\n", "status: 2"), "a page, line 1")
        assert "did you mean --model?" in shown.terminal and shown.out == ""
        run(terminal, Block(1, "sh", "word='a b'\nmkdir inner\ncd inner\n", ""), "a page, line 1")
        shown = run(terminal, Block(1, "sh", 'echo "$word"; gft_fit --version\n', ""), "a page")
        assert shown.out.startswith("a b\ngft ") and terminal.python("import os; os.getcwd()").out
        assert terminal.python("1 / 0").status == 1
    finally:
        terminal.close()
