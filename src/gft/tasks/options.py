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

    per_device_eval_batch_size: int | None = argument(None, "batch size of prediction (32)", TRAINING, RUNS_MODEL, identity=False, common=True, least=1)


class TextLength(TaskArguments):
    """How many tokens of a text count."""

    max_length: int | None = argument(None, "maximum length in tokens (the model's limit, at most 512)", DATA, RUNS_MODEL, common=True, least=2)


class Stride(TaskArguments):
    """How windows over a long text stand."""

    doc_stride: int | None = argument(None, "overlap of neighbouring windows over a long text, in tokens (128; with --windows a quarter of a window)", DATA, RUNS_MODEL, least=0)


class Windowing(Stride):
    """Whether all of a long text is read, and at most how much."""

    windows: bool | None = argument(None, "read the whole of a long text in windows of --max_length tokens, instead of truncating it", DATA, RUNS_MODEL)
    max_windows: int | None = argument(None, "with --windows, the maximum number of windows per row, spread evenly over the text (as many as it takes)", DATA, RUNS_MODEL, least=1)


class Smoothing(TaskArguments):
    """A cross-entropy with softened targets."""

    label_smoothing_factor: float = argument(0.0, "label smoothing: the share of each label that is spread over all classes", TRAINER, FIT, least=0, most=1)


class Weights(TaskArguments):
    """A loss in which classes count differently."""

    class_weight: tuple[str, ...] | None = argument(None, "class weights in the loss: balanced, or LABEL=WEIGHT ...", TRAINING, FIT, common=True)


class LabelMap(TaskArguments):
    """How labels of the data and of a model meet, where it is scored or trained on."""

    label_map: tuple[str, ...] | None = argument(None, "DATA=LABEL ...: rename or merge labels in a fit, or map them to the model's; DATA= leaves such rows out", SCORES, SCORES_MODEL)


class Positive(TaskArguments):
    """Which of two classes metrics of one class are about."""

    positive_label: str | None = argument(None, "the positive class of two, for f1, precision, recall, jaccard and average_precision (the one that says yes, else the rarer in train)", SCORES, SCORES_MODEL)


class Best(TaskArguments):
    """How many answers are shown of a row."""

    top_k: int | None = argument(None, "the k most probable labels, or fillers of a mask", OUTPUT, PREDICT, common=True, least=1)


class Ranking(Best):
    """The same for tasks whose answers can all be shown."""

    return_all_scores: bool = argument(False, "the score of every label", OUTPUT, PREDICT, common=True)


class SoundLength(TaskArguments):
    """Which sounds are used, and how much of them."""

    min_duration_in_seconds: float | None = argument(None, "minimum duration of a sound in seconds; shorter ones are left out", SPEECH, FIT, least=0)
    max_duration_in_seconds: float | None = argument(None, "maximum duration of a sound in seconds: ctc leaves longer ones out, classify_audio uses this much of them (20)", SPEECH, FIT, above=0)


class CtcOptions(TaskArguments):
    """What is learnt of a transcript, and in which vocabulary."""

    chars_to_ignore: tuple[str, ...] | None = argument(None, "characters to ignore in transcripts, such as ',?.'", SPEECH, FIT)
    unk_token: str | None = argument(None, "token for unknown characters, in a new vocabulary ([UNK])", SPEECH, FIT)
    pad_token: str | None = argument(None, "padding token, which is also CTC's blank, in a new vocabulary ([PAD])", SPEECH, FIT)
    word_delimiter_token: str | None = argument(None, "token for the space between words, in a new vocabulary (|)", SPEECH, FIT)


class CtcLoss(TaskArguments):
    """How the losses of rows make one: a field of the model's own configuration too."""

    ctc_loss_reduction: str | None = argument(None, "reduction of the CTC loss over a batch: mean or sum (mean)", SPEECH, FIT, choices=("mean", "sum"))


class SpansOptions(Stride):
    """How answers are found in a text."""

    max_answer_length: int | None = argument(None, "maximum length of an answer in tokens (30)", ANSWERS, RUNS_MODEL, least=1)
    n_best_size: int | None = argument(None, "candidate answers per row (20)", ANSWERS, RUNS_MODEL, least=1)
    null_score_diff_threshold: float | None = argument(None, "predict no answer where its score exceeds the best answer's by this much (0)", ANSWERS, RUNS_MODEL)
    version_2_with_negative: bool = argument(False, "allow questions without an answer (the default if train has some)", ANSWERS, RUNS_MODEL)


class Decoding(TaskArguments):
    """How a text is generated."""

    max_new_tokens: int | None = argument(None, "maximum length of a generated text in tokens (128)", GENERATION, RUNS_MODEL, least=1)
    num_beams: int | None = argument(None, "number of beams of beam search (the model's own setting)", GENERATION, RUNS_MODEL, least=1)


class Generating(Decoding):
    """The same where a text is generated from a text."""

    source_lang: str | None = argument(None, "language to translate from, as the model calls it: eng_Latn, en_XX", GENERATION, RUNS_MODEL)
    target_lang: str | None = argument(None, "language to translate to: fra_Latn, fr_XX", GENERATION, RUNS_MODEL)
    min_new_tokens: int | None = argument(None, "minimum length of a generated text in tokens (the model's own setting)", GENERATION, RUNS_MODEL, least=0)
    no_repeat_ngram_size: int | None = argument(None, "size of n-grams that may not repeat in a text; 0: any may (the model's own setting)", GENERATION, RUNS_MODEL, least=0)
    repetition_penalty: float | None = argument(None, "repetition penalty: above 1, tokens that a text already has are less probable (the model's own setting)", GENERATION, RUNS_MODEL, above=0)
    length_penalty: float | None = argument(None, "length penalty of beam search: above 0 prefers longer texts, below 0 shorter ones (the model's own setting)", GENERATION, RUNS_MODEL)
    source_prefix: str | None = argument(None, "prefix of each input text, such as 'summarize: '", GENERATION, RUNS_MODEL)
    num_return_sequences: int | None = argument(None, "texts per row, best first (1)", GENERATION, PREDICT, least=1)
