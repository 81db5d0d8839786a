"""How fast gft predicts, beside `transformers.pipeline`, in one run.

    python benchmarks/predict_speed.py --model FOLDER --data FILE.tsv --column sentence

FOLDER is a fitted classifier (`gft_fit --output_dir FOLDER`), FILE.tsv or FILE.csv has a header.
Arms take turns in one process each: `pipeline` (a row at a time), `pipeline` with batches of 32,
and gft in the precision it chooses; loading and the first rows do not count. Printed: rows per
second, medians over the rounds, the ratios, and how many labels equal those of gft in fp32.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from gft.data.files import read_data

ARMS = ("pipeline", "pipeline32", "gft")
WARM_UP = 64


def main() -> None:
    """Run the arms in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--column", default="sentence")
    parser.add_argument("--rows", type=int, default=0, help="the first so many (all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--arm", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.arm:
        print(json.dumps(run(given)))
        return
    found: dict[str, list[float]] = {arm: [] for arm in ARMS}
    labels: dict[str, list[str]] = {}
    for turn in range(given.rounds):
        for arm in ARMS:
            labels[arm], speed = in_a_process(arm)
            found[arm].append(speed)
            print(f"round {turn + 1} {arm}: {speed:.0f} rows/s", flush=True)
    exact, _ = in_a_process("gft-fp32")
    medians = {arm: statistics.median(values) for arm, values in found.items()}
    for arm, median in medians.items():
        same = sum(a == b for a, b in zip(labels[arm], exact, strict=True)) / len(exact)
        ratio = "" if arm == "gft" else f"   gft is {medians['gft'] / median:.2f} times as fast"
        print(f"{arm:12}{median:8.0f} rows/s   {same:.2%} of labels as in fp32{ratio}")


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
    predict = gft_arm(given) if given.arm.startswith("gft") else pipeline_arm(given)
    predict(texts[:WARM_UP])
    started = time.perf_counter()
    labels = predict(texts)
    return {"labels": labels, "rows_per_second": len(texts) / (time.perf_counter() - started)}


def pipeline_arm(given: argparse.Namespace) -> Any:
    """Return what predicts through the library, a row at a time or 32."""
    from transformers import pipeline

    batch = 32 if given.arm == "pipeline32" else 1
    made = pipeline("text-classification", model=given.model, batch_size=batch)

    def predict(texts: list[str]) -> list[str]:
        if batch == 1:
            return [made(text)[0]["label"] for text in texts]
        return [answer["label"] for answer in made(texts)]

    return predict


def gft_arm(given: argparse.Namespace) -> Any:
    """Return what predicts through gft."""
    import gft

    precision = "fp32" if given.arm == "gft-fp32" else "auto"
    return gft.load(f"C:{given.model}", precision=precision).predict


if __name__ == "__main__":
    main()
