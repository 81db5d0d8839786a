"""The hub and the store that commands in pages ask: the tests' own, and the names in pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gft.registry import predict_only
from hub import decoders, models, ready, unfitted
from hub.mirror import Mirror
from hub.paddle import fill_store
from hub.server import Hub, Repo

ENCODERS = (
    "distilbert-base-uncased",
    "sentence-transformers/all-MiniLM-L6-v2",
    "microsoft/deberta-v3-small",
    "FacebookAI/xlm-roberta-base",
    "google-bert/bert-base-chinese",
    "allenai/longformer-base-4096",
)
"""Encoders that pages name; here each is the same tiny BERT."""


@contextmanager
def filled(hub: Hub, made: Path) -> Iterator[None]:
    """Put what pages name onto the hub of the tests; it is as it was afterwards."""
    before = [(names, dict(names)) for names in (*hub.repos.values(), *hub.aliases.values())]
    hub.aliases["datasets"]["emotion"] = "dair-ai/emotion"
    ready.add_to(hub, made)
    encoder = models.files_of(models.bert(made / "encoder", positions=512))
    for name in ENCODERS:
        hub.repos["models"][name] = Repo({"main": encoder})
    defaults = {predict_only()[task].default_model: make for task, make in APPLIED.items()}
    for name, make in (MADE | defaults).items():
        hub.repos["models"][name] = Repo({"main": models.files_of(make(made / name))})
    yield
    for names, there in before:
        names.clear()
        names.update(there)


MADE: dict[str, Any] = {
    "gpt2": decoders.gpt2,
}
"""Models of other kinds that pages name."""

APPLIED: dict[str, Any] = {
    "image_segmentation": unfitted.segformer,
    "image_to_text": unfitted.captioner,
    "object_detection": unfitted.yolos,
    "table_question_answering": unfitted.tapas,
    "text_to_speech": unfitted.vits,
    "zero_shot_classification": unfitted.nli,
    "zero_shot_image_classification": unfitted.clip,
}
"""What makes the default models of tasks that only predict; those of others are encoders."""

OF_PADDLE = [
    {"model": "P:ernie-1.0", "data": "P:chnsenticorp"},
    {"model": "P:bert-base-cased", "data": "P:glue,qqp"},
]
"""What pages name of PaddleNLP's."""


@contextmanager
def store(mirror: Mirror, made: Path) -> Iterator[None]:
    """Fill PaddleNLP's store with what pages name, a few rows each."""
    from gft.suppliers.paddle import table as paddle_table

    fill_store(mirror, made / "paddle", OF_PADDLE, {"train": 24, "dev": 8, "test": 8})
    whole = paddle_table.TABLE
    paddle_table.TABLE = made / "table.json"
    paddle_table._table.cache_clear()
    yield
    paddle_table.TABLE = whole
    paddle_table._table.cache_clear()
