"""A tokenizer with more tokens than its model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub import models

Gft = Callable[..., Any]


def test_tokens_that_the_model_does_not_have(gft: Gft, tmp_path: Path) -> None:
    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    table = tmp_path / "rows.csv"
    table.write_text("label,text\n" + "no,good row\nyes,good [NEW] row\n" * 12)
    plain = tmp_path / "plain.csv"
    plain.write_text("label,text\n" + "no,good row\n")
    folder, fitted = models.bert(tmp_path / "model"), models.bert(tmp_path / "ready", ("no", "yes"))
    for place in (folder, fitted):
        tokenizer = AutoTokenizer.from_pretrained(place)
        tokenizer.add_tokens(["[NEW]"])
        tokenizer.save_pretrained(place)
    known = len(models.vocabulary())
    wrong = (
        f"a row has the token '[NEW]', number {known:,} of the tokenizer, and the model has "
        f"{known:,}; a gft_fit without --peft gives the model what it lacks"
    )
    equation = ("--eqn", "classify: label ~ text")
    ready = ("predict", "--model", f"C:{fitted}", *equation, "--data")
    assert gft(*ready, f"C:{plain}").status == 0
    ran = gft(*ready, f"C:{table}")
    assert (ran.status, ran.errors) == (2, [f"gft_predict: error: {wrong}"])

    out = tmp_path / "out"
    fit = ("fit", "--model", f"C:{folder}", "--data", f"C:{table}", *equation, "--output_dir", out,
           "--num_train_epochs", 1)  # fmt: skip
    ran = gft(*fit, "--peft", "lora")
    assert (ran.status, ran.errors) == (2, [f"gft_fit: error: {wrong}"])
    ran = gft(*fit)
    assert ran.status == 0, ran.err
    assert f"note: the tokenizer has {known + 1:,} tokens and the model {known:,}: " in ran.err
    assert json.loads((out / "config.json").read_text())["vocab_size"] == known + 1
    weights = load_file(out / "model.safetensors")
    assert len(weights["bert.embeddings.word_embeddings.weight"]) == known + 1
    ran = gft("predict", "--model", f"C:{out}", "--data", f"C:{table}", *equation)
    assert ran.status == 0, ran.err
