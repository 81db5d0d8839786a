"""A process of its own for the real clients: they read their environment when imported.

It reads one request a line on standard input, `[name, arguments]`, and writes one answer: what
the function returned, the error it raised, and what stood on standard error.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any


def data(spec: str, **given: Any) -> dict[str, Any]:
    from gft.language.program import Options
    from gft.suppliers.hub.supplier import HuggingFace
    from gft.suppliers.installed import parse

    found = HuggingFace().data(parse(spec), Options(given))
    return {
        "name": found.name,
        "origin": found.origin,
        "splits": {name: len(rows) for name, rows in found.splits.items()},
        "columns": {name: str(column) for name, column in found.columns.items()},
        "classes": {n: c.classes for n, c in found.columns.items() if c.classes},
        "first": {name: rows.column(rows.table.column_names[0])[0]
                  for name, rows in found.splits.items()},
    }  # fmt: skip


def _source(spec: str, given: dict[str, Any]) -> Any:
    from gft.language.program import Options
    from gft.suppliers.files import LocalFiles
    from gft.suppliers.hub.supplier import HuggingFace
    from gft.suppliers.installed import parse
    from gft.suppliers.transformers_model import TransformersSource

    parsed = parse(spec)
    if parsed.supplier == "C":
        files = LocalFiles(Path(parsed.key), {"supplier": "C"})
        return TransformersSource(parsed, files, Options(given))
    return HuggingFace().model(parsed, Options(given))


def model(spec: str, **given: Any) -> dict[str, Any]:
    source = _source(spec, given)
    return {
        "config": dict(source.config),
        "origin": dict(source.origin),
        "bytes": source.weight_bytes(),
        "card": source.card(),
        "light": "torch" not in sys.modules or "transformers" in sys.modules,
    }


def load(
    spec: str,
    request: dict[str, Any],
    head: str = "sequence-classification",
    write: str | None = None,
    seed: int = 1,
    **given: Any,
) -> dict[str, Any]:
    import torch

    from gft.request import ModelRequest

    source = _source(spec, given)
    torch.manual_seed(seed)
    loaded = source.load(ModelRequest(head, **request))
    batch = source.processor()(["a good film", "bad"], padding=True, return_tensors="pt")
    with torch.no_grad():
        logits = loaded.model.eval()(**batch)["logits"]
    if write:
        Path(write).mkdir(exist_ok=True)
        source.write(loaded, Path(write))
    return {
        "new": loaded.new_weights,
        "logits": list(logits.shape),
        "labels": list(loaded.model.config.id2label.values()),
        "pad": [loaded.processor.pad_token, loaded.model.config.pad_token_id],
        "dtype": str(logits.dtype),
        "weights": {
            name: hashlib.sha1(weight.detach().numpy().tobytes()).hexdigest()[:8]
            for name, weight in loaded.model.named_parameters()
        },
    }


def make_models(folder: str, kinds: list[str]) -> list[str]:
    """Write tiny models of these kinds, each with the head it was pre-trained with or none."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import CONFIG_MAPPING, AutoModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "the", "good", "bad", "film", "is"]
    vocabulary = {word: number for number, word in enumerate(words)}
    small = {"vocab_size": len(words), "hidden_size": 16, "num_hidden_layers": 2,
             "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64,
             "pad_token_id": 0}  # fmt: skip
    shapes = {
        "distilbert": {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32},
        "gpt2": {"n_embd": 16, "n_layer": 2, "n_head": 2, "pad_token_id": None, "eos_token_id": 3},
        "bart": {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "eos_token_id": 3,
                 "encoder_attention_heads": 2, "decoder_attention_heads": 2,
                 "encoder_ffn_dim": 32, "decoder_ffn_dim": 32},
        "electra": {"embedding_size": 16},
        "albert": {"embedding_size": 16},
    }  # fmt: skip
    for kind in kinds:
        fields = {**small, **shapes.get(kind, {})}
        if kind == "distilbert":
            fields = {k: v for k, v in fields.items() if not k.startswith("num_")}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        special = {"unk_token": "[UNK]", "eos_token": "[SEP]"}
        if kind != "gpt2":
            special |= {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
        wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)
        if kind == "bart":
            tokenizer.post_processor = None
            from tokenizers.processors import TemplateProcessing

            wrapped.backend_tokenizer.post_processor = TemplateProcessing(
                single="$A [SEP]", special_tokens=[("[SEP]", 3)]
            )
        home = Path(folder) / kind
        AutoModel.from_config(CONFIG_MAPPING[kind](**fields)).save_pretrained(home)
        wrapped.save_pretrained(home)
    return sorted(path.name for path in (Path(folder) / kinds[0]).iterdir())


def make_parquet(path: str, rows: int, classes: list[str], column: str = "text") -> None:
    """Write rows of a text and a class, as `datasets` writes them."""
    import datasets

    features = datasets.Features(
        {column: datasets.Value("string"), "label": datasets.ClassLabel(names=classes)}
    )
    cells = {
        column: [f"{Path(path).stem} {n}" for n in range(rows)],
        "label": [n % len(classes) for n in range(rows)],
    }
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    datasets.Dataset.from_dict(cells, features=features).to_parquet(path)


def patience(seconds: float) -> None:
    """Set how long an answer may come too slowly."""
    from gft.suppliers.hub import slow

    slow.SECONDS = seconds


def hurry() -> None:
    """Let the clients wait a hundredth of what they would before they ask again."""
    import time
    from types import SimpleNamespace

    from huggingface_hub.utils import _http

    _http.time = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / 100))


def modules() -> list[str]:
    """Return which heavy modules a bare import of the supplier brings."""
    import gft.suppliers.hub.supplier  # noqa: F401

    heavy = ("torch", "transformers", "datasets", "huggingface_hub", "pyarrow")
    return [name for name in heavy if name in sys.modules]


def main() -> None:
    """Answer requests until standard input ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        name, given = json.loads(line)
        answer: dict[str, Any] = {}
        with tempfile.TemporaryFile("w+") as told:
            kept = os.dup(2)
            os.dup2(told.fileno(), 2)
            try:
                answer["result"] = globals()[name](**given)
            except Exception as problem:
                answer["error"] = str(problem)
                answer["kind"] = type(problem).__name__
                answer["status"] = getattr(problem, "status", None)
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            told.seek(0)
            answer["stderr"] = told.read()
        out.write(json.dumps(answer, default=str) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
