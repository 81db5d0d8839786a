"""The parts of benchmarks/gpu.py: each a generator of what it finds, in a process of its own."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from gpu_fits import (
    Clock,
    Run,
    device,
    encoded,
    fit_with_gft,
    forget,
    memory_now,
    on_gpu,
    peak,
    plain_trainer,
    read,
    synchronize,
)
from gpu_made import make_model, make_rows
from transformers import TrainerCallback

import gft
from gft.engine import trainer as engine
from gft.metrics.intervals import wilson

Found = tuple[str, dict[str, Any]]
"""What was looked at, and its figures by their names."""

TRAINERS: dict[str, dict[str, Any]] = {
    "Trainer": {},
    "Trainer, 4 workers": {"dataloader_num_workers": 4, "dataloader_persistent_workers": True},
}
COMPILED_UNCOUNTED = 60
"""Steps after which every shape has been compiled for."""
SCARCE = 0.6
"""The share of a batch's memory that is left free: enough for its half."""


def prepare(run: Run) -> Iterator[Found]:
    """Make the model and the rows, and look at the machine."""
    if run.size.name == "full" and not on_gpu():
        raise RuntimeError("there is no GPU: --size small tries the script on a CPU")
    torch.ones(2, device=device()).sum().item()
    make_model(run.work / "model", run.size)
    make_model(run.work / "model-without-dropout", run.size, dropout=0.0)
    make_rows(run.work / "rows", run.size, run.size.rows)
    # What is scored after a fit does not count where steps are timed, so it is little there.
    make_rows(run.work / "short", run.size, (run.size.rows[0], 16, 16))
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(run.work / "model")
    lengths = [len(row["input_ids"]) for row in encoded(run, tokenizer, "rows.train")]
    (run.work / "lengths.json").write_text(json.dumps(lengths))
    names = ("torch", "transformers", "accelerate", "datasets", "tokenizers", "numpy", "pyarrow")
    yield (
        "machine",
        {
            "device": torch.cuda.get_device_name() if on_gpu() else platform.processor() or "CPU",
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in names},
        },
    )
    yield (
        "rows of train",
        {
            "rows": len(lengths),
            "tokens_per_row": round(statistics.mean(lengths), 1),
            "most_tokens": max(lengths),
            "TFLOP_per_epoch": round(3 * run.flops(len(lengths)) / 1e12, 2),
        },
    )


def matrix_peak(run: Run) -> Iterator[Found]:
    """Measure the peak that shares are of."""
    side = run.size.product
    yield f"{side}x{side} product, bf16", {"TFLOP/s": round(peak(run.size, run.work) / 1e12, 1)}


def fit(run: Run) -> Iterator[Found]:
    """Time an epoch of gft and of the best plain Trainer, in turns."""
    for batch in run.size.batches:
        found: dict[str, list[dict[str, float]]] = {}
        workers = TRAINERS if on_gpu() else {"Trainer": {}}
        for _ in range(run.size.rounds):
            for arm in ("gft", *workers):
                forget()
                figures = _timed(run, arm, batch, run.size.uncounted, workers.get(arm, {}))
                found.setdefault(arm, []).append(figures)
                yield f"batches of {batch}: {arm}", figures
        yield _beside(f"batches of {batch}", found)
        if batch == run.size.batches[0]:
            (run.work / "fit.json").write_text(json.dumps(found))


def _timed(
    run: Run, arm: str, batch: int, uncounted: int, more: dict[str, Any]
) -> dict[str, float]:
    """Return the figures of an epoch in batches of this size."""
    started, before = time.perf_counter(), memory_now()
    # No more than half of the steps are left out, however few there are.
    uncounted = min(uncounted, run.size.rows[0] // batch // 2)
    clock = Clock(uncounted, batch, run.size.rows[0])
    if arm.startswith("gft"):
        fit_with_gft(
            run, "timed", callback=clock, per_device_train_batch_size=batch, max_eval_samples=16,
            **more,
        )  # fmt: skip
    else:
        plain_trainer(run, batch=batch, callback=clock, **more).train()
    figures = clock.figures(run)
    figures["peak_GB"] = round(figures["peak_GB"] - before, 3)
    return {**figures, "seconds_in_all": round(time.perf_counter() - started, 1)}


def _beside(what: str, found: dict[str, list[dict[str, float]]]) -> Found:
    """Return how gft stands beside the fastest of the others; medians of rounds."""
    speeds = {arm: statistics.median(one["rows_per_second"] for one in found[arm]) for arm in found}
    memory = {arm: min(one["peak_GB"] for one in found[arm]) for arm in found}
    best = max((arm for arm in found if arm != "gft"), key=lambda arm: speeds[arm])
    return f"{what}: gft beside {best}", {
        "times_as_fast": round(speeds["gft"] / speeds[best], 3),
        "of_its_memory": round(memory["gft"] / memory[best], 3) if memory[best] else None,
        "target": "1.2 times, at most 1.0 of its memory",
    }


def compiled(run: Run) -> Iterator[Found]:
    """Does torch.compile pay, for the Trainer and for gft?"""
    known = run.work / "fit.json"
    found = json.loads(known.read_text()) if known.exists() else {}
    for arm in ("Trainer", "gft"):
        forget()
        figures = _timed(run, arm, run.size.batches[0], COMPILED_UNCOUNTED, {"torch_compile": True})
        if arm in found:
            plain = statistics.median(one["ms_per_step"] for one in found[arm])
            saved = plain - figures["ms_per_step"]
            spent = 1000 * figures["first_steps_seconds"] - COMPILED_UNCOUNTED * plain
            figures["pays_after_steps"] = round(spent / saved) if saved > 0 else None
        yield f"{arm}, torch.compile", figures
        if arm == "Trainer" and "gft" in found:
            yield _beside("as it comes", {"gft": found["gft"], "Trainer, torch.compile": [figures]})


def predict(run: Run) -> Iterator[Found]:
    """Time predictions of test beside `pipeline`, and compare labels with those in fp32."""
    started = time.perf_counter()
    folder = _fitted(run, "auto").folder
    assert folder is not None
    yield (
        f"gft's fit of {run.size.epochs} epochs, all in all",
        {"seconds": round(time.perf_counter() - started, 1)},
    )
    pairs = [(row["sentence1"], row["sentence2"]) for row in read(run.work / "rows.test")]
    dtypes = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    exact: list[str] = []
    speeds: dict[str, float] = {}
    for name, dtype in dtypes.items():
        for arm, make in (("pipeline", _with_pipeline), ("gft", _with_gft)):
            forget()
            before = memory_now()
            apply = make(run, folder, name, dtype)
            apply(pairs[:64])
            seconds = []
            for _ in range(1 + run.size.rounds):
                started = time.perf_counter()
                labels = apply(pairs)
                synchronize()
                seconds.append(time.perf_counter() - started)
            del apply  # Or its memory would be the next one's.
            exact = exact or labels
            speeds[f"{arm} {name}"] = speed = len(pairs) / statistics.median(seconds)
            same = sum(a == b for a, b in zip(labels, exact, strict=True)) / len(exact)
            yield (
                f"{arm}, {name}",
                {
                    "rows_per_second": round(speed, 1),
                    "share_of_peak": run.share_of_peak(run.flops(1) * speed),
                    "labels_as_in_fp32": round(same, 4),
                    "peak_GB": round(memory_now(peak=True) - before, 3),
                },
            )
    best = max((arm for arm in speeds if arm.startswith("pipeline")), key=lambda arm: speeds[arm])
    yield (
        f"gft beside the fastest {best}",
        {
            "times_as_fast": round(max(speeds["gft bf16"], speeds["gft fp16"]) / speeds[best], 2),
            "in_fp32": round(speeds["gft fp32"] / speeds["pipeline fp32"], 2),
            "target": "3 times",
        },
    )


def _fitted(run: Run, precision: str) -> gft.Fit:
    """Return gft's fit to all rows, which is made once."""
    return fit_with_gft(
        run, f"fitted-{precision}", data="rows", num_train_epochs=run.size.epochs,
        precision=precision, overwrite_output_dir=False,
    )  # fmt: skip


Apply = Callable[[list[tuple[str, str]]], list[str]]


def _with_pipeline(run: Run, folder: Path, name: str, dtype: torch.dtype) -> Apply:
    from transformers import pipeline

    made = pipeline(
        "text-classification", model=str(folder), batch_size=run.size.pipeline_batch, dtype=dtype,
        device=device(),
    )  # fmt: skip

    def apply(pairs: list[tuple[str, str]]) -> list[str]:
        rows = [{"text": first, "text_pair": second} for first, second in pairs]
        return [answer["label"] for answer in made(rows)]

    return apply


def _with_gft(run: Run, folder: Path, name: str, dtype: torch.dtype) -> Apply:
    return gft.load(f"C:{folder}", precision=name).predict


def figures(run: Run) -> Iterator[Found]:
    """Compare accuracy on test: gft in three precisions, and a plain Trainer in bf16."""
    rows = run.size.rows[2]
    intervals = {}
    for name in ("auto", "fp16", "fp32") if on_gpu() else ("auto",):
        forget()
        found = _fitted(run, name).metrics["splits"]["test"]["figures"]["accuracy"]
        intervals[name] = (found["low"], found["high"])
        yield f"gft, {name}", _accuracy(found["value"], rows)
    forget()
    trainer = plain_trainer(run, data="rows", num_train_epochs=run.size.epochs)
    trainer.train()
    test = encoded(run, trainer.data_collator.tokenizer, "rows.test")
    answers = trainer.predict(test).predictions.argmax(1)
    right = sum(int(a) == row["labels"] for a, row in zip(answers, test, strict=True)) / rows
    yield "Trainer", _accuracy(right, rows)
    yield (
        "Trainer's accuracy in the interval of",
        {f"gft {name}": bool(low <= right <= high) for name, (low, high) in intervals.items()},
    )


def _accuracy(value: float, rows: int) -> dict[str, Any]:
    low, high = wilson(value, rows)
    return {"accuracy": round(value, 4), "interval": f"{low:.4f} to {high:.4f}"}


def halving(run: Run) -> Iterator[Found]:
    """Take memory away until a batch does not fit; its halves must give the same update."""
    given: dict[str, Any] = {
        "model": "model-without-dropout", "precision": "fp32", "optim": "sgd", "max_steps": 3,
        "learning_rate": 0.05, "warmup_steps": 0, "max_eval_samples": 16, "fast_cpu": on_gpu(),
        "per_device_train_batch_size": run.size.scarce_batch,
    }  # fmt: skip
    forget()
    fit_with_gft(run, "plenty", **given)
    most = memory_now(peak=True)
    heard: list[str] = []
    forget()
    started = time.perf_counter()
    with scarce_memory(run, most):
        fit_with_gft(
            run, "scarce", **given, watch=lambda event: heard.append(getattr(event, "text", ""))
        )
    halved = [text for text in heard if "rows at a time" in text]
    one, other = _weights(run, "plenty"), _weights(run, "scarce")
    start = _tensors(run.work / "model-without-dropout" / "model.safetensors")
    shared = [name for name in one if name in start]
    far = sum(float((one[n] - other[n]).double().pow(2).sum()) for n in shared) ** 0.5
    moved = sum(float((one[n] - start[n]).double().pow(2).sum()) for n in shared) ** 0.5
    yield (
        "a batch that does not fit",
        {
            "halved": len(halved),
            "note": halved[-1] if halved else "nothing was halved",
            "peak_GB_without": round(most, 2),
            "difference_of_the_update": float(f"{far / moved:.2g}"),
            "as_good_as_equal": bool(halved) and far / moved < 1e-3,
            "seconds": round(time.perf_counter() - started, 1),
        },
    )


@contextmanager
def scarce_memory(run: Run, most: float) -> Iterator[None]:
    """Leave too little memory for a batch that takes `most` GB: a balloon takes the rest.

    On a CPU, where memory is not counted so, any batch of more than half of the rows is refused.
    """
    if on_gpu():
        weights = 4 * 2 * sum(w.numel() for w in _weights(run, "plenty").values()) / 1e9
        left = weights + SCARCE * (most - weights)
        free = torch.cuda.mem_get_info()[0] / 1e9
        balloon = torch.empty(int((free - left) * 1e9), dtype=torch.uint8, device="cuda")
        try:
            yield
        finally:
            del balloon
            forget()
        return
    original = engine.GftTrainer.compute_loss

    def refuse(self: Any, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if len(inputs["labels"]) > run.size.scarce_batch // 2:
            raise torch.OutOfMemoryError("out of memory")
        return original(self, model, inputs, *args, **kwargs)

    engine.GftTrainer.compute_loss = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        engine.GftTrainer.compute_loss = original  # type: ignore[method-assign]


def same(run: Run) -> Iterator[Found]:
    """Fit twice with the same seed: as it comes, and with `full_determinism`."""
    for name, more in (("as it comes", {}), ("full_determinism", {"full_determinism": True})):
        seconds = []
        for out in ("once", "again"):
            forget()
            clock = Clock(2, run.size.batches[0], run.size.short * run.size.batches[0])
            fit_with_gft(run, out, callback=clock, **_short(run), **more)
            seconds.append(clock.figures(run)["ms_per_step"])
        yield f"two fits, {name}", {**_apart(run, "once", "again"), "ms_per_step": min(seconds)}


def resume(run: Run) -> Iterator[Found]:
    """Stop a fit with SIGTERM and go on: the weights must be those of one that was not stopped."""
    stop_after = run.size.short // 2

    def terminate(event: Any) -> None:
        if event.kind == "step" and event.step == stop_after:
            os.kill(os.getpid(), signal.SIGTERM)

    for name, more in (("as it comes", {}), ("full_determinism", {"full_determinism": True})):
        given = {**_short(run), **more, "overwrite_output_dir": False}
        forget()
        fit_with_gft(run, f"whole {name}", **given)
        forget()
        try:
            fit_with_gft(run, f"stopped {name}", watch=terminate, **given)
            stopped = False
        except gft.Interrupted:
            stopped = True
        forget()
        heard: list[str] = []
        fit_with_gft(
            run, f"stopped {name}", **given,
            watch=lambda event, heard=heard: heard.append(getattr(event, "text", "")),
        )  # fmt: skip
        yield (
            f"stopped and resumed, {name}",
            {
                "stopped": stopped,
                "went_on": any("going on from" in text for text in heard),
                **_apart(run, f"whole {name}", f"stopped {name}"),
            },
        )


def _short(run: Run) -> dict[str, Any]:
    return {"max_steps": run.size.short, "max_eval_samples": 16}


def _apart(run: Run, one: str, other: str) -> dict[str, Any]:
    """Return whether the weights of two fits are equal bit for bit, and how far they are apart."""
    ones, others = _weights(run, one), _weights(run, other)
    unequal = [name for name in ones if not torch.equal(ones[name], others[name])]
    most = max(float((ones[name] - others[name]).abs().max()) for name in ones)
    return {
        "equal_bit_for_bit": not unequal,
        "unequal_tensors": f"{len(unequal)} of {len(ones)}",
        "largest_difference": float(f"{most:.2g}"),
    }


def _weights(run: Run, out: str) -> dict[str, torch.Tensor]:
    return _tensors(run.work / out / "model.safetensors")


def _tensors(file: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    found: dict[str, torch.Tensor] = load_file(file)
    return found


class Profiled(TrainerCallback):  # type: ignore[misc]  # the library is untyped
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
    """Where the time of a step goes."""
    begin = run.size.short // 2
    for arm in ("gft", "Trainer"):
        forget()
        look = Profiled(begin, run.size.short - begin - 1)
        if arm == "gft":
            fit_with_gft(run, "profiled", callback=look, **_short(run))
        else:
            plain_trainer(run, callback=look, max_steps=run.size.short).train()
        yield arm, look.figures()


PARTS: dict[str, Callable[[Run], Iterator[Found]]] = {
    "prepare": prepare,
    "peak": matrix_peak,
    "fit": fit,
    "predict": predict,
    "halving": halving,
    "figures": figures,
    "resume": resume,
    "same": same,
    "profile": profile,
    "compile": compiled,
}
"""Each part by its name, in the order they run in: what matters most comes first."""
