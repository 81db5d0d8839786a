"""PaddleNLP's configurations: its families of models, and its dialect of `config.json`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gft.errors import UserError, listed
from gft.suppliers.heads import ACTIVATIONS

SUFFIXES = {
    "sequence-classification": "ForSequenceClassification",
    "token-classification": "ForTokenClassification",
    "question-answering": "ForQuestionAnswering",
}
"""What a class is called under a head, in PaddleNLP as in `transformers`."""

_ENCODER: Mapping[str, Any] = {
    "vocab_size": 30522,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "max_position_embeddings": 512,
    "type_vocab_size": 16,
    "initializer_range": 0.02,
    "pad_token_id": 0,
    "layer_norm_eps": 1e-12,
    "classifier_dropout": None,
}
_BART: Mapping[str, Any] = {
    "vocab_size": 50265,
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
    "forced_eos_token_id": 2,
    "decoder_start_token_id": 2,
    "d_model": 768,
    "encoder_layers": 6,
    "decoder_layers": 6,
    "encoder_attention_heads": 12,
    "decoder_attention_heads": 12,
    "encoder_ffn_dim": 3072,
    "decoder_ffn_dim": 3072,
    "dropout": 0.1,
    "activation_function": "gelu",
    "attention_dropout": 0.1,
    "activation_dropout": 0.1,
    "classifier_dropout": None,
    "max_position_embeddings": 1024,
    "init_std": 0.02,
    "scale_embedding": False,
}
_ERNIE: Mapping[str, Any] = {**_ENCODER, "task_type_vocab_size": 3, "use_task_id": False}
_GRAM: Mapping[str, Any] = {**_ENCODER, "vocab_size": 18018, "type_vocab_size": 2}
_SKEP: Mapping[str, Any] = {
    **_ENCODER,
    "vocab_size": 12800,
    "hidden_size": 1024,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "intermediate_size": 4096,
    "hidden_act": "relu",
    "type_vocab_size": 4,
}
_ROBERTA: Mapping[str, Any] = {**_ENCODER, "vocab_size": 21128}
_ELECTRA: Mapping[str, Any] = {
    **_ENCODER,
    "vocab_size": 22608,
    "type_vocab_size": 2,
    "embedding_size": 768,
}
_OF_PADDLE = ("pool_act", "task_id", "embedding_size", "cls_token_id")
"""Fields that say how Paddle computes and that not every family's class in transformers has."""
PADDED = "padding_is_embedded"
"""Our field in Paddle's `config.json`: the padding's embedding is not 0, though Paddle takes 0."""
_OTHER_NAMES = {
    "num_classes": "num_labels",
    "num_encoder_layers": "encoder_layers",
    "num_decoder_layers": "decoder_layers",
    "emb_size": "embedding_size",
    "dropout": "classifier_dropout",
}


@dataclass(frozen=True)
class Family:
    """One of PaddleNLP's families: its name there, its classes' prefix, transformers' name of it.

    `heads` are those that PaddleNLP has a class for; `eps` is of its layer norms where the
    configuration has no say; `tokenizer` its tokenizer's class. With `bare_padding` the padding
    token's embedding is 0, whatever the weights say.
    """

    name: str
    prefix: str
    kind: str
    tokenizer: str
    heads: tuple[str, ...] = tuple(SUFFIXES)
    eps: float | None = None
    defaults: Mapping[str, Any] = field(default_factory=lambda: _ENCODER)
    bare_padding: bool = False

    @property
    def kind_prefix(self) -> str:
        """The prefix of the classes in transformers."""
        return self.kind.capitalize()


_SEQUENCE, _TOKENS, _SPANS = SUFFIXES
_EVERY = tuple(SUFFIXES)
FAMILIES = {
    family.name: family
    for family in (
        Family("bert", "Bert", "bert", "BertTokenizer"),
        Family("ernie", "Ernie", "ernie", "ErnieTokenizer", _EVERY, 1e-12, _ERNIE, True),
        Family("ernie_gram", "ErnieGram", "ernie", "ErnieGramTokenizer", _EVERY, 1e-5, _GRAM, True),
        Family("skep", "Skep", "ernie", "SkepTokenizer", (_SEQUENCE, _TOKENS), 1e-5, _SKEP, True),
        Family("roberta", "Roberta", "roberta", "BertTokenizer", _EVERY, None, _ROBERTA, True),
        Family("tinybert", "TinyBert", "bert", "TinyBertTokenizer", (_SEQUENCE, _SPANS)),
        Family("electra", "Electra", "electra", "ElectraTokenizer", _EVERY, None, _ELECTRA),
        Family("bart", "Bart", "bart", "BartTokenizer", (_SEQUENCE, _SPANS), None, _BART),
    )
}
_OF_CLASS = {
    **{family.prefix: family.name for family in FAMILIES.values()},
    "UIE": "ernie",
    "UTC": "ernie",
    "ErnieHealth": "electra",
}


def flattened(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with its fields on one level, and today's names for them.

    The older `model_config.json` nests the arguments of its classes: `init_args` holds those
    of the model that `init_class` is made around, and after it perhaps the number of classes.
    """
    flat: dict[str, Any] = {}
    for argument in config.get("init_args") or ():
        if isinstance(argument, Mapping):
            flat.update(flattened(argument))
        elif isinstance(argument, int):
            flat["num_labels"] = argument
    own = {name: value for name, value in config.items() if name != "init_args"}
    # BART's own dropout has the name that others have for that before their classifier.
    of_bart = "d_model" in own or "d_model" in flat
    for name, value in own.items():
        keeps = name == "dropout" and of_bart
        flat[name if keeps else _OTHER_NAMES.get(name, name)] = value
    return flat


def architecture(config: Mapping[str, Any]) -> str:
    """Return the class that a flattened configuration was saved from, '' when it says none."""
    named = config.get("init_class") or (config.get("architectures") or [""])[0]
    return str(named or "")


def family_of(config: Mapping[str, Any], model: str) -> Family:
    """Return the family of a flattened configuration. Raises `UserError` for any other."""
    kind = str(config.get("model_type") or "").replace("-", "_")
    made = architecture(config)
    if not kind:
        word = re.match(r"(.*?)(?=Model|For|Pretrained|Cross|Dual|Discrim|Gener|Encoder|$)", made)
        named = word[1] if word else made
        kind = _OF_CLASS.get(named, named)
    if "ForGeneration" in made:
        kind = made
    family = FAMILIES.get(kind)
    if family is None:
        said = f"the family {kind}" if kind else "no family that its configuration names"
        raise UserError(
            f"{model} is of {said}; of PaddleNLP's families gft reads {listed(FAMILIES)}"
            + (f"; {why}" if (why := UNREADABLE.get(kind)) else "")
        )
    if config.get("rel_pos_size"):
        raise UserError(f"{model} has relative positions, which transformers' ERNIE has not")
    return family


UNREADABLE = {
    "ernie_gen": "it only generates text, with a decoding of its own",
    "ErnieForGeneration": "it only generates text, with a decoding of its own",
    "ernie_doc": "it needs memories of the text before, which transformers has no class for",
    "ErnieDoc": "it needs memories of the text before, which transformers has no class for",
    "ernie_m": "transformers has no class for it any more",
    "ErnieM": "transformers has no class for it any more",
    "ernie_ctm": "transformers has no class for it",
}


def head_of(config: Mapping[str, Any]) -> str | None:
    """Return the head that a flattened configuration's weights were saved with, None for others."""
    made = architecture(config)
    return next((head for head, suffix in SUFFIXES.items() if made.endswith(suffix)), None)


def to_transformers(config: Mapping[str, Any], family: Family) -> dict[str, Any]:
    """Return the fields of `transformers`' configuration for a flattened one of Paddle's."""
    known = {
        name: config.get(name, default)
        for name, default in family.defaults.items()
        if config.get(name, default) is not None
    }
    head = head_of(config)
    made = f"{family.kind_prefix}{SUFFIXES[head] if head else 'Model'}"
    fields = {"model_type": family.kind, "architectures": [made], **known, **_labels(config, head)}
    if family.eps is not None:
        fields["layer_norm_eps"] = family.eps
    if fields.get("type_vocab_size") == 0:
        fields["type_vocab_size"] = 1
    if config.get("problem_type"):
        fields["problem_type"] = config["problem_type"]
    if family.kind == "bart":
        fields["num_hidden_layers"] = fields["encoder_layers"]
        # In Paddle the classifier's dropout is the model's unless it has one of its own.
        fields.setdefault("classifier_dropout", fields["dropout"])
    activations = _activations(config, family, head)
    return {**fields, **({ACTIVATIONS: activations} if activations else {})}


def to_paddle(
    fields: Mapping[str, Any], source: Mapping[str, Any], family: Family, head: str
) -> dict[str, Any]:
    """Return Paddle's `config.json` for a model under `head` that is written as `family`.

    `fields` are those of the model's configuration in `transformers`, `source` the flattened
    configuration that the model came with.
    """
    names = [*family.defaults, "id2label", "label2id", "problem_type"]
    config = {name: fields[name] for name in names if fields.get(name) is not None}
    config |= {name: source[name] for name in _OF_PADDLE if source.get(name) is not None}
    if head == _SPANS:
        config = {k: v for k, v in config.items() if k not in ("id2label", "label2id")}
    if source.get("type_vocab_size") == 0:
        config["type_vocab_size"] = 0
    config["architectures"] = [f"{family.prefix}{SUFFIXES[head]}"]
    config["model_type"] = family.name
    return dict(sorted(config.items()))


def written_as(family: Family, head: str, fields: Mapping[str, Any]) -> Family:
    """Return the family whose class in PaddleNLP computes what a model under `head` does.

    Its own where that has the head. Where not, BERT's, which is the same network with a layer
    norm that the configuration has a say in.
    """
    own = head in family.heads
    if family.name == "tinybert" and head == _SEQUENCE:
        # TinyBERT's own classifier has one more activation than a newly made one here.
        own = "relu" in fields.get(ACTIVATIONS, ())
    return family if own else FAMILIES["bert"]


def _labels(config: Mapping[str, Any], head: str | None) -> dict[str, Any]:
    """Return a model's labels; a model without a head, or one of spans, has none."""
    if head in (None, _SPANS):
        return {}
    names = config.get("id2label")
    count = config.get("num_labels")
    if not names or (count and len(names) != int(count)):
        names = {number: f"LABEL_{number}" for number in range(int(count or 2))}
    if isinstance(names, list):
        names = dict(enumerate(names))
    by_number = {int(number): str(name) for number, name in names.items()}
    return {"id2label": by_number, "label2id": {name: n for n, name in by_number.items()}}


def _activations(config: Mapping[str, Any], family: Family, head: str | None) -> list[str]:
    """Return the activations of the head where they are not those that transformers has."""
    if family.kind == "electra" and config.get("hidden_act", "gelu") != "gelu":
        return [config["hidden_act"]]
    found = ["tanh"]
    if family.name in ("bert", "tinybert") and config.get("pool_act", "tanh") != "tanh":
        found = ["linear"]
    if family.name == "tinybert" and head == _SEQUENCE:
        found.append("relu")
    return [] if found == ["tanh"] else found
