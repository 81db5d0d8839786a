"""What linear models see of texts."""

from __future__ import annotations

from gft.baselines.features import Features


def test_text_without_blanks_is_read_by_characters() -> None:
    features = Features(["text"], 1000)
    features.fit({"text": ["这部电影很好看", "这部电影不好看,浪费时间", "good film"]})
    assert features.of_characters
    assert "characters" in features.what
    plain = Features(["text"], 1000)
    plain.fit({"text": ["a film of some length", "another one that is long"]})
    assert not plain.of_characters
