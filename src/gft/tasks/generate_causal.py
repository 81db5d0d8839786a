"""`generate: target ~ source` with a causal model: the target goes on where the source ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gft.errors import UserError
from gft.inputs.beginnings import beginnings
from gft.inputs.text import pad
from gft.tasks.masks import IGNORED
from gft.tasks.protocol import Batch, Cells, Encoded, Feature, Values
from gft.tasks.transcripts import padded
from gft.tasks.writing import NEW_LINE, WritingTask

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class GenerateCausal(WritingTask):
    """A text from a text with a causal model: GPT-2, Llama and their like.

    A row is the prompt (the source's columns, a line each, and `between`), the target and the end
    token. The loss is that of target and end alone.
    """

    head: ClassVar[str] = "causal"
    heads: ClassVar[tuple[str, ...]] = ("ForCausalLM", "LMHeadModel")

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return the prompts' tokens, with `golds` the targets' tokens as `labels`.

        Prompt and target together have at most `max_length` tokens; a prompt is truncated where it
        would leave the target less than `max_new_tokens` of them, or less than half.
        """
        texts = [NEW_LINE.join(parts) for parts in zip(*self.sources(rows), strict=True)]
        if not texts:
            return Encoded([], [])
        begin, separator = _begin(processor), _separator(processor, self.between)
        around = len(begin) + len(separator)
        room = max(0, max_length - min(self.max_new_tokens, max_length // 2) - around)
        prompts = _ids(processor, beginnings(processor, texts, max_length))
        lost = [max(0, len(ids) - room) for ids in prompts]
        total = sum(map(len, prompts))
        features: list[Feature] = [
            {"input_ids": [*begin, *ids[:room], *separator] or [_end(processor)]} for ids in prompts
        ]
        if golds is not None:
            targets = _ids(processor, beginnings(processor, list(golds), max_length))
            total += sum(map(len, targets))
            for n, ids in enumerate(targets):
                left = max(0, max_length - len(features[n]["input_ids"]) - 1)
                features[n]["labels"] = [*ids[:left], _end(processor)]
                lost[n] += max(0, len(ids) - left)
        return Encoded(features, lost, total=total)

    def target_ids(self, processor: Any, targets: list[str]) -> list[list[int]]:
        """Return the tokens of targets and the end token."""
        return [[*ids, _end(processor)] for ids in _ids(processor, targets)]

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return tensors of shape (rows, longest).

        With labels these are prompts and targets, padded on the right; without, prompts alone,
        padded on the left, so that each text goes on from its prompt's last token.
        """
        prompts = [list(feature["input_ids"]) for feature in features]
        if "labels" not in features[0]:
            return pad(processor, [_attended(ids) for ids in prompts], side="left")
        targets = [list(feature["labels"]) for feature in features]
        pairs = list(zip(prompts, targets, strict=True))
        batch = pad(processor, [_attended(ids + more) for ids, more in pairs], side="right")
        batch["labels"] = padded([[IGNORED] * len(ids) + more for ids, more in pairs])
        return batch

    def weight(self, batch: Batch) -> torch.Tensor:
        """Return how many tokens are asked for: a row's first one is not, nothing precedes it."""
        return (batch["labels"][:, 1:] != IGNORED).sum()

    def smoothed(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the smoothed loss: each position's logits are for the token after it."""
        return super().smoothed(logits[:, :-1], labels[:, 1:])

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the tokens after the prompts, shape (rows * sequences, longest)."""
        width = batch["input_ids"].shape[1]
        return self.generated(model, batch, width)[:, width:]

    def detokenized(self, processor: Any, predictions: Values) -> Values:
        """Return each row's texts, up to the end token."""
        end = _end(processor)
        return super().detokenized(
            processor,
            [[ids[: ids.index(end)] if end in ids else ids for ids in row] for row in predictions],
        )


def _attended(ids: list[int]) -> Feature:
    return {"input_ids": ids, "attention_mask": [1] * len(ids)}


def _ids(processor: Any, texts: Sequence[str]) -> list[list[int]]:
    """Return the tokens of texts and nothing else."""
    encoding = processor(list(texts), add_special_tokens=False, verbose=False)
    found: list[list[int]] = encoding["input_ids"]
    return found


def _begin(processor: Any) -> list[int]:
    """Return the token that the model's texts begin with, if they do (Llama's do, GPT-2's not)."""
    bos = processor.bos_token_id
    return [bos] if bos is not None and processor("")["input_ids"][:1] == [bos] else []


def _separator(processor: Any, between: str) -> list[int]:
    """Return the tokens of a separator; an end token where the tokenizer drops new lines."""
    return (_ids(processor, [between])[0] or [_end(processor)]) if between else []


def _end(processor: Any) -> int:
    """Return the token that ends a text. Raises `UserError` if there is none."""
    for token in (processor.eos_token_id, processor.sep_token_id):
        if token is not None:
            return int(token)
    raise UserError(
        "generate: this model's tokenizer has no end token, so its texts would never end; "
        "take another with --tokenizer_name_or_path"
    )
