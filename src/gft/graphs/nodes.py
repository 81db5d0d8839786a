"""The nodes of an ONNX graph, one after the other, and its constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.metrics.protocol import Array

if TYPE_CHECKING:
    import onnx

OPSET = 20
"""The oldest with `Gelu`; both runtimes take it, and so does ONNX Runtime in a browser."""
IR = 10
"""The version of the file format, which runtimes of two years ago read."""
FLOAT, WHOLE, BOOLEAN = 1, 7, 9
"""Types, as ONNX numbers them: fp32, int64, bool."""
LARGEST = 127
"""Of whole numbers in 8 bits: the scales are symmetric."""
GROUP = 128
"""Inputs that share a scale. One for each output alone costs a third of a percent of the labels."""


class Nodes:
    """A graph that grows: every method adds to it and returns the name of what comes out.

    With `int8` the weights of layers are kept in 8 bits, with a scale for each `GROUP` inputs of an
    output, and the table of tokens in half precision. What is computed of them stays in floating
    point: a runtime that knows the pattern (OpenVINO does) computes in 8 bits, others need not.
    """

    def __init__(self, int8: bool = False) -> None:
        self.int8 = int8
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def add(self, op: str, *inputs: str, called: str | None = None, **attributes: Any) -> str:
        """Add a node of a standard operator with one output, which may have a name."""
        from onnx import helper

        name = called or f"{op.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def constant(self, name: str, values: Array) -> str:
        """Keep an array under a name; what has the name already is kept once."""
        from onnx import numpy_helper

        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(values).copy(), name)
        return name

    def whole(self, *numbers: int) -> str:
        """Keep whole numbers, shape (n,)."""
        name = "whole_" + "_".join(map(str, numbers))
        return self.constant(name, np.array(numbers, dtype=np.int64))

    def scalar(self, value: float) -> str:
        """Keep a number in fp32, or a whole one in int64, without a shape."""
        dtype = np.int64 if isinstance(value, int) else np.float32
        return self.constant(f"{np.dtype(dtype).name}_{value:g}", np.array(value, dtype=dtype))

    def rows_of(self, name: str, table: Array, numbers: str) -> str:
        """Look up the rows of a table, shape (n, width), that have some numbers."""
        if not self.int8:
            kept = self.constant(name, table.astype(np.float32))
            return self.add("Gather", kept, numbers, axis=0)
        # In 8 bits a table costs as many labels as all layers together; in half precision none.
        kept = self.constant(name, table.astype(np.float16))
        return self.add("Cast", self.add("Gather", kept, numbers, axis=0), to=FLOAT)

    def linear(
        self, value: str, name: str, weight: Array, bias: Array | None, exact: bool = False
    ) -> str:
        """Apply a layer with a weight of shape (outputs, inputs); an `exact` one stays in fp32."""
        matrix = weight.T.astype(np.float32)
        kept = self._in_groups(name, matrix) if self.int8 and not exact else None
        product = self.add("MatMul", value, kept or self.constant(name, matrix))
        if bias is None:
            return product
        return self.add("Add", product, self.constant(f"{name}_bias", bias.astype(np.float32)))

    def _in_groups(self, name: str, matrix: Array) -> str:
        """Keep a matrix of shape (inputs, outputs) in 8 bits and return it in fp32."""
        inputs, outputs = matrix.shape
        group = GROUP if inputs % GROUP == 0 else inputs
        small, scales = in_8_bits(matrix.reshape(inputs // group, group, outputs), axis=1)
        wide = self.add("Cast", self.constant(name, small), to=FLOAT)
        scale = self.constant(f"{name}_scale", np.expand_dims(scales, 1))
        return self.add("Reshape", self.add("Mul", wide, scale), self.whole(inputs, outputs))

    def norm(self, value: str, name: str, weight: Array, bias: Array, epsilon: float) -> str:
        """Normalise the last axis."""
        scale = self.constant(name, weight.astype(np.float32))
        shift = self.constant(f"{name}_bias", bias.astype(np.float32))
        return self.add("LayerNormalization", value, scale, shift, axis=-1, epsilon=epsilon)

    def model(
        self, inputs: Sequence[str], outputs: dict[str, tuple[str | int, ...]], **notes: str
    ) -> onnx.ModelProto:
        """Return the model: `inputs` are whole numbers of shape (rows, tokens).

        `outputs` are names with their shapes, in which an axis has a name or a size; `notes` are
        kept in the file's metadata.
        """
        from onnx import helper

        graph = helper.make_graph(
            self._nodes,
            "gft",
            [helper.make_tensor_value_info(one, WHOLE, ["rows", "tokens"]) for one in inputs],
            [helper.make_tensor_value_info(one, FLOAT, shape) for one, shape in outputs.items()],
            list(self._constants.values()),
        )
        made = helper.make_model(
            graph,
            producer_name="gft",
            ir_version=IR,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        helper.set_model_props(made, notes)
        return made


def in_8_bits(weights: Array, axis: int) -> tuple[Array, Array]:
    """Return weights as whole numbers in 8 bits, and the scale of each slice across `axis`."""
    scales = np.abs(weights).max(axis=axis) / LARGEST
    scales = np.where(scales > 0, scales, 1.0).astype(np.float32)
    whole = np.rint(weights / np.expand_dims(scales, axis))
    return whole.clip(-LARGEST, LARGEST).astype(np.int8), scales
