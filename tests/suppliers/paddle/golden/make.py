"""Makes the folders here and `outputs.json`, where PaddleNLP is installed: `python make.py`.

Tiny models of each family and head as PaddleNLP saves them, what they answer to the same inputs,
and the numbers that its tokenizers give some texts.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy
import paddle
from paddlenlp import transformers

HERE = Path(__file__).parent
FAMILIES = {"bert": "Bert", "ernie": "Ernie", "ernie_gram": "ErnieGram", "skep": "Skep",
            "roberta": "Roberta", "tinybert": "TinyBert", "electra": "Electra",
            "bart": "Bart"}  # fmt: skip
HEADS = {
    "sequence": "ForSequenceClassification",
    "tokens": "ForTokenClassification",
    "spans": "ForQuestionAnswering",
}
VARIANTS: dict[str, dict[str, Any]] = {
    "ernie_sequence_task": {"use_task_id": True, "task_id": 2, "task_type_vocab_size": 3},
    "ernie_spans_untyped": {"type_vocab_size": 0},
    "ernie_tokens_single": {"num_labels": 1},
    "skep_sequence_gelu": {"hidden_act": "gelu"},
    "roberta_tokens_pairs": {"cls_token_id": 0, "pad_token_id": 1, "layer_norm_eps": 1e-5},
    "bert_sequence_pool": {"pool_act": "relu", "layer_norm_eps": 1e-5},
    "electra_sequence_relu": {"hidden_act": "relu", "embedding_size": 4},
    "bart_sequence_scale": {"scale_embedding": True},
}
ENCODER: dict[str, Any] = {
    "vocab_size": 32,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 24,
    "type_vocab_size": 2,
}
BART: dict[str, Any] = {
    "vocab_size": 32,
    "d_model": 8,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 12,
    "decoder_ffn_dim": 12,
    "max_position_embeddings": 24,
}
IDS = [[2, 8, 15, 3, 22, 31, 9, 3], [2, 11, 30, 27, 3, 0, 0, 0]]
MASK = [[1] * 8, [1] * 5 + [0] * 3]
TYPES = [[0, 0, 0, 0, 1, 1, 1, 1], [0] * 8]
TEXTS = ["The movie is good!", "badly MOVIES, rain", "我爱你 the qqq", " caf\u00e9  the-rain ", "",
         "the movie is good!", "badly, the rain"]  # fmt: skip
SPELT = TEXTS[-2:]
"""Those that the few byte pairs here can spell."""


def main() -> None:
    """Write every model, and what is expected of each."""
    models = {}
    for family, prefix in FAMILIES.items():
        for head, suffix in HEADS.items():
            if hasattr(transformers, prefix + suffix):
                models[f"{family}_{head}"] = make(family, head, f"{family}_{head}", {})
    for name, changes in VARIANTS.items():
        family, head = name.split("_")[:2]
        models[name] = make(family, head, name, changes)
    said = {"models": models, "tokenizers": tokenizers()}
    text = json.dumps(said, ensure_ascii=False).replace('], "', '],\n "').replace('}, "', '},\n"')
    (HERE / "outputs.json").write_text(text + "\n", encoding="utf-8")


def make(family: str, head: str, name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Write a model into the folder `name`; return inputs and what it makes of them."""
    paddle.seed(7)
    fields = {**(BART if family == "bart" else ENCODER), **changes}
    if family in ("electra", "ernie_gram"):
        fields.setdefault("embedding_size", 8)
    if family == "tinybert":
        fields["fit_size"] = 8  # of what it learns from a teacher with, which is of no use here
    if head != "spans":
        fields.setdefault("num_labels", 3)
    prefix = FAMILIES[family]
    config = getattr(transformers, f"{prefix}Config")(**fields)
    model = getattr(transformers, prefix + HEADS[head])(config)
    model.eval()
    random = numpy.random.RandomState(3)
    for weight in model.parameters():
        if weight.ndim == 1:  # Biases are 0 at first and norms 1: nobody would miss them.
            noise = random.normal(0, 0.1, weight.shape)
            weight.set_value((weight.numpy() + noise).astype("float32"))
        else:
            weight.set_value((weight.numpy() * 8).astype("float32"))
    model.save_pretrained(str(HERE / name))
    ids, mask = numpy.array(IDS), numpy.array(MASK)
    if family == "bart":
        ids = numpy.where(ids == 2, 0, numpy.where(ids == 3, 2, ids))
        ids[0, 3] = 4  # BART's classifier wants one end in each row.
    inputs = {"input_ids": numpy.where(mask == 0, config.pad_token_id, ids), "attention_mask": mask}
    if family != "bart" and fields["type_vocab_size"]:
        inputs["token_type_ids"] = numpy.array(TYPES)
    with paddle.no_grad():
        found = model(**{key: paddle.to_tensor(value) for key, value in inputs.items()})
    found = list(found[:2]) if head == "spans" else [found]
    rounded = [numpy.round(one.numpy().astype("float64"), 7).tolist() for one in found]
    return {**{key: value.tolist() for key, value in inputs.items()}, "outputs": rounded}


def tokenizers() -> dict[str, Any]:
    """Return what each of PaddleNLP's tokenizers makes of the texts, alone and as a pair."""
    pieces = {"vocab_file": str(HERE / "vocab.txt")}
    pairs = {"vocab_file": str(HERE / "vocab.json"), "merges_file": str(HERE / "merges.txt")}
    made = {
        "BertTokenizer": transformers.BertTokenizer(**pieces),
        "BertTokenizer, cased": transformers.BertTokenizer(**pieces, do_lower_case=False),
        "ErnieTokenizer": transformers.ErnieTokenizer(**pieces),
        "ErnieGramTokenizer": transformers.ErnieGramTokenizer(**pieces),
        "SkepTokenizer": transformers.SkepTokenizer(**pieces),
        "TinyBertTokenizer": transformers.TinyBertTokenizer(**pieces),
        "ElectraTokenizer": transformers.ElectraTokenizer(**pieces),
        "RobertaBPETokenizer": transformers.RobertaBPETokenizer(**pairs),
        "BartTokenizer": transformers.BartTokenizer(**pairs),
    }
    said = {}
    for name, one in made.items():
        texts = SPELT if "merges_file" in one.resource_files_names else TEXTS
        alone = [one(text)["input_ids"] for text in texts]
        pair = one(SPELT[0], SPELT[1])["input_ids"]
        said[name] = {"texts": texts, "alone": alone, "pair": pair}
    return said


if __name__ == "__main__":
    for old in HERE.glob("*/model_state.pdparams"):
        shutil.rmtree(old.parent)
    main()
