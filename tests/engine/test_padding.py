"""A row's scores are its own: models that read their padding get rows of one length together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from torch.utils.data import DataLoader

from gft.engine.collate import Collate, Training
from gft.engine.inference import Predictor
from gft.engine.memory import PARTS
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import choose_precision
from gft.suppliers.protocol import Loaded
from gft.tasks.classify import Classify
from gft.tasks.ctc import Ctc
from hub import media

SMALL = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 16, "max_position_embeddings": 200, "num_labels": 2,
         "initializer_range": 0.5}  # fmt: skip
READS_PADDING: Mapping[str, dict[str, Any]] = {
    "FNet": {},
    "Yoso": {},
    "ConvBert": {"embedding_size": 16},
    "Nystromformer": {"conv_kernel_size": 5},
    "BigBird": {"block_size": 2, "num_random_blocks": 1, "attention_type": "block_sparse"},
}
TASK = Classify(("text",), ("y",), ("a", "b"), ("a", "b"))


class Pads:
    """What is asked of a tokenizer when batches are made."""

    pad_token_id = 0
    pad_token_type_id = 0
    padding_side = "right"


def placed(kind: str, **more: Any) -> PlacedModel:
    torch.manual_seed(0)
    config = getattr(transformers, f"{kind}Config")(**SMALL, **more)
    model = getattr(transformers, f"{kind}ForSequenceClassification")(config).eval()
    return PlacedModel(Loaded(model, Pads()), choose_precision("fp32", use_cpu=True))


def features(*lengths: int) -> list[dict[str, Any]]:
    """Return rows of so many tokens each."""
    chance = np.random.default_rng(3)
    return [{"input_ids": chance.integers(5, 40, length).tolist(), "attention_mask": [1] * length,
             "labels": n % 2} for n, length in enumerate(lengths)]  # fmt: skip


@pytest.mark.parametrize("kind", READS_PADDING)
def test_a_row_has_its_own_scores(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = features(9, 60, 33, 9, 60, 20)
    found = placed(kind, **READS_PADDING[kind])
    _, together = Predictor(TASK, found, 128).features(rows)
    assert found.by_length
    assert "scores a row differently when it is padded" in capsys.readouterr().err
    alone = [
        Predictor(TASK, placed(kind, **READS_PADDING[kind]), 128).features([row])[1][0]
        for row in rows
    ]  # fmt: skip
    assert np.allclose(together, alone, atol=1e-6)
    _, backwards = Predictor(TASK, found, 128).features(rows[::-1])
    assert np.allclose(together, backwards[::-1], atol=1e-6)


def test_a_model_that_does_not_is_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    found = placed("Bert")
    Predictor(TASK, found, 128).features(features(9, 60, 33))
    assert found.by_length is False and capsys.readouterr().err == ""


def test_a_batch_of_a_training_has_parts_of_one_length() -> None:
    rows = list(enumerate(features(9, 60, 9)))
    training: Any = type("Training", (), {"epoch": 0})
    batch: Any = Collate(TASK, Pads(), training, 1, by_length=True)(rows)
    assert [part["input_ids"].shape for part in batch[PARTS]] == [(2, 9), (1, 60)]
    assert [part["labels"].tolist() for part in batch[PARTS]] == [[0, 0], [1]]


def test_processes_that_stay_see_the_next_epoch() -> None:
    rows: Any = features(9, 9)
    training = Training(rows, loaded_apart=True)
    loader: Any = DataLoader(
        training, batch_size=2, num_workers=1, persistent_workers=True,
        collate_fn=lambda numbered: (training.epoch, [row for row, _ in numbered]),
    )  # fmt: skip
    assert list(loader) == [(0, [0, 1])]
    training.epoch = 1
    assert list(loader) == [(1, [0, 1])]


def test_sounds_are_computed_one_by_one_where_silence_is_heard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = media.wav2vec2(tmp_path / "model", "ABC")
    config = transformers.Wav2Vec2Config.from_pretrained(folder)
    config.feat_extract_norm = "group"
    torch.manual_seed(0)
    model = transformers.Wav2Vec2ForCTC(config).eval()
    processor = transformers.Wav2Vec2Processor.from_pretrained(folder)
    processor.feature_extractor.return_attention_mask = False
    sounds = []
    for n, seconds in enumerate((0.2, 0.5, 0.31)):
        sounds.append(str(tmp_path / f"{n}.wav"))
        Path(sounds[-1]).write_bytes(media.tone(300 + 90 * n, seconds))
    task = Ctc(("audio",), ("text",))
    rows = task.encode(processor, {"audio": sounds}, 0).features
    found = PlacedModel(Loaded(model, processor), choose_precision("fp32", use_cpu=True))
    together, _ = Predictor(task, found, 0).features(rows)
    assert found.by_length
    assert together == [Predictor(task, found, 0).features([row])[0][0] for row in rows]
