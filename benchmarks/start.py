"""From the shell to the first answer: gft_predict beside the shortest script with `pipeline`.

    python benchmarks/start.py --model FOLDER --text "a fine film"

FOLDER is a fitted classifier. Both take turns, each in a process of its own, with one line on
standard input, after a first time that does not count: as in an ordinary shell, Python then has its
bytecode of gft too. Printed: seconds on the clock and of the processor, medians, and the ratio;
then what `--help` takes, and with `--imports` what each package costs to import.
"""

from __future__ import annotations

import argparse
import collections
import os
import re
import resource
import statistics
import subprocess
import sys
import time

SCRIPT = """
import sys
from transformers import pipeline
classifier = pipeline("text-classification", model=sys.argv[1])
for line in sys.stdin:
    print(classifier(line.rstrip()))
"""
COST = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w]+)")


def main() -> None:
    """Run both in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--text", default="a fine film")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--imports", action="store_true")
    args = parser.parse_args()
    gft = ["-m", "gft", "predict"]
    arms = {
        "pipeline": ["-c", SCRIPT, args.model],
        "gft_predict": [*gft, "--model", f"C:{args.model}"],
        "--help": [*gft, "--help"],
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in arms}
    for number in range(1 + args.rounds):
        for name, words in arms.items():
            taken = seconds([sys.executable, *words], args.text)
            if number:
                found[name].append(taken)
    medians = {
        name: tuple(statistics.median(column) for column in zip(*times, strict=True))
        for name, times in found.items()
    }
    for name, (wall, processor) in medians.items():
        print(f"{name:12}{wall:7.2f} s{processor:7.2f} s of the processor")
    ours, theirs = medians["gft_predict"], medians["pipeline"]
    print(f"gft_predict takes {ours[0] / theirs[0]:.2f} of pipeline's time and "
          f"{ours[1] / theirs[1]:.2f} of its processor time")  # fmt: skip
    if args.imports:
        print_imports([sys.executable, "-X", "importtime", *arms["gft_predict"]], args.text)


def seconds(words: list[str], text: str) -> tuple[float, float]:
    """Run a command with a line of input; return its seconds by the clock and by the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    run(words, text)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used


def run(words: list[str], text: str) -> subprocess.CompletedProcess[str]:
    """Run a command with a line of input, in an environment where Python keeps bytecode."""
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        words, input=f"{text}\n", text=True, capture_output=True, check=True, env=environment
    )


def print_imports(words: list[str], text: str) -> None:
    """Print how long the modules of each package take to import, without what they import."""
    done = run(words, text)
    costs: collections.Counter[str] = collections.Counter()
    for microseconds, package in COST.findall(done.stderr):
        costs[package] += int(microseconds)
    for package, cost in costs.most_common(12):
        print(f"{package:20}{cost / 1e6:7.2f} s")


if __name__ == "__main__":
    main()
