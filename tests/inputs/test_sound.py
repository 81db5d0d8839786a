"""Sounds as a model takes them: one channel, its rate, its frames."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from gft.errors import UserError
from gft.inputs.images import check_image
from gft.inputs.sound import checked_duration, duration, frames_of, read_sound, samples_for
from gft.tasks.transcripts import as_text, cleaned, frames_needed, ignored, make_tokenizer
from hub import media


@pytest.mark.parametrize("form", ["wav", "flac"])
@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2), (8_000, 1)])
def test_one_channel_at_the_rate_of_the_model(
    tmp_path: Path, form: str, rate: int, channels: int
) -> None:
    file = tmp_path / f"x.{form}"
    file.write_bytes(media.tone(440, 0.5, rate, channels, form.upper()))
    assert duration(str(file)) == checked_duration(str(file)) == pytest.approx(0.5)
    sound = read_sound(str(file), 16_000)
    assert sound.dtype == np.float32
    assert len(sound) == 8_000
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8_000) / 16_000)
    assert np.abs(sound - expected)[200:-200].max() < 0.01
    part = read_sound(str(file), 16_000, begin=0.1, seconds=0.25)
    assert len(part) == pytest.approx(4_000, abs=1)
    assert np.abs(part - expected[1_600:5_600])[200:-200].max() < 0.01


def test_frames_are_those_of_the_model(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel

    folder = media.wav2vec2(tmp_path)
    model = AutoModel.from_pretrained(folder).eval()
    config = model.config.to_dict()
    for samples in (samples_for(1, config), samples_for(3, config), 2_000, 2_079, 2_080):
        with torch.no_grad():
            frames = model(torch.zeros(1, samples)).last_hidden_state.shape[1]
        assert frames_of(samples, config) == frames
    assert frames_of(samples_for(7, config), config) == 7
    assert frames_of(samples_for(7, config) - 1, config) == 6
    assert frames_of(100, {}) is None


def test_characters_to_ignore() -> None:
    assert ignored([', ? . ! - \\; \\: " “ % ‘ ” �']) == ',?.!-;:"“%‘”�'
    assert ignored([",", "?"]) == ",?"
    assert cleaned("  Well,  what? ", ",?", "") == "Well what"
    assert cleaned("Well - no", "-", "upper") == "WELL NO"
    assert cleaned("?!", "?!", "") is cleaned(None, "", "") is None


def test_a_new_vocabulary_spells_what_ctc_says() -> None:
    tokenizer = make_tokenizer(["see it", "a b"], "[UNK]", "[PAD]", "|")
    ids = tokenizer("see it").input_ids
    assert frames_needed(ids) == 7
    blank = tokenizer.pad_token_id
    spoken = [blank, ids[0], ids[0], ids[1], blank, ids[2], ids[3], ids[4], ids[5], ids[5], blank]
    assert as_text(spoken, tokenizer) == "see it"
    assert as_text([blank, blank], tokenizer) == ""
    with pytest.raises(
        UserError, match=r"the texts of train hold '\|', which stands for the space"
    ):
        make_tokenizer(["a|b"], "[UNK]", "[PAD]", "|")


def test_what_reads_files_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(
        UserError, match=r"reading sounds needs soundfile, .*pip install 'gft\[audio"
    ):
        duration("x.wav")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UserError, match=r"reading images needs Pillow: pip install 'gft\[images"):
        check_image("x.png")


@pytest.mark.parametrize("rate", [0, 1, 4_000_000_000, 2**31 - 1, 2**32 - 1])
def test_a_header_with_an_impossible_rate_is_refused_in_one_line(tmp_path: Path, rate: int) -> None:
    content = bytearray(media.tone(440, 0.5, 16_000, 1, "WAV"))
    content[24:28] = rate.to_bytes(4, "little")  # where a wav header has its rate
    file = tmp_path / "x.wav"
    file.write_bytes(content)
    for read in (lambda: duration(str(file)), lambda: read_sound(str(file), 16_000)):
        with pytest.raises(UserError, match=r"x\.wav") as caught:
            read()
        assert len(caught.value.messages) == 1
        assert "\n" not in caught.value.messages[0]


@pytest.mark.parametrize("rate", [-1, 1, 4_000_000_000])
def test_a_sound_in_memory_with_an_impossible_rate_is_refused(rate: int) -> None:
    cell = {"array": [0.0, 0.5] * 100, "sampling_rate": rate}
    with pytest.raises(UserError, match="sample rate"):
        read_sound(cell, 16_000)
