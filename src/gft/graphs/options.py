"""The arguments of graphs: how they are made, and whether they are used."""

from __future__ import annotations

from gft.language.argument import (
    EVAL,
    EXPORT,
    FIT,
    OUTPUT,
    PREDICT,
    SERVE,
    SPEED,
    Arguments,
    argument,
)


# fmt: off
class Exporting(Arguments):
    """What a graph is made for."""

    to: str = argument("onnx", "the format: onnx", OUTPUT, EXPORT, choices=("onnx",), common=True)
    accept: bool = argument(False, "keep a graph in 8 bits although its predictions differ from the model's, or are worse", OUTPUT, EXPORT, common=True)


class ExportAfter(Arguments):
    """What is made of a model that has been fitted."""

    export: str | None = argument(None, "export the model too, as a graph in OUTPUT_DIR/onnx: onnx", OUTPUT, FIT, choices=("onnx",), identity=False)


class Running(Arguments):
    """What computes a model."""

    runtime: str | None = argument(None, "torch, onnx or openvino (the fastest of those that predict as the model does)", SPEED, PREDICT | SERVE | EVAL, choices=("torch", "onnx", "openvino"), identity=False, common=True)
