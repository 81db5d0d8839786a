"""Tiny decoders as the hub has them: a GPT-2, a Llama and a Qwen2, with tokenizers like theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.models import vocabulary

END = "<|endoftext|>"


def gpt2(folder: Path) -> Path:
    """Write a tiny GPT-2: bytes for tokens, one special token, no padding, no separator."""
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    tokens = _bytes()
    tokenizer = GPT2Tokenizer(vocab=tokens, merges=[], model_max_length=64)
    config = GPT2Config(
        vocab_size=len(tokens), n_embd=32, n_layer=2, n_head=2, n_positions=64,
        bos_token_id=tokens[END], eos_token_id=tokens[END],
    )  # fmt: skip
    return _save(folder, GPT2LMHeadModel, config, tokenizer)


def qwen2(folder: Path) -> Path:
    """Write a tiny Qwen2: bytes for tokens, padding of its own, nothing put around a text."""
    from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

    tokens = _bytes()
    tokenizer = Qwen2Tokenizer(
        vocab=tokens, merges=[], unk_token=None, pad_token=END, eos_token=END, model_max_length=64
    )
    config = Qwen2Config(
        vocab_size=len(tokens), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, intermediate_size=64, max_position_embeddings=64,
    )  # fmt: skip
    return _save(folder, Qwen2ForCausalLM, config, tokenizer)


def llama(folder: Path) -> Path:
    """Write a tiny Llama: its tokenizer begins each text, pads on the left and with nothing."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = ["<unk>", "<s>", "</s>", *vocabulary()]
    core = Tokenizer(models.WordLevel({w: n for n, w in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        padding_side="left", model_max_length=64,
        model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip
    config = LlamaConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, pad_token_id=0,
    )  # fmt: skip
    return _save(folder, LlamaForCausalLM, config, tokenizer)


KINDS = {"gpt2": gpt2, "qwen2": qwen2, "llama": llama}


def _bytes() -> dict[str, int]:
    from tokenizers.pre_tokenizers import ByteLevel

    return {one: n for n, one in enumerate([END, *sorted(ByteLevel.alphabet())])}


def _save(folder: Path, kind: Any, config: Any, tokenizer: Any) -> Path:
    import torch

    torch.manual_seed(0)
    kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
