"""The arguments that functions read themselves."""

from __future__ import annotations

from gft.language.argument import (
    CAT_DATA,
    DATA,
    EVAL,
    EXPORT,
    FIT,
    OUTPUT,
    PREDICT,
    SCORES,
    SCORES_MODEL,
    SPEECH,
    SUMMARY,
    TRAINING,
    Arguments,
    argument,
)

READS_SPLITS = FIT | EVAL | PREDICT | CAT_DATA | EXPORT | frozenset({"init"})


# fmt: off
class Folder(Arguments):
    """The folder that is written."""

    output_dir: str | None = argument(None, "the folder to write (fit: gft-runs/NAME; export: MODEL/onnx)", OUTPUT, FIT | EXPORT, short="o", identity=False, common=True)
    overwrite_output_dir: bool = argument(False, "start again: remove what gft wrote there", OUTPUT, FIT, identity=False, common=True)


class Fitting(Arguments):
    """How often a program is fitted, and how far."""

    seeds: int | None = argument(None, "the number of fits, from --seed on: mean and spread", TRAINING, FIT, common=True, least=2)
    learning_curve: bool = argument(False, "fits on 1/8, 1/4 and 1/2 of train too: what more rows would bring", TRAINING, FIT)
    early_stopping_patience: int | None = argument(None, "stop after so many evaluations on val without improvement", TRAINING, FIT, common=True, least=1)
    better_figure_of_merit: int | None = argument(None, "1 if more of that metric is better, -1 if less", SCORES, FIT, choices=("1", "-1"))
    max_train_samples: int | None = argument(None, "use at most so many rows of train", DATA, FIT, common=True, least=1)
    keep_baseline: bool = argument(False, "keep the linear baseline too, as a model in OUTPUT_DIR/linear", OUTPUT, FIT, identity=False)
    dry_run: bool = argument(False, "check everything, print the plan, train nothing", OUTPUT, FIT, identity=False, common=True)
    preprocessing_only: bool = argument(False, "check everything, train nothing", OUTPUT, FIT, identity=False)


class Scoring(Arguments):
    """What is scored, by what."""

    figure_of_merit: str | None = argument(None, "the metric that picks the best epoch, or the best model", SCORES, SCORES_MODEL, common=True)
    group: str | None = argument(None, "a column: rows with the same value (document, author) stay together, in splits and in the cluster bootstrap of intervals", SCORES, READS_SPLITS | {"summary"})
    by: tuple[str, ...] | None = argument(None, "columns of the data: every metric for each of their values (subgroups), and whether these differ: gender,age_band", SCORES, SCORES_MODEL)
    max_eval_samples: int | None = argument(None, "use at most so many rows of val and test", DATA, SCORES_MODEL, common=True, least=1)


class DrawnSizes(Arguments):
    """How much of train is taken out of it for a split that the data lacks."""

    val_size: float | None = argument(None, "the size of val, drawn from train where the data has none: a share (0.1) or a number of rows", DATA, READS_SPLITS, above=0)
    test_size: float | None = argument(None, "the same for test, which is drawn from train only if this is given", DATA, READS_SPLITS, above=0)


class Correcting(Arguments):
    """What the user says of labels after looking at them."""

    corrections: str | None = argument(None, "the table label_errors.csv with labels of train that you corrected, saved as csv or xlsx", DATA, FIT | CAT_DATA)
    correct_held_out: bool = argument(False, "apply the corrections to val and test too", DATA, FIT | CAT_DATA)


class Writing(Arguments):
    """How rows and metrics are written."""

    format: str | None = argument(None, "csv or tsv with a header, or jsonl (gft_predict, gft_cat_data: lines without one); gft_eval, gft_summary: table or json", OUTPUT, PREDICT | EVAL | CAT_DATA | SUMMARY, choices=("tsv", "csv", "jsonl", "table", "json"), identity=False, common=True)
    safe_csv: bool = argument(False, "csv and tsv for a spreadsheet: write ' before texts that look like formulas (they begin with = + - @)", OUTPUT, PREDICT | CAT_DATA, identity=False)
    plot: bool = argument(False, "draw the curves of the training on the terminal", OUTPUT, FIT | SUMMARY, identity=False)


class Keeping(Arguments):
    """What of the data goes back beside the predictions."""

    keep: tuple[str, ...] | None = argument(None, "columns of the data to copy to the output: id,author, or all", OUTPUT, PREDICT, identity=False, common=True)


class Reading(Arguments):
    """How lines of standard input are read."""

    input_format: str | None = argument(None, "what standard input holds: csv or tsv with a header, or jsonl; columns are read by their names (plain lines)", OUTPUT, PREDICT, choices=("csv", "tsv", "jsonl"))
    delimiter: str | None = argument(None, "the delimiter of inputs in lines of standard input (tab)", OUTPUT, PREDICT, common=True)


class Summarizing(Arguments):
    """What a summary is for."""

    strict: bool = argument(False, "treat problems of the data (--data, --eqn) as errors", DATA, SUMMARY, identity=False, common=True)


class ModelFields(Arguments):
    """Fields of the model's own configuration, where it has them."""

    attention_dropout: float | None = argument(None, "dropout of attention (the model's)", SPEECH, FIT, least=0, most=1)
    hidden_dropout: float | None = argument(None, "dropout of hidden layers (the model's)", SPEECH, FIT, least=0, most=1)
    activation_dropout: float | None = argument(None, "dropout after activations (the model's)", SPEECH, FIT, least=0, most=1)
    feat_proj_dropout: float | None = argument(None, "dropout of the audio features (the model's)", SPEECH, FIT, least=0, most=1)
    final_dropout: float | None = argument(None, "dropout before the head of ctc (the model's)", SPEECH, FIT, least=0, most=1)
    layerdrop: float | None = argument(None, "the probability of dropping a whole layer (the model's)", SPEECH, FIT, least=0, most=1)
    mask_time_prob: float | None = argument(None, "the share of time steps that is masked (the model's)", SPEECH, FIT, least=0, most=1)
    mask_time_length: int | None = argument(None, "the number of time steps that are masked together (the model's)", SPEECH, FIT, least=1)
    mask_feature_prob: float | None = argument(None, "the share of features that is masked (the model's)", SPEECH, FIT, least=0, most=1)
    mask_feature_length: int | None = argument(None, "the number of features that are masked together (the model's)", SPEECH, FIT, least=1)


class Freezing(Arguments):
    """What of a model is not trained."""

    freeze_feature_encoder: bool = argument(False, "do not train the convolutional feature encoder of the audio", SPEECH, FIT)
