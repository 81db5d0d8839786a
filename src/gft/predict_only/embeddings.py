"""Embeddings of texts, and the similarity of texts by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gft.errors import UserError
from gft.inputs.features import Feature
from gft.inputs.text import as_text, encode_texts, pad
from gft.metrics.protocol import Array
from gft.predict_only.protocol import Answer, Answering, Applied, PredictOnly, Rows
from gft.tasks.options import TextLength

BATCH_SIZE = 32
DIGITS = 6


class _OfVectors(PredictOnly):
    """A task on the embeddings of texts."""

    several = True
    heads = ("encoder",)
    ignored = ("pooler.",)
    default_model = "sentence-transformers/all-MiniLM-L6-v2"
    reads = (TextLength,)


class FeatureExtraction(_OfVectors):
    """The embedding of a text: the mean over its tokens (Reimers and Gurevych 2019, section 3)."""

    name = "feature_extraction"
    aliases = ("feature-extraction", "embeddings")
    summary = "the embedding of a text: the mean over its tokens in the model's last layer"
    right = "a text; several columns of text are read together"
    inputs = ("text",)
    example = "echo 'a fine day' | gft_predict --task feature_extraction"

    def answering(self, applied: Applied) -> Answering:
        """Return the function that computes the embedding of each row."""

        def answers(rows: Rows, first: int) -> Iterator[Answer]:
            for vector in _of_texts(applied, _columns(rows)):
                numbers = [round(float(number), DIGITS) for number in vector]
                yield Answer([" ".join(map(str, numbers))], {"vector": numbers})

        return answers


class SentenceSimilarity(_OfVectors):
    """The cosine similarity of texts."""

    name = "sentence_similarity"
    aliases = ("sentence-similarity",)
    summary = "how similar texts are: the cosine of their embeddings, -1 to 1"
    right = "two texts; with more, the first is compared with each of the others"
    inputs = ("sentence1", "sentence2")
    example = "echo 'a fine day|lovely weather' | gft_predict --task sentence_similarity"

    def answering(self, applied: Applied) -> Answering:
        """Return the function that compares the first text of a row with each of the others."""

        def answers(rows: Rows, first: int) -> Iterator[Answer]:
            texts, *others = (_unit(_of_texts(applied, [column])) for column in _columns(rows))
            if not others:
                raise UserError("sentence_similarity compares two columns of texts, found one")
            for one, *more in zip(texts, *others, strict=True):
                cosines = [round(float(one @ other), DIGITS) for other in more]
                value = cosines if len(cosines) > 1 else cosines[0]
                yield Answer([f"{cosine:.4f}" for cosine in cosines], {"similarity": value})

        return answers


def _of_texts(applied: Applied, columns: Sequence[Sequence[str]]) -> Array:
    """Return the embeddings of texts, shape (rows, width); texts over `longest` are truncated."""
    features = encode_texts(applied.processor, columns, applied.longest).features
    return applied.vectors(features) if applied.vectors else vectors(applied, features)


def vectors(applied: Applied, encoded: Sequence[Feature]) -> Array:
    """Return the mean of the tokens' last hidden states, shape (rows, width), in order.

    Padding does not count.
    """
    import numpy as np
    import torch

    model = applied.model
    if model.config.is_encoder_decoder:
        model = model.get_encoder()
    found: list[Any] = [None] * len(encoded)
    order = sorted(range(len(encoded)), key=lambda n: -len(encoded[n]["input_ids"]))
    with torch.inference_mode():
        for start in range(0, len(order), BATCH_SIZE):
            part = order[start : start + BATCH_SIZE]
            batch = pad(applied.processor, [encoded[n] for n in part])
            batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
            hidden = model(**batch).last_hidden_state.float()
            counts = batch["attention_mask"][:, :, None].float()
            mean = (hidden * counts).sum(1) / counts.sum(1).clamp(min=1)
            for n, vector in zip(part, mean.cpu().numpy(), strict=True):
                found[n] = vector
    return np.stack(found)


def _columns(rows: Rows) -> list[list[str]]:
    """Return the columns of rows as texts."""
    return [[as_text(value) for value in column] for column in zip(*rows, strict=True)]


def _unit(rows: Array) -> Array:
    """Return rows scaled to length 1; a row of zeros stays as it is."""
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)
