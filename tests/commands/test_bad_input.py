"""Arguments and streams that no command can work with: one line, and nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = "label,text\n" + "".join(f"{'neg' if n % 2 else 'pos'},été {n}\n" for n in range(20))
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]\n" for n in range(1, 12)
)

CASES: dict[str, tuple[list[str], str]] = {
    "digits": (["--per_device_train_batch_size", "9" * 5000], "(5,002 characters)"),
    "home": (["--data", "C:~nobody-of-this-name/x"], "there is no user of that name"),
    "long": (["--data", "C:" + "x" * 3000], "is too long for a path"),
    "long model": (["--model", "9" * 400], "cannot be the name of a model"),
    "long folder": (["--output_dir", "x/" * 4000], "is too long for a path"),
    "nowhere": (["--output_dir", "dangling"], "is a link to nowhere, which does not exist"),
    "circle": (["--output_dir", "loop"], "is a link that leads back to itself"),
    "equation": (["--eqn", "classify: " + "x " * 50_000], " ...\n"),
    "its own answer": (["--eqn", "classify: label ~ label"], "'label' on both sides of '~'"),
    "many mistakes": ([f"--unknown{n}" for n in range(90)], "and 70 more mistakes"),
}

FILES: dict[str, tuple[str, str]] = {
    "bomb.yaml": (BOMB + "metric: *a11\n", "its aliases expand to more than 100,000 values"),
    "itself.yaml": ("metric: &a [*a]\n", "nested too deeply"),
    "deep.yaml": ("[" * 5000, "nested too deeply"),
    "record.json": ('{"gft_format": 1}', "the record of a fit, but it is damaged"),
    "list.json": ('{"gft_format": 1, "program": {"arguments": []}}', "but it is damaged"),
    "digits.json": (f'{{"seed": {"9" * 5000}}}', "digits"),
}

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "hidden_size: expected a whole number, found 'x'": {"hidden_size": "x"},
    "num_labels: expected a whole number up to 1,000,000": {"num_labels": 10**8},
    "id2label: expected an object": {"id2label": []},
    "architectures: expected a list of names": {"architectures": 3},
    "cannot make a model of its configuration": {"num_attention_heads": 0},
    "chunk_size_feed_forward: expected a number": {"chunk_size_feed_forward": "x"},
    "max_position_embeddings: expected 1 or more": {"max_position_embeddings": 0},
    "type_vocab_size: expected 1 or more, such as 2": {"type_vocab_size": 0},
    "vocab_size: expected a whole number, 1 or more": {"vocab_size": 0},
    "hidden_size: expected 1 or more": {"hidden_size": 0},
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with data, to stand in."""
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text(DATA, encoding="utf-8")
    Path("dangling").symlink_to("nowhere")
    Path("loop").symlink_to("loop")
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="links and homes are other things there")
@pytest.mark.parametrize("case", CASES)
def test_argument(case: str, gft: Callable[..., Any], tiny: Path, home: Path) -> None:
    words, expected = CASES[case]
    given = {"--model": f"C:{tiny}", "--data": "C:x.csv", "--eqn": "classify: label ~ text"}
    given = {name: value for name, value in given.items() if name not in words}
    before = sorted(home.iterdir())
    ran = gft("fit", *[word for pair in given.items() for word in pair], *words)
    assert ran.status == 2 and expected in ran.err and "--debug" not in ran.err
    assert max(map(len, ran.err.splitlines())) < 1500
    assert sorted(home.iterdir()) == before


@pytest.mark.parametrize("name", FILES)
def test_file_of_arguments(name: str, gft: Callable[..., Any], home: Path) -> None:
    content, expected = FILES[name]
    Path(name).write_text(content)
    ran = gft("fit", name)
    assert ran.status == 2 and expected in ran.err


@pytest.mark.parametrize("expected", CONFIGURATIONS)
def test_configuration(expected: str, gft: Callable[..., Any], tiny: Path, home: Path) -> None:
    model = home / "model"
    model.mkdir()
    for file in tiny.iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | CONFIGURATIONS[expected]))
    ran = gft("fit", "--model", f"C:{model}", "--data", "C:x.csv", "--eqn",
              "classify: label ~ text", "--output_dir", "out")  # fmt: skip
    assert ran.status == 2 and expected in ran.err
    assert not Path("out").exists()


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run gft's commands by `sh`, and return how that ended."""
    here = Path(sys.executable).parent
    told = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}", **environment}
    return subprocess.run(["sh", "-c", line], capture_output=True, env=told, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_streams_that_are_closed_or_full(home: Path) -> None:
    ran = shell("gft --help >&-")
    assert ran.returncode == 2 and b"standard output is closed" in ran.stderr
    ran = shell("gft --help >/dev/full")
    assert ran.returncode == 1 and b"no space left" in ran.stderr and b"Trace" not in ran.stderr
    ran = shell("gft_fit --nonsense 1 2>&-")
    assert ran.returncode == 2 and ran.stdout == b""


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of another kind")
def test_a_shell_that_asks_for_no_encoding_gets_utf_8(home: Path) -> None:
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = shell("gft_cat_data --data C:x.csv --split train", **bare)
    assert ran.returncode == 0 and "été 0".encode() in ran.stdout
    ran = shell("gft_cat_data --data C:x.csv --split train", **bare, PYTHONIOENCODING="latin-1")
    assert ran.returncode == 0 and "été 0".encode("latin-1") in ran.stdout


@pytest.mark.parametrize(
    "problem",
    [
        MemoryError(),
        RuntimeError("could not create a primitive"),
        OSError(12, "Cannot allocate memory"),
    ],
)
def test_too_little_memory_is_one_line(
    problem: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    from gft.commands.shell import run

    def body(*_: object) -> int:
        raise problem

    assert run("summary", body, ["--data", "C:x.csv"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("gft_summary: error: not enough memory; use a smaller model")
    assert said.count("\n") == 1
