"""Label errors: are they found, and is the number of them estimated honestly? Where it is known.

    python benchmarks/label_errors.py --made 20
    python benchmarks/label_errors.py --data FOLDER --sets emotion irony hate banking77
    python benchmarks/label_errors.py --data FOLDER --sets emotion --model H:NAME --rows 4000

Wrong labels are planted: `uniform`, each label with the same probability into any other; `class`,
with probabilities that differ from class to class, each into two others. Of the same out-of-fold
probabilities it prints the precision of the first 20, and the recall among as many as there are, by
gft's order, by self-confidence and by normalized margin (both as cleanlab has them), and the share
of wrong labels beside its estimate. With a model it fits one and takes the order of
label_errors.csv, in which the model has a say.

Sets are made of words (`--made DRAWS` for each scene), where every label is right but for the
planted ones, or read from FOLDER: emotion/train.txt (`text;label`), banking77/train.csv,
NAME/train_text.txt and NAME/train_labels.txt of TweetEval. Their own labels are not all right:
the truth there is somewhat above what is planted.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gft.baselines.label_noise import wrong_labels
from gft.baselines.linear import out_of_fold
from gft.baselines.protocol import Sample
from gft.data.folding import bare
from gft.targets.classes import Classes

Array = np.ndarray[Any, Any]
KINDS = ("uniform", "class")
RATES = (0.05, 0.1, 0.2)
FIRST = 20
SCENES = (
    (500, 2, 0.0), (500, 2, 0.1), (500, 4, 0.2), (2000, 2, 0.0), (2000, 2, 0.05), (2000, 2, 0.2),
    (2000, 4, 0.0), (2000, 4, 0.1), (2000, 4, 0.3), (2000, 10, 0.1), (6000, 4, 0.05),
    (6000, 10, 0.2),
)  # fmt: skip
"""Rows, classes and the share of labels that are turned."""


@dataclass(frozen=True)
class Labelled:
    """Texts and the numbers of their classes."""

    texts: list[str]
    right: Array
    names: tuple[str, ...]


def read(folder: Path, name: str) -> Labelled:
    """Return the train split of a set in a folder."""
    if name == "emotion":
        lines = (folder / "emotion/train.txt").read_text(encoding="utf-8").splitlines()
        pairs = [(text, label) for text, _, label in (line.rpartition(";") for line in lines)]
    elif name == "banking77":
        with (folder / "banking77/train.csv").open(newline="", encoding="utf-8") as rows:
            pairs = [(row["text"], row["category"]) for row in csv.DictReader(rows)]
    else:
        place = next(folder.rglob(f"{name}/train_text.txt")).parent
        texts, labels = (
            (place / f"train_{one}.txt").read_text(encoding="utf-8").split("\n")
            for one in ("text", "labels")
        )
        pairs = [pair for pair in zip(texts, labels, strict=False) if pair[1]]
    names = sorted({label for _, label in pairs})
    numbers = np.array([names.index(label) for _, label in pairs])
    return Labelled([text for text, _ in pairs], numbers, tuple(names))


def made(rows: int, classes: int, seed: int) -> Labelled:
    """Return texts of words that are likelier in one class; some texts have few of these."""
    random = np.random.default_rng(seed)
    right = random.integers(0, classes, rows)
    share = random.beta(2, 3, rows)
    ranks = 1 / np.arange(1, 401)
    words = random.choice(400, (rows, 14), p=ranks / ranks.sum())
    own = random.integers(0, 30, (rows, 14)) + 1000 * (1 + right[:, None])
    telling = random.random((rows, 14)) < share[:, None] * 0.6
    # Words of a class stand in others' texts too.
    stray = random.random((rows, 14)) < 0.08
    others = random.integers(0, 30, (rows, 14))
    others += 1000 * (1 + random.integers(0, classes, (rows, 14)))
    words = np.where(stray, others, np.where(telling, own, words))
    texts = [" ".join(f"w{one}" for one in row) for row in words.tolist()]
    return Labelled(texts, right, tuple(f"class{n}" for n in range(classes)))


def planted(right: Array, classes: int, kind: str, rate: float, seed: int) -> Array:
    """Return labels of which about a share `rate` is turned into another."""
    random = np.random.default_rng(seed)
    labels = right.copy()
    if kind == "uniform":
        hit = random.random(len(right)) < rate
        labels[hit] = (right[hit] + random.integers(1, classes, hit.sum())) % classes
        return labels
    rates = np.minimum(random.dirichlet(np.ones(classes)) * classes * rate, 0.45)
    for one in range(classes):
        mine = np.flatnonzero(right == one)
        hit = mine[random.random(len(mine)) < rates[one]]
        others = [other for other in range(classes) if other != one]
        labels[hit] = random.choice(random.permutation(others)[:2], len(hit))
    return labels


def unseen(data: Labelled, labels: Array) -> tuple[Array, Array]:
    """Return out-of-fold probabilities, and the bundles of equal texts."""
    bundles = np.unique([bare(text) for text in data.texts], return_inverse=True)[1]
    sample = Sample(data.names, labels.tolist(), lambda: {"text": data.texts})
    return out_of_fold(Classes().learner(), sample, bundles)[0], bundles


def margin(said: Array, labels: Array) -> Array:
    """Return the normalized margin: the label's probability less the best other one."""
    rows = np.arange(len(labels))
    others = said.copy()
    others[rows, labels] = -1
    return said[rows, labels] - others.max(1)


def found(order: Array, wrong: Array) -> tuple[float, float]:
    """Return the precision of the first 20, and recall among as many rows as are wrong."""
    return float(wrong[order[:FIRST]].mean()), float(wrong[order[: wrong.sum()]].mean())


def orders(said: Array, labels: Array) -> Iterator[Array]:
    """Yield the rows by how doubtful they are: gft's order, self-confidence, normalized margin."""
    target = Classes()
    yield np.argsort(-target.doubt(target.belief(labels.tolist(), said)), kind="stable")
    yield np.argsort(said[np.arange(len(labels)), labels], kind="stable")
    yield np.argsort(margin(said, labels), kind="stable")


def with_model(data: Labelled, labels: Array, model: str, rows: int) -> tuple[float, float]:
    """Return what `found` does of the order in label_errors.csv, of a fit to some of the rows."""
    import gft

    chosen = np.linspace(0, len(labels) - 1, min(rows, len(labels))).astype(int)
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "noisy.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(["text", "label"])
            writer.writerows((data.texts[n], data.names[labels[n]]) for n in chosen)
        out_of = Path(place) / "fitted"
        gft.fit(model=model, data=f"C:{file}", eqn="classify: label ~ text",
                output_dir=str(out_of), max_length=64)  # fmt: skip
        table = (out_of / "label_errors.csv").open(newline="", encoding="utf-8-sig")
        with table as lines:
            order = np.array([int(row["row"]) - 1 for row in csv.DictReader(lines)])
    wrong = (labels != data.right)[chosen]
    return found(np.arange(len(order)), wrong[order])


def of_sets(folder: Path, names: list[str], seeds: int, model: str | None, rows: int) -> None:
    """Print a line for each set, kind of noise and rate: means over the seeds."""
    print("set        noise          first 20: gft self-conf. margin  recall: gft self-conf. margin"
          "  wrong  estimate (95 %)")  # fmt: skip
    for name in names:
        data = read(folder, name)
        for kind, rate in [("none", 0.0), *((kind, rate) for kind in KINDS for rate in RATES)]:
            lines, told = [], []
            for seed in range(seeds if rate else 1):
                labels = (
                    planted(data.right, len(data.names), kind, rate, seed) if rate else data.right
                )
                wrong = labels != data.right
                said, bundles = unseen(data, labels)
                if rate:
                    lines.append([found(order, wrong) for order in orders(said, labels)])
                told.append(f"{wrong.mean():.3f}  {_estimate(said, labels, bundles)}")
            means = np.mean(lines, 0) if lines else np.full((3, 2), np.nan)
            shown = "   ".join(" ".join(f"{one:9.2f}" for one in means[:, n]) for n in (0, 1))
            print(f"{name:10s} {kind:8s}{rate:5.2f}  {shown}   {'; '.join(told)}", flush=True)
            if model is not None and rate:
                first, recall = with_model(data, labels, model, rows)
                print(f"{'':10s} with the model: {first:.2f}, recall {recall:.2f}", flush=True)


def _estimate(said: Array, labels: Array, bundles: Array) -> str:
    one = wrong_labels(said, labels, bundles)
    if one is None:
        return "none"
    share = [value / one.rows for value in (one.wrong, one.low, one.high)]
    return f"{share[0]:.3f} ({share[1]:.3f} to {share[2]:.3f})"


def of_made(draws: int) -> None:
    """Print for each scene how often the interval holds the truth, and how wide it is."""
    print("rows  classes noise          wrong  estimate  width  held")
    every = []
    for rows, classes, rate in SCENES:
        for kind in KINDS if rate else KINDS[:1]:
            lines = []
            for seed in range(draws):
                data = made(rows, classes, seed)
                labels = planted(data.right, classes, kind, rate, seed + 1000)
                wrong = int((labels != data.right).sum())
                one = wrong_labels(*_with_labels(data, labels))
                assert one is not None
                held = one.low <= wrong <= one.high
                lines.append([wrong / rows, one.wrong / rows, (one.high - one.low) / rows, held])
            every += [line[3] for line in lines]
            truth, middle, width, held = np.mean(lines, 0)
            print(f"{rows:5d} {classes:5d}   {kind:8s}{rate:5.2f}  {truth:6.3f} {middle:8.3f} "
                  f"{width:7.3f}  {held:.2f}", flush=True)  # fmt: skip
    print(f"held in {np.mean(every):.3f} of {len(every)} draws")


def _with_labels(data: Labelled, labels: Array) -> tuple[Array, Array, Array]:
    said, bundles = unseen(data, labels)
    return said, labels, bundles


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--made", type=int, help="so many draws of each scene that is made")
    parser.add_argument("--data", type=Path, help="the folder of the real sets")
    parser.add_argument("--sets", nargs="+", default=["emotion"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--model", help="fit this model too")
    parser.add_argument("--rows", type=int, default=4000, help="to so many rows")
    args = parser.parse_args()
    if args.made:
        of_made(args.made)
    if args.data:
        of_sets(args.data, args.sets, args.seeds, args.model, args.rows)


if __name__ == "__main__":
    main()
