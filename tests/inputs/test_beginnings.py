"""Very long texts: what is cut before it is tokenized changes no token that is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from gft.inputs import beginnings as module
from gft.inputs.text import encode_texts


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("columns", [1, 2])
def test_the_tokens_are_those_of_the_whole(
    side: str, columns: int, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoTokenizer

    processor = AutoTokenizer.from_pretrained(tiny, truncation_side=side)
    texts = ["good film , bad film " * 400, "x" * 9000 + " good film", "short"]
    several = [texts, ["good " * 3000, "film", "film " * 2000]][:columns]
    whole = encode_texts(processor, several, 24)
    monkeypatch.setattr(module, "LONG", 500)
    cut = encode_texts(processor, several, 24)
    assert module.beginnings(processor, texts, 24)[0] != texts[0]
    assert cut.features == whole.features
    assert cut.lost[0] == pytest.approx(whole.lost[0], rel=0.02)
