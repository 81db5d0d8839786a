"""A fuzz run, and how much of it held: `make fuzz`.

    python tests/fuzz/run.py [KIND ...] [--cases 100] [--seed 0] [--minutes 10]

Every kind of `kinds.py` is tried in turn: each case is spoilt by chance, from the seed, and read by
the real function in a process of its own, which has 20 seconds and 1 GiB more than it begins with.
It held if that ends with success or with gft's own error; of each that did not a line is shown,
with what to write to see it again.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.apart import apart
from fuzz.kinds import Case, kinds
from hub.models import bert


def warm_up() -> None:
    """Import what the cases need, once for all of them: a child has it then."""
    import datasets
    import torch
    import transformers
    import yaml

    torch.set_num_threads(1)  # what is forked has no other threads
    for one in (datasets.Dataset, transformers.AutoTokenizer, yaml.safe_load):
        assert one is not None
    for name in ("AutoConfig", "AutoModelForSequenceClassification", "BertTokenizerFast",
                 "BertForSequenceClassification", "Trainer"):  # fmt: skip
        getattr(transformers, name)
    for name in ("gft.functions.fit", "gft.engine.fitting", "sklearn.linear_model"):
        import_module(name)


def tried(name: str, case: Case, number: int, seed: int) -> str:
    """Try a case; return what is wrong, with what was said; an empty text if it held."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        call = case(random.Random(f"{name} {seed} {number}"), folder)
        ended = apart(call, folder)
    last = ended.said.strip().splitlines()[-1:] or [""]
    return f"{ended.trouble}: {last[0][:200]}" if ended.trouble else ""


def main(words: Sequence[str] | None = None) -> int:
    """Run; print the counts; return 1 if a case did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kinds", nargs="*", help="all of them unless some are named")
    parser.add_argument("--cases", type=int, default=100, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--minutes", type=float, default=10, help="after these nothing is begun")
    told = parser.parse_args(words)
    warm_up()
    until = time.monotonic() + 60 * told.minutes
    home = Path(tempfile.mkdtemp())
    every = kinds(bert(home / "tiny"))
    total = held = 0
    for name in told.kinds or every:
        of_kind = wrong = 0
        for number in range(told.first, told.first + told.cases):
            if time.monotonic() > until:
                break
            of_kind += 1
            if trouble := tried(name, every[name], number, told.seed):
                wrong += 1
                print(f"  {name!r} --seed {told.seed} --first {number} --cases 1: {trouble}")
        print(f"{name}: tried {of_kind}, held {of_kind - wrong}", flush=True)
        total, held = total + of_kind, held + of_kind - wrong
    shutil.rmtree(home)
    print(f"tried {total}, held {held}")
    return int(held < total)


if __name__ == "__main__":
    sys.exit(main())
