"""How gft does on a GPU, beside a plain `Trainer` and `pipeline`: one run, no network.

    python benchmarks/gpu.py --out gpu.json
    python benchmarks/gpu.py --parts fit predict --budget 200
    python benchmarks/gpu.py --size small        # tries the script itself, on a CPU

It makes a BERT of base's size with random weights, and pairs of sentences as long as MRPC's with
something to learn in them. Each part runs in a process of its own: one that fails is said to have
failed, and the others go on. When the budget is spent, what is left is said to be skipped. What is
found is printed as it comes and in a table at the end, and kept in `--out` part by part.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

STARTED = time.monotonic()
# Set before torch is imported. Without the second a process that only asks whether there is a
# GPU could not start others that use it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

import gpu_parts  # noqa: E402
from gpu_fits import Run  # noqa: E402
from gpu_made import SIZES  # noqa: E402

TAKEN = "took"
LONGEST_PART = 150.0
"""Seconds after which a part is stopped: one that hangs leaves time to the others."""
NEVER_PRINTED = ("longest", "longest_by_itself", "traceback")
STARTS = ("fork", "spawn")
"""How a part's process starts: with all that is imported already, or, if no GPU can be used
there, from nothing."""


def main() -> None:
    """Run the parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=list(gpu_parts.PARTS)[1:], help="(all)")
    parser.add_argument("--size", choices=list(SIZES), default="full")
    parser.add_argument("--budget", type=float, default=345, help="seconds for all parts")
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    args = parser.parse_args()
    until = STARTED + args.budget
    chosen = ["prepare", *(args.parts or list(gpu_parts.PARTS)[1:])]
    with tempfile.TemporaryDirectory() as work:
        parts = Parts(Run(SIZES[args.size], Path(work)), args.out, until)
        start = next((start for start in STARTS if parts.run("prepare", start)), None)
        for name in chosen[1:] if start else ():
            parts.run(name, start or STARTS[0])
    print(f"\n{args.size} size, {time.monotonic() - STARTED:.0f} seconds in all")
    print(table(parts.found))
    raise SystemExit(0 if start else 1)


class Parts:
    """Runs parts, each in a process of its own, and keeps what they find."""

    def __init__(self, run: Run, out: Path, until: float) -> None:
        self.context = run
        self.out = out
        self.until = until
        self.found: dict[str, list[tuple[str, dict[str, Any]]]] = {}

    def run(self, name: str, start: str) -> bool:
        """Run a part, and say whether it came to its end."""
        self.found[name] = []
        if time.monotonic() > self.until:
            self._keep(name, "skipped", {"reason": "the budget is spent"})
            return False
        started, ended = time.monotonic(), False
        until = min(self.until, started + LONGEST_PART)
        how = multiprocessing.get_context(start)
        answers, tell = how.Pipe(duplex=False)
        process = how.Process(target=_in_a_process, args=(name, self.context, tell))  # type: ignore[attr-defined]
        process.start()
        tell.close()
        try:
            while not ended and answers.poll(max(0.0, until - time.monotonic())):
                what, values = answers.recv()
                ended = what is None
                if not ended:
                    self._keep(name, what, values)
            if not ended:
                self._keep(name, "stopped", {"reason": "it took too long"})
        except EOFError:
            process.join()
            self._keep(name, "FAILED", {"reason": f"the process ended with {process.exitcode}"})
        process.kill()
        process.join()
        if ended and values:
            self._keep(name, "FAILED", values)
        self._keep(name, TAKEN, {"seconds": round(time.monotonic() - started, 1)})
        return ended and not values

    def _keep(self, name: str, what: str, values: dict[str, Any]) -> None:
        self.found[name].append((what, values))
        print(line(name, what, values), flush=True)
        self.out.write_text(json.dumps(self.found, indent=1), encoding="utf-8")


def _in_a_process(name: str, run: Run, tell: Any) -> None:
    """Send what a part finds, one after another; at the end None, with the problem if it failed."""
    problem = {}
    send: Callable[[Any], None] = tell.send
    try:
        for found in gpu_parts.PARTS[name](run):
            send(found)
    except BaseException as raised:
        problem = {
            "reason": f"{type(raised).__name__}: {raised}"[:300],
            "traceback": traceback.format_exc()[-3000:],
        }
        traceback.print_exc()
    send((None, problem))


def table(found: dict[str, list[tuple[str, dict[str, Any]]]]) -> str:
    """Return all that was found as text, a line each."""
    return "\n".join(
        line(name, what, values)
        for name, part in found.items()
        for what, values in part
        if what != TAKEN
    )


def line(name: str, what: str, values: dict[str, Any]) -> str:
    """Return a line of the table."""
    shown = "  ".join(f"{key} {value}" for key, value in values.items() if key not in NEVER_PRINTED)
    return f"{name:9}{what:42}{shown}"


if __name__ == "__main__":
    main()
