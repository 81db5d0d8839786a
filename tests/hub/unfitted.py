"""Tiny untrained models for the tasks that only predict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hub.models import bert, vocabulary

TEXTS = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
}  # fmt: skip
IMAGES = {**TEXTS, "image_size": 32, "patch_size": 8}
SQUARE = {"height": 32, "width": 32}


def nli(folder: Path) -> Path:
    """Write a BERT that says whether one text follows from another."""
    return bert(folder, ("entailment", "neutral", "contradiction"))


def tapas(folder: Path) -> Path:
    """Write a TAPAS, which reads tables."""
    from transformers import TapasConfig, TapasForQuestionAnswering, TapasTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    kinds = {0: "NONE", 1: "SUM", 2: "AVERAGE", 3: "COUNT"}
    config = TapasConfig(
        vocab_size=len(vocabulary()), num_aggregation_labels=4, aggregation_labels=kinds, **TEXTS
    )
    _seeded(lambda: TapasForQuestionAnswering(config)).save_pretrained(folder)
    words = folder / "vocab.txt"
    words.write_text("\n".join(vocabulary()) + "\n", encoding="utf-8")
    TapasTokenizer(str(words)).save_pretrained(folder)
    return folder


def yolos(folder: Path) -> Path:
    """Write a YOLOS that finds many cats, or dogs, in any image."""
    from transformers import YolosConfig, YolosForObjectDetection, YolosImageProcessor

    config = YolosConfig(num_detection_tokens=4, **{**IMAGES, "image_size": [32, 32]})
    config.id2label = {0: "cat", 1: "dog"}
    model = _seeded(lambda: YolosForObjectDetection(config))
    last = model.class_labels_classifier.layers[-1]
    last.bias.data[:] = last.bias.new_tensor([1.0, 4.0, 0.0])
    model.save_pretrained(folder)
    YolosImageProcessor(size={"shortest_edge": 32, "longest_edge": 32}).save_pretrained(folder)
    return folder


def segformer(folder: Path) -> Path:
    """Write a SegFormer with three kinds of pixels."""
    from transformers import (
        SegformerConfig,
        SegformerForSemanticSegmentation,
        SegformerImageProcessor,
    )

    config = SegformerConfig(
        num_encoder_blocks=2, depths=[1, 1], sr_ratios=[2, 1], hidden_sizes=[8, 16],
        patch_sizes=[7, 3], strides=[4, 2], num_attention_heads=[1, 2], mlp_ratios=[2, 2],
        decoder_hidden_size=8, id2label={0: "sky", 1: "sea", 2: "sand"},
    )  # fmt: skip
    _seeded(lambda: SegformerForSemanticSegmentation(config)).save_pretrained(folder)
    SegformerImageProcessor(size=SQUARE).save_pretrained(folder)
    return folder


def captioner(folder: Path) -> Path:
    """Write an encoder of images with a decoder of texts, whose processor is in two parts."""
    from transformers import (
        BertConfig,
        GenerationConfig,
        VisionEncoderDecoderConfig,
        VisionEncoderDecoderModel,
        ViTConfig,
        ViTImageProcessor,
    )

    bert(folder)
    (folder / "model.safetensors").unlink()
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        ViTConfig(**IMAGES),
        BertConfig(
            vocab_size=len(vocabulary()), is_decoder=True, add_cross_attention=True, **TEXTS
        ),
    )
    starts = {"decoder_start_token_id": 2, "pad_token_id": 0, "eos_token_id": 3}
    for name, token in starts.items():
        setattr(config, name, token)
    model = _seeded(lambda: VisionEncoderDecoderModel(config))
    model.generation_config = GenerationConfig(**starts)
    model.save_pretrained(folder)
    ViTImageProcessor(size=SQUARE).save_pretrained(folder)
    return folder


def clip(folder: Path) -> Path:
    """Write a CLIP, which compares images with texts."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    bert(folder)
    (folder / "model.safetensors").unlink()
    words = {"vocab_size": len(vocabulary()), "bos_token_id": 2, "eos_token_id": 3}
    config = CLIPConfig(
        text_config={**TEXTS, **words, "pad_token_id": 0}, vision_config=IMAGES, projection_dim=16
    )
    _seeded(lambda: CLIPModel(config)).save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SQUARE).save_pretrained(folder)
    return folder


def vits(folder: Path) -> Path:
    """Write a VITS, which speaks; at 16 kHz, a few hundredths of a second a text."""
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    config = VitsConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=16,
        flow_size=16, spectrogram_bins=9, upsample_initial_channel=16, upsample_rates=[4, 4],
        upsample_kernel_sizes=[8, 8], resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3]],
        prior_encoder_num_flows=1, prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1, duration_predictor_num_flows=1,
        depth_separable_num_layers=1, wavenet_dilation_rate=1,
    )  # fmt: skip
    _seeded(lambda: VitsModel(config)).save_pretrained(folder)
    letters = folder / "letters.json"
    letters.write_text(json.dumps({letter: n for n, letter in enumerate("_ " + ALPHABET)}))
    VitsTokenizer(
        str(letters), pad_token="_", unk_token="_", phonemize=False, is_uroman=False
    ).save_pretrained(folder)
    return folder


ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def _seeded(make: Any) -> Any:
    import torch

    torch.manual_seed(0)
    return make()
