"""The arguments that act in some tasks alone, or belong to tasks that are not there yet."""

from __future__ import annotations

from gft.language.argument import (
    ANSWERS,
    FIT,
    GENERATION,
    OUTPUT,
    RUNS_MODEL,
    SPEECH,
    WITHOUT_EFFECT,
    Argument,
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
        tasks=("classify_spans",),
        least=0,
    ),
    Argument(
        "max_answer_length",
        "whole",
        None,
        ANSWERS,
        "the longest answer in tokens (30)",
        RUNS_MODEL,
        tasks=("classify_spans",),
        least=1,
    ),
    Argument(
        "n_best_size",
        "whole",
        None,
        ANSWERS,
        "answers that are kept of a row (20)",
        RUNS_MODEL,
        tasks=("classify_spans",),
        least=1,
    ),
    Argument(
        "null_score_diff_threshold",
        "number",
        None,
        ANSWERS,
        "no answer, where its score is so much above the best answer's (0)",
        RUNS_MODEL,
        tasks=("classify_spans",),
    ),
    Argument(
        "version_2_with_negative",
        "flag",
        False,
        ANSWERS,
        "there may be no answer (so it is if rows of train have none)",
        RUNS_MODEL,
        tasks=("classify_spans",),
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

_LABELS = (
    Argument(
        "labels",
        "texts",
        None,
        OUTPUT,
        "the classes of zero-shot-classification, such as good,bad",
        frozenset({"predict"}),
        tasks=("zero_shot_classification", "zero_shot_image_classification"),
    ),
)

_NO_EFFECT = (
    Argument(
        "max_len",
        "whole",
        None,
        WITHOUT_EFFECT,
        "accepted for scripts",
        identity=False,
        no_effect="the longest input and the longest text to write have arguments of their own",
    ),
    Argument(
        "phoneme_language",
        "text",
        None,
        WITHOUT_EFFECT,
        "accepted for scripts",
        identity=False,
        no_effect="transcripts are learnt as they are written",
    ),
)

TASK_ARGUMENTS = (*_SPEECH, *_SPANS, *_GENERATION, *_LABELS, *_NO_EFFECT)
