"""Tiny models that write digits: a BART and a GPT-2 with random weights, a token a character."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

TOKENS = ["<pad>", "<s>", "</s>", "<unk>", *"0123456789", "\n", " "]


def bart(folder: Path) -> Path:
    """Write a tiny BART, whose tokenizer ends each text."""
    from transformers import BartConfig, BartForConditionalGeneration

    config = BartConfig(
        vocab_size=len(TOKENS), d_model=64, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=128,
        decoder_ffn_dim=128, max_position_embeddings=32, pad_token_id=0, bos_token_id=1,
        eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=2, dropout=0.0,
    )  # fmt: skip
    return _save(folder, BartForConditionalGeneration, config, ends=True)


def gpt2(folder: Path) -> Path:
    """Write a tiny GPT-2, whose tokenizer puts nothing around a text."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=len(TOKENS), n_positions=32, n_embd=64, n_layer=2, n_head=4, bos_token_id=1,
        eos_token_id=2, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
    )  # fmt: skip
    return _save(folder, GPT2LMHeadModel, config, ends=False)


def reversals(folder: Path, rows: int = 1050) -> Path:
    """Write a data set of numbers of two or three digits and the same ones from the back."""
    generator = random.Random(0)
    numbers: set[str] = set()
    while len(numbers) < rows:
        numbers.add("".join(generator.choices("0123456789", k=generator.randint(2, 3))))
    texts = sorted(numbers)
    generator.shuffle(texts)
    parts = {"val": texts[:50], "test": texts[50:150], "train": texts[150:]}
    for split, chosen in parts.items():
        lines = ["source,target", *(f"{text},{text[::-1]}" for text in chosen)]
        (folder / f"back.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "back"


def _save(folder: Path, kind: Any, config: Any, ends: bool) -> Path:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.WordLevel({w: n for n, w in enumerate(TOKENS)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    core.decoder = decoders.Fuse()
    if ends:
        core.post_processor = processors.TemplateProcessing(
            single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]
        )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", bos_token="<s>", eos_token="</s>",
        unk_token="<unk>", model_max_length=64,
    )  # fmt: skip
    torch.manual_seed(0)
    kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
