"""The static table of every argument: what it is called, means and defaults to.

The fields of `transformers.TrainingArguments` are in `trainer_arguments`, and the names that
arguments had in the past in `older_names`; a test compares both with the installed library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gft.language.trainer_arguments import FIELDS, NOT_IDENTITY

FUNCTIONS = ("init", "fit", "predict", "eval", "summary", "cat_data", "case")
EVERY = frozenset(FUNCTIONS)
KNOWS_TASKS = EVERY - {"case"}
FIT = frozenset({"fit"})
READS_DATA = EVERY
RUNS_MODEL = frozenset({"fit", "predict", "eval"})

MAIN = "what to do"
DATA = "data"
SCORES = "scores"
TRAINING = "training"
SPEECH = "the model's own, and sound"
SPEED = "speed and precision"
OUTPUT = "output"
GENERATION = "texts that are generated (generate)"
SEARCH = "searches (H:__contains__WORD; --model H:__infer__ with --data or --task)"
SUPPLY = "where things come from"
ANSWERS = "answers in texts (classify_spans)"
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
    `tasks` are those in which it acts, none for all of them.
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
    tasks: tuple[str, ...] = ()


_OWN = (
    Argument(
        "model",
        "texts",
        None,
        MAIN,
        "the model: H:NAME, P:NAME or C:FOLDER; gft_eval takes several",
        KNOWS_TASKS,
        short="m",
        common=True,
    ),
    Argument(
        "data",
        "text",
        None,
        MAIN,
        "the data: H:NAME,CONFIG, P:NAME,CONFIG or C:PATH",
        short="d",
        common=True,
    ),
    Argument(
        "eqn",
        "text",
        None,
        MAIN,
        "the equation: 'classify: label ~ text'",
        KNOWS_TASKS,
        short="e",
        common=True,
    ),
    Argument(
        "task",
        "text",
        None,
        MAIN,
        "the task, where no equation names it",
        KNOWS_TASKS,
        common=True,
    ),
    Argument(
        "metric",
        "texts",
        None,
        SCORES,
        "figures to compute, such as H:f1,macro or H:glue,qqp",
        KNOWS_TASKS,
        common=True,
    ),
    Argument(
        "output_dir",
        "text",
        None,
        OUTPUT,
        "folder for the fitted model (gft-runs/NAME), or for what gft_case writes",
        FIT | {"case"},
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
        FIT | {"case"},
        identity=False,
        common=True,
    ),
    Argument(
        "format",
        "text",
        None,
        OUTPUT,
        "tsv, csv or jsonl; gft_eval, gft_summary: table or json",
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
    Argument(
        "text_field",
        "text",
        None,
        DATA,
        "the column of text (the only one)",
        frozenset({"case"}),
        common=True,
    ),
    Argument(
        "is_split_into_words",
        "flag",
        False,
        DATA,
        "accepted",
        RUNS_MODEL,
        identity=False,
        no_effect="classify_tokens takes words from lists, and from texts what is between blanks",
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
    Argument(
        "topn",
        "whole",
        20,
        SEARCH,
        "so many of what a search finds, those with the most downloads; where the output is no "
        "terminal, tab-separated: name, downloads, likes, tags (with commas), a model's task",
        frozenset({"summary"}),
        identity=False,
        common=True,
        least=1,
    ),
    Argument(
        "fast_mode",
        "flag",
        False,
        SEARCH,
        "only the names that a search finds, with one request",
        frozenset({"summary"}),
        identity=False,
        common=True,
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
        "peft",
        "text",
        "none",
        TRAINING,
        "lora: train small matrices beside the model's own, and the head",
        FIT,
        choices=("none", "lora"),
        common=True,
    ),
    Argument("lora_r", "whole", 8, TRAINING, "rank of LoRA's matrices", FIT, least=1),
    Argument("lora_alpha", "whole", 16, TRAINING, "LoRA counts alpha / r times", FIT, least=1),
    Argument("lora_dropout", "number", 0.05, TRAINING, "dropout before LoRA", FIT, least=0, most=1),
    Argument(
        "lora_target_modules",
        "texts",
        None,
        TRAINING,
        "linear layers that get LoRA (the usual ones of the architecture, else all)",
        FIT,
    ),
    Argument("merge_lora", "flag", False, TRAINING, "write the whole model, LoRA added to it", FIT),
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

_SHARES = {
    "attention_dropout": "dropout of attention (the model's)",
    "hidden_dropout": "dropout of hidden layers (the model's)",
    "activation_dropout": "dropout after activations (the model's)",
    "feat_proj_dropout": "dropout of the features of sound (the model's)",
    "final_dropout": "dropout before the head of ctc (the model's)",
    "layerdrop": "how often a whole layer is left out (the model's)",
    "mask_time_prob": "how much of the time is masked (the model's)",
    "mask_feature_prob": "how many of the features are masked (the model's)",
}
_SPEECH = (
    Argument(
        "chars_to_ignore",
        "texts",
        None,
        SPEECH,
        "characters that do not count in transcripts, such as ',?.'",
        FIT,
        tasks=("ctc",),
    ),
    Argument(
        "unk_token",
        "text",
        None,
        SPEECH,
        "unknown, in a new vocabulary ([UNK])",
        FIT,
        tasks=("ctc",),
    ),
    Argument(
        "pad_token",
        "text",
        None,
        SPEECH,
        "no character, in a new vocabulary ([PAD])",
        FIT,
        tasks=("ctc",),
    ),
    Argument(
        "word_delimiter_token",
        "text",
        None,
        SPEECH,
        "the blank, in a new vocabulary (|)",
        FIT,
        tasks=("ctc",),
    ),
    Argument(
        "min_duration_in_seconds",
        "number",
        None,
        SPEECH,
        "leave out sounds that are shorter",
        FIT,
        least=0,
        tasks=("ctc", "classify_audio"),
    ),
    Argument(
        "max_duration_in_seconds",
        "number",
        None,
        SPEECH,
        "ctc: leave out sounds that are longer; classify_audio: use so much of them (20)",
        FIT,
        above=0,
        tasks=("ctc", "classify_audio"),
    ),
    Argument(
        "freeze_feature_encoder",
        "flag",
        False,
        SPEECH,
        "do not train the convolutions that read the sound",
        FIT,
    ),
    Argument(
        "ctc_loss_reduction",
        "text",
        None,
        SPEECH,
        "mean or sum over the rows of a batch (mean)",
        FIT,
        choices=("mean", "sum"),
        tasks=("ctc",),
    ),
    Argument(
        "mask_time_length",
        "whole",
        None,
        SPEECH,
        "frames that are masked together (the model's)",
        FIT,
        least=1,
    ),
    Argument(
        "mask_feature_length",
        "whole",
        None,
        SPEECH,
        "features that are masked together (the model's)",
        FIT,
        least=1,
    ),
    *(
        Argument(name, "number", None, SPEECH, told, FIT, least=0, most=1)
        for name, told in _SHARES.items()
    ),
)

_SPANS = (
    Argument(
        "doc_stride",
        "whole",
        None,
        ANSWERS,
        "tokens that windows over a long text share (128)",
        RUNS_MODEL,
        least=0,
    ),
    Argument(
        "max_answer_length",
        "whole",
        None,
        ANSWERS,
        "the longest answer in tokens (30)",
        RUNS_MODEL,
        least=1,
    ),
    Argument(
        "n_best_size",
        "whole",
        None,
        ANSWERS,
        "answers that are kept of a row (20)",
        RUNS_MODEL,
        least=1,
    ),
    Argument(
        "null_score_diff_threshold",
        "number",
        None,
        ANSWERS,
        "no answer, where its score is so much above the best answer's (0)",
        RUNS_MODEL,
    ),
    Argument(
        "version_2_with_negative",
        "flag",
        False,
        ANSWERS,
        "there may be no answer (so it is if rows of train have none)",
        RUNS_MODEL,
    ),
)

_GENERATION = (
    Argument(
        "source_prefix",
        "text",
        None,
        GENERATION,
        "what stands before each input text, such as 'summarize: '",
        RUNS_MODEL,
        tasks=("generate",),
    ),
    Argument(
        "max_new_tokens",
        "whole",
        None,
        GENERATION,
        "the longest text that is generated, in tokens (128)",
        RUNS_MODEL,
        least=1,
        tasks=("generate",),
    ),
    Argument(
        "num_beams",
        "whole",
        None,
        GENERATION,
        "texts that are followed in search of the best (the model's own number)",
        RUNS_MODEL,
        least=1,
        tasks=("generate",),
    ),
    Argument(
        "num_return_sequences",
        "whole",
        None,
        GENERATION,
        "texts for each row, the best first (1)",
        frozenset({"predict"}),
        least=1,
        tasks=("generate",),
    ),
)

_OTHER_TASKS = tuple(
    Argument(
        name, kind, None, LATER, "accepted for scripts", identity=False, no_effect=OTHER_TASKS_NOTE
    )
    for kind, names in (
        (
            "whole",
            ("max_len",),
        ),
        (
            "text",
            ("phoneme_language",),
        ),
    )
    for name in names
)

_NOT_YET = tuple(
    Argument(name, kind, None, LATER, "not yet there", identity=False, no_effect=NOT_YET_NOTE)
    for kind, names in (("text", ("labels",)),)
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
    argument.name: argument
    for argument in (*_OWN, *_SPEECH, *_SPANS, *_GENERATION, *_TRAINER, *_OTHER_TASKS, *_NOT_YET)
}

SPELT_APART = frozenset({"model", "data", "metric", "task", "eqn", "splits"})
"""What a program holds by itself, beside its options."""
