"""Classes of sounds: folders, sounds in the cells of a data set, long ones and short ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub import media

Gft = Callable[..., Any]
PITCHES = {"high": 3000, "low": 200}


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.wav2vec2(tmp_path_factory.mktemp("wav2vec2"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sounds of two rates, one of them in stereo: high/0.wav and so on, without splits."""
    place = tmp_path_factory.mktemp("sounds")
    for name, pitch in PITCHES.items():
        (place / name).mkdir()
        for n in range(12):
            form, rate, channels = (("flac", 16_000, 1), ("wav", 8_000, 2))[n % 2]
            file = media.tone(pitch + 10 * n, 0.2 + n / 100, rate, channels, form.upper())
            (place / name / f"{n}.{form}").write_bytes(file)
    return place


@pytest.fixture(scope="module")
def fitted(hearing: Path, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    out = tmp_path_factory.mktemp("fitted") / "out"
    gft.fit(model=f"C:{hearing}", data=f"C:{folder}", eqn="classify_audio: label ~ audio",
            splits="train,train,train", output_dir=str(out), num_train_epochs=8,
            learning_rate=1e-2, per_device_train_batch_size=6, freeze_feature_encoder=False,
            mask_time_prob=0.0, mask_feature_prob=0.0)  # fmt: skip
    return out


def test_high_and_low_tones_are_learned(fitted: Path, folder: Path, gft: Gft) -> None:
    measured = json.loads((fitted / "metrics.json").read_text())
    scores = measured["splits"]["test"]["metrics"]
    assert list(scores) == ["accuracy", "f1"]
    assert scores["accuracy"]["value"] > 0.9
    assert measured["audio_milliseconds_per_second"] > 0
    from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

    model = AutoModelForAudioClassification.from_pretrained(fitted)
    assert model.config.id2label == {0: "high", 1: "low"}
    assert model.config.mask_time_prob == 0.0
    assert AutoFeatureExtractor.from_pretrained(fitted).sampling_rate == 16_000

    ran = gft("predict", "--model", f"C:{fitted}", "--data", f"C:{folder}")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [row[:2] for row in rows[:2]] == [["high/0.flac", "high"], ["low/0.flac", "low"]]
    kept = json.loads(gft("eval", "--model", f"C:{fitted}", "--format", "json").out)
    right = sum(row[1] == row[2] for row in rows) / len(rows)
    assert kept["metrics"]["accuracy"]["value"] == pytest.approx(right)
    assert right == pytest.approx(scores["accuracy"]["value"])


def test_python_takes_sounds_themselves(fitted: Path, folder: Path) -> None:
    import io

    import numpy as np
    import soundfile

    import gft

    fit = gft.load(f"C:{fitted}")
    files = [folder / "high" / "2.flac", folder / "low" / "3.wav"]
    read = [soundfile.read(io.BytesIO(file.read_bytes())) for file in files]
    as_decoded = [{"array": sound, "sampling_rate": rate} for sound, rate in read]
    assert fit.predict(as_decoded) == fit.predict(files) == ["high", "low"]
    assert fit.predict([read[0][0].astype(np.float32)]) == ["high"]
    with pytest.raises(gft.UserError, match="row 2: expected a sound as an array of numbers"):
        fit.predict([read[0][0], np.array([1, 2])])


def test_a_data_set_with_sounds_in_its_cells(hearing: Path, tmp_path: Path) -> None:
    import datasets
    import pyarrow as pa

    import gft

    features = datasets.Features(
        {"audio": datasets.Audio(), "label": datasets.ClassLabel(names=["high", "low"])}
    )
    rows = [
        {"audio": {"bytes": media.tone(pitch), "path": f"{n}.wav"}, "label": n}
        for _ in range(4)
        for n, pitch in enumerate(PITCHES.values())
    ]
    table = pa.Table.from_pylist(rows, schema=features.arrow_schema)
    held = datasets.Dataset(table)
    assert held.features == features
    held.save_to_disk(str(tmp_path / "saved"))
    for n, data in enumerate([held, f"C:{tmp_path / 'saved'}"]):
        fit = gft.fit(model=f"C:{hearing}", data=data, output_dir=str(tmp_path / f"out{n}"),
                      eqn="classify_audio: label ~ audio", num_train_epochs=1)  # fmt: skip
        assert fit.task.labels == ("high", "low")
    found = gft.predict(model=f"C:{tmp_path / 'out0'}", data=f"C:{tmp_path / 'saved'}")
    assert len(found) == 8
    assert "file" in gft.summary(data=held)


def test_short_sounds_are_left_out_and_long_ones_cut(
    hearing: Path, gft: Gft, tmp_path: Path
) -> None:
    for name, seconds in (("a", 0.3), ("b", 0.05), ("c", 0.6)):
        for label, pitch in PITCHES.items():
            (tmp_path / "d" / label).mkdir(parents=True, exist_ok=True)
            (tmp_path / "d" / label / f"{name}.wav").write_bytes(media.tone(pitch, seconds))
    ran = gft("fit", "--model", f"C:{hearing}", "--data", f"C:{tmp_path / 'd'}", "--splits",
              "train,train,train", "--eqn", "classify_audio: label ~ audio", "--output_dir",
              tmp_path / "out", "--min_duration_in_seconds", 0.1, "--max_duration_in_seconds", 0.5,
              "--num_train_epochs", 1, "--chars_to_ignore", "x")  # fmt: skip
    assert ran.status == 0, ran.err
    assert "2 rows of train do not last 0.1 s or more and are left out" in ran.err
    told = "2 rows of train are longer than 0.5 s: a random part of so many seconds is used"
    assert told in ran.err
    assert "--chars_to_ignore belongs to ctc; it has no effect on classify_audio" in ran.err


def test_arguments_reach_the_model(hearing: Path, tiny: Path, folder: Path, gft: Gft) -> None:
    import gft as library

    words = {"data": f"C:{folder}", "eqn": "classify_audio: label ~ audio"}
    with pytest.raises(library.UserError) as caught:
        library.plan(model=f"C:{tiny}", layerdrop=0.1, freeze_feature_encoder=True, **words)
    assert "layerdrop: the configuration of a bert model has no layerdrop" in str(caught.value)
    assert "freeze_feature_encoder=True: the configuration of a bert model" in str(caught.value)
    fields = {"attention_dropout": 0.11, "hidden_dropout": 0.12, "activation_dropout": 0.13,
              "feat_proj_dropout": 0.14, "final_dropout": 0.15, "layerdrop": 0.16,
              "mask_time_prob": 0.17, "mask_time_length": 3, "mask_feature_prob": 0.18,
              "mask_feature_length": 4}  # fmt: skip
    from gft.functions.model_fields import freeze, with_settings
    from gft.language.program import Options
    from gft.request import ModelRequest

    config = json.loads((hearing / "config.json").read_text())
    assert with_settings(ModelRequest("any"), Options(fields), config).settings == fields
    from transformers import AutoModelForAudioClassification

    model = AutoModelForAudioClassification.from_pretrained(hearing)
    freeze(model, Options({"freeze_feature_encoder": True}))
    still = {name for name, weight in model.named_parameters() if not weight.requires_grad}
    assert still
    assert all("feature_extractor" in name for name in still)
