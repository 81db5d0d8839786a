"""The arguments that tasks read: a task's `reads` names the tables that act in it."""

from __future__ import annotations

from gft.language.argument import (
    ANSWERS,
    DATA,
    FIT,
    GENERATION,
    OUTPUT,
    PREDICT,
    RUNS_MODEL,
    SCORES,
    SCORES_MODEL,
    SPEECH,
    TRAINER,
    TRAINING,
    TaskArguments,
    argument,
)


# fmt: off
class Batches(TaskArguments):
    """How a fitted task's rows are predicted; every such task has it, whatever it reads."""

    per_device_eval_batch_size: int | None = argument(None, "rows per batch of prediction (32)", TRAINING, RUNS_MODEL, identity=False, common=True, least=1)


class TextLength(TaskArguments):
    """How many tokens of a text count."""

    max_length: int | None = argument(None, "longest text in tokens (the model's limit, at most 512)", DATA, RUNS_MODEL, common=True, least=2)


class Stride(TaskArguments):
    """How windows over a long text stand."""

    doc_stride: int | None = argument(None, "tokens that neighbouring windows over a long text share (128; with --windows a quarter of a window)", DATA, RUNS_MODEL, least=0)


class Windowing(Stride):
    """Whether all of a long text is read, and at most how much."""

    windows: bool | None = argument(None, "read all of a long text, in windows of --max_length tokens, not its beginning alone", DATA, RUNS_MODEL)
    max_windows: int | None = argument(None, "with --windows, at most so many of a row, spread evenly over the text (as many as it takes)", DATA, RUNS_MODEL, least=1)


class Smoothing(TaskArguments):
    """A cross-entropy with softened targets."""

    label_smoothing_factor: float = argument(0.0, "share of each label given to all classes", TRAINER, FIT, least=0, most=1)


class Weights(TaskArguments):
    """A loss in which classes count differently."""

    class_weight: tuple[str, ...] | None = argument(None, "balanced, or LABEL=WEIGHT ...: how much a class counts", TRAINING, FIT, common=True)


class LabelMap(TaskArguments):
    """How labels of the data and of a model meet, where it is scored or trained on."""

    label_map: tuple[str, ...] | None = argument(None, "DATA=LABEL ...: what a label of the data is called, in a fit, or which of the model's it is; DATA= leaves such rows out", SCORES, SCORES_MODEL)


class Positive(TaskArguments):
    """Which of two classes metrics of one class are about."""

    positive_label: str | None = argument(None, "the class of two that f1, precision, recall, jaccard and average_precision are about (the one that says yes, else the rarer in train)", SCORES, SCORES_MODEL)


class Best(TaskArguments):
    """How many answers are shown of a row."""

    top_k: int | None = argument(None, "so many of the most probable labels, or fillers of a mask", OUTPUT, PREDICT, common=True, least=1)


class Ranking(Best):
    """The same for tasks whose answers can all be shown."""

    return_all_scores: bool = argument(False, "every label with its score", OUTPUT, PREDICT, common=True)


class SoundLength(TaskArguments):
    """Which sounds are used, and how much of them."""

    min_duration_in_seconds: float | None = argument(None, "leave out sounds that are shorter", SPEECH, FIT, least=0)
    max_duration_in_seconds: float | None = argument(None, "ctc: leave out sounds that are longer; classify_audio: use so much of them (20)", SPEECH, FIT, above=0)


class CtcOptions(TaskArguments):
    """What is learnt of a transcript, and in which vocabulary."""

    chars_to_ignore: tuple[str, ...] | None = argument(None, "characters that do not count in transcripts, such as ',?.'", SPEECH, FIT)
    unk_token: str | None = argument(None, "unknown, in a new vocabulary ([UNK])", SPEECH, FIT)
    pad_token: str | None = argument(None, "no character, in a new vocabulary ([PAD])", SPEECH, FIT)
    word_delimiter_token: str | None = argument(None, "the blank, in a new vocabulary (|)", SPEECH, FIT)


class CtcLoss(TaskArguments):
    """How the losses of rows make one: a field of the model's own configuration too."""

    ctc_loss_reduction: str | None = argument(None, "mean or sum over the rows of a batch (mean)", SPEECH, FIT, choices=("mean", "sum"))


class SpansOptions(Stride):
    """How answers are found in a text."""

    max_answer_length: int | None = argument(None, "the longest answer in tokens (30)", ANSWERS, RUNS_MODEL, least=1)
    n_best_size: int | None = argument(None, "answers that are kept of a row (20)", ANSWERS, RUNS_MODEL, least=1)
    null_score_diff_threshold: float | None = argument(None, "no answer, where its score is so much above the best answer's (0)", ANSWERS, RUNS_MODEL)
    version_2_with_negative: bool = argument(False, "there may be no answer (so it is if rows of train have none)", ANSWERS, RUNS_MODEL)


class Decoding(TaskArguments):
    """How a text is generated."""

    max_new_tokens: int | None = argument(None, "the longest text that is generated, in tokens (128)", GENERATION, RUNS_MODEL, least=1)
    num_beams: int | None = argument(None, "texts that are followed in search of the best (the model's own number)", GENERATION, RUNS_MODEL, least=1)


class Generating(Decoding):
    """The same where a text is generated from a text."""

    source_lang: str | None = argument(None, "the language that texts are translated from, as the model calls it: eng_Latn, en_XX", GENERATION, RUNS_MODEL)
    target_lang: str | None = argument(None, "the language that texts are translated to: fra_Latn, fr_XX", GENERATION, RUNS_MODEL)
    min_new_tokens: int | None = argument(None, "the shortest text that is generated, in tokens (the model's own number)", GENERATION, RUNS_MODEL, least=0)
    no_repeat_ngram_size: int | None = argument(None, "no run of so many tokens twice in a text; 0: any (the model's own number)", GENERATION, RUNS_MODEL, least=0)
    repetition_penalty: float | None = argument(None, "above 1, tokens that a text has already are less probable (the model's own number)", GENERATION, RUNS_MODEL, above=0)
    length_penalty: float | None = argument(None, "with --num_beams, above 0 prefers longer texts, below shorter ones (the model's own number)", GENERATION, RUNS_MODEL)
    source_prefix: str | None = argument(None, "what stands before each input text, such as 'summarize: '", GENERATION, RUNS_MODEL)
    num_return_sequences: int | None = argument(None, "texts for each row, the best first (1)", GENERATION, PREDICT, least=1)
