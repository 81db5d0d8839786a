"""Where the time of a step goes: on the GPU, and in Python."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from gpu_fits import Found, Run, fit_with_gft, forget, on_gpu, plain_trainer, short, synchronize
from transformers import TrainerCallback

SHOWN_CALLS = 120


class Profiled(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Looks closely at some steps of a training: what is computed, and for how long."""

    def __init__(self, begin: int, steps: int) -> None:
        activities = [torch.profiler.ProfilerActivity.CPU]
        if on_gpu():
            activities.append(torch.profiler.ProfilerActivity.CUDA)
        self.profiler = torch.profiler.profile(activities=activities)
        self.begin, self.end, self.steps = begin, begin + steps, steps

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Begin to look, and end."""
        if state.global_step in (self.begin, self.end):
            synchronize()
        if state.global_step == self.begin:
            self.profiler.start()
        if state.global_step == self.end:
            self.profiler.stop()

    def figures(self) -> dict[str, Any]:
        """Return what takes the GPU's time, in ms a step, and how often the CPU asks for work."""
        events = self.profiler.key_averages()
        on = torch.autograd.DeviceType.CUDA if on_gpu() else torch.autograd.DeviceType.CPU
        attribute = "self_device_time_total" if on_gpu() else "self_cpu_time_total"
        taken = {
            event.key[:70]: getattr(event, attribute) / 1000 / self.steps
            for event in events
            if event.device_type == on and not getattr(event, "is_user_annotation", False)
        }
        longest = sorted(taken, key=lambda key: -taken[key])[:20]
        asked = {event.key: event.count for event in events}
        waits = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "aten::item", "aten::nonzero")
        return {
            "computing_ms_per_step": round(sum(taken.values()), 2),
            "launches_per_step": round(
                sum(asked.get(key, 0) for key in ("cudaLaunchKernel", "cuLaunchKernelEx",
                                                  "cudaLaunchKernelExC", "cuLaunchKernel"))
                / self.steps
            ),
            **{key: round(asked[key] / self.steps, 1) for key in waits if key in asked},
            "longest": {key: round(taken[key], 3) for key in longest},
        }  # fmt: skip


def profile(run: Run) -> Iterator[Found]:
    """Where the time of a step goes, and that of all that is Python in a fit."""
    begin = run.size.short // 2
    for arm in ("gft", "Trainer"):
        forget()
        look = Profiled(begin, run.size.short - begin - 1)
        if arm == "gft":
            fit_with_gft(run, "profiled", callback=look, **short(run))
        else:
            plain_trainer(run, callback=look, max_steps=run.size.short).train()
        yield arm, look.figures()
    trainer = plain_trainer(run, max_steps=run.size.short)
    for arm, train in (
        ("gft", lambda: fit_with_gft(run, "profiled", **short(run))),
        ("Trainer", trainer.train),
    ):
        watched = cProfile.Profile()
        watched.runcall(train)
        yield f"{arm}, Python", _calls(watched)


def _calls(watched: cProfile.Profile) -> dict[str, Any]:
    """Return which functions took longest, by themselves and with all that they call."""
    calls = pstats.Stats(watched).stats  # type: ignore[attr-defined]  # its types do not know
    rows = [
        (f"{'/'.join(Path(file).parts[-2:])}:{line} {name}", count, own, whole)
        for (file, line, name), (_, count, own, whole, _) in calls.items()
    ]
    return {
        "seconds": round(sum(row[2] for row in rows), 2),
        **{
            key: [
                f"{row[3]:.2f} s ({row[2]:.2f} by itself, {row[1]} calls) {row[0]}"
                for row in sorted(rows, key=lambda row: -row[column])[:SHOWN_CALLS]
            ]
            for key, column in (("longest", 3), ("longest_by_itself", 2))
        },
    }
