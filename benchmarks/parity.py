"""Does gft score what a plain `transformers.Trainer` scores? Same data, model, settings and seeds.

    python benchmarks/parity.py --model MODEL --data PATH --eqn 'classify: label ~ sentence' \
        --out parity.json --seeds 1 2 3

PATH.train and PATH.val are csv with a header. The plain script trains in fp32, pads each batch to
its longest row, and is scored at its last epoch; so is gft, in the precision it chooses. Results
are kept in `--out` as they come, so that a long comparison can be stopped and taken up again.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import gft
from gft.data.files import read_data
from gft.data.table import DataSet
from gft.language.equation import parse_equation
from gft.metrics.intervals import point_values
from gft.metrics.table import find
from gft.model.predictors import longest
from gft.registry import task_names, tasks

EPOCHS, BATCH, RATE = 3, 32, 5e-5
METRICS = {
    "classify": ("accuracy", "f1", "matthews_correlation"),
    "regress": ("pearson", "spearman"),
}


def main() -> None:
    """Run both sides for every seed and print the means and their difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--eqn", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    args = parser.parse_args()
    found = json.loads(args.out.read_text()) if args.out.exists() else {}
    for seed in args.seeds:
        for side in (with_gft, with_trainer):
            name = f"{side.__name__} {seed}"
            if name not in found:
                found[name] = side(args.model, args.data, args.eqn, seed)
                args.out.write_text(json.dumps(found, indent=1))
                print(name, found[name], flush=True)
    kind = task_names()[parse_equation(args.eqn).task]
    for score in METRICS[kind]:
        means = [
            statistics.mean(found[f"{side.__name__} {seed}"][score] for seed in args.seeds)
            for side in (with_gft, with_trainer)
        ]
        print(f"{score}: gft {means[0]:.4f}, Trainer {means[1]:.4f}, {means[0] - means[1]:+.4f}")


def with_gft(model: str, data: str, equation: str, seed: int) -> dict[str, float]:
    """Return gft's metrics on val after the last epoch."""
    kind = task_names()[parse_equation(equation).task]
    with tempfile.TemporaryDirectory() as folder:
        fit = gft.fit(
            model=f"H:{model}",
            data=f"C:{data}",
            eqn=equation,
            metric=[f"H:{name}" for name in METRICS[kind]],
            output_dir=f"{folder}/out",
            seed=seed,
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            load_best_model_at_end=False,
        )
        scores = fit.metrics["splits"]["val"]["metrics"]
    return {name: score["value"] for name, score in scores.items()}


def with_trainer(model: str, data: str, equation: str, seed: int) -> dict[str, float]:
    """Return the metrics of a plain script."""
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    rows = read_data(data)
    parsed = parse_equation(equation)
    task = tasks()[task_names()[parsed.task]].bind(parsed, rows, dict(rows.splits))
    tokenizer = AutoTokenizer.from_pretrained(model)
    set_seed(seed)
    network = AutoModelForSequenceClassification.from_pretrained(
        model, num_labels=len(task.labels), dtype="float32"
    )
    limit = longest(None, tokenizer, network.config.to_dict())
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=network,
            args=TrainingArguments(
                output_dir=folder, num_train_epochs=EPOCHS, per_device_train_batch_size=BATCH,
                per_device_eval_batch_size=BATCH, learning_rate=RATE, seed=seed,
                save_strategy="no", report_to="none", disable_tqdm=True, use_cpu=True,
            ),
            train_dataset=_encoded(task, tokenizer, rows, "train", limit),
            data_collator=DataCollatorWithPadding(tokenizer),
        )  # fmt: skip
        trainer.train()
        answer = trainer.predict(_encoded(task, tokenizer, rows, "val", limit))
    logits = np.asarray(answer.predictions, dtype=np.float64)
    golds = task.golds({name: rows.splits["val"].column(name) for name in task.outputs})
    values, scores = logits, None
    if task.name == "classify":
        scores = np.exp(logits - logits.max(1, keepdims=True))
        scores /= scores.sum(1, keepdims=True)
        values = logits.argmax(1)
    scored = task.scored(golds, values, scores)
    return point_values([find(name) for name in METRICS[task.name]], scored)


def _encoded(
    task: Any, tokenizer: Any, rows: DataSet, split: str, limit: int
) -> list[dict[str, Any]]:
    columns = {
        name: rows.splits[split].column(name) for name in dict.fromkeys(task.inputs + task.outputs)
    }
    texts = [columns[name] for name in task.inputs]
    encoding = tokenizer(*texts, truncation=True, max_length=limit)
    golds = task.golds(columns)
    single = [gold[0] if isinstance(gold, list) and len(gold) == 1 else gold for gold in golds]
    return [
        {**{name: encoding[name][n] for name in encoding}, "labels": gold}
        for n, gold in enumerate(single)
    ]


if __name__ == "__main__":
    main()
