"""`fill_mask: text ~ text`: the words behind the masks of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft import notes
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import LOSSES, Scored
from gft.tasks.protocol import Batch, Encoded, Feature, Task, Values
from gft.tasks.text import as_text, check_columns, encode_texts, padded

if TYPE_CHECKING:
    import torch

MASK = "<mask>"
"""What stands in a text for whatever a model calls its mask."""
SHARE = 0.15
"""The share of tokens that is hidden from the model (Devlin et al. 2019)."""
MASKED, RANDOM = 0.8, 0.1
"""Of the hidden tokens in training so many become the mask, so many a random token."""
TOP_K = 5


@dataclass(frozen=True)
class FillMask:
    """A masked language model.

    In training 15 % of a text's tokens are drawn anew at each step: 80 % of them become the mask,
    10 % a random token, 10 % stay (Devlin et al. 2019, section 3.1). In scoring 15 % of each row's
    tokens, at least one, become the mask; which ones follows from the row alone, so that a
    perplexity can be had again. Special tokens are never hidden, unknown ones among them.
    Prediction fills the masks that a text has. A row whose text has a mask of its own is not
    trained or scored on.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    top_k: int = TOP_K
    smoothing: float = 0.0
    scoring: bool = False
    """Whether texts come to be scored, not to have their own masks filled."""

    name: ClassVar[str] = "fill_mask"
    aliases: ClassVar[tuple[str, ...]] = ("fill-mask", "maskedLM")
    summary: ClassVar[str] = "the words behind the masks of a text"
    head: ClassVar[str] = "masked"
    serves: ClassVar[str] = LOSSES
    metrics: ClassVar[tuple[str, ...]] = ("perplexity",)
    length_of: ClassVar[str] = "input_ids"
    longest: ClassVar[int] = 512

    @property
    def labels(self) -> tuple[str, ...]:
        """No labels: a vocabulary takes their place."""
        return ()

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],  # noqa: ARG003
        model: Task | None = None,
    ) -> Self:
        """Check that one and the same column of text is on both sides."""
        mistakes = Mistakes()
        for message in check_columns(equation.columns, data.columns, data.name, ("text",)):
            mistakes.add(message)
        if len(equation.right) != 1 or equation.left != equation.right:
            mistakes.add(
                "fill_mask takes one column of text, the same on both sides of '~', as in "
                f"'fill_mask: text ~ text'; found '{equation}'"
            )
        mistakes.raise_any()
        return cls(equation.right, equation.left, scoring=model is not None)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Self:
        """Return the task of a fitted folder."""
        return cls(tuple(saved["inputs"]), tuple(saved["outputs"]))

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Self | None:
        """Return the task of a configuration that speaks of a masked language model."""
        architectures = config.get("architectures") or []
        if not any(name.endswith("ForMaskedLM") for name in architectures):
            return None
        inputs, outputs = (equation.right, equation.left) if equation else (("text",), ("text",))
        return cls(inputs, outputs)

    def saved(self) -> dict[str, Any]:
        """Return the column, as JSON."""
        return {"inputs": list(self.inputs), "outputs": list(self.outputs), "labels": []}

    def with_columns(self, equation: Equation) -> Self:
        """Return the task for another column."""
        return replace(self, inputs=equation.right, outputs=equation.left)

    def configured(self, options: Options) -> Self:
        """Return the task with `--top_k` fillers for a mask and `--label_smoothing_factor`."""
        smoothing = options.label_smoothing_factor
        return replace(self, top_k=options.top_k or self.top_k, smoothing=smoothing)

    def learned(self, train: Rows) -> Self:
        """Return this task: it needs to know nothing beforehand."""
        return self

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task: there are no labels to meet."""
        if label_map:
            raise UserError("--label_map is for labels; fill_mask predicts words")
        return self, ()

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[str | None]:
        """Return the text of each row, None where it is blank or has a mask of its own."""
        texts = [as_text(value) for value in rows[self.outputs[0]]]
        return [text if text.strip() and MASK not in text else None for text in texts]

    def adapt(self, config: Mapping[str, Any]) -> tuple[Self, dict[str, Any], tuple[str, ...]]:
        """Return this task: nothing of the configuration changes."""
        return self, {}, ()

    def encode(
        self,
        processor: Any,
        rows: Mapping[str, Sequence[Any]],
        max_length: int,
        golds: Sequence[Any] | None = None,
    ) -> Encoded:
        """Return token features; `places` are those of its masks, or of tokens to be `hidden`."""
        if processor.mask_token is None:
            raise UserError("fill_mask: this model's tokenizer has no mask; take a masked model")
        texts = [as_text(text).replace(MASK, processor.mask_token) for text in rows[self.inputs[0]]]
        encoded = encode_texts(processor, [texts], max_length)
        special = frozenset(processor.all_special_ids)
        scoring = self.scoring or golds is not None
        for feature in encoded.features:
            ids = feature["input_ids"]
            found = [n for n, token in enumerate(ids) if token == processor.mask_token_id]
            feature["places"] = _hidden(ids, special) if scoring else found
            feature["hidden"] = scoring
            if not scoring and not found:
                _tell_once(f"a text without {MASK} has nothing to fill: its row has no filler")
        return encoded

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return token tensors of shape (rows, longest), with masks at the `places`.

        In training nothing is masked yet: `loss` draws, from random numbers that are the step's
        own. It is told which tokens may be hidden, and the mask's and the largest token number.
        """
        import numpy as np
        import torch

        fills = {"input_ids": processor.pad_token_id, "token_type_ids": processor.pad_token_type_id}
        names = [name for name in processor.model_input_names if name in features[0]]
        batch = {name: padded([f[name] for f in features], fills.get(name, 0)) for name in names}
        ids = batch["input_ids"]
        if training:
            special = torch.tensor(processor.all_special_ids)
            batch["maskable"] = ~torch.isin(ids, special)
            batch["tokens"] = torch.tensor([processor.mask_token_id, len(processor)])
            return batch
        for row, feature in enumerate(features):
            ids[row, np.asarray(feature["places"], dtype=np.int64)] = processor.mask_token_id
        return batch

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Hide tokens at random; return the mean cross-entropy of those hidden, in nats."""
        import torch
        from torch.nn.functional import cross_entropy

        ids, maskable = batch["input_ids"], batch["maskable"]
        mask, vocabulary = batch["tokens"]
        chosen, how, which = (torch.rand(ids.shape, device=ids.device) for _ in range(3))
        hidden = (chosen < SHARE) & maskable
        shown = torch.where(hidden & (how < MASKED), mask, ids)
        another = hidden & (how >= MASKED) & (how < MASKED + RANDOM)
        shown = torch.where(another, (which * vocabulary).long(), shown)
        others = {k: v for k, v in batch.items() if k not in ("input_ids", "maskable", "tokens")}
        logits = model(input_ids=shown, **others)["logits"][hidden].float()
        # A batch of a few short texts may have no hidden token.
        total = cross_entropy(logits, ids[hidden], reduction="sum", label_smoothing=self.smoothing)
        return total / hidden.sum().clamp(min=1)

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the model's outputs."""
        return model(**batch)

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the best tokens at each place, and how well hidden ones were found.

        A prediction is a list, one entry a mask, of token numbers with their probabilities: the
        `top_k` best, or the best one of a token that was hidden. A score is the sum of the hidden
        tokens' cross-entropy in nats, and their number.
        """
        import torch

        logits = outputs["logits"]
        where = [(row, int(n)) for row, one in enumerate(features) for n in one["places"]]
        at = torch.tensor(where, dtype=torch.long, device=logits.device).reshape(-1, 2)
        logs = logits[at[:, 0], at[:, 1]].float().log_softmax(-1)
        best = logs.topk(min(self.top_k, logs.shape[-1]))
        tokens, chances = best.indices.tolist(), best.values.exp().tolist()
        gold = [int(features[row]["input_ids"][n]) for row, n in where]
        losses = -logs.gather(1, torch.tensor(gold, device=logs.device).long()[:, None])[:, 0]
        values: list[Any] = [[] for _ in features]
        scores = [(0.0, 0)] * len(features)
        for (row, _), loss, *found in zip(where, losses.tolist(), tokens, chances, strict=True):
            fillers = list(zip(*found, strict=True))
            hidden = features[row]["hidden"]
            values[row].append(fillers[:1] if hidden else fillers)
            if hidden:
                total, count = scores[row]
                scores[row] = (total + loss, count + 1)
        return values, list(scores)

    def spelt(self, processor: Any, values: Values) -> Values:
        """Return the predictions with the fillers as text."""
        numbers = {token for masks in values for fillers in masks for token, _ in fillers}
        texts = {token: processor.decode([token]) for token in numbers}
        return [
            [
                [(texts[token].strip() or texts[token], chance) for token, chance in fillers]
                for fillers in masks
            ]
            for masks in values
        ]

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return the sum of the hidden tokens' losses and their number, shape (rows, 2)."""
        import numpy as np

        return Scored(LOSSES, list(golds), predictions, np.asarray(scores, np.float64), ())

    def value(self, prediction: Any, scores: Any) -> Any:
        """Return the fillers of each mask in order, the best first, with their probabilities."""
        if isinstance(prediction, str):
            return prediction
        return [
            [{"filler": filler, "score": round(chance, 6)} for filler, chance in fillers]
            for fillers in prediction
        ]

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return `filler|score` for the best fillers of the first mask, then of the second."""
        return [f"{filler}|{chance:.4f}" for fillers in prediction for filler, chance in fillers]


def _hidden(ids: Sequence[int], special: frozenset[int]) -> list[int]:
    """Return the places of the tokens to hide: a choice that depends on the tokens alone."""
    free = [n for n, token in enumerate(ids) if token not in special]
    count = max(1, round(SHARE * len(free)))
    key = blake2b(",".join(map(str, ids)).encode()).digest()
    chosen = sorted(free, key=lambda n: blake2b(str(n).encode(), key=key, digest_size=8).digest())
    return sorted(chosen[:count])


@cache
def _tell_once(text: str) -> None:
    notes.warn(text)
