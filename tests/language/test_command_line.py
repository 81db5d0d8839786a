from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gft.errors import UserError
from gft.language.arguments import ARGUMENTS, FUNCTIONS
from gft.language.command_line import normalize, parse_command_line
from gft.language.help import help_text
from gft.language.older_names import OLDER
from gft.language.program import Options

DELIBERATE = {
    "output_dir", "per_device_eval_batch_size", "eval_strategy", "save_strategy", "report_to",
    "load_best_model_at_end", "logging_steps", "log_level", "log_level_replica", "debug", "optim",
    "do_train", "do_eval", "do_predict", "include_for_metrics",
}  # fmt: skip
"""Fields whose default gft chose on purpose."""


def given(*words: str, function: str = "fit") -> dict[str, object]:
    return parse_command_line(function, words).given


def test_ways_to_write_it() -> None:
    assert given("--seed", "3") == given("--seed=3") == {"seed": 3}
    assert given("-m", "x", "-d", "y", "-e", "c: y ~ x", "-s", "a,b", "-o", "z") == {
        "model": "x", "data": "y", "eqn": "c: y ~ x", "splits": "a,b", "output_dir": "z",
    }  # fmt: skip
    assert given("--max-length", "9") == {"max_length": 9}
    assert given("--metric", "H:f1", "H:accuracy", "--seed", "1")["metric"] == [
        "H:f1", "H:accuracy"]  # fmt: skip
    assert given("--better_figure_of_merit", "-1") == {"better_figure_of_merit": -1}
    assert given("--use_cpu") == given("--use_cpu", "true") == {"use_cpu": True}
    assert given("--use_cpu", "false") == {"use_cpu": False}


def test_a_file_of_arguments(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"seed": 3, "metric": ["H:f1"], "use_cpu": True}))
    (tmp_path / "a.yaml").write_text("seed: 3\nmetric: [H:f1]\nuse_cpu: true\n")
    expected = {"seed": 4, "metric": ["H:f1"], "use_cpu": True}
    for name in ("a.json", "a.yaml"):
        assert given(str(tmp_path / name), "--seed", "4") == expected


def test_mistakes_are_said_together() -> None:
    with pytest.raises(UserError) as raised:
        given("--modle", "x", "--seed", "three", "--precision", "bf15")
    assert list(raised.value.messages) == [
        "unknown argument --modle; did you mean --model?",
        "--seed: expected a whole number, found 'three'",
        "--precision: expected auto or fp32 or bf16 or fp16, found 'bf15'; did you mean bf16?",
    ]


def test_an_argument_of_another_command_is_noted() -> None:
    parsed = parse_command_line("eval", ["--num_train_epochs", "3"])
    assert parsed.given == {}
    assert parsed.notes == ("--num_train_epochs belongs to gft_fit; it has no effect in gft_eval",)


def test_older_names() -> None:
    old = {
        "evaluation_strategy": "steps", "group_by_length": True, "warmup_ratio": 0.1,
        "no_cuda": True, "max_seq_length": 128, "per_gpu_train_batch_size": 4, "fp16": True,
    }  # fmt: skip
    assert normalize("fit", old).given == {
        "eval_strategy": "steps", "train_sampling_strategy": "group_by_length",
        "warmup_steps": 0.1, "use_cpu": True, "max_length": 128,
        "per_device_train_batch_size": 4, "precision": "fp16",
    }  # fmt: skip
    for name, older in OLDER.items():
        assert older.now is None or older.now in ARGUMENTS, name
        assert older.now or older.reason, name


def test_the_table_is_that_of_the_installed_library() -> None:
    import dataclasses

    from transformers import TrainingArguments

    for field in dataclasses.fields(TrainingArguments):
        if not field.init:
            continue
        assert field.name in ARGUMENTS, field.name
        if field.name not in DELIBERATE and field.default is not dataclasses.MISSING:
            assert ARGUMENTS[field.name].default == field.default, field.name
    ours = {name for name, argument in ARGUMENTS.items() if argument.trainer}
    assert ours <= {field.name for field in dataclasses.fields(TrainingArguments)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_help(function: str) -> None:
    page = help_text(function)
    assert page.startswith(f"gft_{function}: ")
    assert len(page.splitlines()) <= 80
    assert all(len(line) <= 100 for line in page.splitlines())
    every = help_text(function, everything=True)
    for name, argument in ARGUMENTS.items():
        shown = re.search(rf"--{name}\b", every) is not None
        assert shown == (function in argument.functions), name


def test_options_are_attributes() -> None:
    options = Options({"seed": 3})
    assert (options.seed, options.learning_rate) == (3, 5e-5)
    assert options.given == {"seed"}
    with pytest.raises(AttributeError):
        _ = options.nonsense
