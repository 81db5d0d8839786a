"""benchmarks/gpu.py at a small size, on a CPU: what it would find out on a GPU, and how it goes on.

Only what it prints is looked at, not how fast anything was.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
DRIVER = """
import sys
import gpu, gpu_parts

def broken(run):
    yield "before", {"figure": 1}
    raise RuntimeError("as asked")

gpu_parts.PARTS["peak"] = broken
late = gpu.Parts(None, gpu.Path(sys.argv.pop()), until=0.0)
assert not late.run("fit", "fork")
gpu.main()
"""


RANKS = """
import gpu_turns
rounds = [1.0 + n / 100 for n in range(20)]
assert gpu_turns.interval(rounds) == (rounds[5], rounds[14])
assert gpu_turns.interval(rounds[:6]) == (rounds[0], rounds[5])
assert gpu_turns.interval(rounds[:3]) == (rounds[0], rounds[2])
arms = {"one": gpu_turns.Arm(None), "other": gpu_turns.Arm(None)}
arms["one"].seconds, arms["other"].seconds = [2.0] * 9, [2.1] * 8 + [1.0]
found = gpu_turns.beside(arms, "one", "other")
assert found == {"times_as_fast": 1.05, "interval": "1.05 to 1.05", "decided": True, "rounds": 9}
arms["other"].seconds = [2.1] * 7 + [1.0] * 2
assert not gpu_turns.beside(arms, "one", "other")["decided"]

def broken(callback):
    raise ValueError("as asked")

def train(callback):
    for step in range(8):
        callback.on_step_end(None, State(step + 1), None)

class State:
    def __init__(self, step):
        self.global_step = step

try:
    gpu_turns.Turns({"one": train, "other": broken}, 0).run()
except RuntimeError as problem:
    assert str(problem) == "another training failed: as asked"
else:
    raise AssertionError
"""


def test_what_rounds_decide() -> None:
    subprocess.run([sys.executable, "-c", RANKS], cwd=BENCHMARKS, check=True)


def test_parts_of_a_small_run(tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    parts = ("peak", "fit", "predict", "halving")
    late = tmp_path / "late.json"
    words = ["--size", "small", "--out", str(out), "--parts", *parts, str(late)]
    ran = subprocess.run(
        [sys.executable, "-c", DRIVER, *words], cwd=BENCHMARKS, capture_output=True, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}, check=True,
    )  # fmt: skip
    kept = json.loads(out.read_text())
    assert list(kept) == ["prepare", *parts]
    assert json.loads(late.read_text()) == {"fit": [["skipped", {"reason": "the budget is spent"}]]}
    found = {name: dict(part) for name, part in kept.items()}

    assert found["peak"]["before"] == {"figure": 1}
    assert found["peak"]["FAILED"]["reason"] == "RuntimeError: as asked"

    beside = found["fit"]["batches of 8: gft beside Trainer"]
    speeds = [found["fit"][f"batches of 8: {arm}"] for arm in ("gft", "Trainer")]
    low, high = map(float, beside["interval"].split(" to "))
    assert low - 0.01 <= beside["times_as_fast"] <= high + 0.01
    assert beside["rounds"] == 3
    assert not beside["decided"]  # Three rounds decide nothing.
    assert all(0 < speed["share_of_peak"] < 1 for speed in speeds)

    assert found["predict"]["gft, fp32"]["labels_as_in_fp32"] == 1.0

    short = found["halving"]["a batch that does not fit"]
    assert short["halved"] == 1
    assert short["as_good_as_equal"]

    table = ran.stdout[ran.stdout.index("small size,") :]
    assert "peak     FAILED" in table
    assert "as_good_as_equal True" in table
