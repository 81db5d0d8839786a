"""How fast gft predicts, beside other ways to apply the same model, in one run.

    python benchmarks/predict_speed.py --model FOLDER --data FILE.tsv --column sentence

FOLDER is a fitted classifier (`gft_fit --output_dir FOLDER`), FILE.tsv or FILE.csv has a header.
Arms take turns, each in a process of its own; loading and the first rows do not count:

* `pipeline` (a row at a time) and `pipeline32` (batches of 32);
* `sorted`: a plain loop over batches of 32 sorted by length, in bf16;
* `ort`, `openvino` and `openvino-bf16`: the graph of torch's exporter as users run it, batches of
  16 sorted by length, all cores for each;
* `ort-int8`: the same graph with dynamic quantization, a scale for each output; `ort-static`: with
  static quantization, calibrated on 200 of the rows;
* `openvino-int8`: the same graph with 8-bit weights (nncf), dynamic quantization in groups of 128,
  bf16 elsewhere;
* `gft` (torch), and where FOLDER has graphs (`gft_export`) `gft-onnx`, `gft-openvino` (bf16) and
  `gft-int8`, in the runtime that gft takes.

Printed: rows per second and processor time per row, medians over the rounds; the ratios to
`pipeline` and `pipeline32`; how many labels equal those of gft in fp32; and gft against the fastest
of the others, among those that keep 99.5 % and 99.8 % of the labels. On a machine that others use,
compare processor times.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import predict_graphs

from gft.data.files import read_data
from gft.graphs.files import FOLDER
from gft.graphs.runtimes import installed

PLAIN = ("pipeline", "pipeline32", "sorted")
ENOUGH = (0.995, 0.998)
"""Shares of fp32's labels at which arms are compared."""
GFT = {
    "gft": {"runtime": "torch"},
    "gft-onnx": {"runtime": "onnx", "precision": "fp32"},
    "gft-openvino": {"runtime": "openvino", "precision": "bf16"},
    "gft-int8": {"precision": "int8"},
    "gft-fp32": {"runtime": "torch", "precision": "fp32"},
}
WARM_UP = 200
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
    args = parser.parse_args()
    if args.arm:
        print(json.dumps(run(args)))
        return
    arms = args.arms or possible(Path(args.model))
    found: dict[str, list[Measured]] = {arm: [] for arm in arms}
    for turn in range(args.rounds):
        for arm in arms:
            found[arm].append(in_a_process(arm))
            print(
                f"round {turn + 1} {arm}: {found[arm][-1].rows_per_second:.0f} rows/s", flush=True
            )
    exact = in_a_process("gft-fp32").labels
    rows = [row_of(arm, measured, exact) for arm, measured in found.items()]
    print_table(rows)
    for share in ENOUGH:
        print_best(rows, share)


@dataclass(frozen=True)
class Measured:
    """What one run of an arm predicted, its speed, and its processor time per row in ms."""

    labels: list[str]
    rows_per_second: float
    processor_ms: float


@dataclass(frozen=True)
class Row:
    """A row of the table: medians over the rounds, and the share of labels as in fp32."""

    arm: str
    rows_per_second: float
    processor_ms: float
    share: float


def row_of(arm: str, measured: Sequence[Measured], exact: list[str]) -> Row:
    """Return the row of an arm."""
    equal = sum(a == b for a, b in zip(measured[-1].labels, exact, strict=True))
    return Row(
        arm,
        statistics.median(one.rows_per_second for one in measured),
        statistics.median(one.processor_ms for one in measured),
        equal / len(exact),
    )


def print_table(rows: Sequence[Row]) -> None:
    """Print all arms, with the ratios to the two pipelines where they ran."""
    speeds = {row.arm: row.rows_per_second for row in rows}
    bases = [one for one in ("pipeline", "pipeline32") if one in speeds]
    heads = "".join(f"{'x ' + base:>14}" for base in bases)
    print(f"\n{'arm':16}{'rows/s':>8}{'CPU ms/row':>12}{'labels as fp32':>16}{heads}")
    for row in rows:
        ratios = "".join(f"{row.rows_per_second / speeds[base]:14.2f}" for base in bases)
        print(
            f"{row.arm:16}{row.rows_per_second:8.0f}{row.processor_ms:12.2f}{row.share:16.2%}"
            f"{ratios}"
        )


def print_best(rows: Sequence[Row], share: float) -> None:
    """Print gft's fastest arm beside the fastest of the others, of those that keep the labels."""
    enough = [row for row in rows if row.share >= share]
    own = [row for row in enough if row.arm in GFT]
    others = [row for row in enough if row.arm not in GFT]
    if not own or not others:
        return
    ours, theirs = (max(some, key=lambda row: row.rows_per_second) for some in (own, others))
    print(
        f"at {share:.1%} of the labels or more: {ours.arm} is "
        f"{ours.rows_per_second / theirs.rows_per_second:.2f} times {theirs.arm}, the fastest other"
        f" ({theirs.processor_ms / ours.processor_ms:.2f} times by processor time)"
    )


def possible(model: Path) -> list[str]:
    """Return the arms that this machine and this folder have all they need for."""
    there = installed()
    plain = [*PLAIN, *predict_graphs.possible()]
    own = ["gft"]
    if (model / FOLDER / "model.onnx").is_file():
        own += ["gft-onnx", *(["gft-openvino"] if "openvino" in there else [])]
    if (model / FOLDER / "model_int8.onnx").is_file():
        own.append("gft-int8")
    return [*plain, *own]


def in_a_process(arm: str) -> Measured:
    """Return what a run of an arm found, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--arm", arm],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return what an arm predicts, and how fast."""
    [rows] = read_data(Path(args.data)).splits.values()
    texts = rows.column(args.column)[: args.rows or None]
    predict = arm_of(args.arm, args.model)
    predict(texts[:WARM_UP])
    started, busy = time.perf_counter(), time.process_time()
    labels = predict(texts)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    return {
        "labels": labels,
        "rows_per_second": len(texts) / seconds,
        "processor_ms": 1000 * busy / len(texts),
    }


def arm_of(arm: str, model: str) -> Predict:
    """Return what predicts in an arm."""
    if arm in GFT:
        import gft

        return gft.load(f"C:{model}", **GFT[arm]).predict
    if arm.startswith("pipeline"):
        return pipeline_arm(model, 32 if arm == "pipeline32" else 1)
    if arm == "sorted":
        return sorted_arm(model)
    return predict_graphs.graph_arm(model, arm)


def pipeline_arm(model: str, batch: int) -> Predict:
    """Return a function that predicts with transformers, a row at a time or 32."""
    from transformers import pipeline

    made = pipeline("text-classification", model=model, batch_size=batch)

    def predict(texts: list[str]) -> list[str]:
        if batch == 1:
            return [made(text)[0]["label"] for text in texts]
        return [answer["label"] for answer in made(texts)]

    return predict


def sorted_arm(model: str) -> Predict:
    """Return a plain loop in bf16."""
    import torch

    made, tokenizer = predict_graphs.loaded(model)

    def predict(texts: list[str]) -> list[str]:
        found = [""] * len(texts)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for some, batch in predict_graphs.batches(tokenizer, texts, 32, "pt"):
                best = made(**batch).logits.argmax(-1).tolist()
                for n, one in zip(some, best, strict=True):
                    found[n] = made.config.id2label[one]
        return found

    return predict


if __name__ == "__main__":
    main()
