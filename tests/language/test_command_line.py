from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from gft.commands.argument_file import read_arguments
from gft.engine.options import Computing, HandedOn
from gft.errors import UserError
from gft.language.argument import FUNCTIONS
from gft.language.command_line import normalize, parse_command_line
from gft.language.help import help_text
from gft.language.program import Options
from gft.registry import arguments

TABLE = arguments()


def given(*words: str, function: str = "fit") -> dict[str, object]:
    return parse_command_line(function, words, TABLE, read_arguments).given


def test_ways_to_write_it() -> None:
    assert given("--seed", "3") == given("--seed=3") == {"seed": 3}
    assert given("-m", "x", "-d", "y", "-e", "c: y ~ x", "-s", "a,b", "-o", "z") == {
        "model": ["x"], "data": ["y"], "eqn": "c: y ~ x", "splits": "a,b", "output_dir": "z",
    }  # fmt: skip
    assert given("--max-length", "9") == {"max_length": 9}
    assert given("--metric", "H:f1", "H:accuracy", "--seed", "1")["metric"] == [
        "H:f1", "H:accuracy"]  # fmt: skip
    assert given("--better_figure_of_merit", "-1") == {"better_figure_of_merit": -1}
    assert given("--use_cpu") == given("--use_cpu", "true") == {"use_cpu": True}
    assert given("--use_cpu", "false") == {"use_cpu": False}


def test_a_fitted_folders_record_is_a_file_of_arguments(tmp_path: Path) -> None:
    program = {"model": "H:x", "data": "C:y", "metric": [], "task": "classify", "splits": None,
               "eqn": "classify: a ~ b", "arguments": {"seed": 42, "learning_rate": 0.01,
               "class_weight": ["balanced"], "output_dir": "z", "gone": 1}}  # fmt: skip
    record = {"gft_format": 1, "program": program}
    (tmp_path / "gft.json").write_text(json.dumps(record), encoding="utf-8")
    assert given(str(tmp_path / "gft.json"), "--output_dir", "new") == {
        "model": ["H:x"], "data": ["C:y"], "task": "classify", "eqn": "classify: a ~ b",
        "learning_rate": 0.01, "class_weight": ["balanced"], "output_dir": "new",
    }  # fmt: skip


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
        "--precision: expected auto or fp32 or bf16 or fp16 or int8, found 'bf15'; "
        "did you mean bf16?",
    ]


def test_an_argument_of_another_command_is_noted() -> None:
    parsed = parse_command_line("eval", ["--num_train_epochs", "3"], TABLE, read_arguments)
    assert parsed.given == {}
    assert parsed.notes == ("--num_train_epochs belongs to gft_fit; it has no effect in gft_eval",)


def test_older_names() -> None:
    old = {
        "evaluation_strategy": "steps", "group_by_length": True, "warmup_ratio": 0.1,
        "no_cuda": True, "max_seq_length": 128, "per_gpu_train_batch_size": 4, "fp16": True,
    }  # fmt: skip
    assert normalize("fit", old, TABLE).given == {
        "eval_strategy": "steps", "train_sampling_strategy": "group_by_length",
        "warmup_steps": 0.1, "use_cpu": True, "max_length": 128,
        "per_device_train_batch_size": 4, "precision": "fp16",
    }  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_help(function: str) -> None:
    page = help_text(function, TABLE)
    assert page.startswith(f"gft_{function}: ")
    assert len(page.splitlines()) <= 48  # two screens
    assert all(len(line) <= 100 for line in page.splitlines())
    every = help_text(function, TABLE, everything=True)
    for name, argument in TABLE.items():
        shown = re.search(rf"--{name}(?![\w-])", every) is not None
        assert shown == (function in argument.functions), name


def test_options_have_the_values_of_a_table() -> None:
    options = Options({"seed": 3, "report_to": ["wandb"], "peft": "lora"})
    training = options.of(HandedOn)
    assert (training.seed, training.learning_rate) == (3, 5e-5)
    assert training.report_to == ("wandb",)
    assert options.of(Computing).precision == "auto"
    with pytest.raises(AttributeError):
        _ = training.peft  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="seed cannot be set"):
        training.seed = 4  # type: ignore[misc]


def mistakes(*words: str, function: str = "fit") -> list[str]:
    with pytest.raises(UserError) as raised:
        parse_command_line(function, words, TABLE, read_arguments)
    return list(raised.value.messages)


def notes(*words: str, function: str = "fit") -> tuple[str, ...]:
    return parse_command_line(function, words, TABLE, read_arguments).notes


def test_a_value_may_begin_with_a_hyphen() -> None:
    assert given("--delimiter", "-", function="predict") == {"delimiter": "-"}
    assert given("--delimiter", "--", function="predict") == {"delimiter": "--"}
    assert given("--eqn", "-x") == {"eqn": "-x"}
    assert given("--eqn=--x") == {"eqn": "--x"}
    assert mistakes("--learning_rate", "-1e-5") == [
        "--learning_rate: expected 0 or more, found -1e-05"
    ]


def test_a_missing_value_does_not_hide_other_mistakes() -> None:
    assert mistakes("--seed", "--modle", "x", "--metric", "--num_train_epochs", "three") == [
        "--seed: expected a whole number, found nothing",
        "unknown argument --modle; did you mean --model?",
        "--metric: expected one value or more, found nothing",
        "--num_train_epochs: expected a number, found 'three'",
    ]


def test_a_flag_leaves_a_word_of_its_own_alone() -> None:
    parsed = parse_command_line("summary", ["--debug", "folder"], TABLE, read_arguments)
    assert (parsed.given, parsed.words) == ({"debug": True}, ("folder",))
    parsed = parse_command_line("summary", ["--debug", "false", "folder"], TABLE, read_arguments)
    assert (parsed.given, parsed.words) == ({"debug": False}, ("folder",))
    assert parse_command_line("summary", ["--", "--odd"], TABLE, read_arguments).words == ("--odd",)
    assert mistakes("--use_cpu", "maybe") == ["--use_cpu: expected true or false, found 'maybe'"]
    assert mistakes("folder") == ["expected an argument such as --data, found 'folder'"]


@pytest.mark.parametrize("word", ["true", "yes", "1", "on", "True", "YES"])
def test_ways_to_say_true(word: str) -> None:
    assert given("--use_cpu", word) == given(f"--use-cpu={word}") == {"use_cpu": True}


@pytest.mark.parametrize("word", ["false", "no", "0", "off", "False"])
def test_ways_to_say_false(word: str) -> None:
    assert given("--use_cpu", word) == {"use_cpu": False}


def test_no_abbreviations() -> None:
    assert mistakes("--num_train_epoch", "3", "--se", "3", "-x") == [
        "unknown argument --num_train_epoch; did you mean --num_train_epochs?",
        "unknown argument --se; did you mean --seed?",
        "unknown argument -x; see --help",
    ]


def test_given_twice() -> None:
    assert given("--seed", "3", "--seed", "4") == {"seed": 4}
    assert notes("--seed", "3", "--seed", "4") == ("--seed is given 2 times; the last one is used",)
    assert given("--metric", "a", "--metric", "b", "c") == {"metric": ["a", "b", "c"]}
    assert given("--model", "a", "--data", "b", "--model", "c") == {"data": ["b"], "model": ["c"]}
    assert notes("--model", "a", "--model", "c") == (
        "--model is given 2 times; the last one is used",
    )
    assert given("--max_length", "64", "--max_seq_length", "128") == {"max_length": 128}
    assert given("--max_seq_length", "128", "--max_length", "64") == {"max_length": 64}
    assert notes("--max_seq_length", "128", "--max_length", "64") == (
        "--max_seq_length and --max_length are the same argument; --max_length takes precedence",
    )


IMPOSSIBLE = {
    "--per_device_train_batch_size 0": "expected 1 or more, found 0",
    "--num_train_epochs -1": "expected 0 or more, found -1.0",
    "--num_train_epochs inf": "expected a number, found 'inf'",
    "--learning_rate nan": "expected a number, found 'nan'",
    "--seed 4294967296": "expected 4294967295 or less, found 4294967296",
    "--seed 1.5": "expected a whole number, found '1.5'",
    "--eval_steps 0": "expected more than 0, found 0.0",
    "--hidden_dropout 1.5": "expected 1 or less, found 1.5",
    "--warmup_ratio 2": "expected a share from 0 to 1, found '2'",
    "--no_cuda maybe": "expected true or false, found 'maybe'",
    "--better_figure_of_merit 2": "expected 1 or -1, found '2'",
    "--eval_strategy epcoh": "expected no or steps or epoch, found 'epcoh'; did you mean epoch?",
    "--lr_scheduler_kwargs {bad": "expected a JSON object or the name of a file, found '{bad'",
}


@pytest.mark.parametrize("line", IMPOSSIBLE)
def test_impossible_values(line: str) -> None:
    words = line.split()
    assert mistakes(*words) == [f"{words[0]}: {IMPOSSIBLE[line]}"]


def test_an_empty_value_is_a_mistake() -> None:
    assert mistakes("--output_dir", "") == ["--output_dir: expected a value, found ''"]


def test_an_unknown_choice_of_many_names_the_nearest() -> None:
    (message,) = mistakes("--optim", "adamw_trch")
    assert "adamw_torch, " in message and " more, found 'adamw_trch'" in message
    assert message.endswith("did you mean adamw_torch?")


def test_a_library_argument_and_its_own() -> None:
    assert given("--fp16", "--precision", "bf16") == {"precision": "bf16"}
    assert notes("--fp16", "--precision", "bf16") == (
        "--fp16 has no effect: --precision bf16 takes precedence",
    )
    assert given("--fp16", "false") == {}
    assert given("--fp16", function="eval") == {"precision": "fp16"}
    assert mistakes("--fp16", "--bf16") == [
        "--bf16 and --fp16 are mutually exclusive; give one of them with --precision"
    ]
    assert given("--metric_for_best_model", "eval_f1", "--figure_of_merit", "accuracy") == {
        "figure_of_merit": "accuracy"
    }


@pytest.mark.parametrize("what", ["eval", "save"])
def test_steps_and_strategy(what: str) -> None:
    assert given(f"--{what}_steps", "50") == {f"{what}_steps": 50, f"{what}_strategy": "steps"}
    assert notes(f"--{what}_steps", "50", f"--{what}_strategy", "epoch") == (
        f"--{what}_steps has no effect with --{what}_strategy epoch",
    )
    assert notes(f"--{what}_steps", "50", f"--{what}_strategy", "steps") == ()


def test_flags_that_may_have_a_value() -> None:
    assert given("--fsdp") == {"fsdp": True}
    assert given("--fsdp", "full_shard auto_wrap") == {"fsdp": "full_shard auto_wrap"}
    assert given("--include_num_input_tokens_seen", "--seed", "1") == {
        "include_num_input_tokens_seen": True, "seed": 1,
    }  # fmt: skip
    assert given("--use_auth_token") == given("--use_auth_token", "True") == {}
    assert given("--use_auth_token", "secret", function="cat_data") == {"hub_token": "secret"}


def test_debug_is_ours_and_what_the_library_means_by_it_is_handed_on() -> None:
    assert given("--debug") == {"debug": True}
    assert given("--debug", "underflow_overflow") == {"debug_trainer": "underflow_overflow"}
    assert mistakes("--debug", "underflow") == [
        "--debug: expected true or false, found 'underflow'"
    ]


def test_older_values() -> None:
    assert given("--optim", "adamw_hf") == {"optim": "adamw_torch"}
    assert notes("--optim", "adamw_hf") == ("--optim adamw_hf is now written adamw_torch",)


FILES = {
    "list.json": ("[1]", "expected argument names with their values"),
    "broken.json": ('{"seed": ', "line 1"),
    "number.yaml": ("3: 4", "expected argument names with their values"),
    "empty.yaml": ("", "expected argument names with their values"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_arguments_that_is_none(name: str, tmp_path: Path) -> None:
    content, problem = FILES[name]
    (tmp_path / name).write_text(content)
    (message,) = mistakes(str(tmp_path / name))
    assert name in message and problem in message


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    assert mistakes("nowhere.json", "--sed", "1") == [
        "the file of arguments 'nowhere.json' does not exist",
        "unknown argument --sed; did you mean --seed?",
    ]
    assert "cannot be read" in mistakes(str(tmp_path / "folder.json"))[0]


def test_words_of_yaml_that_are_no_words(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("eval_strategy: no\nlearning_rate: 5e-5\nsplits: [a, b]\n")
    assert given(str(tmp_path / "a.yml")) == {
        "eval_strategy": "no", "learning_rate": 5e-5, "splits": "a,b",
    }  # fmt: skip


def test_from_python() -> None:
    frame = {"text": ["a"], "label": [1]}
    assert normalize("fit", {"data": frame}, TABLE).given["data"] is frame
    assert normalize("fit", {"metric": "H:f1", "seed": None}, TABLE).given == {"metric": ["H:f1"]}
    assert normalize("fit", {"lr_scheduler_kwargs": {"a": 1}}, TABLE).given == {
        "lr_scheduler_kwargs": {"a": 1}
    }
    with pytest.raises(UserError) as raised:
        normalize(
            "fit", {"modle": 1, "seed": True, "model": object, "num_train_epochs": [3]}, TABLE
        )
    assert len(raised.value.messages) == 4


def test_what_the_programs_in_use_say() -> None:
    line = (
        "--figure_of_merit overall_accuracy --is_split_into_words --num_train_epochs 20 "
        "--per_device_eval_batch_size 16 --fp16 --overwrite_output_dir --evaluation_strategy steps "
        "--group_by_length --save_total_limit 3 --gradient_checkpointing --warmup_steps 500 "
        "--freeze_feature_extractor --chars_to_ignore , ? . ! - --do_train --do_eval"
    )
    assert given(*line.split()) == {
        "figure_of_merit": "overall_accuracy", "num_train_epochs": 20, "precision": "fp16",
        "per_device_eval_batch_size": 16, "overwrite_output_dir": True, "eval_strategy": "steps",
        "train_sampling_strategy": "group_by_length", "gradient_checkpointing": True,
        "warmup_steps": 500, "chars_to_ignore": [",", "?", ".", "!", "-"],
        "freeze_feature_encoder": True,
    }  # fmt: skip


def test_reading_a_command_line_is_quick() -> None:
    start = time.perf_counter()
    given("--seed", "3", "--metric", "a", "b", "--num_train_epochs", "3")
    assert time.perf_counter() - start < 0.05
