"""The arguments that a program itself is made of, and those that several rooms read."""

from __future__ import annotations

from gft.language.argument import (
    CAT_DATA,
    DATA,
    EVAL,
    EXPORT,
    FIT,
    MAIN,
    OUTPUT,
    PREDICT,
    RUNS_MODEL,
    SCORES,
    SCORES_MODEL,
    SUPPLY,
    TAKES_DATA,
    TRAINER,
    Arguments,
    argument,
)


# fmt: off
class Written(Arguments):
    """What a program is made of."""

    model: tuple[str, ...] | None = argument(None, "the model: H:NAME, P:NAME or C:FOLDER (eval, serve: several)", MAIN, short="m", common=True)
    data: tuple[str, ...] | None = argument(None, "H:NAME,CONFIG, P:NAME or C:PATH (gft_eval: several)", MAIN, TAKES_DATA, short="d", common=True)
    eqn: str | None = argument(None, "the equation: 'classify: label ~ text'", MAIN, short="e", common=True)
    task: str | None = argument(None, "the task, if no equation names it", MAIN, common=True)
    metric: tuple[str, ...] | None = argument(None, "metrics to compute, such as H:f1,macro or H:glue,qqp", SCORES, SCORES_MODEL, common=True)
    splits: str | None = argument(None, "names of the data's splits for train,val,test", DATA, TAKES_DATA, short="s", common=True)
    dataset_config_name: str | None = argument(None, "the data set's configuration (as after a comma in --data)", DATA, TAKES_DATA)


class Shared(Arguments):
    """What more than one room reads."""

    split: str | None = argument(None, "split to read (test, else val; gft_eval: test if it is labelled; gft_export: val)", DATA, PREDICT | EVAL | CAT_DATA | EXPORT, common=True)
    data_dir: str | None = argument(None, "folder that relative C: paths start from", DATA)
    fetch_urls: bool = argument(False, "fetch images and sounds that rows name by an https address", DATA, PREDICT)
    tokenizer_name_or_path: str | None = argument(None, "the tokenizer to use instead of the model's own", SUPPLY, RUNS_MODEL)
    trust_remote_code: bool = argument(False, "allow custom code that comes with a model", SUPPLY)
    disable_tqdm: bool | None = argument(None, "no progress bar", TRAINER, FIT, identity=False)
    debug: bool = argument(False, "show the traceback of an error", OUTPUT, identity=False)


class ReadFirst(Arguments):
    """What acts before the others are known to be right."""

    log_json: str | None = argument(None, "write notes, warnings, errors and progress to this file as lines of JSON (- for standard error)", OUTPUT, identity=False)


class Synonyms(Arguments):
    """What is taken for another argument, the one that its line names."""

    json: bool = argument(False, "the same as --format json", OUTPUT, frozenset({"eval", "summary"}), identity=False)
    bf16: bool = argument(False, "the same as --precision bf16", TRAINER, RUNS_MODEL)
    fp16: bool = argument(False, "the same as --precision fp16", TRAINER, RUNS_MODEL)
    metric_for_best_model: str | None = argument(None, "the same as --figure_of_merit", TRAINER, FIT)
    greater_is_better: bool | None = argument(None, "the same as --better_figure_of_merit", TRAINER, FIT)
