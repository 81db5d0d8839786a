"""What benchmarks/gpu.py computes with, made by itself: a BERT with random weights, and pairs.

The pairs are as long as MRPC's. Which of two groups of words is in the second sentence decides the
class, but for a share of rows whose class is a coin's: a model that learns comes near
`1 - NOISE / 2` and no farther.
"""

from __future__ import annotations

import csv
import itertools
import random
import string
from dataclasses import dataclass
from pathlib import Path

EQUATION = "classify: label ~ sentence1 + sentence2"
LABELS = ("different", "same")
NOISE = 0.2
GROUP = 16
"""Words that tell a class, in each of the two groups."""
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
SUFFIXES = tuple(f"##{a}{b}" for a in "aeiou" for b in string.ascii_lowercase)
WORDS_OF_A_SENTENCE = (21.5, 5.5, 7, 40)
"""Mean, deviation, least and most: about 50 subword tokens a pair, as in MRPC."""
IN_PIECES = 0.08
"""The share of words that are two tokens."""


@dataclass(frozen=True)
class Size:
    """How large everything is: the model, its data, and what is done with them."""

    name: str
    layers: int
    width: int
    heads: int
    inner: int
    vocabulary: int
    rows: tuple[int, int, int]
    batches: tuple[int, ...]
    rounds: int
    turns: int
    uncounted: int
    epochs: int
    rate: float
    product: int
    short: int
    scarce_batch: int
    pipeline_batch: int


FULL = Size(
    "full", layers=12, width=768, heads=12, inner=3072, vocabulary=30_522, rows=(3668, 408, 1725),
    batches=(32, 128), rounds=2, turns=14, uncounted=3, epochs=3, rate=5e-5, product=8192, short=72,
    scarce_batch=256, pipeline_batch=64,
)  # fmt: skip
SMALL = Size(
    "small", layers=2, width=32, heads=2, inner=64, vocabulary=1000, rows=(48, 16, 16),
    batches=(8,), rounds=1, turns=4, uncounted=1, epochs=1, rate=1e-3, product=256, short=5,
    scarce_batch=8, pipeline_batch=8,
)  # fmt: skip
SIZES = {size.name: size for size in (FULL, SMALL)}


def make_model(folder: Path, size: Size, dropout: float = 0.1) -> None:
    """Write a BERT as it comes before any training, with its tokenizer."""
    import torch
    from transformers import BertConfig, BertForPreTraining, BertTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=size.vocabulary, hidden_size=size.width, num_hidden_layers=size.layers,
        num_attention_heads=size.heads, intermediate_size=size.inner, max_position_embeddings=512,
        hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout,
    )  # fmt: skip
    BertForPreTraining(config).save_pretrained(folder)
    tokens = {token: number for number, token in enumerate(vocabulary(size.vocabulary))}
    BertTokenizer(vocab=tokens).save_pretrained(folder)


def vocabulary(count: int) -> list[str]:
    """Return a vocabulary of so many tokens: special ones, letters, suffixes, and made-up words."""
    rng = random.Random(0)
    letters = string.ascii_lowercase
    tokens = dict.fromkeys([*SPECIAL, ".", *letters, *(f"##{one}" for one in letters), *SUFFIXES])
    while len(tokens) < count:
        syllables = rng.randint(2, 4)
        word = "".join(rng.choice(letters) + rng.choice("aeiou") for _ in range(syllables))
        tokens[word] = None
    return list(tokens)


def make_rows(folder: Path, size: Size, rows: tuple[int, int, int], seed: int = 0) -> None:
    """Write `place`.train, .val and .test with so many rows."""
    rng = random.Random(seed)
    first_word = len(SPECIAL) + 1 + 2 * len(string.ascii_lowercase) + len(SUFFIXES)
    words = vocabulary(size.vocabulary)[first_word:]
    telling = (words[:GROUP], words[GROUP : 2 * GROUP])
    common = words[2 * GROUP :]
    falling = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(common))))
    for split, count in zip(("train", "val", "test"), rows, strict=True):
        with Path(f"{folder}.{split}").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["sentence1", "sentence2", "label"])
            for _ in range(count):
                first = _sentence(rng, common, falling)
                second = [*first, *_sentence(rng, common, falling)]
                second = rng.sample(second, len(second) // 2)
                group = rng.randrange(2)
                for word in rng.sample(telling[group], 3):
                    second.insert(rng.randint(0, len(second)), word)
                label = rng.randrange(2) if rng.random() < NOISE else group
                out.writerow([" ".join(first) + " .", " ".join(second) + " .", LABELS[label]])


def _sentence(rng: random.Random, words: list[str], summed: list[float]) -> list[str]:
    mean, deviation, least, most = WORDS_OF_A_SENTENCE
    count = int(min(most, max(least, rng.gauss(mean, deviation))))
    drawn = rng.choices(words, cum_weights=summed, k=count)
    ends = [one.removeprefix("##") for one in SUFFIXES]
    return [word + rng.choice(ends) if rng.random() < IN_PIECES else word for word in drawn]


def flops_of_rows(size: Size, lengths: list[int]) -> float:
    """Return the operations of a forward pass over rows of these lengths in tokens, no padding.

    A training step takes three times as many. What a model of BERT's shape has to multiply is
    counted, whether or not somebody finds a way to leave some of it out.
    """
    per_token = size.layers * (8 * size.width**2 + 4 * size.width * size.inner)
    attention = 4 * size.layers * size.width
    head = 2 * size.width**2
    return float(sum(n * per_token + n * n * attention + head for n in lengths))
