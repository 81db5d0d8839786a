"""How fast gft predicts, beside other ways to apply the same model, in one run.

    python benchmarks/predict_speed.py --model FOLDER --data FILE.tsv --column sentence

FOLDER is a fitted classifier (`gft_fit --output_dir FOLDER`), FILE.tsv or FILE.csv has a header.
Arms take turns, each in a process of its own; loading and the first rows do not count:

* `pipeline` (a row at a time) and `pipeline32` (batches of 32);
* `sorted`: a plain loop over batches of 32 sorted by length, in bf16;
* `ort` and `openvino`, `openvino-bf16`: the graph of torch's exporter as users run it, batches of
  16 sorted by length, all cores for each;
* `ort-int8`: the same graph quantized dynamically, a scale for each output;
* `gft` (torch), and where FOLDER has graphs (`gft_export`) `gft-onnx`, `gft-openvino` (bf16) and
  `gft-int8`, in the runtime that gft takes.

Printed: rows per second, medians over the rounds, the ratios to `pipeline`, and how many labels
equal those of gft in fp32.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gft.data.files import read_data
from gft.graphs.files import FOLDER
from gft.graphs.runtimes import installed

PLAIN = ("pipeline", "pipeline32", "sorted", "ort", "ort-int8", "openvino", "openvino-bf16")
GFT = {
    "gft": {"runtime": "torch"},
    "gft-onnx": {"runtime": "onnx", "precision": "fp32"},
    "gft-openvino": {"runtime": "openvino", "precision": "bf16"},
    "gft-int8": {"precision": "int8"},
    "gft-fp32": {"runtime": "torch", "precision": "fp32"},
}
WARM_UP = 64
LONGEST = 512
Predict = Callable[[list[str]], list[str]]


def main() -> None:
    """Run the arms in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--column", default="sentence")
    parser.add_argument("--rows", type=int, default=0, help="the first so many (all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--arms", nargs="*", help="these alone")
    parser.add_argument("--arm", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.arm:
        print(json.dumps(run(given)))
        return
    arms = given.arms or possible(Path(given.model))
    found: dict[str, list[float]] = {arm: [] for arm in arms}
    labels: dict[str, list[str]] = {}
    for turn in range(given.rounds):
        for arm in arms:
            labels[arm], speed = in_a_process(arm)
            found[arm].append(speed)
            print(f"round {turn + 1} {arm}: {speed:.0f} rows/s", flush=True)
    exact, _ = in_a_process("gft-fp32")
    medians = {arm: statistics.median(values) for arm, values in found.items()}
    base = medians.get("pipeline")
    for arm, median in medians.items():
        same = sum(a == b for a, b in zip(labels[arm], exact, strict=True)) / len(exact)
        ratio = f"   {median / base:.2f} times pipeline" if base else ""
        print(f"{arm:14}{median:8.0f} rows/s   {same:.2%} of labels as in fp32{ratio}")


def possible(model: Path) -> list[str]:
    """Return the arms that this machine and this folder have all they need for."""
    there = installed()
    plain = [arm for arm in PLAIN if not arm.startswith("openvino") or "openvino" in there]
    own = ["gft"]
    if (model / FOLDER / "model.onnx").is_file():
        own += ["gft-onnx", *(["gft-openvino"] if "openvino" in there else [])]
    if (model / FOLDER / "model_int8.onnx").is_file():
        own.append("gft-int8")
    return [*plain, *own]


def in_a_process(arm: str) -> tuple[list[str], float]:
    """Return the labels and the rows per second of an arm."""
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--arm", arm],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["labels"], answer["rows_per_second"]


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Return what an arm predicts, and how fast."""
    [rows] = read_data(Path(given.data)).splits.values()
    texts = rows.column(given.column)[: given.rows or None]
    predict = arm_of(given.arm, given.model)
    predict(texts[:WARM_UP])
    started = time.perf_counter()
    labels = predict(texts)
    return {"labels": labels, "rows_per_second": len(texts) / (time.perf_counter() - started)}


def arm_of(arm: str, model: str) -> Predict:
    """Return what predicts in an arm."""
    if arm in GFT:
        import gft

        return gft.load(f"C:{model}", **GFT[arm]).predict
    if arm.startswith("pipeline"):
        return pipeline_arm(model, 32 if arm == "pipeline32" else 1)
    if arm == "sorted":
        return sorted_arm(model)
    return graph_arm(model, arm)


def pipeline_arm(model: str, batch: int) -> Predict:
    """Return what predicts through the library, a row at a time or 32."""
    from transformers import pipeline

    made = pipeline("text-classification", model=model, batch_size=batch)

    def predict(texts: list[str]) -> list[str]:
        if batch == 1:
            return [made(text)[0]["label"] for text in texts]
        return [answer["label"] for answer in made(texts)]

    return predict


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


def sorted_arm(model: str) -> Predict:
    """Return a plain loop in bf16."""
    import torch

    made, tokenizer = loaded(model)

    def predict(texts: list[str]) -> list[str]:
        found = [""] * len(texts)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for some, batch in batches(tokenizer, texts, 32, "pt"):
                best = made(**batch).logits.argmax(-1).tolist()
                for n, one in zip(some, best, strict=True):
                    found[n] = made.config.id2label[one]
        return found

    return predict


def graph_arm(model: str, arm: str) -> Predict:
    """Return a loop over the graph of torch's exporter."""
    made, tokenizer = loaded(model)
    names = list(tokenizer("a"))
    folder = tempfile.mkdtemp(prefix="graph-")
    file = Path(folder) / "model.onnx"
    exported(made, tokenizer, names, file)
    run_batch = openvino_of(file, arm) if arm.startswith("openvino") else ort_of(file, arm)

    def predict(texts: list[str]) -> list[str]:
        found = [""] * len(texts)
        for some, batch in batches(tokenizer, texts, 16, "np"):
            best = run_batch({name: batch[name].astype("int64") for name in names}).argmax(-1)
            for n, one in zip(some, best.tolist(), strict=True):
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


def ort_of(file: Path, arm: str) -> Callable[[dict[str, Any]], Any]:
    """Return what runs a graph in ONNX Runtime, in 8 bits for `ort-int8`."""
    import onnxruntime

    if arm == "ort-int8":
        from onnxruntime.quantization import QuantType, quantize_dynamic

        small = file.with_name("small.onnx")
        quantize_dynamic(file, small, per_channel=True, weight_type=QuantType.QInt8)
        file = small
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return lambda batch: session.run(None, batch)[0]


def openvino_of(file: Path, arm: str) -> Callable[[dict[str, Any]], Any]:
    """Return what runs a graph in OpenVINO, in bf16 for `openvino-bf16`."""
    import openvino

    hint = "bf16" if arm == "openvino-bf16" else "f32"
    compiled = openvino.compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": hint})
    return lambda batch: compiled(batch)[0]


if __name__ == "__main__":
    main()
