"""Speech recognition: what a user says, and what comes out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub import media

Gft = Callable[..., Any]


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny wav2vec2 that came from pre-training."""
    return media.wav2vec2(tmp_path_factory.mktemp("wav2vec2"))


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny wav2vec2 with a CTC head for upper-case letters."""
    return media.wav2vec2(tmp_path_factory.mktemp("ctc"), "ABCDEHINORSTUV'")


def sounds(folder: Path, texts: dict[str, str], split: str = "train") -> Path:
    """Write texts by the name of their sound as a csv, with sounds of 0.3 seconds."""
    folder.mkdir(exist_ok=True)
    for n, name in enumerate(texts):
        file = folder / name
        if not file.exists():
            file.write_bytes(media.tone(300 + 50 * n, 0.3, form=file.suffix[1:].upper()))
    lines = [f'{name},"{text}"' for name, text in texts.items()]
    (folder / f"said.{split}").write_text("\n".join(["file,text", *lines]) + "\n", "utf-8")
    return folder / "said"


def test_predict_and_eval_of_a_fitted_model(
    hearing: Path, gft: Gft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gft as library

    data = sounds(tmp_path / "d", {f"{n}.wav": "one, two" for n in range(6)})
    sounds(tmp_path / "d", {"0.wav": "Two", "5.wav": "", "a b.flac": "one one"}, "test")
    out = tmp_path / "out"
    ran = gft("fit", "--model", f"C:{hearing}", "--data", f"C:{data}", "--eqn", "ctc: text ~ file",
              "--chars_to_ignore", ",", "--output_dir", out, "--num_train_epochs", 1)  # fmt: skip
    assert ran.status == 0, ran.err
    assert "left out of test: 1 row without a label" in ran.err
    kept = json.loads((out / "gft.json").read_text())["task"]
    assert (kept["inputs"], kept["outputs"], kept["ignore"]) == (["file"], ["text"], ",")

    ran = gft("predict", "--model", f"C:{out}", "--data", f"C:{data}", "--split", "test")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [row[:2] for row in rows[::2]] == [["0.wav", "Two"], ["a b.flac", "one one"]], ran.err
    name = tmp_path / "d" / "a b.flac"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{name}\n".encode())))
    ran = gft("predict", "--model", f"C:{out}")
    assert ran.out == f"{name}\t{rows[2][2]}\n"
    assert library.load(f"C:{out}").predict([name]) == [rows[2][2]]

    ran = gft("eval", "--model", f"C:{out}", "--format", "json")
    scores = json.loads(ran.out)["metrics"]
    final = json.loads((out / "metrics.json").read_text())["splits"]["test"]["metrics"]
    assert scores["wer"]["value"] == pytest.approx(final["wer"]["value"])
    ran = gft("cat_data", "--data", f"C:{data}", "--split", "test")
    assert ran.out.splitlines()[0] == "file|0.wav\ttext|Two"
    ran = gft("predict", "--model", f"C:{out}", "--data", "C:nowhere.csv")
    assert ran.status == 2


def test_a_model_with_a_vocabulary_keeps_it(speaking: Path, gft: Gft, tmp_path: Path) -> None:
    texts = {f"{n}.wav": "it's on, bad zoo" for n in range(4)}
    data = sounds(tmp_path / "d", texts)
    out = tmp_path / "out"
    ran = gft("fit", "--model", f"C:{speaking}", "--data", f"C:{data}", "--eqn", "ctc: text ~ file",
              "--splits", "train,train,train", "--output_dir", out, "--num_train_epochs", 1,
              "--learning_rate", 0)  # fmt: skip
    assert ran.status == 0, ran.err
    assert "the model's vocabulary is upper-case only, so texts are converted" in ran.err
    assert "12.5% of the characters of train are not in the model's vocabulary (, and Z)" in ran.err
    from safetensors.torch import load_file

    before, after = (load_file(place / "model.safetensors") for place in (speaking, out))
    assert (before["lm_head.weight"] == after["lm_head.weight"]).all()
    ran = gft("eval", "--model", f"C:{speaking}", "--data", f"C:{data}", "--eqn",
              "ctc: text ~ file", "--split", "train", "--format", "json")  # fmt: skip
    same = json.loads((out / "metrics.json").read_text())["splits"]["test"]["metrics"]["wer"]
    assert json.loads(ran.out)["metrics"]["wer"]["value"] == pytest.approx(same["value"]), ran.err


def test_rows_that_cannot_be_learned_are_left_out(hearing: Path, gft: Gft, tmp_path: Path) -> None:
    texts = {f"{n}.wav": "ab" for n in range(8)} | {"10.wav": "too long " * 20}
    place = tmp_path / "d"
    place.mkdir()
    (place / "1.wav").write_bytes(media.tone(300, 0.1))
    (place / "2.wav").write_bytes(media.tone(300, 2.0))
    (place / "3.wav").write_bytes(b"RIFF, but no sound")
    flac = media.tone(300, 2.0, form="FLAC")
    (place / "4.flac").write_bytes(flac[: len(flac) // 2])
    data = sounds(place, texts | {"4.flac": "ab"})
    (place / "7.wav").unlink()
    out = tmp_path / "out"
    ran = gft("fit", "--model", f"C:{hearing}", "--data", f"C:{data}", "--eqn", "ctc: text ~ file",
              "--splits", "train,train,train", "--min_duration_in_seconds", 0.2,
              "--output_dir", out, "--max_duration_in_seconds", 1,
              "--num_train_epochs", 1)  # fmt: skip
    assert ran.status == 0, ran.err
    assert (
        "3 of the 10 files of train cannot be read, so their rows are left out: row 4: " in ran.err
    )
    assert "3.wav is damaged, or not a sound that libsndfile can read" in ran.err
    assert f"row 8: no file {place}/7.wav" in ran.err
    assert "2 rows of train do not last 0.2 to 1 s and are left out" in ran.err
    assert "1 rows of train have texts too long for their sounds and are left out" in ran.err
    assert json.loads((out / "gft.json").read_text())["data"]["rows"]["train"] == 4


def test_a_sound_has_the_same_frames_alone_and_among_longer_ones(speaking: Path) -> None:
    import numpy as np
    import torch
    from transformers import AutoProcessor, Wav2Vec2ForCTC

    from gft.tasks.ctc import Ctc

    config = json.loads((speaking / "config.json").read_text())
    task = Ctc.of_model(config, None)
    assert task is not None
    processor = AutoProcessor.from_pretrained(speaking)
    model = Wav2Vec2ForCTC.from_pretrained(speaking).eval()
    sounds = [np.zeros(n, np.float32) for n in (2000, 2041, 2399, 3120, 4800, 7999)]
    rows = {"audio": [{"array": one, "sampling_rate": 16_000} for one in sounds]}
    features = task.encode(processor, rows, 0).features

    def frames(chosen: list[Any]) -> list[int]:
        batch = task.collate(processor, chosen)
        with torch.inference_mode():
            assert task is not None
            found, _ = task.decode(task.run(model, batch), chosen)
        return [len(one) for one in found]

    alone = [frames([one])[0] for one in features]
    assert len(set(alone)) > 3
    assert frames(features) == alone
    task = Ctc.restore(json.loads(json.dumps(task.saved())))
    assert frames(features) == alone
