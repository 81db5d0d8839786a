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
from unittest.mock import patch

import torch
from gpu_fits import (
    Found,
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
    short,
    synchronize,
)
from gpu_graphs import alone
from gpu_made import make_model, make_rows
from gpu_profile import profile
from gpu_turns import TURN, Train, Turns, beside

import gft
from gft.engine import step_graphs
from gft.engine import trainer as engine
from gft.metrics.limits import wilson

TRAINERS: dict[str, dict[str, Any]] = {
    "Trainer": {},
    "Trainer, 4 workers": {"dataloader_num_workers": 4, "dataloader_persistent_workers": True},
}
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
    """Train with gft and with the best plain Trainer, in turns."""
    for batch in run.size.batches:
        workers = TRAINERS if on_gpu() else {"Trainer": {}}
        arms = {"gft": _gft(run, batch), **{n: _plain(run, batch, m) for n, m in workers.items()}}
        yield from _in_turns(run, f"batches of {batch}: ", batch, arms)


def compiled(run: Run) -> Iterator[Found]:
    """Train with gft and with a Trainer that uses torch.compile, in turns."""
    arms = {
        "gft": _gft(run, run.size.batches[0]),
        "Trainer, torch.compile": _plain(run, run.size.batches[0], {"torch_compile": True}),
    }
    yield from _in_turns(run, "", run.size.batches[0], arms, run.size.turns // 2)


def _gft(run: Run, batch: int, **more: Any) -> Train:
    return lambda callback: fit_with_gft(
        run, "timed", callback=callback, saving=False, max_steps=run.size.turns * TURN,
        per_device_train_batch_size=batch, max_eval_samples=16, **more,
    )  # fmt: skip


def _plain(run: Run, batch: int, more: dict[str, Any]) -> Train:
    return lambda callback: plain_trainer(
        run, batch=batch, callback=callback, max_steps=run.size.turns * TURN, **more
    ).train()


def _in_turns(
    run: Run, what: str, batch: int, trained: dict[str, Train], uncounted: int = 0
) -> Iterator[Found]:
    """Yield the values of each training, and how the first one stands beside the fastest other."""
    forget()
    arms = Turns(trained, uncounted or run.size.uncounted).run()
    for name, arm in arms.items():
        step = statistics.median(arm.seconds) / TURN
        yield (
            f"{what}{name}",
            {
                "ms_per_step": round(1000 * step, 2),
                "from_to": f"{1000 * min(arm.seconds) / TURN:.1f} to "
                f"{1000 * max(arm.seconds) / TURN:.1f}",
                "rows_per_second": round(batch / step, 1),
                "share_of_peak": run.share_of_peak(3 * run.flops(batch) / step),
                "peak_GB": round(arm.peak, 3),
                "first_turns_seconds": round(arm.first_seconds, 2),
            },
        )
    ours, *others = arms
    best = min(others, key=lambda name: statistics.median(arms[name].seconds))
    memory = min(arms[name].peak for name in others)
    yield (
        f"{what}{ours} beside {best}",
        {
            **beside(arms, ours, best),
            "of_its_memory": round(arms[ours].peak / memory, 3) if memory else None,
            "target": "1.2 times, at most 1.0 of its memory",
        },
    )


def predict(run: Run) -> Iterator[Found]:
    """Time predictions of test beside `pipeline`, and compare labels with those in fp32."""
    started = time.perf_counter()
    fitted = _fitted(run, "auto")
    folder = fitted.folder
    assert folder is not None
    yield (
        f"gft's fit of {run.size.epochs} epochs, all in all",
        {"seconds": round(time.perf_counter() - started, 1), "accuracy": _scored(fitted)["value"]},
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
    """Compare accuracy on test: a plain Trainer in bf16, and gft in three precisions."""
    rows = run.size.rows[2]
    forget()
    trainer = plain_trainer(run, data="rows", num_train_epochs=run.size.epochs)
    trainer.train()
    # Rows that are grouped by length are predicted in another order than they were given in.
    answered = trainer.predict(encoded(run, trainer.data_collator.tokenizer, "rows.test"))
    right = float((answered.predictions.argmax(1) == answered.label_ids).mean())
    yield "Trainer", _accuracy(right, rows)
    del trainer, answered
    for name in ("auto", "fp16", "fp32") if on_gpu() else ("auto",):
        forget()
        found = _scored(_fitted(run, name))
        inside = bool(found["low"] <= right <= found["high"])
        yield f"gft, {name}", {**_accuracy(found["value"], rows), "trainer_inside": inside}


def _scored(fitted: gft.Fit) -> dict[str, Any]:
    """Return the accuracy of a fit on test, with its interval."""
    found: dict[str, Any] = fitted.metrics["splits"]["test"]["metrics"]["accuracy"]
    return found


def _accuracy(value: float, rows: int) -> dict[str, Any]:
    low, high = wilson(value, rows)
    return {"accuracy": round(value, 4), "interval": f"{low:.4f} to {high:.4f}"}


def halving(run: Run) -> Iterator[Found]:
    """Take memory away until a batch does not fit; its halves must give the same update."""
    settings: dict[str, Any] = {
        "model": "model-without-dropout", "precision": "fp32", "optim": "sgd", "max_steps": 3,
        "learning_rate": 0.05, "warmup_steps": 0, "max_eval_samples": 16, "fast_cpu": on_gpu(),
        "per_device_train_batch_size": run.size.scarce_batch,
    }  # fmt: skip
    heard: list[str] = []
    started = time.perf_counter()
    # Otherwise so few steps are not recorded as graphs, whose memory comes first.
    with patch.object(step_graphs, "STEPS_PER_SHAPE", 0):
        forget()
        fit_with_gft(run, "plenty", **settings)
        most = memory_now(peak=True)
        forget()
        with scarce_memory(run, most):
            fit_with_gft(
                run, "scarce", **settings,
                watch=lambda event: heard.append(getattr(event, "text", "")),
            )  # fmt: skip
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


def resume(run: Run) -> Iterator[Found]:
    """Fit twice with the same seed, and once with a stop between: the weights must be equal.

    As it comes, and with `full_determinism` if they are not.
    """
    for name, more in (("as it comes", {}), ("full_determinism", {"full_determinism": True})):
        settings = {**short(run), **more}
        for out in ("whole", "again"):
            forget()
            fit_with_gft(run, out, **settings)
        same = apart(run, "whole", "again")
        yield f"two fits, {name}", same
        stopped = _stopped(run, "stopped", settings)
        forget()
        heard: list[str] = []
        fit_with_gft(
            run, "stopped", **settings, overwrite_output_dir=False,
            watch=lambda event, heard=heard: heard.append(getattr(event, "text", "")),
        )  # fmt: skip
        going_on = apart(run, "whole", "stopped")
        went_on = any("resuming from" in text for text in heard)
        yield f"stopped, {name}", {"stopped": stopped, "went_on": went_on, **going_on}
        if same["equal_bit_for_bit"] and going_on["equal_bit_for_bit"]:
            return


def _stopped(run: Run, out: str, settings: dict[str, Any]) -> bool:
    """Stop a fit with SIGTERM in its middle; return whether it let itself be stopped."""

    def terminate(event: Any) -> None:
        if event.kind == "step" and event.step == run.size.short // 2:
            os.kill(os.getpid(), signal.SIGTERM)

    forget()
    try:
        fit_with_gft(run, out, watch=terminate, **settings)
    except gft.Interrupted:
        return True
    return False


def apart(run: Run, one: str, other: str) -> dict[str, Any]:
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


PARTS: dict[str, Callable[[Run], Iterator[Found]]] = {
    "prepare": prepare,
    "peak": matrix_peak,
    "fit": fit,
    "alone": alone,
    "resume": resume,
    "halving": halving,
    "predict": predict,
    "compile": compiled,
    "figures": figures,
    "profile": profile,
}
"""Each part by its name, in the order they run in: what matters most comes first."""
