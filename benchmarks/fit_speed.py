"""How fast gft fits, beside two stock ways to do the same, in one run.

    python benchmarks/fit_speed.py --model H:/path/to/model --data C:mrpc \\
        --eqn 'classify: label ~ sentence1 + sentence2'

Three arms take turns, each in a process of its own: the stock script (fp32, every row padded to
128), the best settings of a plain `transformers.Trainer` (bf16 where the processor has it, padding
to the longest row, grouping by length, fused AdamW), and gft_fit as it comes. Each trains on one
epoch; the first 32 steps do not count. Printed: rows per second, medians over the rounds, the
ratios, and which share of the processor's peak in matrix products, measured here in bf16, each arm
reaches: three times the operations of a forward pass over the tokens there are, padding left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

ARMS = ("stock", "best_trainer", "gft")
PEAK = "peak"
"""What is no arm: how many rows a second there would be if all were products at the peak."""
SIDE, PRODUCTS = 2048, 20
UNCOUNTED_STEPS = 32
STOCK_LENGTH = 128


def main() -> None:
    """Run the arms in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--eqn", required=True)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many (a whole epoch)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=ARMS)
    parser.add_argument("--arm", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.arm == PEAK:
        print(json.dumps({"rows_per_second": rows_at_peak(args)}))
        return
    if args.arm:
        seconds, rows = (gft_arm if args.arm == "gft" else trainer_arm)(args)
        print(json.dumps({"rows_per_second": rows / seconds}))
        return
    found: dict[str, list[float]] = {arm: [] for arm in args.arms}
    found[PEAK] = []
    for turn in range(args.rounds):
        for arm, figures in found.items():
            done = subprocess.run(
                [sys.executable, __file__, *sys.argv[1:], "--arm", arm],
                stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
            figures.append(json.loads(done.stdout.splitlines()[-1])["rows_per_second"])
            print(f"round {turn + 1} {arm}: {figures[-1]:.1f} rows/s", flush=True)
    medians = {arm: statistics.median(values) for arm, values in found.items()}
    peak = medians.pop(PEAK)
    for arm, median in medians.items():
        spread = f"{min(found[arm]):.1f} to {max(found[arm]):.1f}"
        ratio = f"   gft is {medians['gft'] / median:.2f} times as fast" if "gft" in medians else ""
        told = f"{arm:14}{median:8.1f} rows/s ({spread}), {median / peak:.2f} of the peak"
        print(f"{told}{ratio if arm != 'gft' else ''}")
    print(f"products alone would do {peak:.1f} rows/s")


def rows_at_peak(args: argparse.Namespace) -> float:
    """Return the rows a second of a training that were nothing but products at the peak."""
    import torch
    import transformers

    texts, _ = _rows(args)
    place = args.model.partition(":")[2]
    tokenizer = transformers.AutoTokenizer.from_pretrained(place)
    lengths = [len(ids) for ids in tokenizer(*texts, truncation=True)["input_ids"]]
    with torch.device("meta"):
        config = transformers.AutoConfig.from_pretrained(place)
        encoder = transformers.AutoModel.from_config(config).encoder
    weights = sum(one.numel() for one in encoder.parameters())
    attention = 2 * config.num_hidden_layers * config.hidden_size
    forward = sum(2 * (weights * n + attention * n * n) for n in lengths) / len(lengths)
    first, second = (torch.randn(SIDE, SIDE).bfloat16() for _ in range(2))
    times = []
    for _ in range(PRODUCTS):
        started = time.perf_counter()
        torch.mm(first, second)
        times.append(time.perf_counter() - started)
    return 2 * SIDE**3 / statistics.median(times) / (3 * forward)


def _rows(args: argparse.Namespace) -> tuple[list[list[str]], list[str]]:
    """Return the columns of text of train, and its labels."""
    import gft
    from gft.language.equation import parse_equation

    equation = parse_equation(args.eqn)
    train = gft.load_data(args.data).splits["train"]
    labels = [str(value) for value in train.column(equation.left[0])]
    return [list(train.column(name)) for name in equation.inputs], labels


def gft_arm(args: argparse.Namespace) -> tuple[float, int]:
    """Return the seconds and rows of gft_fit's counted steps."""
    import gft
    from gft.engine import trainer

    times: list[float] = []
    step = trainer.Steering.on_step_end

    def timed(self: Any, *args: Any, **kwargs: Any) -> None:
        times.append(time.perf_counter())
        step(self, *args, **kwargs)

    trainer.Steering.on_step_end = timed  # type: ignore[method-assign]
    limit = {"max_steps": args.steps} if args.steps else {"num_train_epochs": 1}
    with tempfile.TemporaryDirectory() as folder:
        gft.fit(
            model=args.model, data=args.data, eqn=args.eqn, output_dir=f"{folder}/out",
            per_device_train_batch_size=args.batch, eval_strategy="no", disable_tqdm=True,
            max_eval_samples=32, **limit,
        )  # fmt: skip
    return _counted(times, args.batch)


def trainer_arm(args: argparse.Namespace) -> tuple[float, int]:
    """Return the seconds and rows of the counted steps of a plain Trainer."""
    import torch
    import transformers

    from gft.engine.precision import choose_precision

    texts, labels = _rows(args)
    place = args.model.partition(":")[2]
    tokenizer = transformers.AutoTokenizer.from_pretrained(place)
    stock = args.arm == "stock"
    padding = {"padding": "max_length", "max_length": STOCK_LENGTH} if stock else {}
    encoded = tokenizer(*texts, truncation=True, **padding)
    numbers = {label: number for number, label in enumerate(sorted(set(labels)))}
    rows = [
        {**{name: encoded[name][n] for name in encoded}, "labels": numbers[label]}
        for n, label in enumerate(labels)
    ]
    times: list[float] = []

    class Clock(transformers.TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            times.append(time.perf_counter())

    on_cpu = not torch.cuda.is_available()
    half = not stock and choose_precision("auto", use_cpu=on_cpu).name
    best = {
        "bf16": half == "bf16",
        "fp16": half == "fp16",
        "train_sampling_strategy": "group_by_length",
        "optim": "adamw_torch_fused",
    }
    with tempfile.TemporaryDirectory() as folder:
        trainer = transformers.Trainer(
            model=transformers.AutoModelForSequenceClassification.from_pretrained(
                place, num_labels=len(numbers)
            ),
            args=transformers.TrainingArguments(
                output_dir=folder, per_device_train_batch_size=args.batch, save_strategy="no",
                num_train_epochs=1, max_steps=args.steps or -1, disable_tqdm=True,
                report_to="none", logging_strategy="no", use_cpu=on_cpu, **({} if stock else best),
            ),
            train_dataset=rows,
            data_collator=transformers.DataCollatorWithPadding(tokenizer),
            callbacks=[Clock()],
        )  # fmt: skip
        trainer.train()
    return _counted(times, args.batch)


def _counted(times: list[float], batch: int) -> tuple[float, int]:
    """Return the seconds and rows after the uncounted steps; all batches count as full."""
    if len(times) <= UNCOUNTED_STEPS + 1:
        raise SystemExit(
            f"{len(times)} steps are too few: the first {UNCOUNTED_STEPS} do not count"
        )
    return times[-1] - times[UNCOUNTED_STEPS - 1], (len(times) - UNCOUNTED_STEPS) * batch


if __name__ == "__main__":
    main()
