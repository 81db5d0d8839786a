"""Programs for models that others fitted or that a fit left, and the run of them all."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import programs
import run as runner
from hub import ready
from hub.server import Hub

THEIRS = [
    path for path in programs.programs()
    if "their_models" in path and not path.startswith("summary")
]  # fmt: skip
COLA = "model.HuggingFace/language/data.HuggingFace/glue/cola.sh"
PREDICTED = {
    "sentiment": r"What a lovely day\.\t(NEGATIVE|POSITIVE)\t0\.\d+",
    "emotion": r"I did not see that coming!\t(sadness|joy|love|anger|fear|surprise)\t0\.\d+",
    "ner": r"Ada Lovelace was born in London\.\tAda/\S+:0\.\d+ Lovelace/.*",
    "pos": r"The old stones lie in the river\.\tThe/[A-Z]+:0\.\d+ old/.*",
    "paraphrase": r"The meeting was moved to May\.\|They meet .*\t(not_)?equivalent\t0\.\d+",
    "question_answering": r"Who wrote the notes\?\|The notes were written by Ada in 1843\.\t.*",
    "translation": r"The house is small\.\t.*",
    "asr": r".*\t.*\t.*",
    "images": r".*\t.*\t(airplane|automobile|bird|cat|deer|dog|frog|horse|ship|truck)\t0\.\d+",
}


@pytest.fixture(scope="module")
def their_hub(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Hub:
    ready.add_to(hub, tmp_path_factory.mktemp("ready"))
    return hub


@pytest.fixture
def program(gft: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run the one command of a program in this process, with what is piped into it."""

    def run(path: str, **variables: object) -> Any:
        text = programs.programs()[path]
        for name, value in variables.items():
            text = text.replace(f"${name}", str(value))
        before, function, words = re.split(r"^gft_(\w+) ", text, flags=re.MULTILINE)
        lines = "\n".join(line for line in before.splitlines() if line.endswith("|"))
        if lines:
            given = subprocess.run(["sh", "-c", lines[:-1]], capture_output=True, check=True).stdout
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        return gft(function, *shlex.split(words.replace("\\\n", "")))

    return run


@pytest.mark.parametrize("path", THEIRS)
def test_their_models(path: str, their_hub: Hub, program: Callable[..., Any]) -> None:
    function, name = path.partition("_")[0], Path(path).stem
    ran = program(path, datasets=programs.HERE.parent / "datasets")
    assert ran.status == 0, ran.err
    if function == "predict":
        assert re.fullmatch(PREDICTED[name], ran.out.splitlines()[0]), ran.out
    else:
        assert ran.out.splitlines()[1].startswith("metric ")


def test_what_there_is_to_say_of_their_models(their_hub: Hub, program: Callable[..., Any]) -> None:
    ran = program("summary_examples/their_models/ner.sh")
    assert ran.status == 0, ran.err
    assert "dslim/bert-base-NER" in ran.out and "ner_tags" in ran.out


def test_predict_eval_and_summary_of_what_a_program_left(
    hub: Hub, gft: Callable[..., Any], program: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / COLA.removesuffix(".sh") / "ckpt"
    fit = program(f"fit_examples/{COLA}", outdir=out)
    assert fit.status == 0, fit.err
    said = {
        function: program(f"{function}_examples/{COLA}", gft_checkpoints=tmp_path)
        for function in ("predict", "eval", "summary")
    }
    assert all(ran.status == 0 for ran in said.values()), said
    assert len(said["predict"].out.splitlines()) == 16
    assert "matthews_correlation" in said["eval"].out
    assert "classify: label ~ sentence" in said["summary"].out


def test_a_run_of_programs(tmp_path: Path) -> None:
    refused = "text_similarity/lcqmc/ernie-gen-base-en"
    rte = f"fit_examples/{COLA.replace('cola.sh', 'rte')}"
    done = subprocess.run(
        [sys.executable, programs.HERE / "run.py", "--processes", "2", "--folder", tmp_path,
         rte, refused],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    head, *rows, last = done.stdout.splitlines()
    assert head.split() == ["program", "seconds", "metric", "what", "failed"]
    assert [row.split()[0] for row in rows] == [
        f"{rte}.sh", f"fit_examples/model.PaddleHub/language/data.PaddleHub/{refused}.sh"
    ]  # fmt: skip
    assert re.search(r" \d+\.\d  accuracy 0\.\d{4}$", rows[0])
    assert rows[1].endswith("refused, as expected")
    assert "2 as they should, 1 of them in an error that is expected; 0 not" in last
    left = tmp_path / "checkpoints" / rte.removeprefix("fit_examples/") / "ckpt"
    assert (left / "gft.json").is_file()


def test_what_fails_is_said(tmp_path: Path) -> None:
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "gft_checkpoints": str(tmp_path),
    }
    ended = runner.run(f"eval_examples/{COLA}", environment)
    assert ended.failed.startswith("exit status 2: gft_eval: error: ")
    assert COLA.removesuffix(".sh") in ended.failed
    path = "fit_examples/model.PaddleHub/language/data.PaddleHub/text_similarity/lcqmc/"
    ended = runner.run(f"{path}ernie-gen-base-en.sh", {**environment, "PATH": "/bin:/usr/bin"})
    assert ended.failed.startswith("exit status 127, and no error with ")


def test_one_that_fails_makes_the_run_fail(capsys: pytest.CaptureFixture[str]) -> None:
    good = runner.Ended("a.sh", 1, "accuracy 0.5000", "")
    refused = runner.Ended("b.sh", 1, runner.REFUSED, "")
    bad = runner.Ended("c.sh", 1, "", "exit status 2: gft_fit: error: no")
    assert runner.summed_up([good, refused], 2, 1) == 0
    assert runner.summed_up([good, refused, bad], 2, 1) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert "2 as they should, 1 of them in an error that is expected; 1 not" in last
    assert bad.line().endswith("-                            exit status 2: gft_fit: error: no")


@pytest.mark.parametrize(
    ("words", "said"),
    [(["nothing-has-this"], "no program has nothing-has-this"), (["--processes", "0"], "1 or more"),
     (["--folder", str(programs.HERE)], "is not empty")],
)  # fmt: skip
def test_mistakes(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["run.py", *words])
    with pytest.raises(SystemExit):
        runner.main()
    assert said in capsys.readouterr().err


def test_programs_are_chosen_with_what_they_need() -> None:
    first, after = runner.chosen([f"eval_examples/{COLA}"])
    assert (first, after) == ([f"fit_examples/{COLA}"], [f"eval_examples/{COLA}"])
    first, after = runner.chosen(["fit_examples/"])
    assert (len(first), after) == (196, [])
    assert runner.chosen(["nothing has this"]) == ([], [])
