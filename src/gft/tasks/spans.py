"""Questions with windows over their contexts, and the spans that a model finds in them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

from gft.errors import UserError
from gft.inputs.beginnings import parts_of
from gft.inputs.features import Feature
from gft.inputs.pairs import PairSpecialTokens
from gft.inputs.words import IDS
from gft.metrics.protocol import Array

FIRST, NONE = "first_of_context", "no_answer"
"""Parts of a feature: the index of the context's first token, and of the one for no answer."""
BEGINS, ENDS, CONTEXT = "begins", "ends", "context"
"""Parts of a feature: where each token of the context begins and ends in it, in characters; the
context itself, which a row's first feature alone has."""
INNER = (FIRST, NONE, BEGINS, ENDS, CONTEXT)


class Context(NamedTuple):
    """A text in tokens: their ids, and where each begins and ends in it, in characters."""

    ids: array[int]
    begins: array[int]
    ends: array[int]


def tokens_of(processor: Any, texts: Sequence[str]) -> list[Context]:
    """Return the tokens of texts with their offsets. Raises `UserError` if those are unknown."""
    if not getattr(processor, "is_fast", False):
        raise UserError(
            "classify_spans needs a fast tokenizer, which gives the character offsets of its "
            "tokens; name another with --tokenizer_name_or_path"
        )
    found = []
    for text in texts:
        whole = Context(array("i"), array("q"), array("q"))
        for offsets, part in parts_of(text):
            encoding = processor(
                part, add_special_tokens=False, return_offsets_mapping=True, truncation=False,
                verbose=False,
            )  # fmt: skip
            whole.ids.extend(encoding[IDS])
            whole.begins.extend(offsets + begin for begin, _ in encoding["offset_mapping"])
            whole.ends.extend(offsets + end for _, end in encoding["offset_mapping"])
        found.append(whole)
    return found


def windows(count: int, room: int, stride: int) -> list[tuple[int, int]]:
    """Return where windows of at most `room` tokens begin and end; they share `stride` tokens."""
    step = max(1, room - stride)
    found = [(0, min(room, count))]
    while found[-1][1] < count:
        start = found[-1][0] + step
        found.append((start, min(start + room, count)))
    return found


def window_feature(
    special: PairSpecialTokens,
    question: Sequence[int],
    text: str,
    context: Context,
    start: int,
    stop: int,
) -> Feature:
    """Return the feature of a question and a window over its context.

    The first one of a row alone has the text: a row of many windows would have as many.
    """
    feature = special.around(question, context.ids[start:stop])
    length = len(feature[IDS])
    feature[FIRST] = [len(special.before[IDS]) + len(question) + len(special.between[IDS])]
    feature[NONE] = [special.no_answer % length]
    feature[BEGINS] = context.begins[start:stop].tolist()
    feature[ENDS] = context.ends[start:stop].tolist()
    feature[CONTEXT] = "" if start else text
    return feature


def labels_of(feature: Feature, offsets: tuple[int, int] | None) -> list[int]:
    """Return the first and the last token of an answer at character offsets in the context.

    Both are the token that says no when there is no answer, or the window does not hold all of it.
    """
    begins, ends = feature[BEGINS], feature[ENDS]
    if offsets is not None and begins and begins[0] <= offsets[0] and ends[-1] >= offsets[1]:
        inside = [
            n
            for n, (begin, end) in enumerate(zip(begins, ends, strict=True))
            if end > offsets[0] and begin < offsets[1]
        ]
        if inside:
            first = feature[FIRST][0]
            return [first + inside[0], first + inside[-1]]
    return [feature[NONE][0]] * 2


class Spans(NamedTuple):
    """The best spans of one window: shape (n, 2) in characters, their scores, and that of no."""

    offsets: Array
    scores: Array
    no_answer: float


class FoundAnswer(NamedTuple):
    """An answer with its probability and where it stands in the context, in characters.

    No answer is '' and stands nowhere: at -1.
    """

    text: str
    score: float
    start: int
    end: int


def best_spans(begin: Array, end: Array, feature: Feature, longest: int, most: int) -> Spans:
    """Return the `most` best spans of at most `longest` tokens.

    `begin` and `end` are the logits of each token of a feature, shape (length,).
    """
    import numpy as np

    first, count = int(feature[FIRST][0]), len(feature[BEGINS])
    none = int(feature[NONE][0])
    no_answer = float(begin[none] + end[none])
    if not count:
        return Spans(np.zeros((0, 2), dtype=np.int64), np.zeros(0), no_answer)
    width = min(longest, count)
    last = np.concatenate([end[first : first + count], np.full(width - 1, -np.inf)])
    sums = begin[first : first + count, None] + np.lib.stride_tricks.sliding_window_view(
        last, width
    )
    flat = sums.ravel()
    chosen = np.argsort(-flat, kind="stable")[:most]
    chosen = chosen[np.isfinite(flat[chosen])]
    tokens, lengths = np.divmod(chosen, width)
    begins, ends = np.asarray(feature[BEGINS]), np.asarray(feature[ENDS])
    offsets = np.stack([begins[tokens], ends[tokens + lengths]], axis=1)
    return Spans(offsets, flat[chosen], no_answer)


def best_answers(
    found: Sequence[Spans], context: str, most: int, may_be_none: bool, threshold: float
) -> list[FoundAnswer]:
    """Return the best answers of a row, from all its windows, the chosen one first.

    Probabilities are a softmax over the `most` best. Where there may be no answer, it is chosen
    when its score is more than `threshold` above that of the best span; its score is that of the
    window which is least sure of it (Devlin et al., 2019).
    """
    import numpy as np

    known: dict[tuple[int, int], float] = {}
    for spans in found:
        for (start, end), score in zip(spans.offsets.tolist(), spans.scores.tolist(), strict=True):
            known[start, end] = max(score, known.get((start, end), score))
    ranked = sorted(known.items(), key=lambda pair: -pair[1])[:most]
    answers = [(context[start:end], score, start, end) for (start, end), score in ranked]
    none = min(spans.no_answer for spans in found)
    if may_be_none or not answers:
        refused = not answers or none - answers[0][1] > threshold
        answers.insert(0 if refused else len(answers), ("", none, -1, -1))
        head, rest = answers[:1], sorted(answers[1:], key=lambda one: -one[1])
        answers = [*head, *rest]
    scores = np.array([score for _, score, _, _ in answers])
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    return [
        FoundAnswer(text, float(share), start, end)
        for (text, _, start, end), share in zip(answers, shares, strict=True)
    ]
