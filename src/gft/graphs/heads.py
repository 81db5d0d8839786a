"""The heads of BERT and similar encoders as nodes, and whole graphs of these models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gft.graphs.encoder import MASK, Encoder, activate, is_known
from gft.graphs.nodes import FLOAT, Nodes
from gft.graphs.outputs import (
    BEGINS,
    CLASSES,
    ENDS,
    LOGITS,
    MEAN,
    OUTPUTS,
    SPANS,
    TAGS,
    VECTORS,
)
from gft.metrics.protocol import Array

if TYPE_CHECKING:
    import onnx

_CLASSIFIERS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "bert": (("bert.pooler.dense",), "tanh", "classifier"),
    "roberta": (("classifier.dense",), "tanh", "classifier.out_proj"),
    "distilbert": (("pre_classifier",), "relu", "classifier"),
    "electra": (("classifier.dense",), "gelu", "classifier.out_proj"),
}
"""By the base of a family: layers before the last one, the activation after each, the last one."""


def is_writable(config: Mapping[str, Any], head: str) -> bool:
    """Say whether the graph of a model with a head can be written from its weights."""
    other = config.get("head_activations") and head == CLASSES
    return head in OUTPUTS and is_known(config) and not other


def written_graph(
    config: Mapping[str, Any],
    weights: Mapping[str, Array],
    head: str,
    inputs: Sequence[str],
    int8: bool = False,
) -> onnx.ModelProto:
    """Return the graph of a model that `is_writable`.

    `weights` are fp32 arrays by the names that `transformers` has for them; `inputs` what the
    tokenizer gives: `input_ids`, `attention_mask` and, if it has them, `token_type_ids`. Raises
    `KeyError` for a weight that is not there.
    """
    nodes = Nodes(int8)
    encoder = Encoder(nodes, config, weights, inputs)
    states = encoder.states(first_alone=head == CLASSES)
    made = _HEADS[head](encoder, states)
    return nodes.model(inputs, made)


def _classes(encoder: Encoder, states: str) -> dict[str, tuple[str | int, ...]]:
    nodes = encoder.nodes
    layers, activation, last = _CLASSIFIERS[encoder.family.base]
    state = nodes.add("Squeeze", states, nodes.whole(1))
    for name in layers:
        state = activate(nodes, encoder.linear(state, name), activation)
    logits = encoder.linear(state, last, exact=True)
    nodes.add("Identity", logits, called=LOGITS)
    return {LOGITS: ("rows", len(encoder.weight(f"{last}.weight")))}


def _tags(encoder: Encoder, states: str) -> dict[str, tuple[str | int, ...]]:
    encoder.nodes.add("Identity", encoder.linear(states, "classifier", exact=True), called=LOGITS)
    return {LOGITS: ("rows", "tokens", len(encoder.weight("classifier.weight")))}


def _spans(encoder: Encoder, states: str) -> dict[str, tuple[str | int, ...]]:
    nodes = encoder.nodes
    logits = encoder.linear(states, "qa_outputs", exact=True)
    for number, name in enumerate((BEGINS, ENDS)):
        nodes.add("Gather", logits, nodes.scalar(number), axis=2, called=name)
    return {BEGINS: ("rows", "tokens"), ENDS: ("rows", "tokens")}


def _vectors(encoder: Encoder, states: str) -> dict[str, tuple[str | int, ...]]:
    """Add the mean of the states of tokens that are no padding."""
    nodes = encoder.nodes
    counted = nodes.add("Cast", MASK, to=FLOAT)
    weights = nodes.add("Unsqueeze", counted, nodes.whole(-1))
    total = nodes.add("ReduceSum", nodes.add("Mul", states, weights), nodes.whole(1), keepdims=0)
    count = nodes.add("ReduceSum", counted, nodes.whole(1), keepdims=1)
    nodes.add("Div", total, nodes.add("Max", count, nodes.scalar(1.0)), called=MEAN)
    return {MEAN: ("rows", encoder.shape.width)}


_HEADS = {CLASSES: _classes, TAGS: _tags, SPANS: _spans, VECTORS: _vectors}
