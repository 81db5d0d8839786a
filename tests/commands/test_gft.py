"""The command `gft`: sub-commands, mistakes, completion."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gft.commands.completion import completion
from gft.commands.gft import gft_command
from gft.language.argument import FUNCTIONS
from gft.registry import arguments

TABLE = arguments()

BIN = Path(sys.executable).parent


def test_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert gft_command([]) == 0
    page = capsys.readouterr().out
    assert all(f"gft {name} " in page for name in FUNCTIONS)


def test_a_sub_command_is_the_command(colours: Path) -> None:
    words = ["cat_data", "--data", f"C:{colours}", "--split", "val", "--format", "jsonl"]
    one = subprocess.run([BIN / "gft", *words], capture_output=True, text=True, check=True)
    other = subprocess.run(
        [BIN / "gft_cat_data", *words[1:]], capture_output=True, text=True, check=True
    )
    assert one.stdout == other.stdout and len(one.stdout.splitlines()) == 24


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sumary"], "no sub-command 'sumary' (did you mean 'summary'?)"),
        (["completion"], "name the shell: gft completion bash | zsh | fish"),
        (["completion", "tcsh"], "no shell 'tcsh'"),
    ],
)
def test_mistakes(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert gft_command(words) == 2
    assert f"gft: error: {told}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["gft", "su"], ["summary"]),
        (["gft", "fit", "--preci"], ["--precision"]),
        (["gft_fit", "--precision", ""], ["auto", "fp32", "bf16", "fp16", "int8"]),
        (["gft_predict", "--top"], ["--top_k"]),
        (["gft", "completion", ""], ["bash", "zsh", "fish"]),
        # bash makes three words of --precision=b, zsh one.
        (["gft_fit", "--precision", "=", "b"], ["bf16"]),
        (["gft_fit", "--precision", "="], ["auto", "fp32", "bf16", "fp16", "int8"]),
        (["gft_fit", "--precision=b"], ["--precision=bf16"]),
    ],
)
def test_bash_completes(line: list[str], expected: list[str]) -> None:
    words = " ".join(f"'{word}'" for word in line)
    script = (
        f"{completion('bash', TABLE)}\nCOMP_WORDS=({words}); COMP_CWORD={len(line) - 1}; _gft; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == expected and not done.stderr


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gft su", ["summary"]),
        ("gft completion ", ["bash", "fish", "zsh"]),
        ("gft fit --preci", ["--precision"]),
        ("gft_fit --precision=b", ["--precision=bf16"]),
        ("gft_eval --hel", ["--help", "--help_all"]),
    ],
)
def test_fish_completes(line: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "gft.fish").write_text(completion("fish", TABLE))
    done = subprocess.run(
        ["fish", "-N", "-c", f"source gft.fish; complete -C '{line}'"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    offered = [one.split("\t")[0] for one in done.stdout.splitlines()]
    assert offered == expected and not done.stderr


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes(tmp_path: Path) -> None:
    (tmp_path / "gft.zsh").write_text(completion("zsh", TABLE))
    # A terminal for zsh, in zsh: its completion works on nothing else.
    (tmp_path / "ask.zsh").write_text(
        "zmodload zsh/zpty\n"
        "zpty it 'TERM=dumb PS1= zsh -f -i'\n"
        "zpty -w it 'source ./gft.zsh; print loaded'\n"
        "zpty -r it told $'*\\nloaded*'\n"
        "zpty -w -n it $'gft su\\t'; zpty -r it told '*gft summary*' && print -r summary\n"
        "zpty -w -n it $'\\x15gft_fit --precision=b\\t'\n"
        "zpty -r it told '*--precision=bf16*' && print -r bf16\n"
    )
    done = subprocess.run(
        ["zsh", "-f", "ask.zsh"], capture_output=True, text=True, check=True, cwd=tmp_path,
        timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["summary", "bf16"]


def test_other_shells_get_the_same_options() -> None:
    assert "bashcompinit" in completion("zsh", TABLE) and "_gft" in completion("zsh", TABLE)
    fish = completion("fish", TABLE)
    assert "complete -c gft_fit -l precision -x -a 'auto fp32 bf16 fp16 int8'" in fish
    assert "complete -c gft -n '__fish_seen_subcommand_from eval' -l label_map -r" in fish
