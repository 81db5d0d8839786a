"""Every argument does something, or says why it does not: nothing is silently ignored."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import gft
from gft.engine.options import HandedOn
from gft.language.argument import FUNCTIONS, rows
from gft.language.command_line import normalize
from gft.language.older_names import OLDER
from gft.registry import arguments

TABLE = arguments()
HANDED_ON = {row.name for row in rows(HandedOn)}

SOURCE = Path(next(iter(gft.__path__)))
TABLES = ("options.py", "older_names.py")
BESIDE_THE_TRAINERS = (
    "max_length", "max_seq_length", "pad_to_max_length", "doc_stride", "is_split_into_words",
    "max_train_samples", "max_eval_samples", "max_answer_length", "n_best_size",
    "null_score_diff_threshold", "version_2_with_negative", "chars_to_ignore", "unk_token",
    "pad_token", "word_delimiter_token", "phoneme_language", "freeze_feature_encoder",
    "freeze_feature_extractor", "layerdrop", "attention_dropout", "activation_dropout",
    "hidden_dropout", "feat_proj_dropout", "final_dropout", "mask_time_prob", "mask_time_length",
    "mask_feature_prob", "mask_feature_length", "ctc_loss_reduction", "min_duration_in_seconds",
    "max_duration_in_seconds", "text_field", "base_model", "tokenizer_name_or_path", "cache_dir",
    "data_dir", "use_auth_token", "preprocessing_num_workers", "overwrite_cache",
    "preprocessing_only", "top_k", "return_all_scores", "num_return_sequences", "delimiter",
    "labels", "max_len", "topn", "fast_mode", "do_not_catch_errors", "dataset_config_name",
    "class_weight", "precision", "early_stopping_patience", "label_map", "trust_remote_code",
)  # fmt: skip
"""What the language promises to take beside the fields of `transformers.TrainingArguments`."""


@pytest.fixture(scope="module")
def read() -> set[str]:
    """Every name that the source reads from something, or spells out, outside the tables."""
    found: set[str] = set()
    for file in SOURCE.rglob("*.py"):
        if file.name in TABLES:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_an_argument_is_read_or_handed_on_or_says_that_it_does_nothing(read: set[str]) -> None:
    idle = [
        name
        for name, argument in TABLE.items()
        if not (argument.no_effect or name in HANDED_ON or name in read)
    ]
    assert not idle


def value_for(name: str) -> str:
    now = OLDER[name].now if name in OLDER else name
    if now is None:
        return "word"
    argument = TABLE[now]
    if argument.choices:
        return argument.choices[0]
    return {"flag": "true", "whole": "2", "number": "0.5"}.get(argument.kind, "word")


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", BESIDE_THE_TRAINERS)
def test_what_is_promised_is_taken_everywhere(name: str, function: str) -> None:
    parsed = normalize(function, {name: value_for(name)}, TABLE)
    told = " ".join(parsed.notes)
    if parsed.given:
        assert set(parsed.given) <= TABLE.keys()
    else:
        assert f"--{name} " in told and "no effect" in told


@pytest.mark.parametrize("name", BESIDE_THE_TRAINERS)
def test_it_acts_in_some_command_or_says_in_none(name: str) -> None:
    parsed = [normalize(function, {name: value_for(name)}, TABLE) for function in FUNCTIONS]
    acting = [one for one in parsed if one.given]
    reasons = {note for one in parsed for note in one.notes if "has no effect:" in note}
    assert bool(acting) != bool(reasons), (acting, reasons)
