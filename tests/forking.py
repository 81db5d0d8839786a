"""Python scripts in processes of their own that start at once: forks of one that has imported it.

Importing torch and transformers takes seconds of a processor, and a test of commands runs dozens of
them. A fork of a process that has only imported them begins as a new process does after its
imports: no weight is made, no thread of torch's runs. Where there is no such fork, or where the
environment is another, a script runs in a process that begins from nothing.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ran import Ran

LIMIT_SECONDS = 300
FORKS = sys.platform == "linux"
MODULES = (
    *(f"gft.commands.{name}" for name in ("fit", "predict", "eval", "summary", "cat_data")),
    *("gft.functions.fit", "gft.functions.predict", "gft.engine.fitting", "accelerate"),
    *("datasets", "sklearn.linear_model"),
)
NAMES = ("Trainer", "BertForSequenceClassification", "BertForTokenClassification",
         "BertForQuestionAnswering", "BertModel", "BertTokenizerFast", "AutoTokenizer",
         "AutoConfig")  # fmt: skip
"""What commands take of `transformers`, which imports it only then."""


class Forking:
    """A process that has imported what commands need, and runs scripts in forks of itself.

    `environment` is what its forks have. It starts with the first script.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._process: subprocess.Popen[str] | None = None

    def run(self, script: Path, *words: object, stdin: str = "") -> Ran:
        """Run a script to its end; return its status, minus the signal that ended it."""
        said = [str(script), *map(str, words)]
        if not FORKS:
            return plainly(said, stdin, self.environment)
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__], env=self.environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self._process.stdin and self._process.stdout
        with tempfile.TemporaryDirectory() as place:
            Path(place, "in").write_text(stdin, encoding="utf-8")
            asked = {"words": said, "streams": place, "folder": os.getcwd()}  # noqa: PTH109
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            assert line, "the process that forks has ended"
            out, err = (Path(place, name).read_text(encoding="utf-8") for name in ("out", "err"))
        return Ran(json.loads(line), out, err)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait(timeout=20)


def plainly(words: list[str], stdin: str, environment: Mapping[str, str]) -> Ran:
    """Run a script in a process that begins from nothing."""
    done = subprocess.run(
        [sys.executable, *words], input=stdin, capture_output=True, encoding="utf-8",
        env=dict(environment), timeout=LIMIT_SECONDS, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def serve() -> None:
    """Fork for each request of standard input; answer with the status when the fork has ended."""
    for name in MODULES:
        import_module(name)
    transformers = import_module("transformers")
    for name in NAMES:
        getattr(transformers, name)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            answers.close()
            _become(asked)
            return
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _become(asked: dict[str, Any]) -> None:
    """Run a script as `python SCRIPT WORDS` would."""
    os.chdir(asked["folder"])
    for number, name, mode in ((0, "in", "r"), (1, "out", "w"), (2, "err", "w")):
        with Path(asked["streams"], name).open(mode) as file:
            os.dup2(file.fileno(), number)
        errors = "backslashreplace" if number == 2 else "strict"
        stream = os.fdopen(number, mode, encoding="utf-8", errors=errors, closefd=False)
        setattr(sys, ("stdin", "stdout", "stderr")[number], stream)
    sys.argv[:] = asked["words"]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    serve()
