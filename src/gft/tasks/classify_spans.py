"""`classify_spans: answers ~ question + context`: where in a text the answer stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft import notes
from gft.cells.answers import FORMS, Answers, answers_of
from gft.data.table import Column, DataSet, Rows
from gft.errors import UserError, counted
from gft.inputs.beginnings import beginnings
from gft.inputs.features import MadeFeatures
from gft.inputs.kind import InputKind
from gft.inputs.pairs import special_tokens_of_pair
from gft.inputs.text import PROSE, as_text, pad
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Scored
from gft.request import ModelRequest
from gft.targets.protocol import Target
from gft.targets.spans import AnswerSpans
from gft.tasks import spans
from gft.tasks.answers import offsets_of, shown
from gft.tasks.masks import IGNORED
from gft.tasks.options import Ranking, Smoothing, SpansOptions, TextLength
from gft.tasks.outputs import as_array
from gft.tasks.predictions import DIGITS
from gft.tasks.protocol import Adapted, Batch, Cells, Encoded, Feature, Splits, Task, Values

if TYPE_CHECKING:
    import torch

READ_ROWS = 10_000


@dataclass(frozen=True)
class ClassifySpans(Task):
    """A finder of answers with a question answering head: a beginning and an end in the context.

    Windows over a long context share `stride` tokens; an answer has at most `longest_answer`
    tokens; `most` answers are kept of a row. `negative` says that there may be none.
    """

    stride: int = 128
    most: int = 20
    longest_answer: int = 30
    threshold: float = 0.0
    negative: bool = False
    smoothing: float = 0.0

    name: ClassVar[str] = "classify_spans"
    aliases: ClassVar[tuple[str, ...]] = ("question-answering", "QA")
    summary: ClassVar[str] = "the answer to each question, as a span of a text"
    head: ClassVar[str] = "question-answering"
    heads: ClassVar[tuple[str, ...]] = ("ForQuestionAnswering", "ForQuestionAnsweringSimple")
    others: ClassVar[tuple[str, ...]] = ("XLNet", "XLM", "Flaubert")
    """Kinds of models whose `ForQuestionAnswering` is a search of its own, with other weights."""
    target: ClassVar[Target] = AnswerSpans()
    metrics: ClassVar[tuple[str, ...]] = ("f1", "exact_match")
    takes: ClassVar[tuple[InputKind, ...]] = (PROSE,)
    columns: ClassVar[tuple[str, ...]] = ("question", "context")
    output: ClassVar[str] = "answers"
    output_needs: ClassVar[str] = f"answers: {FORMS}"
    output_takes: ClassVar[tuple[str, ...]] = ("struct", "list", "text")
    windowed: ClassVar[bool] = True
    settings: ClassVar[tuple[str, ...]] = (
        "stride", "most", "longest_answer", "threshold", "negative",
    )  # fmt: skip
    longest: ClassVar[int] = 384
    left: ClassVar[str] = f"one column of {output_needs}"
    right: ClassVar[str] = "two columns of text: the question, and the context with the answer"
    default_model: ClassVar[str | None] = "distilbert/distilbert-base-cased-distilled-squad"
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:squad "
        "--eqn 'classify_spans: answers ~ question + context'"
    )
    reads: ClassVar[Reads] = (TextLength, Smoothing, Ranking, SpansOptions)

    @classmethod
    def is_head_of(cls, config: Mapping[str, Any]) -> bool:
        """Say whether a model's configuration says that it has the head. Raises `UserError`."""
        for name in config.get("architectures") or ():
            if name in {f"{kind}ForQuestionAnswering" for kind in cls.others}:
                raise UserError(
                    f"{name} has a head of its own form, which {cls.name} does not read; "
                    f"fit the model first: gft_fit gives it the head of {name}Simple"
                )
        return super().is_head_of(config)

    @classmethod
    def bound(cls, equation: Equation, data: DataSet, used: Splits, model: Task | None) -> Task:
        """Return the task; the form of the answers was seen to before."""
        return cls.of_columns(equation)

    def configured(self, options: Options) -> Self:
        """Return the task with the windows and the choice of answers that were asked for."""
        asked = options.of(SpansOptions)
        found = {
            "stride": asked.doc_stride,
            "most": asked.n_best_size,
            "longest_answer": asked.max_answer_length,
            "threshold": asked.null_score_diff_threshold,
            "negative": asked.version_2_with_negative or None,
        }
        given: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
        smoothing = options.of(Smoothing).label_smoothing_factor
        return replace(super().configured(options), smoothing=smoothing, **given)

    @property
    def compared(self) -> dict[str, InputKind]:
        """The context alone: what is asked about one is answered from the same text."""
        return {self.inputs[1]: self.input_kinds[1]}

    def seen(self, golds: Sequence[Answers]) -> Self:
        """Return the task that may find no answer, if a row has none."""
        return replace(self, negative=self.negative or any(not gold.texts for gold in golds))

    def learned(self, train: Rows, golds: Sequence[Answers]) -> Self:
        """Count the answers that do not stand in their contexts: they are not trained on.

        Raises `UserError` where none does.
        """
        lost = start = 0
        example = ""
        for part in train.batches(self.inputs[1:], READ_ROWS):
            for row, context in enumerate(part[self.inputs[1]], start):
                if golds[row].texts and offsets_of(golds[row], as_text(context)) is None:
                    lost += 1
                    number = int(train.numbers()[row]) + 1
                    problem = f"{golds[row].texts[0]!r:.60} is not in {as_text(context)!r:.80}"
                    example = example or f"row {number:,}: {problem}"
            start += len(part[self.inputs[1]])
        answered = sum(bool(gold.texts) for gold in golds)
        if lost and lost == answered:
            raise UserError(
                f"none of the {counted(lost, 'answer')} of train is in its context, letter by "
                f"letter, so there is nothing to learn ({example})"
            )
        if lost:
            notes.warn(
                f"{lost:,} of the {len(train):,} rows of train have an answer that does not stand "
                f"in the context, and are not trained on ({example})"
            )
        return self

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task with the settings of a model's, and no answer where either has it."""
        task, warnings = super().aligned(model, label_map)
        return replace(task, negative=self.negative or task.negative), warnings

    def golds(self, rows: Cells) -> list[Answers | None]:
        """Return the answers of each row, None where nobody says whether there is one."""
        return [answers_of(cell) for cell in rows[self.outputs[0]]]

    @classmethod
    def gold_text(cls, cells: Sequence[Any], columns: Sequence[Column]) -> str | None:
        """Return the answers of a row."""
        return shown(cells[0])

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Keep the model; whatever labels it has give way to two outputs: beginning and end."""
        return Adapted(self, ModelRequest(self.head, outputs=2))

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return a feature for each window over a context; a question keeps half of the room.

        `labels` are the first and the last token of the answer, or twice `IGNORED` where it does
        not stand in the context.
        """
        questions, contexts = self.read(rows)
        special = special_tokens_of_pair(processor)
        room = max_length - len(special)
        if room < 2:
            raise UserError(f"--max_length {max_length} leaves no room for a question and a text")
        found: list[tuple[int, int, int]] = []
        kept: list[Sequence[int]] = []
        lost_tokens: list[int] = []
        asked = spans.tokens_of(processor, beginnings(processor, questions, room))
        read = spans.tokens_of(processor, contexts)
        for row, (question, context) in enumerate(zip(asked, read, strict=True)):
            ids = question.ids[: max(room // 2, room - len(context.ids))]
            share = len(questions[row]) / max(1, question.ends[-1]) if question.ids else 1
            lost_tokens.append(round(len(question.ids) * max(1, share)) - len(ids))
            kept.append(ids)
            left = room - len(ids)
            windows = spans.windows(len(context.ids), left, min(self.stride, left // 2))
            found += [(row, start, stop) for start, stop in windows]
        answers = None
        if golds is not None:
            answers = [
                (offsets_of(gold, context), bool(gold.texts))
                for gold, context in zip(golds, contexts, strict=True)
            ]

        def made(part: tuple[int, int, int]) -> Feature:
            row, start, stop = part
            text = contexts[row]
            feature = spans.window_feature(special, kept[row], text, read[row], start, stop)
            if answers is not None:
                offsets, has_some = answers[row]
                lost = has_some and offsets is None
                feature["labels"] = [IGNORED] * 2 if lost else spans.labels_of(feature, offsets)
            return feature

        return Encoded(MadeFeatures(made, found), lost_tokens, [row for row, _, _ in found])

    def batch_of(self, processor: Any, features: Sequence[Feature], training: bool) -> Batch:
        """Return token tensors of shape (rows, longest)."""
        of_model = [
            {name: value for name, value in feature.items() if name not in spans.INNER}
            for feature in features
        ]
        return pad(processor, of_model, side="right")

    def label_tensor(self, labels: Sequence[Any]) -> torch.Tensor:
        """Return the first and the last token of each answer, shape (rows, 2)."""
        import numpy as np
        import torch

        return torch.from_numpy(np.array(labels, dtype=np.int64))

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean cross-entropy of beginnings and ends in nats, over tokens of the rows."""
        import torch

        inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
        outputs = self.run(model, inputs)
        padding = batch["attention_mask"] == 0
        total = padding.new_zeros((), dtype=torch.float32)
        for offsets, name in enumerate(("start_logits", "end_logits")):
            logits = outputs[name].float().masked_fill(padding, -torch.inf)
            shares = logits.log_softmax(-1)
            gold = batch["labels"][:, offsets]
            known = gold != IGNORED
            right = shares.gather(1, gold.clamp(min=0)[:, None])[:, 0]
            every = shares.masked_fill(padding, 0.0).sum(-1) / (~padding).sum(-1)
            mixed = (1 - self.smoothing) * right + self.smoothing * every
            total = total - mixed[known].sum() / known.sum().clamp(min=1)
        return total / 2

    def weight(self, batch: Batch) -> torch.Tensor:
        """Return how many windows have an answer, or say that there is none."""
        return (batch["labels"][:, 0] != IGNORED).sum()

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the model's outputs. Raises `UserError` for a head of another kind."""
        outputs = model(**batch)
        if outputs.get("start_logits") is None or outputs.get("end_logits") is None:
            raise UserError(
                f"a {type(model).__name__} does not give a beginning and an end for each token; "
                "take another model"
            )
        return outputs

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the best spans of each feature."""
        begin, end = (as_array(outputs[name]) for name in ("start_logits", "end_logits"))
        found = [
            spans.best_spans(first, last, feature, self.longest_answer, self.most)
            for first, last, feature in zip(begin, end, features, strict=True)
        ]
        return list(found), None

    def joined(
        self, features: Sequence[Feature], values: Sequence[Any], scores: Sequence[Any]
    ) -> tuple[Any, Any]:
        """Return the answer to a question, and the best ones with their probabilities."""
        answers = spans.best_answers(
            values, features[0][spans.CONTEXT], self.most, self.negative, self.threshold
        )
        return answers[0].text, answers

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return texts for the metrics."""
        return Scored([list(gold.texts) for gold in golds], list(predictions), None, ())

    def value(self, prediction: Any, scores: Any) -> Any:
        """Return the answer; of gold ones the list."""
        return list(prediction.texts) if isinstance(prediction, Answers) else prediction

    @property
    def answer_schema(self) -> dict[str, Any]:
        """A part of the context, empty where there is no answer."""
        return {"type": "string"}

    def details(self, prediction: Any, scores: Any, options: Options) -> dict[str, Any]:
        """Return the answer's score and offsets; with `--top_k` the best ones, `n_best`."""
        row = _as_dict(scores[0])
        del row["text"]
        asked = options.of(Ranking)
        if asked.return_all_scores or (asked.top_k or 1) > 1:
            row["n_best"] = [_as_dict(one) for one in self._shown(scores, options)]
        return row

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return the answer and its probability; `--top_k` of them, best first."""
        shown_ones = self._shown(scores, options)
        return [field for one in shown_ones for field in (one.text, f"{one.score:.4f}")]

    def _shown(self, scores: Any, options: Options) -> Sequence[spans.FoundAnswer]:
        asked = options.of(Ranking)
        return list(scores[: self.most if asked.return_all_scores else asked.top_k or 1])


def _as_dict(answer: spans.FoundAnswer) -> dict[str, Any]:
    return answer._asdict() | {"score": round(answer.score, DIGITS)}
