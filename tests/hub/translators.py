"""Tiny models that translate between languages: NLLB, mBART and mBART-50 with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
LETTERS = ["▁", *"abcdefghijklmnopqrstuvwxyz0123456789"]
SIZES = {
    "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16,
    "max_position_embeddings": 64, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2,
}  # fmt: skip


def nllb(folder: Path, **languages: str) -> Path:
    """Write a tiny NLLB of three languages."""
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    vocabulary = {token: n for n, token in enumerate([*SPECIAL, *LETTERS])}
    tokenizer = NllbTokenizer(
        vocabulary, [], extra_special_tokens=["eng_Latn", "fra_Latn", "deu_Latn"], **languages
    )
    config = M2M100Config(vocab_size=len(tokenizer), decoder_start_token_id=2, **SIZES)
    return _save(folder, M2M100ForConditionalGeneration, config, tokenizer)


def mbart(folder: Path, **languages: str) -> Path:
    """Write a tiny mBART, whose texts end with their language."""
    from transformers import MBartConfig, MBartForConditionalGeneration, MBartTokenizer

    tokenizer = MBartTokenizer([(token, 0.0) for token in (*SPECIAL, *LETTERS)], **languages)
    config = MBartConfig(vocab_size=len(tokenizer), **SIZES)
    return _save(folder, MBartForConditionalGeneration, config, tokenizer)


def mbart50(folder: Path, **languages: str) -> Path:
    """Write a tiny mBART-50, whose texts begin with their language."""
    from transformers import MBart50Tokenizer, MBartConfig, MBartForConditionalGeneration

    tokenizer = MBart50Tokenizer([(token, 0.0) for token in (*SPECIAL, *LETTERS)], **languages)
    config = MBartConfig(vocab_size=len(tokenizer), decoder_start_token_id=2, **SIZES)
    return _save(folder, MBartForConditionalGeneration, config, tokenizer)


def _save(folder: Path, kind: Any, config: Any, tokenizer: Any) -> Path:
    import torch

    torch.manual_seed(0)
    kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
