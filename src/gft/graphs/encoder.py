"""BERT and similar encoders as a graph, written from their weights without an exporter.

The last layer computes nothing that is not read: where only the first token's state is, keys and
values are made of all tokens, and everything else of the first one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.graphs.nodes import BOOLEAN, WHOLE, Nodes
from gft.metrics.protocol import Array

MASKED = -1e9
"""The attention bias of padding: its probability is then 0, in half precision too."""
IDS, MASK, SEGMENTS = "input_ids", "attention_mask", "token_type_ids"


@dataclass(frozen=True)
class WeightNames:
    """The names of the weights of a model family.

    `base` is the part of a model with a head that has the encoder. `from_padding` says that
    positions are counted from the padding token's number on, over tokens that are none.
    """

    base: str
    layer: str = "encoder.layer"
    query: str = "attention.self.query"
    key: str = "attention.self.key"
    value: str = "attention.self.value"
    joined: str = "attention.output.dense"
    joined_norm: str = "attention.output.LayerNorm"
    wide: str = "intermediate.dense"
    narrow: str = "output.dense"
    narrow_norm: str = "output.LayerNorm"
    from_padding: bool = False


_DISTILBERT = WeightNames(
    "distilbert", "transformer.layer", "attention.q_lin", "attention.k_lin", "attention.v_lin",
    "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm",
)  # fmt: skip
FAMILIES: Mapping[str, WeightNames] = {
    "bert": WeightNames("bert"),
    "roberta": WeightNames("roberta", from_padding=True),
    "xlm-roberta": WeightNames("roberta", from_padding=True),
    "camembert": WeightNames("roberta", from_padding=True),
    "distilbert": _DISTILBERT,
    "electra": WeightNames("electra"),
}
"""By `model_type`. MiniLM is a BERT, XLM-R a RoBERTa of more languages."""
ACTIVATIONS: Mapping[str, Mapping[str, str]] = {
    "gelu": {}, "gelu_new": {"approximate": "tanh"}, "gelu_pytorch_tanh": {"approximate": "tanh"},
}  # fmt: skip


@dataclass(frozen=True)
class EncoderSizes:
    """The sizes of an encoder, whatever its configuration calls them."""

    layers: int
    heads: int
    width: int
    activation: str
    epsilon: float

    @property
    def of_head(self) -> int:
        """The width of one head."""
        return self.width // self.heads


def shape_of(config: Mapping[str, Any]) -> EncoderSizes:
    """Return the sizes that a `config.json` says."""
    if config["model_type"] == "distilbert":
        names = ("n_layers", "n_heads", "dim", "activation")
    else:
        names = ("num_hidden_layers", "num_attention_heads", "hidden_size", "hidden_act")
    layers, heads, width, activation = (config[name] for name in names)
    return EncoderSizes(layers, heads, width, str(activation), config.get("layer_norm_eps", 1e-12))


def is_known(config: Mapping[str, Any]) -> bool:
    """Say whether a graph can be written of a model from its weights."""
    if config.get("model_type") not in FAMILIES:
        return False
    absolute = config.get("position_embedding_type", "absolute") in ("absolute", None)
    decodes = config.get("is_decoder") or config.get("add_cross_attention")
    shape = shape_of(config)
    known = shape.activation in (*ACTIVATIONS, "relu") and shape.width % shape.heads == 0
    return absolute and not decodes and known


def activate(nodes: Nodes, value: str, name: str) -> str:
    """Apply an activation by the name that a configuration has for it."""
    if name == "relu":
        return nodes.add("Relu", value)
    if name == "tanh":
        return nodes.add("Tanh", value)
    return nodes.add("Gelu", value, **ACTIVATIONS[name])


class Encoder:
    """The layers of a model as nodes. `weights` are those of the model with its head, by name."""

    def __init__(
        self, nodes: Nodes, config: Mapping[str, Any], weights: Mapping[str, Array], inputs: Any
    ) -> None:
        self.nodes = nodes
        self.config = config
        self.family = FAMILIES[config["model_type"]]
        self.shape = shape_of(config)
        self.inputs = inputs
        self._weights = weights
        beginning = f"{self.family.base}."
        self._base = beginning if any(name.startswith(beginning) for name in weights) else ""

    def weight(self, name: str) -> Array:
        """Return a weight of the model by its whole name."""
        return self._weights[name]

    def linear(self, value: str, name: str, scale: float = 1.0, exact: bool = False) -> str:
        """Apply a layer by its name; its outputs may be scaled, or never be kept in 8 bits."""
        weight, bias = self.weight(f"{name}.weight"), self._weights.get(f"{name}.bias")
        scaled = None if bias is None else bias * scale
        return self.nodes.linear(value, name, weight * scale, scaled, exact)

    def states(self, first_alone: bool) -> str:
        """Return the last states: (rows, tokens, width); of the `first_alone` (rows, 1, width)."""
        nodes, base = self.nodes, self._base
        state, mask_bias = self._embedded(), self._mask_bias()
        for n in range(self.shape.layers):
            last = first_alone and n == self.shape.layers - 1
            state = self._layer(state, f"{base}{self.family.layer}.{n}.", mask_bias, last)
        if first_alone and not self.shape.layers:
            state = nodes.add("Slice", state, nodes.whole(0), nodes.whole(1), nodes.whole(1))
        return state

    def _norm(self, value: str, name: str) -> str:
        weight, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.nodes.norm(value, name, weight, bias, self.shape.epsilon)

    def _embedded(self) -> str:
        """Return the embeddings of tokens, positions and segments, normalised."""
        nodes, start = self.nodes, f"{self._base}embeddings."
        words = nodes.rows_of("words", self.weight(f"{start}word_embeddings.weight"), IDS)
        table = self.weight(f"{start}position_embeddings.weight").astype(np.float32)
        segments = self._weights.get(f"{start}token_type_embeddings.weight")
        if segments is not None and SEGMENTS not in self.inputs:
            table = table + segments[0]
        positions = nodes.constant("positions", table)
        if self.family.from_padding:
            where = nodes.add("Gather", positions, self._counted(), axis=0)
        else:
            length = nodes.add("Slice", nodes.add("Shape", IDS), *map(nodes.whole, (1, 2)))
            where = nodes.add("Slice", positions, nodes.whole(0), length, nodes.whole(0))
        state = nodes.add("Add", words, where)
        if segments is not None and SEGMENTS in self.inputs:
            segment_table = nodes.constant("kinds", segments.astype(np.float32))
            state = nodes.add("Add", state, nodes.add("Gather", segment_table, SEGMENTS, axis=0))
        state = self._norm(state, f"{start}LayerNorm")
        projection = f"{self._base}embeddings_project"
        if f"{projection}.weight" in self._weights:
            state = self.linear(state, projection)
        return state

    def _counted(self) -> str:
        """Return positions as RoBERTa counts them: padding has its own number, others follow it."""
        nodes, padding = self.nodes, self.config["pad_token_id"]
        is_padding = nodes.add("Equal", IDS, nodes.scalar(int(padding)))
        there = nodes.add("Cast", nodes.add("Not", is_padding), to=WHOLE)
        count = nodes.add("CumSum", there, nodes.scalar(1))
        return nodes.add("Add", nodes.add("Mul", count, there), nodes.scalar(int(padding)))

    def _mask_bias(self) -> str:
        """Return what is added to scores, shape (rows, 1, 1, tokens)."""
        nodes = self.nodes
        there = nodes.add("Cast", MASK, to=BOOLEAN)
        added = nodes.add("Where", there, nodes.scalar(0.0), nodes.scalar(MASKED))
        return nodes.add("Unsqueeze", added, nodes.whole(1, 2))

    def _layer(self, state: str, name: str, mask_bias: str, first_alone: bool) -> str:
        nodes, family = self.nodes, self.family
        read = state
        if first_alone:
            read = nodes.add("Slice", state, *map(nodes.whole, (0, 1, 1)))
        # The scores are scaled where they cost least: in the weights.
        scale = 1 / math.sqrt(self.shape.of_head)
        queries = self._by_head(self.linear(read, name + family.query, scale), (0, 2, 1, 3))
        keys = self._by_head(self.linear(state, name + family.key), (0, 2, 3, 1))
        values = self._by_head(self.linear(state, name + family.value), (0, 2, 1, 3))
        scores = nodes.add("Add", nodes.add("MatMul", queries, keys), mask_bias)
        mixed = nodes.add("MatMul", nodes.add("Softmax", scores, axis=-1), values)
        mixed = nodes.add("Transpose", mixed, perm=(0, 2, 1, 3))
        mixed = nodes.add("Reshape", mixed, nodes.whole(0, 0, self.shape.width))
        mixed = nodes.add("Add", self.linear(mixed, name + family.joined), read)
        mixed = self._norm(mixed, name + family.joined_norm)
        wide = activate(nodes, self.linear(mixed, name + family.wide), self.shape.activation)
        narrow = nodes.add("Add", self.linear(wide, name + family.narrow), mixed)
        return self._norm(narrow, name + family.narrow_norm)

    def _by_head(self, value: str, order: tuple[int, ...]) -> str:
        nodes, shape = self.nodes, self.shape
        parted = nodes.add("Reshape", value, nodes.whole(0, 0, shape.heads, shape.of_head))
        return nodes.add("Transpose", parted, perm=order)
