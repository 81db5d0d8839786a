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

MAIN = "what to do"
DATA = "data"
SCORES = "scores"
TRAINING = "training"
SPEED = "speed and precision"
OUTPUT = "output"
GENERATION = "texts that are generated"
SUPPLY = "where things come from"
LATER = "not in this version"
TRAINER = "the trainer's own"
OTHER_TASKS_NOTE = "it belongs to a task that this version does not have"
NOT_YET_NOTE = "this version does not have it yet"


@dataclass(frozen=True)
class Argument:
    """One argument.

    `kind` is text, whole, number, flag, flag or text, texts (several values) or json. Values
    are `above` one limit, or between `least` and `most`. `functions` are the commands in which
    it acts. `identity` says whether another value makes another program.
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
    most: float | None = None
    above: float | None = None
    no_effect: str | None = None


_OWN = (
    Argument(
        "model",
        "texts",
        None,
        MAIN,
        "the model: H:NAME, C:FOLDER; gft_eval takes several",
        short="m",
        common=True,
    ),
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
    Argument(
        "dry_run",
        "flag",
        False,
        OUTPUT,
        "check everything, say the plan, train nothing",
        FIT,
        identity=False,
        common=True,
    ),
    Argument(
        "preprocessing_only",
        "flag",
        False,
        OUTPUT,
        "check everything, train nothing",
        FIT,
        identity=False,
    ),
    Argument("dataset_config_name", "text", None, DATA, "what may follow a comma in --data"),
    Argument(
        "base_model",
        "text",
        None,
        SUPPLY,
        "whose tokenizer to take if the model has none; H:__one_of__a,b: the one in its name",
        RUNS_MODEL,
    ),
    Argument(
        "top_k",
        "whole",
        None,
        OUTPUT,
        "so many of the most probable labels, or fillers of a mask",
        frozenset({"predict"}),
        common=True,
        least=1,
    ),
    Argument("source_prefix", "text", None, GENERATION, "what to put before each text", RUNS_MODEL),
    Argument(
        "max_new_tokens",
        "whole",
        None,
        GENERATION,
        "longest text to generate, in tokens (128)",
        RUNS_MODEL,
        common=True,
        least=1,
    ),
    Argument(
        "num_beams",
        "whole",
        None,
        GENERATION,
        "so many texts are followed in search of the best (1)",
        RUNS_MODEL,
        common=True,
        least=1,
    ),
    Argument(
        "num_return_sequences",
        "whole",
        None,
        GENERATION,
        "so many texts for each row, the best first (1)",
        frozenset({"predict"}),
        least=1,
    ),
    Argument(
        "class_weight",
        "texts",
        None,
        TRAINING,
        "balanced, or LABEL=WEIGHT ...: how much each class counts in the loss",
        FIT,
        common=True,
    ),
    Argument(
        "early_stopping_patience",
        "whole",
        None,
        TRAINING,
        "stop after so many scorings of val without a better one",
        FIT,
        common=True,
        least=1,
    ),
    Argument(
        "label_map",
        "texts",
        None,
        SCORES,
        "DATA=MODEL ...: which label of the model a label of the data is",
        frozenset({"eval"}),
    ),
    Argument("debug", "flag", False, OUTPUT, "show the traceback of an error", identity=False),
    Argument(
        "debug_trainer",
        "text",
        None,
        OUTPUT,
        "what the library calls --debug: look for numbers that overflow",
        FIT,
        choices=("underflow_overflow", "tpu_metrics_debug"),
        identity=False,
    ),
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
        most=1,
    ),
    Argument(
        "hidden_dropout",
        "number",
        None,
        TRAINING,
        "dropout of hidden layers (the model's)",
        FIT,
        least=0,
        most=1,
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

_OTHER_TASKS = tuple(
    Argument(
        name, kind, None, LATER, "accepted for scripts", identity=False, no_effect=OTHER_TASKS_NOTE
    )
    for kind, names in (
        ("flag", ("is_split_into_words", "version_2_with_negative", "freeze_feature_encoder")),
        (
            "whole",
            (
                "doc_stride",
                "max_answer_length",
                "n_best_size",
                "mask_time_length",
                "mask_feature_length",
                "max_len",
            ),
        ),
        (
            "number",
            (
                "null_score_diff_threshold",
                "layerdrop",
                "activation_dropout",
                "feat_proj_dropout",
                "final_dropout",
                "mask_time_prob",
                "mask_feature_prob",
                "min_duration_in_seconds",
                "max_duration_in_seconds",
            ),
        ),
        (
            "text",
            (
                "unk_token",
                "pad_token",
                "word_delimiter_token",
                "phoneme_language",
                "ctc_loss_reduction",
                "text_field",
            ),
        ),
        ("texts", ("chars_to_ignore",)),
    )
    for name in names
)

_NOT_YET = tuple(
    Argument(name, kind, None, LATER, "not yet there", identity=False, no_effect=NOT_YET_NOTE)
    for kind, names in (
        ("flag", ("fast_mode",)),
        ("whole", ("topn",)),
        ("text", ("labels",)),
    )
    for name in names
)

_ELSEWHERE = {
    "use_cpu": RUNS_MODEL,
    "per_device_eval_batch_size": RUNS_MODEL,
    "bf16": RUNS_MODEL,
    "fp16": RUNS_MODEL,
    "hub_token": EVERY,
}
"""The library's fields that act outside of fit too."""

_TRAINER = tuple(
    Argument(
        field.name,
        field.kind,
        field.default,
        TRAINER if not field.common else TRAINING,
        field.help,
        _ELSEWHERE.get(field.name, FIT),
        choices=field.choices,
        identity=field.name not in NOT_IDENTITY,
        common=field.common,
        trainer=field.handed_on,
        least=field.least,
        most=field.most,
        above=field.above,
        no_effect=field.no_effect,
    )
    for field in FIELDS
)

ARGUMENTS: Mapping[str, Argument] = {
    argument.name: argument for argument in (*_OWN, *_TRAINER, *_OTHER_TASKS, *_NOT_YET)
}

SPELT_APART = frozenset({"model", "data", "metric", "task", "eqn", "splits"})
"""What a program holds by itself, beside its options."""
