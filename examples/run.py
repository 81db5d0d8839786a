"""Run the example programs against a tiny hub: `python examples/run.py [PATTERN ...]`.

Without a pattern all programs under `fit_examples` are run; with patterns, every program that has
one of them in its path, those of `predict_examples`, `eval_examples` and `summary_examples` after
those that they need. Each is run by `sh` in a process of its own. The table on standard output has
a row a program; the exit status is 0 if all ended as they should.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from loopback import Loopback
from programs import HERE, Row, programs, table

FITS = {f"fit_examples/{row['path']}": row for row in table("fit_examples")}
WIDTH = max(map(len, programs()))
MOST_SECONDS = 900
REFUSED = "refused, as expected"


@dataclass(frozen=True)
class Ended:
    """How a program ended: `failed` is empty if it ended as it should."""

    path: str
    seconds: float
    score: str
    failed: str

    def line(self) -> str:
        """Return the row of the table."""
        row = f"{self.path:<{WIDTH}} {self.seconds:7.1f}  {self.score or '-':<28} {self.failed}"
        return row.rstrip()


def main() -> int:
    """Run what is asked for; return the exit status."""
    parser = argparse.ArgumentParser(description="run the example programs against a tiny hub")
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", default=["fit_examples/"])
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="an empty folder to keep all results in")
    asked = parser.parse_args()
    steps = chosen(asked.patterns)
    if not any(steps):
        parser.error(f"no program has {' or '.join(asked.patterns)} in its path")
    if asked.folder and asked.folder.exists() and any(asked.folder.iterdir()):
        parser.error(f"--folder {asked.folder} is not empty")
    if asked.processes < 1:
        parser.error("--processes: expected 1 or more")
    with tempfile.TemporaryDirectory(prefix="gft-examples-") as made:
        folder = asked.folder.resolve() if asked.folder else Path(made)
        started = time.monotonic()
        with Loopback(folder) as loopback, ThreadPoolExecutor(asked.processes) as pool:
            ended = []
            print(f"{'program':<{WIDTH}} {'seconds':>7}  {'metric':<28} what failed", flush=True)
            for paths in steps:
                for one in pool.map(lambda path: run(path, loopback.environment), paths):
                    print(one.line(), flush=True)
                    ended.append(one)
    return summed_up(ended, time.monotonic() - started, asked.processes)


def summed_up(ended: list[Ended], seconds: float, processes: int) -> int:
    """Print the last line of the table; return the exit status."""
    failed = sum(bool(one.failed) for one in ended)
    refused = sum(one.score == REFUSED for one in ended)
    print(
        f"{len(ended)} programs in {seconds:.0f} s, {processes} at a time: "
        f"{len(ended) - failed} as they should, {refused} of them in an error that is expected; "
        f"{failed} not"
    )
    return 1 if failed else 0


def chosen(patterns: list[str]) -> tuple[list[str], list[str]]:
    """Return the programs to run first and those that need what the first ones leave."""
    wanted = [path for path in programs() if any(one in path for one in patterns)]
    after = [path for path in wanted if path not in FITS]
    needed = {f"fit_examples/{path.partition('/')[2]}" for path in after}
    return [path for path in FITS if path in wanted or path in needed], after


def run(path: str, environment: dict[str, str]) -> Ended:
    """Run one program, with the folder for its results if it is one that fits."""
    out = Path(environment["gft_checkpoints"], *Path(path).with_suffix("").parts[1:], "ckpt")
    words = ["sh", str(HERE / path), *([str(out)] if path in FITS else [])]
    started = time.monotonic()
    try:
        done = subprocess.run(
            words, env=environment, cwd=HERE, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=MOST_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Ended(path, time.monotonic() - started, "", f"ran for {MOST_SECONDS} s")
    seconds = time.monotonic() - started
    if path in FITS and FITS[path]["error"]:
        return Ended(path, seconds, *refusal(FITS[path], done))
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [""])[-1]
        return Ended(path, seconds, "", f"exit status {done.returncode}: {said}")
    score = fitted(FITS[path], out) if path in FITS else printed(path, done.stdout)
    return Ended(path, seconds, score, "" if score else "it printed nothing")


def refusal(row: Row, done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """Return what stands for a metric, and what is wrong, of a program that is to be refused."""
    said = [line for line in done.stderr.splitlines() if ": error: " in line]
    if done.returncode == 2 and len(said) == 1 and row["error"] in said[0]:
        return REFUSED, ""
    return "", f"exit status {done.returncode}, and no error with {row['error']!r}"


def fitted(row: Row, out: Path) -> str:
    """Return the selection metric on val that a fit left in its folder."""
    folder = Path(row["output_dir"].replace("$1", str(out)))
    name = json.loads((folder / "gft.json").read_text(encoding="utf-8"))["figure_of_merit"]
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    value = metrics["splits"]["val"]["metrics"][name]["value"]
    return f"{name} {'undefined' if value is None else format(value, '.4f')}"


def printed(path: str, out: str) -> str:
    """Return what a program printed in a word or two: its first metric, or how many lines."""
    lines = out.splitlines()
    if path.startswith("eval_examples/") and len(lines) > 3:
        return " ".join(lines[3].split()[:2])
    return f"{len(lines)} lines" if lines else ""


if __name__ == "__main__":
    sys.exit(main())
