"""One fit, timed: by gft, and by a plain `transformers.Trainer` with the best settings it has."""

from __future__ import annotations

import csv
import dataclasses
import gc
import importlib.util
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from gpu_made import EQUATION, LABELS, Size, flops_of_rows

import gft
from gft.engine import trainer as engine

Found = tuple[str, dict[str, Any]]
"""What was measured, and its values by name."""

WARMED_UP = 0.1
"""The share of warmup steps."""


@dataclass(frozen=True)
class Run:
    """Where everything lies, and how large it is."""

    size: Size
    work: Path

    def flops(self, rows: int) -> float:
        """Return the operations of a forward pass over so many rows of train, on the average."""
        lengths = json.loads((self.work / "lengths.json").read_text())
        return rows * flops_of_rows(self.size, lengths) / len(lengths)

    def share_of_peak(self, flops_per_second: float) -> float:
        """Return the share of what products of large matrices reach here in bf16."""
        return round(flops_per_second / peak(self.size, self.work), 3)


def fit_with_gft(
    run: Run,
    out: str,
    *,
    data: str = "short",
    model: str = "model",
    callback: Any = None,
    saving: bool = True,
    **more: Any,
) -> gft.Fit:
    """Return gft's fit, which is in `work/out`; `callback` is called by transformers.

    Without `saving` it leaves no checkpoints, as a Trainer that is timed leaves none.
    """
    settings = {
        "num_train_epochs": 1, "learning_rate": run.size.rate, "warmup_steps": WARMED_UP,
        "eval_strategy": "no", "load_best_model_at_end": False, "disable_tqdm": True,
        "overwrite_output_dir": True, "per_device_train_batch_size": run.size.batches[0],
    }  # fmt: skip
    with _calling(callback, saving):
        return gft.fit(
            model=f"H:{run.work / model}", data=f"C:{run.work / data}", eqn=EQUATION,
            output_dir=str(run.work / out), **{**settings, **more},
        )  # fmt: skip


@contextmanager
def _calling(callback: Any, saving: bool) -> Iterator[None]:
    """Let gft's trainer call back, as one can ask of a plain one, and save or not."""
    original, save = engine.GftTrainer.__init__, engine.GftTrainer._save_checkpoint

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if callback is not None:
            callback.trainer = self
            self.add_callback(callback)

    def leave_out(self: Any, *args: Any) -> None:
        """Save nothing."""

    engine.GftTrainer.__init__ = init  # type: ignore[method-assign]
    if not saving:
        engine.GftTrainer._save_checkpoint = leave_out  # type: ignore[method-assign]
    try:
        yield
    finally:
        engine.GftTrainer.__init__ = original  # type: ignore[method-assign]
        engine.GftTrainer._save_checkpoint = save  # type: ignore[method-assign]


def short(run: Run) -> dict[str, Any]:
    """Return the arguments of a fit of few steps, for which little is encoded and scored."""
    rows = run.size.short * run.size.batches[0]
    return {"max_steps": run.size.short, "max_train_samples": rows, "max_eval_samples": 16}


def plain_trainer(
    run: Run, *, data: str = "short", batch: int = 0, callback: Any = None, **more: Any
) -> Any:
    """Return a plain `Trainer` with the best settings, ready to train."""
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )
    from transformers.trainer_callback import PrinterCallback
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    set_seed(42)
    flash = on_gpu() and importlib.util.find_spec("flash_attn") is not None
    model = AutoModelForSequenceClassification.from_pretrained(
        run.work / "model", num_labels=len(LABELS), dtype=torch.float32,
        attn_implementation="flash_attention_2" if flash else "sdpa",
    )  # fmt: skip
    tokenizer = AutoTokenizer.from_pretrained(run.work / "model")
    known = {field.name for field in dataclasses.fields(TrainingArguments)}
    grouped: dict[str, Any] = {"group_by_length": True}  # as it was called once
    if "train_sampling_strategy" in known:
        grouped = {"train_sampling_strategy": "group_by_length"}
    settings = {
        "num_train_epochs": 1, "learning_rate": run.size.rate, "warmup_steps": WARMED_UP,
        "bf16": on_gpu(), "optim": "adamw_torch_fused", "save_strategy": "no",
        "report_to": "none", "logging_strategy": "no", "disable_tqdm": True,
        "per_device_train_batch_size": batch or run.size.batches[0],
        "per_device_eval_batch_size": 128, "use_cpu": not on_gpu(), **grouped,
    }  # fmt: skip
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir=str(run.work / "trainer"), **{**settings, **more}),
        train_dataset=encoded(run, tokenizer, f"{data}.train"),
        # As is the best practice on tensor cores.
        data_collator=DataCollatorWithPadding(tokenizer, pad_to_multiple_of=8),
        callbacks=[callback] if callback else [],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def encoded(run: Run, tokenizer: Any, file: str) -> list[dict[str, Any]]:
    """Return the rows of a file as a `Trainer` takes them."""
    rows = read(run.work / file)
    encoding = tokenizer(
        [row["sentence1"] for row in rows], [row["sentence2"] for row in rows], truncation=True
    )
    return [
        {**{name: encoding[name][n] for name in encoding}, "labels": LABELS.index(row["label"])}
        for n, row in enumerate(rows)
    ]


def read(file: Path) -> list[Mapping[str, str]]:
    """Return the rows of a file."""
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def peak(size: Size, work: Path) -> float:
    """Return the operations a second of a product of large matrices in bf16, measured once."""
    kept = work / "peak.json"
    if not kept.exists():
        kept.write_text(json.dumps(_measured_peak(size.product)))
    found: float = json.loads(kept.read_text())
    return found


def _measured_peak(side: int, times: int = 20) -> float:
    one, other = (torch.randn(side, side, device=device()).bfloat16() for _ in range(2))
    for _ in range(3):
        one @ other
    seconds = []
    for _ in range(times):
        synchronize()
        started = time.perf_counter()
        one @ other
        synchronize()
        seconds.append(time.perf_counter() - started)
    return float(2 * side**3 / sorted(seconds)[times // 2])


def on_gpu() -> bool:
    """Say whether there is a GPU."""
    return torch.cuda.is_available()


def device() -> str:
    """Return where everything is computed."""
    return "cuda" if on_gpu() else "cpu"


def synchronize() -> None:
    """Wait until the GPU has done all that it was given."""
    if on_gpu():
        torch.cuda.synchronize()


def reserved_peak() -> float:
    """Return the most GB that torch has taken of the GPU since `forget_peak`, used or not."""
    return torch.cuda.max_memory_reserved() / 1e9 if on_gpu() else 0.0


def memory_now(peak: bool = False) -> float:
    """Return the GB that tensors take on the GPU, or took at most since `forget_peak`."""
    if not on_gpu():
        return 0.0
    return (torch.cuda.max_memory_allocated() if peak else torch.cuda.memory_allocated()) / 1e9


def forget() -> None:
    """Give back what nobody uses, and begin to look for the peak of memory anew."""
    gc.collect()
    if on_gpu():
        torch.cuda.empty_cache()
    forget_peak()


def forget_peak() -> None:
    """Begin to look for the peak of memory anew."""
    if on_gpu():
        torch.cuda.reset_peak_memory_stats()
