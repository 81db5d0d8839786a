"""Tiny models as the hub has them: a pre-trained BERT, one with a fitted head, a BART."""

from __future__ import annotations

import json
import string
from collections.abc import Iterable
from pathlib import Path

from hub.datasets import WORDS

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
MARKS = [f"mark{n}" for n in range(80)]


def vocabulary() -> list[str]:
    """Return a vocabulary that knows the words of the tiny data sets, and every ASCII letter."""
    letters = [*string.ascii_lowercase, *string.ascii_uppercase, *string.digits]
    return [*SPECIAL, *string.punctuation, *letters, *(f"##{one}" for one in letters), *WORDS,
            *MARKS, "row"]  # fmt: skip


def bert(folder: Path, labels: Iterable[str] = (), seed: int = 0, positions: int = 128) -> Path:
    """Write a tiny BERT: without labels as it comes from pre-training, else as a classifier."""
    import torch
    from transformers import (
        BertConfig,
        BertForPreTraining,
        BertForSequenceClassification,
        BertTokenizer,
    )

    names = list(labels)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary()), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=positions,
    )  # fmt: skip
    if names:
        config.id2label = dict(enumerate(names))
        config.label2id = {name: number for number, name in enumerate(names)}
    kind = BertForSequenceClassification if names else BertForPreTraining
    kind(config).save_pretrained(folder)
    vocab = folder / "vocab.txt"
    vocab.write_text("\n".join(vocabulary()) + "\n", encoding="utf-8")
    tokens = {token: number for number, token in enumerate(vocabulary())}
    BertTokenizer(vocab=tokens, do_lower_case=False).save_pretrained(folder)
    return folder


def bart(folder: Path) -> Path:
    """Write a tiny BART for sequence-to-sequence work, with BERT's tokenizer."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    bert(folder)
    (folder / "model.safetensors").unlink()
    torch.manual_seed(0)
    config = BartConfig(
        vocab_size=len(vocabulary()), d_model=32, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64,
        decoder_ffn_dim=64, max_position_embeddings=128, pad_token_id=0, bos_token_id=2,
        eos_token_id=3, decoder_start_token_id=3, forced_eos_token_id=3,
    )  # fmt: skip
    BartForConditionalGeneration(config).save_pretrained(folder)
    settings = folder / "tokenizer_config.json"
    changed = json.loads(settings.read_text())
    changed["eos_token"] = "[SEP]"
    settings.write_text(json.dumps(changed))
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
