"""Does the interval of a learning curve hold the truth? Fit half, say what all rows bring, fit all.

    python benchmarks/learning_curve.py --model H:NAME --out FOLDER \\
        --set emotion emotion.csv 'classify: label ~ text' [--set ...] [--draws 5]

Of each set, a table with a header, rows are drawn for train, val and test; half of train is
fitted with --learning_curve, which forecasts the metric of twice the rows on the same test; then
all of train is fitted, with another seed. The forecast should hold what that reaches in 95 of 100.
A line is printed for each draw, and kept in FOLDER/draws.tsv: what is there is not done again.
Their metrics.json are kept beside. Arguments of gft.fit may follow as NAME=VALUE.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import gft
from gft.language.json_text import parsed_json

HEADERS = ("set", "draw", "rows", "half", "forecast", "low", "high", "truth", "held")


def main() -> int:
    """Print the table, and how many of the forecasts held; return the exit status."""
    args = _arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    kept = args.out / "draws.tsv"
    known = dict.fromkeys(kept.read_text().splitlines()) if kept.is_file() else {}
    print("\t".join(HEADERS), flush=True)
    lines = []
    for name, file, equation in args.set:
        table = gft.load_data(f"C:{file}").splits["train"].table
        for draw in range(args.draws):
            before = [line for line in known if line.split("\t")[:2] == [name, str(draw)]]
            line = before[0] if before else _draw(args, name, table, equation, draw)
            if not before:
                with kept.open("a") as out:
                    out.write(line + "\n")
            print(line, flush=True)
            lines.append(line)
    held = [sum(line.endswith(f"\t{one}") for line in lines) for one in ("yes", "nothing said")]
    print(f"{held[0]} of {len(lines)} held the truth; of {held[1]} nothing was said")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", nargs=3, action="append", required=True)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--rows", type=int, default=512, help="train rows of the whole")
    parser.add_argument("--val", type=int, default=64)
    parser.add_argument("--test", type=int, default=400)
    parser.add_argument("more", nargs="*", metavar="NAME=VALUE")
    return parser.parse_args()


def _draw(args: argparse.Namespace, name: str, table: pa.Table, equation: str, draw: int) -> str:
    """Return the line of one draw."""
    order = np.random.default_rng(draw).permutation(len(table))
    ends = np.cumsum([args.rows, args.val, args.test])
    train, val, test, _ = np.split(order, ends)
    metrics = {}
    for part, rows, seed in (
        ("half", train[: args.rows // 2], draw),
        ("whole", train, 1000 + draw),
    ):
        data = {"train": rows, "val": val, "test": test}
        folder = args.out / "fit"
        options: dict[str, Any] = dict(one.split("=", 1) for one in args.more)
        gft.fit(
            model=args.model,
            data={
                split: table.take(pa.array(chosen)).to_pydict() for split, chosen in data.items()
            },
            eqn=equation,
            seed=seed,
            learning_curve=part == "half",
            output_dir=str(folder),
            overwrite_output_dir=True,
            **{name: _value(value) for name, value in options.items()},
        )
        kept = args.out / f"{name}-{draw}-{part}.json"
        shutil.copyfile(folder / "metrics.json", kept)
        metrics[part] = json.loads(kept.read_text())
    curve, merit = metrics["half"]["learning_curve"], metrics["half"]["figure_of_merit"]
    truth = metrics["whole"]["splits"]["test"]["metrics"][merit]["value"]
    half = curve["points"][-1]["splits"]["test"]["metrics"][merit]["value"]
    cells: list[float | None] = [half, None, None, None, truth]
    held = "nothing said"
    if curve["drawn"]:
        forecast = min(curve["drawn"], key=lambda one: abs(one["rows"] - args.rows))
        cells[1:4] = [forecast[part] for part in ("value", "low", "high")]
        held = "yes" if forecast["low"] <= truth <= forecast["high"] else "no"
    told = ("" if one is None else f"{one:.4f}" for one in cells)
    return "\t".join([name, str(draw), str(args.rows), *told, held])


def _value(text: str) -> Any:
    """Return an argument's value: a number, a list or true where it is one, else the text."""
    try:
        return parsed_json(text)
    except ValueError:
        return text


if __name__ == "__main__":
    raise SystemExit(main())
