"""Tiny models that see or hear, and tiny images and sounds whose classes can be told apart."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from hub.models import files_of
from hub.server import Repo

RATE = 16_000
TODAY = {"librispeech_asr": "openslr/librispeech_asr", "timit_asr": "timit-asr/timit_asr"}
"""The names that the hub gives old data sets of speech today."""
WORDS = ("A RIVER", "OLD STONES", "THE ROAD", "IT RAINS")
ROWS = {"train": 8, "train.100": 8, "train.360": 8, "validation": 4, "test": 4}


def tone(
    pitch: float, seconds: float = 0.2, rate: int = RATE, channels: int = 1, form: str = "WAV"
) -> bytes:
    """Return the file of a sound of one pitch in Hertz."""
    import soundfile

    times = np.arange(round(seconds * rate)) / rate
    sound = 0.5 * np.sin(2 * np.pi * pitch * times).astype(np.float32)
    out = io.BytesIO()
    soundfile.write(out, np.stack([sound] * channels, axis=1), rate, format=form)
    return out.getvalue()


def picture(colour: str, size: tuple[int, int] = (20, 16), form: str = "PNG") -> bytes:
    """Return the file of an image of one colour."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


def wav2vec2(folder: Path, characters: str = "") -> Path:
    """Write a tiny wav2vec2: as it comes from pre-training, or with a CTC head for characters."""
    import torch
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2CTCTokenizer,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForCTC,
        Wav2Vec2ForPreTraining,
        Wav2Vec2Processor,
    )

    torch.manual_seed(0)
    config = Wav2Vec2Config(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        conv_dim=(8, 8, 8), conv_kernel=(10, 3, 3), conv_stride=(5, 4, 4),
        num_feat_extract_layers=3, num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2,
        codevector_dim=8, proj_codevector_dim=8, num_codevectors_per_group=4, mask_time_length=2,
        vocab_size=len(characters) + 3 if characters else 32, feat_extract_norm="layer",
        classifier_proj_size=8,
    )  # fmt: skip
    extractor = Wav2Vec2FeatureExtractor(sampling_rate=RATE, return_attention_mask=True)
    if not characters:
        Wav2Vec2ForPreTraining(config).save_pretrained(folder)
        extractor.save_pretrained(folder)
        return folder
    Wav2Vec2ForCTC(config).save_pretrained(folder)
    tokens = {token: n for n, token in enumerate(["<pad>", "<unk>", "|", *characters])}
    (folder / "vocab.json").write_text(json.dumps(tokens), encoding="utf-8")
    tokenizer = Wav2Vec2CTCTokenizer(
        str(folder / "vocab.json"), bos_token=None, eos_token=None, unk_token="<unk>",
        pad_token="<pad>", word_delimiter_token="|",
    )  # fmt: skip
    Wav2Vec2Processor(extractor, tokenizer).save_pretrained(folder)
    return folder


def vit(folder: Path, labels: tuple[str, ...] = ("cat", "dog", "fox")) -> Path:
    """Write a tiny ViT that was trained on images of 16 by 16."""
    import torch
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        image_size=16, patch_size=8, id2label=dict(enumerate(labels)),
        label2id={name: n for n, name in enumerate(labels)},
    )  # fmt: skip
    ViTForImageClassification(config).save_pretrained(folder)
    ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder)
    return folder


def speech_repositories() -> dict[str, Repo]:
    """Return sets of speech in the schemas of the real ones, by their present names."""
    libri = {"file": "string", "audio": RATE, "text": "string", "speaker_id": "int64",
             "chapter_id": "int64", "id": "string"}  # fmt: skip
    timit = {"file": "string", "audio": RATE, "text": "string", "dialect_region": "string",
             "sentence_type": "string", "speaker_id": "string", "id": "string"}  # fmt: skip
    return {
        TODAY["librispeech_asr"]: _repository(
            "clean", libri, ("train.100", "train.360", "validation", "test")
        ),
        TODAY["timit_asr"]: _repository("default", timit, ("train", "test")),
    }


def _repository(config: str, columns: dict[str, Any], splits: tuple[str, ...]) -> Repo:
    files = {f"{config}/{split}/0000.parquet": _speech(columns, ROWS[split]) for split in splits}
    parts = [{"split": split, "path": f"{config}/{split}/*.parquet"} for split in splits]
    card = {"configs": [{"config_name": config, "data_files": parts}]}
    files["README.md"] = f"---\n{json.dumps(card)}\n---\n# Tiny speech\n".encode()
    return Repo({"main": files}, card)


def _speech(columns: dict[str, Any], count: int) -> bytes:
    import datasets
    import pyarrow as pa
    import pyarrow.parquet as pq

    features = datasets.Features(
        {
            name: datasets.Audio(sampling_rate=kind) if kind == RATE else datasets.Value(kind)
            for name, kind in columns.items()
        }
    )
    rows = []
    for n in range(count):
        said = WORDS[n % len(WORDS)]
        seconds = 0.2 + 0.05 * (n % 3)
        values = {
            "audio": {"bytes": tone(200 + 100 * n, seconds, form="FLAC"), "path": f"{n}.flac"},
            "text": f'{said}, "{n % 2}"!',
        }
        plain = {name: n if kind == "int64" else f"{name}{n}" for name, kind in columns.items()}
        rows.append({**plain, **values})
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=features.arrow_schema), out)
    return out.getvalue()


def add_to(hub: Any, made: Path) -> None:
    """Put the models and the sets of speech onto a hub."""
    hub.repos["models"]["facebook/wav2vec2-base"] = Repo(
        {"main": files_of(wav2vec2(made / "wav2vec2"))}
    )
    hub.repos["datasets"].update(speech_repositories())
    hub.aliases["datasets"].update(TODAY)
