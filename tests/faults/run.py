"""What is tried against faults, and how much of it held: `make faults`.

    python tests/faults/run.py [damage] [power] [full] [--cuts 50]

`damage`: what a fit left is damaged in each way that `damages.py` knows, and every command is run
on it. It held if each ends with success and the same answer as before, or with one line that says
what is wrong; and if a fit that has a whole checkpoint goes on from it to the same weights.
`power`: copies of a loop device are taken while a fit writes to it (it takes root). It held if the
same fit goes on from what is on the copy to the same weights, and, once the fit had ended, finds it
finished. `full`: a fit writes to a disk that is too small (it takes root). It held if it ends with
one line that names the folder, leaves no part of a checkpoint, and goes on once there is room. Of
each that did not hold a line is shown.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from faults import full, power
from faults.commands import one_line, warm_up
from faults.damages import Damage, of_checkpoints, of_finished, of_finishing
from faults.fits import EPOCHS, KILLED_ITSELF, Fits, stopped_at

OTHERS = ("predict", "eval", "summary", "cat_data")
SAME = ("predict", "eval", "cat_data")
"""Those whose answer is the same each time."""
STEPS = 6
"""Steps in an epoch of the fit."""


class Trials:
    """A fit with its right results, states of its folder, and the counts."""

    def __init__(self, home: Path) -> None:
        self.fits = Fits(home)
        self.home = home
        self.tried: list[tuple[str, str | None]] = []
        first = self.fits.fit()
        assert first.status == 0, first.err
        out = self.fits.out
        self.results = {name: (out / name).read_bytes() for name in ("model.safetensors",
                        "predictions.parquet")}  # fmt: skip
        self.answers = {name: self.fits.other(name).out for name in OTHERS}
        self.finished = self._kept("finished")
        self.stopped = self._stopped("stopped", f"checkpoint-{EPOCHS * STEPS}")
        self.finishing = self._stopped("finishing", "predictions.parquet")

    def _kept(self, name: str) -> Path:
        """Move the fitted folder away; return where it is."""
        return Path(shutil.move(self.fits.out, self.home / name))

    def _stopped(self, name: str, moved: str) -> Path:
        """Stop a fit when a file or folder is moved to where it counts; keep what it left."""
        ran = self.fits.fit(before=stopped_at(lambda _, to: Path(to).name == moved))
        assert ran.status == KILLED_ITSELF, ran.err
        return self._kept(name)

    def bring(self, state: Path) -> None:
        """Put a state into the place of the fitted folder."""
        shutil.rmtree(self.fits.out, ignore_errors=True)
        shutil.copytree(state, self.fits.out, symlinks=True)

    def report(self, name: str, wrong: str | None) -> None:
        """Count a trial; say what was wrong."""
        self.tried.append((name, wrong))
        if wrong:
            print(f"  {name}: {wrong}", flush=True)

    def same_results(self) -> str | None:
        """Return what is other than without a fault in the fitted folder."""
        for name, content in self.results.items():
            file = self.fits.out / name
            if not file.is_file():
                return f"no {name}"
            if file.read_bytes() != content:
                return f"another {name}"
        return None

    def goes_on(self, damage: Damage, state: Path) -> str | None:
        """Return what went wrong when a damaged fit was run again; None if it held."""
        self.bring(state)
        damage.do(self.fits.out)
        ran = self.fits.fit()
        if not one_line(ran):
            return f"fit: status {ran.status}, {_last(ran.err)}"
        if ran.status == 0:
            return self.same_results()
        if damage.goes_on:
            return f"fit: did not go on, {_last(ran.err)}"
        ran = self.fits.fit("--overwrite_output_dir")
        return self.same_results() if ran.status == 0 else f"afresh: {_last(ran.err)}"

    def survives(self, damage: Damage) -> str | None:
        """Return which command did not survive a damaged finished folder; None if all did."""
        for name in (*OTHERS, "fit"):
            self.bring(self.finished)
            damage.do(self.fits.out)
            ran = self.fits.fit() if name == "fit" else self.fits.other(name)
            if not one_line(ran):
                return f"{name}: status {ran.status}, {_last(ran.err)}"
            told = "was changed since" in ran.err
            if ran.status == 0 and name in SAME and ran.out != self.answers[name] and not told:
                return f"{name}: another answer without a word"
        ran = self.fits.fit("--overwrite_output_dir")
        if ran.status and one_line(ran) and "a folder" in damage.name:
            return None  # It may be somebody's.
        return self.same_results() if ran.status == 0 else f"afresh: {_last(ran.err)}"

    def after_a_cut(self, state: Path, ended: bool) -> str | None:
        """Return what went wrong when a fit was run again on what a disk held; None if it held."""
        left = state / self.fits.out.name
        shutil.rmtree(self.fits.out, ignore_errors=True)
        if left.exists():
            shutil.copytree(left, self.fits.out)
        ran = self.fits.fit()
        if ran.status:
            return f"fit: status {ran.status}, {_last(ran.err)}"
        if ended and "holds this program's fit already" not in ran.err:
            return "the fit had ended, and is not there"
        if wrong := self.same_results():
            return wrong
        ran = self.fits.other("predict")
        return None if ran.out == self.answers["predict"] else f"predict: {_last(ran.err)}"


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "not a word"


def try_damage(trials: Trials, only: str = "") -> None:
    """Try every way in which what a fit left can be damaged."""
    groups: list[tuple[list[Damage], Callable[[Damage], str | None]]] = [
        (of_checkpoints(), lambda one: trials.goes_on(one, trials.stopped)),
        (of_finishing(), lambda one: trials.goes_on(one, trials.finishing)),
        (of_finished(), trials.survives),
    ]
    for damages, trial in groups:
        for one in damages:
            if only in one.name:
                trials.report(one.name, trial(one))


def try_power(trials: Trials, cuts: int, options: str) -> None:
    """Try what a disk held at `cuts` moments of a fit, and right after it."""
    place, disk = trials.fits.out.parent, trials.home / "disk"
    shutil.rmtree(trials.fits.out, ignore_errors=True)
    words = trials.fits.words()
    every = power.count_moments(words, place, disk, options)
    moments = {round(n * (every - 1) / max(1, cuts - 1)) for n in range(cuts)}
    with tempfile.TemporaryDirectory(dir=trials.home) as kept:
        states = power.cut(words, place, disk, options, moments, Path(kept))
        print(f"  {len(states)} of {every} moments, ext4 with {options}", flush=True)
        for state in states:
            ended = state.name == "after the end"
            trials.report(f"power cut, {state.name}", trials.after_a_cut(state, ended))


def try_full(trials: Trials) -> None:
    """Try disks that are too small for a fit, a little larger each time; then a full cache."""
    out = trials.fits.out
    for size in range(100, 3000, 100):
        shutil.rmtree(out, ignore_errors=True)
        with full.small_disk(out.parent, size) as resize:
            trials.report(f"a disk of {size} kB", _on_a_small_disk(trials, resize))
    with full.small_disk(trials.home / "cache", 8):
        (trials.home / "cache" / "taken").write_bytes(bytes(8192))
        for name in ("fit", *SAME):
            trials.bring(trials.finished)
            wrong = _with_a_full_cache(trials, name)
            trials.report(f"a full cache, {name}", wrong)


def _on_a_small_disk(trials: Trials, resize: Callable[[int], None]) -> str | None:
    out = trials.fits.out
    ran = trials.fits.fit(before=full.unforeseen)
    if not one_line(ran):
        return f"fit: status {ran.status}, {_last(ran.err)}"
    if ran.status and str(out) not in ran.errors[0]:
        return f"the folder is not named: {_last(ran.err)}"
    torn = [path.name for path in out.glob(".*")] if out.exists() else []
    if ran.status and any(name != ".gft-finishing" for name in torn):
        return f"left behind: {', '.join(torn)}"
    resize(32_000)
    ran = trials.fits.fit()
    return trials.same_results() if ran.status == 0 else f"with room: {_last(ran.err)}"


def _with_a_full_cache(trials: Trials, name: str) -> str | None:
    def before() -> None:
        full.spilling(trials.home / "cache")

    fits = trials.fits
    afresh = ("--overwrite_output_dir",)
    ran = fits.fit(*afresh, before=before) if name == "fit" else fits.other(name, before)
    if not one_line(ran):
        return f"status {ran.status}, {_last(ran.err)}"
    if ran.status and str(trials.home / "cache") not in ran.errors[0]:
        return f"the cache is not named: {_last(ran.err)}"
    return None


def main() -> int:
    """Try what is asked for; return 1 if anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["damage", "power", "full"])
    parser.add_argument("--cuts", type=int, default=50, help="power cuts for each way to mount")
    parser.add_argument("--only", default="", help="only damages whose name holds this")
    asked = parser.parse_args()
    warm_up()
    with tempfile.TemporaryDirectory() as home:
        trials = Trials(Path(home))
        if "damage" in asked.what:
            try_damage(trials, asked.only)
        if "power" in asked.what and power.can_be_tried():
            for options in power.OPTIONS:
                try_power(trials, asked.cuts, options)
        elif "power" in asked.what:
            print("power cuts need root and loop devices: not tried")
        if "full" in asked.what and full.can_be_tried():
            try_full(trials)
        elif "full" in asked.what:
            print("full disks need root: not tried")
    held = sum(wrong is None for _, wrong in trials.tried)
    print(f"tried {len(trials.tried)}, held {held}")
    return int(held < len(trials.tried))


if __name__ == "__main__":
    sys.exit(main())
