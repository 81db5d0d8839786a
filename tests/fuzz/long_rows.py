"""Rows of one very long line, for each task that reads texts: they end, in bounded memory."""

from __future__ import annotations

import io
import json
import random
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

from fuzz.materials import Call

WORDS = "good film , a bad day with marks "
HEADS = {
    "labels": "BertForSequenceClassification",
    "tokens": "BertForTokenClassification",
    "spans": "BertForQuestionAnswering",
}
_WINDOWS = "--model {labels} --task classify --windows"
TASKS: Mapping[str, tuple[str, str]] = {
    "fill_mask": ("--model {tiny} --task fill_mask", "{long} <mask> {long}"),
    "fill_mask, masks alone": ("--model {tiny} --task fill_mask", "{masks}"),
    "classify": ("--model {labels} --task classify", "{long}"),
    "classify, a pair": ("--model {labels} --task classify", "{long}|{long}"),
    "classify, one word": ("--model {labels} --task classify", "{word}"),
    "classify --windows": (_WINDOWS, "{long}"),
    "classify --max_windows 4": (f"{_WINDOWS} --max_windows 4", "{long}"),
    "classify --max_windows 4, a pair": (f"{_WINDOWS} --max_windows 4", "good|{long}"),
    "classify_spans, context": ("--model {spans} --task classify_spans", "who ?|{long}"),
    "classify_spans, question": ("--model {spans} --task classify_spans", "{long}|a film"),
    "classify_tokens": ("--model {tokens} --task classify_tokens", "{long}"),
    "classify_tokens, one word": ("--model {tokens} --task classify_tokens", "{word}"),
    "generate": ("--model {bart} --task generate --max_new_tokens 3", "{long}"),
    "generate, causal": ("--model {gpt} --task generate --max_new_tokens 3", "{long}"),
    "feature_extraction": ("--model {tiny} --task feature_extraction", "{long}"),
    "sentence_similarity": ("--model {tiny} --task sentence_similarity", "{long}|good film"),
    "zero_shot_classification": (
        "--model {labels} --task zero_shot_classification --labels good,bad", "{long}",
    ),
}  # fmt: skip
"""Words of `gft_predict`, and the row that it reads."""


def models(tiny: Path) -> dict[str, str]:
    """Return tiny models by the names that `TASKS` has for them, made beside `tiny`."""
    import torch
    import transformers

    from hub.models import bart

    home = tiny.parent / "models of long rows"
    found = {"tiny": f"C:{tiny}"}
    for name in (*HEADS, "bart", "gpt"):
        found[name] = f"C:{home / name}"
    if home.exists():
        return found
    for name, kind in HEADS.items():
        shutil.copytree(tiny, home / name)
        model = getattr(transformers, kind).from_pretrained(tiny)
        if name == "labels":
            model.config.id2label = {0: "contradiction", 1: "entailment"}
            model.config.label2id = {"contradiction": 0, "entailment": 1}
        model.save_pretrained(home / name)
    bart(home / "bart")
    shutil.copytree(home / "bart", home / "gpt")
    torch.manual_seed(0)
    size = json.loads((tiny / "config.json").read_text())["vocab_size"]
    config = transformers.GPT2Config(
        vocab_size=size, n_embd=32, n_layer=1, n_head=2, n_positions=128, bos_token_id=2,
        eos_token_id=3,
    )  # fmt: skip
    transformers.GPT2LMHeadModel(config).save_pretrained(home / "gpt")
    return found


def predicted(task: str, known: Mapping[str, str], size: int) -> Call:
    """Return a call of `gft_predict` for a task with a row of `size` characters."""
    from gft.commands.predict import predict_command
    from gft.commands.shell import run

    words, row = TASKS[task]
    texts = {
        "long": WORDS * (size // len(WORDS) // row.count("{long}") if "{long}" in row else 1),
        "word": "x" * size,
        "masks": "<mask> " * (size // 7),
    }
    line = row.format(**texts).encode() + b"\n"
    told = [word.format(**known) for word in words.split(" ")]

    def call() -> int:
        sys.stdin = SimpleNamespace(buffer=io.BytesIO(line))  # type: ignore[assignment]
        return run("predict", predict_command, told)

    return call


def long_row(tiny: Path, chance: random.Random, folder: Path, size: int = 300_000) -> Call:
    """One of the tasks, with a row of `size` characters."""
    return predicted(chance.choice(list(TASKS)), models(tiny), size)
