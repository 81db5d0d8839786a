"""The graph of torch's exporter, as users of ONNX Runtime and OpenVINO apply it."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LONGEST = 512
BATCH = 16
CALIBRATION = 200
"""Rows that static quantization is calibrated on."""
GROUP = 128
"""Inputs that share a scale in OpenVINO's dynamic quantization."""
NEEDS = {
    "ort": ("onnxruntime",),
    "ort-int8": ("onnxruntime",),
    "ort-static": ("onnxruntime",),
    "openvino": ("openvino",),
    "openvino-bf16": ("openvino",),
    "openvino-int8": ("openvino", "nncf"),
}
"""The arms, with the packages of each."""
Batches = Sequence[dict[str, Any]]
Run = Callable[[dict[str, Any]], Any]


def possible() -> list[str]:
    """Return the arms that have all they need installed."""
    return [arm for arm, packages in NEEDS.items() if all(map(find_spec, packages))]


def loaded(model: str) -> tuple[Any, Any]:
    """Return a model with its tokenizer."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    made = AutoModelForSequenceClassification.from_pretrained(model).eval()
    return made, AutoTokenizer.from_pretrained(model)


def batches(
    tokenizer: Any, texts: list[str], size: int, tensors: str
) -> Iterator[tuple[list[int], Any]]:
    """Yield the numbers of texts of similar length, and their batch."""
    order = sorted(range(len(texts)), key=lambda n: -len(texts[n]))
    for start in range(0, len(order), size):
        some = order[start : start + size]
        yield some, tokenizer(
            [texts[n] for n in some], padding=True, truncation=True, max_length=LONGEST,
            return_tensors=tensors,
        )  # fmt: skip


def graph_arm(model: str, arm: str) -> Callable[[list[str]], list[str]]:
    """Return a loop over the graph of torch's exporter.

    The graph is made ready with the first texts, which static quantization is calibrated on.
    """
    made, tokenizer = loaded(model)
    names = list(tokenizer("a"))
    file = Path(tempfile.mkdtemp(prefix="graph-")) / "model.onnx"
    exported(made, tokenizer, names, file)
    ready: list[Run] = []

    def whole(batch: Any) -> dict[str, Any]:
        return {name: batch[name].astype("int64") for name in names}

    def predict(texts: list[str]) -> list[str]:
        found = [""] * len(texts)
        if not ready:
            some = [whole(one) for _, one in batches(tokenizer, texts[:CALIBRATION], BATCH, "np")]
            ready.append(openvino_of(file, arm) if "openvino" in arm else ort_of(file, arm, some))
        for some_rows, batch in batches(tokenizer, texts, BATCH, "np"):
            best = ready[0](whole(batch)).argmax(-1)
            for n, one in zip(some_rows, best.tolist(), strict=True):
                found[n] = made.config.id2label[one]
        return found

    return predict


def exported(model: Any, tokenizer: Any, names: list[str], file: Path) -> None:
    """Write the graph of a model as torch does."""
    import torch

    model.config.return_dict = False
    example = tokenizer(["a fine day", "another one it is"], padding=True, return_tensors="pt")
    axes = {name: {0: "rows", 1: "tokens"} for name in names}

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: Any) -> Any:
            return self.model(**dict(zip(names, inputs, strict=True)))[0]

    warnings.simplefilter("ignore")
    torch.onnx.export(
        Logits().eval(), tuple(example[name] for name in names), str(file), input_names=names,
        output_names=["logits"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip


def ort_of(file: Path, arm: str, calibration: Batches) -> Run:
    """Return what runs a graph in ONNX Runtime: as it is, or quantized as the arm says."""
    import onnxruntime

    if arm != "ort":
        file = quantized(file, arm, calibration)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return lambda batch: session.run(None, batch)[0]


def quantized(file: Path, arm: str, calibration: Batches) -> Path:
    """Return the file of a graph in 8 bits: dynamic quantization, or static after calibration."""
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantType,
        quantize_dynamic,
        quantize_static,
    )

    small = file.with_name("small.onnx")
    if arm == "ort-int8":
        quantize_dynamic(file, small, per_channel=True, weight_type=QuantType.QInt8)
        return small

    class Rows(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(calibration)

        def get_next(self) -> dict[str, Any] | None:
            return next(self.left, None)

    quantize_static(
        file, small, Rows(), per_channel=True, weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
    )  # fmt: skip
    return small


def openvino_of(file: Path, arm: str) -> Run:
    """Return what runs a graph in OpenVINO: in fp32, in bf16, or with weights of 8 bits."""
    import openvino

    settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32" if arm == "openvino" else "bf16"}
    graph = openvino.Core().read_model(str(file))
    if arm == "openvino-int8":
        import nncf

        graph = nncf.compress_weights(graph)
        settings["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = GROUP
    compiled = openvino.compile_model(graph, "CPU", settings)
    return lambda batch: compiled(batch)[0]
