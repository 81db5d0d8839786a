"""The static table of every argument: what it is called, means and defaults to.

The fields of `transformers.TrainingArguments` are in `trainer_arguments`, and the names that
arguments had in the past in `older_names`; a test compares both with the installed library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gft.language.trainer_arguments import FIELDS, NOT_IDENTITY

FUNCTIONS = ("fit", "predict", "eval", "summary", "cat_data")
EVERY = frozenset(FUNCTIONS)
FIT = frozenset({"fit"})
READS_DATA = EVERY
RUNS_MODEL = frozenset({"fit", "predict", "eval"})
APPLIES = frozenset({"predict", "eval"})

MAIN = "what to do"
DATA = "data"
SCORES = "scores"
TRAINING = "training"
SPEED = "speed and precision"
OUTPUT = "output"
SUPPLY = "where things come from"
LATER = "other tasks"
TRAINER = "the trainer's own"
LATER_NOTE = "it belongs to a task that this version does not have"


@dataclass(frozen=True)
class Argument:
    """One argument.

    `kind` is text, whole, number, flag, texts (several values) or json. `functions` are the
    commands in which it acts. `identity` says whether another value makes another program.
    `common` arguments are in the short help. `no_effect` says why an accepted one does nothing.
    `trainer` marks a field that is handed on to `transformers.TrainingArguments`.
    """

    name: str
    kind: str
    default: Any
    group: str
    help: str
    functions: frozenset[str] = EVERY
    choices: tuple[str, ...] = ()
    short: str | None = None
    identity: bool = True
    common: bool = False
    trainer: bool = False
    least: float | None = None
    no_effect: str | None = None


_OWN = (
    Argument("model", "text", None, MAIN, "the model: H:NAME, C:FOLDER", short="m", common=True),
    Argument(
        "data", "text", None, MAIN, "the data: H:NAME,CONFIG or C:PATH", short="d", common=True
    ),
    Argument(
        "eqn", "text", None, MAIN, "the equation: 'classify: label ~ text'", short="e", common=True
    ),
    Argument("task", "text", None, MAIN, "the task, where no equation names it", common=True),
    Argument(
        "metric",
        "texts",
        None,
        SCORES,
        "figures to compute, such as H:f1,macro or H:glue,qqp",
        common=True,
    ),
    Argument(
        "output_dir",
        "text",
        None,
        OUTPUT,
        "folder for the fitted model (gft-runs/NAME)",
        FIT,
        short="o",
        identity=False,
        common=True,
    ),
    Argument(
        "splits",
        "text",
        None,
        DATA,
        "the data's names for train,val,test",
        READS_DATA,
        short="s",
        common=True,
    ),
    Argument(
        "split",
        "text",
        None,
        DATA,
        "the split to read (test if it is labelled, else val)",
        frozenset({"predict", "eval", "cat_data"}),
        common=True,
    ),
    Argument(
        "max_train_samples",
        "whole",
        None,
        DATA,
        "use only so many rows of train",
        FIT,
        common=True,
        least=1,
    ),
    Argument(
        "max_eval_samples",
        "whole",
        None,
        DATA,
        "use only so many rows of val and test",
        frozenset({"fit", "eval"}),
        common=True,
        least=1,
    ),
    Argument(
        "max_length",
        "whole",
        None,
        DATA,
        "longest text in tokens (the model's limit, at most 512)",
        RUNS_MODEL,
        common=True,
        least=2,
    ),
    Argument("data_dir", "text", None, DATA, "folder that relative C: paths are in"),
    Argument(
        "figure_of_merit",
        "text",
        None,
        SCORES,
        "the figure that picks the best epoch",
        RUNS_MODEL,
        common=True,
    ),
    Argument(
        "better_figure_of_merit",
        "whole",
        None,
        SCORES,
        "1 if more of that figure is better, -1 if less",
        FIT,
        choices=("1", "-1"),
    ),
    Argument(
        "precision",
        "text",
        "auto",
        SPEED,
        "auto, fp32, bf16 or fp16",
        RUNS_MODEL,
        choices=("auto", "fp32", "bf16", "fp16"),
        common=True,
    ),
    Argument(
        "overwrite_output_dir",
        "flag",
        False,
        OUTPUT,
        "start afresh: remove what gft left there",
        FIT,
        identity=False,
        common=True,
    ),
    Argument(
        "format",
        "text",
        None,
        OUTPUT,
        "tsv, csv or jsonl; gft_eval: table or json",
        frozenset({"predict", "eval", "cat_data", "summary"}),
        choices=("tsv", "csv", "jsonl", "table", "json"),
        identity=False,
        common=True,
    ),
    Argument(
        "delimiter",
        "text",
        None,
        OUTPUT,
        "split lines of standard input here (tab)",
        frozenset({"predict"}),
        common=True,
    ),
    Argument(
        "return_all_scores",
        "flag",
        False,
        OUTPUT,
        "every label with its score",
        frozenset({"predict"}),
        common=True,
    ),
    Argument("debug", "flag", False, OUTPUT, "show the traceback of an error", identity=False),
    Argument(
        "tokenizer_name_or_path", "text", None, SUPPLY, "take the tokenizer from here", RUNS_MODEL
    ),
    Argument("cache_dir", "text", None, SUPPLY, "folder for downloads", identity=False),
    Argument("trust_remote_code", "flag", False, SUPPLY, "allow code that comes with a model"),
    Argument("overwrite_cache", "flag", False, SUPPLY, "read the data again", identity=False),
    Argument(
        "attention_dropout",
        "number",
        None,
        TRAINING,
        "dropout of attention (the model's)",
        FIT,
        least=0,
    ),
    Argument(
        "hidden_dropout",
        "number",
        None,
        TRAINING,
        "dropout of hidden layers (the model's)",
        FIT,
        least=0,
    ),
    Argument(
        "pad_to_max_length",
        "flag",
        False,
        SPEED,
        "accepted",
        RUNS_MODEL,
        identity=False,
        no_effect="batches are padded to their own longest row",
    ),
    Argument(
        "preprocessing_num_workers",
        "whole",
        None,
        SPEED,
        "accepted",
        identity=False,
        no_effect="the tokenizer uses every core by itself",
    ),
    Argument(
        "do_not_catch_errors",
        "flag",
        False,
        OUTPUT,
        "accepted",
        identity=False,
        no_effect="errors stop a command; --debug shows the traceback",
    ),
)

_LATER = tuple(
    Argument(name, kind, None, LATER, "accepted for scripts", identity=False, no_effect=LATER_NOTE)
    for name, kind in (
        ("doc_stride", "whole"),
        ("is_split_into_words", "flag"),
        ("max_answer_length", "whole"),
        ("n_best_size", "whole"),
        ("null_score_diff_threshold", "number"),
        ("version_2_with_negative", "flag"),
        ("chars_to_ignore", "texts"),
        ("unk_token", "text"),
        ("pad_token", "text"),
        ("word_delimiter_token", "text"),
        ("phoneme_language", "text"),
        ("freeze_feature_encoder", "flag"),
        ("layerdrop", "number"),
        ("activation_dropout", "number"),
        ("feat_proj_dropout", "number"),
        ("final_dropout", "number"),
        ("mask_time_prob", "number"),
        ("mask_time_length", "whole"),
        ("mask_feature_prob", "number"),
        ("mask_feature_length", "whole"),
        ("ctc_loss_reduction", "text"),
        ("min_duration_in_seconds", "number"),
        ("max_duration_in_seconds", "number"),
        ("text_field", "text"),
        ("base_model", "text"),
        ("top_k", "whole"),
        ("num_return_sequences", "whole"),
        ("labels", "text"),
        ("max_len", "whole"),
        ("max_new_tokens", "whole"),
        ("topn", "whole"),
        ("fast_mode", "flag"),
        ("preprocessing_only", "flag"),
        ("dataset_config_name", "text"),
        ("source_prefix", "text"),
        ("class_weight", "text"),
        ("early_stopping_patience", "whole"),
        ("label_map", "texts"),
    )
)

_TRAINER = tuple(
    Argument(
        field.name,
        field.kind,
        field.default,
        TRAINER if not field.common else TRAINING,
        field.help,
        RUNS_MODEL if field.name in ("use_cpu", "per_device_eval_batch_size") else FIT,
        choices=field.choices,
        identity=field.name not in NOT_IDENTITY,
        common=field.common,
        trainer=field.handed_on,
        least=field.least,
        no_effect=field.no_effect,
    )
    for field in FIELDS
)

ARGUMENTS: Mapping[str, Argument] = {
    argument.name: argument for argument in (*_OWN, *_TRAINER, *_LATER)
}
