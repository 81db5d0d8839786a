"""PaddleNLP's configurations: its families of models, and its dialect of `config.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gft.errors import UserError, listed
from gft.suppliers.heads import ACTIVATIONS

SUFFIXES = {
    "sequence-classification": "ForSequenceClassification",
    "token-classification": "ForTokenClassification",
    "question-answering": "ForQuestionAnswering",
}
"""What a class is called under a head, in PaddleNLP as in `transformers`."""

TABLE: Mapping[str, Any] = json.loads(
    Path(__file__).with_name("families.json").read_text(encoding="utf-8")
)
"""Families and, for each of the two networks they are made of, the configuration where a file has
no say and how Paddle and `transformers` name the weights; what classes, fields and models were
called before; and what is not read, and why."""
READY: Mapping[str, str] = TABLE["models for tasks"]
"""PaddleNLP's own models: that of its `Taskflow` for the sentiment of Chinese texts, and one of
SQuAD, which is English."""
UNREADY: Mapping[str, str] = TABLE["tasks with other models"]
"""What `Taskflow` does other tasks of ours with."""
_OF_PADDLE = ("pool_act", "task_id", "embedding_size", "cls_token_id")
"""Fields that say how Paddle computes and that not every family's class in transformers has."""
PADDED = "padding_is_embedded"
"""Our field in Paddle's `config.json`: the padding's embedding is not 0, though Paddle takes 0."""


@dataclass(frozen=True)
class Family:
    """One of PaddleNLP's families: its name there, its classes' prefix, transformers' name of it.

    `heads` are those that PaddleNLP has a class for; `eps` is of its layer norms where the
    configuration has no say; `tokenizer` its tokenizer's class. With `bare_padding` the padding
    token's embedding is 0, whatever the weights say. `defaults` are its configuration where a file
    has no say, `weights` pairs of names of layers, Paddle's and transformers', `#` for a number.
    """

    name: str
    prefix: str
    kind: str
    tokenizer: str
    defaults: Mapping[str, Any]
    weights: Sequence[tuple[str, str]]
    heads: Sequence[str] = tuple(SUFFIXES)
    eps: float | None = None
    bare_padding: bool = False


def _family(row: Mapping[str, Any]) -> Family:
    """Return the family of a row of the table, with what its network's `base` gives it."""
    own = dict(row)
    base = TABLE["bases"][own.pop("base", "encoder")]
    own["defaults"] = {**base["defaults"], **own.get("defaults", {})}
    return Family(weights=base["weights"], **own)


_SEQUENCE, _, _SPANS = SUFFIXES
FAMILIES = {row["name"]: _family(row) for row in TABLE["families"]}
_OF_CLASS = {family.prefix: family.name for family in FAMILIES.values()} | TABLE["classes"]


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
        flat[name if keeps else TABLE["renamed"].get(name, name)] = value
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
        named = f"the family {kind}" if kind else "no family that its configuration names"
        raise UserError(
            f"{model} is of {named}; of PaddleNLP's families gft reads {listed(FAMILIES)}"
            + (f"; {why}" if (why := TABLE["unreadable"].get(kind)) else "")
        )
    if config.get("rel_pos_size"):
        raise UserError(
            f"{model} uses relative positions, which transformers' ERNIE does not support"
        )
    return family


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
    made = f"{family.kind.capitalize()}{SUFFIXES[head] if head else 'Model'}"
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
