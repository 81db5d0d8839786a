"""`fill_mask: text ~ text`: the words behind the masks of a text."""

from __future__ import annotations

from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.data.table import DataSet
from gft.errors import UserError, listed
from gft.inputs.beginnings import LONG, all_tokens, around
from gft.inputs.kind import InputKind
from gft.inputs.text import PROSE, pad, texts_or_none
from gft.inputs.words import special_tokens_of
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Scored
from gft.targets.losses import Losses
from gft.targets.protocol import Target
from gft.tasks.masks import IGNORED, MASK, hide, positions_of, with_mask
from gft.tasks.options import Best, Smoothing, TextLength
from gft.tasks.protocol import Batch, Cells, Encoded, Feature, Splits, Task, Values
from gft.tasks.transcripts import padded

if TYPE_CHECKING:
    import torch

TOP_K = 5
MOST_MASKS = 10_000
"""Masks of a text; with more of them it is no text, and its answer no answer."""
POSITIONS, HIDDEN = "positions", "hidden"
"""Parts of a feature: where its masks are, or tokens to hide; and whether those are hidden."""


@dataclass(frozen=True)
class FillMask(Task):
    """A masked language model.

    In training 15 % of a text's tokens are drawn anew at each step: 80 % of them become the mask,
    10 % a random token, 10 % stay (Devlin et al. 2019, section 3.1). In scoring 15 % of each
    window's tokens, at least one, become the mask; which ones follows from the tokens alone, so
    that a perplexity can be had again. Special tokens are never hidden, unknown ones among them.
    Prediction fills the masks that a text has. A long text is read in windows, end to end; of a
    very long one prediction reads only windows with a mask, and what stands around masks.
    """

    top_k: int = TOP_K
    smoothing: float = 0.0
    scoring: bool = False
    """Whether texts come to be scored, not to have their own masks filled."""

    name: ClassVar[str] = "fill_mask"
    aliases: ClassVar[tuple[str, ...]] = ("fill-mask", "maskedLM")
    summary: ClassVar[str] = "the words behind the masks of a text"
    head: ClassVar[str] = "masked"
    heads: ClassVar[tuple[str, ...]] = (
        "ForMaskedLM",
        "BertForPreTraining",  # These have the head of a masked model beside another.
        "AlbertForPreTraining",
        "BigBirdForPreTraining",
        "FNetForPreTraining",
    )
    target: ClassVar[Target] = Losses()
    metrics: ClassVar[tuple[str, ...]] = ("perplexity",)
    left: ClassVar[str] = "the same column as on the right"
    right: ClassVar[str] = "one column of text; predict fills each <mask> in it"
    default_model: ClassVar[str | None] = "distilbert/distilroberta-base"
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:imdb --splits unsupervised,test,test "
        "--eqn 'fill_mask: text ~ text'"
    )
    reads: ClassVar[Reads] = (TextLength, Smoothing, Best)
    takes: ClassVar[tuple[InputKind, ...]] = (PROSE,)
    output: ClassVar[str] = "text"
    output_needs: ClassVar[str] = "text"
    output_takes: ClassVar[tuple[str, ...]] = ("text",)
    both_sides: ClassVar[bool] = True
    windowed: ClassVar[bool] = True

    @classmethod
    def bound(cls, equation: Equation, data: DataSet, used: Splits, model: Task | None) -> Task:
        """Check that one and the same column is on both sides."""
        if len(equation.inputs) != 1 or equation.left != equation.inputs:
            raise UserError(
                "fill_mask takes one column of text, the same on both sides of '~', as in "
                f"'fill_mask: text ~ text'; found {listed(equation.left)} ~ "
                f"{listed(equation.inputs)}"
            )
        return cls.of_columns(equation, scoring=model is not None)

    def configured(self, options: Options) -> Self:
        """Return the task with `--top_k` fillers for a mask and `--label_smoothing_factor`."""
        return replace(
            super().configured(options),
            top_k=options.of(Best).top_k or self.top_k,
            smoothing=options.of(Smoothing).label_smoothing_factor,
        )

    def golds(self, rows: Cells) -> list[str | None]:
        """Return the text of each row, None where it is empty."""
        return texts_or_none(rows[self.outputs[0]])

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return a feature for each window of each text; nothing is truncated.

        Its `positions` are those of the masks in it, or with `golds` of the tokens to hide. Raises
        `UserError` for a tokenizer without a mask.
        """
        texts = [with_mask(processor, text) for text in rows[self.inputs[0]]]
        if not texts:
            return Encoded([], [], [])
        special_tokens = special_tokens_of(processor)
        room = max(1, max_length - len(special_tokens))
        special = frozenset(processor.all_special_ids)
        scoring = self.scoring or golds is not None
        features: list[Feature] = []
        owners: list[int] = []
        for row, ids_of_parts in enumerate(self._parts(processor, texts, scoring)):
            starts = [
                (ids, start) for ids in ids_of_parts for start in range(0, max(1, len(ids)), room)
            ]
            for n, (ids, start) in enumerate(starts, 1):
                feature = special_tokens.around(ids[start : start + room])
                feature[POSITIONS] = positions_of(processor, feature["input_ids"], special, scoring)
                feature[HIDDEN] = scoring
                last = n == len(starts) and owners[-1:] != [row]
                if scoring or feature[POSITIONS] or last or len(texts[row]) <= LONG:
                    features.append(feature)
                    owners.append(row)
        return Encoded(features, [0] * len(texts), owners)

    def _parts(
        self, processor: Any, texts: Sequence[str], scoring: bool
    ) -> Iterator[list[MutableSequence[int]]]:
        """Yield the tokens of each text, in prediction those around masks if it is very long."""
        parts = [[text] if scoring else around(text, processor.mask_token) for text in texts]
        tokens = iter(all_tokens(processor, [part for of_text in parts for part in of_text]))
        for of_text in parts:
            yield [next(tokens) for _ in of_text]

    def check_rows(self, processor: Any, rows: Cells, first: int, row: str) -> None:
        """Raise `UserError` for the first text without a mask, or with far too many."""
        for n, text in enumerate(rows[self.inputs[0]], first):
            masks = with_mask(processor, text).count(processor.mask_token)
            if masks > MOST_MASKS:
                raise UserError(
                    f"{row} {n} has {masks:,} masks; predict fills at most {MOST_MASKS:,} per row"
                )
            if not masks:
                raise UserError(
                    f"{row} {n} has no {MASK}, so there is nothing to fill: "
                    f"write {MASK} where a word is wanted"
                )

    def drawn(self, processor: Any, feature: Feature) -> Feature:
        """Return a window with tokens drawn to be hidden; `labels` are what they were."""
        return feature | hide(processor, feature["input_ids"])

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return token tensors of shape (rows, longest), with masks at the `positions`.

        In training tokens are hidden already, and `labels` of the same shape are what they were,
        `IGNORED` elsewhere.
        """
        import torch

        names = [name for name in features[0] if name in ("attention_mask", "token_type_ids")]
        of_model = [{name: one[name] for name in ("input_ids", *names)} for one in features]
        batch = pad(processor, of_model, side="right")
        if training:
            return batch | {"labels": padded([one["labels"] for one in features])}
        for row, feature in enumerate(features):
            positions = torch.as_tensor(feature[POSITIONS], dtype=torch.long)
            batch["input_ids"][row, positions] = processor.mask_token_id
        return batch

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean cross-entropy of the hidden tokens in nats; 0 where there are none."""
        from torch.nn.functional import cross_entropy

        inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
        labels = batch["labels"]
        hidden = labels != IGNORED
        logits = model(**inputs)["logits"][hidden].float()
        total = cross_entropy(
            logits, labels[hidden], reduction="sum", label_smoothing=self.smoothing
        )
        return total / hidden.sum().clamp(min=1)

    def weight(self, batch: Batch) -> torch.Tensor:
        """Return how many tokens are hidden."""
        return (batch["labels"] != IGNORED).sum()

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the best tokens at each position, and how well hidden ones were found.

        A prediction is a list, one entry a mask, of token numbers with their probabilities: the
        `top_k` best, or the best one of a token that was hidden. A score is the sum of the hidden
        tokens' cross-entropy in nats, and their number.
        """
        import torch

        logits = outputs["logits"]
        where = [(row, int(n)) for row, one in enumerate(features) for n in one[POSITIONS]]
        at = torch.tensor(where, dtype=torch.long, device=logits.device).reshape(-1, 2)
        logs = logits[at[:, 0], at[:, 1]].float().log_softmax(-1)
        best = logs.topk(min(self.top_k, logs.shape[-1]))
        tokens, probabilities = best.indices.tolist(), best.values.exp().tolist()
        gold = torch.tensor(
            [int(features[row]["input_ids"][n]) for row, n in where],
            dtype=torch.long,
            device=logits.device,
        )
        losses = -logs.gather(1, gold[:, None])[:, 0]
        values: list[Any] = [[] for _ in features]
        scores = [(0.0, 0)] * len(features)
        for (row, _), loss, *found in zip(
            where, losses.tolist(), tokens, probabilities, strict=True
        ):
            fillers = list(zip(*found, strict=True))
            if not features[row][HIDDEN]:
                values[row].append(fillers)
                continue
            values[row].append(fillers[:1])
            total, count = scores[row]
            scores[row] = (total + loss, count + 1)
        return values, list(scores)

    def joined(
        self, features: Sequence[Feature], values: Sequence[Any], scores: Sequence[Any]
    ) -> tuple[Any, Any]:
        """Return the fillers of all masks of a text, and the sums of its windows' scores."""
        fillers = [one for window in values for one in window]
        return fillers, tuple(map(sum, zip(*scores, strict=True)))

    def detokenized(self, processor: Any, predictions: Values) -> Values:
        """Return the predictions with the fillers as text."""
        numbers = {token for masks in predictions for fillers in masks for token, _ in fillers}
        texts = {token: processor.decode([token]) for token in numbers}
        return [
            [
                [
                    (texts[token].strip() or texts[token], probability)
                    for token, probability in fillers
                ]
                for fillers in masks
            ]
            for masks in predictions
        ]

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return the sum of the hidden tokens' losses and their number, shape (rows, 2)."""
        import numpy as np

        return Scored(list(golds), predictions, np.asarray(scores, np.float64), ())

    def value(self, prediction: Any, scores: Any) -> Any:
        """Return the fillers of each mask in order, the best first; of gold the text."""
        if isinstance(prediction, str):
            return prediction
        return [
            [{"filler": filler, "score": round(probability, 6)} for filler, probability in fillers]
            for fillers in prediction
        ]

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return `filler|score` for the best fillers of the first mask, then of the second."""
        return [
            f"{filler}|{probability:.4f}"
            for fillers in prediction
            for filler, probability in fillers
        ]
