"""What a model is, for people."""

from __future__ import annotations

from dataclasses import replace

from gft.report.of_model import model_text
from gft.results.model_facts import ModelFacts

BARE = ModelFacts("C:m", None, None, None, (), "bert", None, None, None, None, None, (), (), (),
                  (), (), (), None, None, None)  # fmt: skip


def test_what_is_unknown_is_said_or_left_out() -> None:
    lines = model_text(BARE).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Model", "Architecture", "Parameters", "Layers", "Vocabulary", "Labels", "Can do",
        "Can be fitted to"]  # fmt: skip
    assert "Parameters:       unknown, size unknown" in lines
    assert "Can do:           no task of gft's yet: fit it first" in lines


def test_what_is_known() -> None:
    known = replace(BARE, repository="me/m", adapts="them/bert", parameters=1_200_000,
                    bytes=4_800_000, labels=("no", "yes"), tasks=("classify",),
                    fits=("classify", "regress"), downloads=1500, likes=0,
                    base_model=("them/bert",), license="mit", commit="abc")  # fmt: skip
    text = model_text(known)
    assert "C:m (me/m), an adapter for them/bert\n" in text
    assert "1,200,000, 4.8 MB\n" in text
    for line in ("Labels:           no and yes", "Licence:          mit", "Likes:            0",
                 "Downloads:        1,500 last month", "Commit:           abc"):  # fmt: skip
        assert line in text.splitlines()
