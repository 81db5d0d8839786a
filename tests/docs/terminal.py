"""A terminal for the blocks of a page: a real shell, whose gft commands run in this process.

The shell finds a small program under each command's name that hands words, standard input,
folder and variables over to this process, which has torch in memory already, and writes what
comes back.
"""

from __future__ import annotations

import ast
import io
import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from gft.language.argument import FUNCTIONS

STUB = f"""#!{sys.executable} -SE
import json, os, socket, sys, time
function = os.path.basename(sys.argv[0]).removeprefix("gft_")
asked = {{"function": function, "words": sys.argv[1:], "folder": os.getcwd(),
          "stdin": sys.stdin.buffer.read().decode("latin-1"), "environment": dict(os.environ)}}
with socket.create_connection(("127.0.0.1", int(os.environ["GFT_DOCS_PORT"]))) as line:
    line.sendall(json.dumps(asked).encode())
    line.shutdown(socket.SHUT_WR)
    answer = json.loads(b"".join(iter(lambda: line.recv(65536), b"")))
teed = os.environ["GFT_DOCS_TEED"]
reached = os.path.getsize(teed)
def passed_on():  # by tee: what comes next would overtake it. Or a pipe ends elsewhere.
    given_up = time.monotonic() + 1
    while os.path.getsize(teed) < reached and time.monotonic() < given_up:
        time.sleep(0.005)
for number, text in answer["said"]:
    try:
        if number == 1:
            reached += len(text.encode())
        else:
            passed_on()
            reached = os.path.getsize(teed)
        os.write(number, text.encode())
    except BrokenPipeError:
        os._exit(0)
passed_on()
os._exit(answer["status"])
"""


class _Heard(io.StringIO):
    """What is written to one stream, in the order of both."""

    def __init__(self, number: int, said: list[tuple[int, str]]) -> None:
        super().__init__()
        self.number, self.said = number, said

    def write(self, text: str) -> int:
        self.said.append((self.number, text))
        return len(text)


@dataclass
class Shown:
    """What a block showed: everything, and standard output alone."""

    status: int
    terminal: str
    out: str
    failed: list[str] = field(default_factory=list)


class Terminal:
    """A shell in a folder that keeps its variables from block to block, and a Python likewise."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        self.home = folder.parent / f"{folder.name}-terminal"
        self.home.mkdir()
        folder.mkdir()
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(0.05)
        self.environment = {
            **os.environ,
            **variables,
            "GFT_DOCS_TEED": str(self.home / "out"),
            "GFT_DOCS_PORT": str(self.server.getsockname()[1]),
            "PATH": os.pathsep.join(
                [str(self.home), str(Path(sys.executable).parent), os.environ["PATH"]]
            ),
        }
        for name in ("gft", *(f"gft_{function}" for function in FUNCTIONS)):
            path = self.home / name
            path.write_text(STUB, encoding="utf-8")
            path.chmod(0o755)
        (self.home / "state").write_text(f"cd '{folder}'\n", encoding="utf-8")
        self.failed: list[str] = []

    def close(self) -> None:
        """Let go of the port."""
        self.server.close()

    def sh(self, text: str) -> Shown:
        """Run a block as a shell does."""
        state = self.home / "state"
        out, everything = self.home / "out", self.home / "everything"
        out.write_bytes(b"")
        script = (
            f". '{state}'\nset -ea\n{text}\n{{ export -p; echo \"cd '$(pwd)'\"; }} > '{state}'\n"
        )
        # Standard output goes through tee, so that it is known alone and with the rest.
        whole = f"{{ bash -c '{_quoted(script)}' | tee '{out}'; }} > '{everything}' 2>&1"
        self.failed = []
        running = subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", whole], env=self.environment, stdin=subprocess.DEVNULL
        )
        while running.poll() is None:
            self._serve()
        return Shown(
            running.returncode,
            everything.read_text(encoding="utf-8"),
            out.read_text(encoding="utf-8"),
            self.failed,
        )

    def _serve(self) -> None:
        try:
            line, _ = self.server.accept()
        except TimeoutError:
            return
        with line:
            line.settimeout(None)
            asked = json.loads(b"".join(iter(lambda: line.recv(65536), b"")))
            line.sendall(json.dumps(self._run(asked)).encode())

    def _run(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Run a command as it would run in a process of its own."""
        from gft.commands.gft import gft_command
        from gft.commands.shell import run

        said: list[tuple[int, str]] = []
        stdin = io.TextIOWrapper(io.BytesIO(asked["stdin"].encode("latin-1")), encoding="utf-8")
        with self._here(asked["folder"], asked["environment"], said):
            before, sys.stdin = sys.stdin, stdin
            argv, sys.argv[:] = sys.argv[:], [asked["function"], *asked["words"]]
            try:
                if asked["function"] == "gft":
                    status = gft_command(asked["words"])
                else:
                    module = import_module(f"gft.commands.{asked['function']}")
                    body = getattr(module, f"{asked['function']}_command")
                    status = run(asked["function"], body, asked["words"])
            except SystemExit as ended:
                status = int(ended.code or 0)
            finally:
                sys.stdin, sys.argv[:] = before, argv
        if status:
            self.failed.append(f"{asked['function']} {asked['words']}: {status}")
        return {"status": status, "said": said}

    @contextmanager
    def _here(
        self, folder: str, environment: dict[str, str], said: list[tuple[int, str]]
    ) -> Iterator[None]:
        place, variables = Path.cwd(), dict(os.environ)
        os.chdir(folder)
        os.environ.update(environment)
        try:
            with redirect_stdout(_Heard(1, said)), redirect_stderr(_Heard(2, said)):
                yield
        finally:
            os.chdir(place)
            os.environ.clear()
            os.environ.update(variables)

    def python(self, text: str) -> Shown:
        """Run a block as a Python session does: a last expression is shown."""
        said: list[tuple[int, str]] = []
        tree = ast.parse(text)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        status = 0
        with self._here(self._folder(), {}, said):
            try:
                exec(compile(tree, "<page>", "exec"), self.names)
                if isinstance(last, ast.Expr):
                    value = eval(compile(ast.Expression(last.value), "<page>", "eval"), self.names)
                    if value is not None:
                        print(repr(value))
            except Exception:
                status = 1
                traceback.print_exc()
        return Shown(
            status,
            "".join(text for _, text in said),
            "".join(text for number, text in said if number == 1),
        )

    def _folder(self) -> str:
        """Return the folder that the shell is in."""
        last = (self.home / "state").read_text(encoding="utf-8").splitlines()[-1]
        return last.removeprefix("cd '").removesuffix("'")

    def write(self, name: str, text: str) -> None:
        """Write a file that a page shows."""
        path = Path(self._folder(), name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _quoted(text: str) -> str:
    return text.replace("'", "'\\''")
