"""Do seconds per row and memory stay flat as the data grow? And what do two processes bring?

    python benchmarks/scale.py --rows 10000 1000000
    python benchmarks/scale.py --rows 20000 --processes 1 2 --work predict eval fit

Rows are made up, and so is a very small classifier, so that what is measured is everything around
the model; `--model FOLDER` takes another one (for `eval` one of the classes no and yes). Each
measurement is a process of its own. Memory is anonymous memory at its peak (`RssAnon`, which Linux
alone tells): pages of mapped files count as resident too, though the system may drop them whenever
it likes.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

WORK = ("prepare", "predict", "eval", "cat_data", "fit")
WORDS = [f"{first}{last}" for first in ("ba", "de", "ki", "lo", "mu", "sa") for last in
         ("ck", "dge", "ft", "ll", "nd", "pe", "rn", "st", "tch", "x")]  # fmt: skip
PREPARE = """
import sys
from gft.api import _program
from gft.errors import Mistakes
from gft.functions.running import output_folder
from gft.functions.encoding import encode
from gft.functions.preparing import prepare
program, _ = _program("fit", dict(zip(("model", "data", "eqn", "output_dir"), sys.argv[1:])))
encode(prepare(program, output_folder(program), Mistakes()))
"""


def main() -> None:
    """Measure, and print a line for each number of rows and each kind of work."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--work", nargs="+", default=list(WORK[:4]), choices=WORK)
    parser.add_argument("--processes", type=int, nargs="+", default=[1])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", default="1", help="threads of a process")
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = args.threads
    with tempfile.TemporaryDirectory() as place:
        model = args.model or small_classifier(Path(place) / "model")
        print(f"{'work':10}{'processes':>10}{'rows':>10}{'seconds':>9}{'us/row':>8}{'MB':>7}")
        for work in args.work:
            for count in args.processes:
                least = None
                for rows in args.rows:
                    data = made_up_rows(Path(place), rows)
                    output = Path(place) / f"{work}-{count}-{rows}"
                    seconds, peak = measured(command(work, count, model, data, output))
                    told = "" if least is None else f"   {peak - least:+.0f} MB"
                    least = peak if least is None else least
                    print(
                        f"{work:10}{count:10}{rows:10}{seconds:9.1f}{seconds / rows * 1e6:8.0f}"
                        f"{peak:7.0f}{told}",
                        flush=True,
                    )


def command(work: str, count: int, model: Path, data: Path, output: Path) -> list[str]:
    """Return the words that do one kind of work in so many processes."""
    python = [sys.executable]
    if count > 1:
        python += ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(count)]
    common = ["--model", f"C:{model}", "--data", f"C:{data}"]
    equation = "classify: label ~ text"
    if work == "prepare":
        return [sys.executable, "-c", PREPARE, common[1], common[3], equation, str(output)]
    words = {
        "predict": ["predict", *common, "--split", "train", "--eqn", equation],
        "eval": ["eval", *common, "--split", "train", "--eqn", equation],
        "cat_data": ["cat_data", *common[2:], "--split", "train"],
        "fit": ["fit", *common, "--eqn", equation, "--output_dir", str(output),
                "--num_train_epochs", "1", "--per_device_train_batch_size", str(32 // count)],
    }[work]  # fmt: skip
    return [*python, "-m", "gft", *words]


def measured(words: Sequence[str]) -> tuple[float, float]:
    """Run a command; return its seconds, and its peak of anonymous memory in MB (0: unknown)."""
    started, peak = time.perf_counter(), 0.0
    done = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while done.poll() is None:
        peak = max(peak, anonymous(done.pid))
        time.sleep(0.02)
    if done.returncode:
        assert done.stderr is not None
        raise SystemExit(done.stderr.read().decode()[-2000:])
    return time.perf_counter() - started, peak


def anonymous(process: int) -> float:
    """Return the anonymous memory of a process in MB, 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(one.split()[1]) / 1024 for one in lines if one.startswith("RssAnon")), 0.0)


def made_up_rows(place: Path, count: int) -> Path:
    """Return data of so many train rows and 100 of val, which are made once."""
    chance = random.Random(0)
    for split, rows in (("train", count), ("val", 100)):
        file = place / f"rows{count}.{split}"
        if not file.exists():
            with file.open("w", encoding="utf-8") as out:
                out.write("text,label\n")
                for _ in range(rows):
                    text = " ".join(chance.choices(WORDS, k=chance.randint(4, 24)))
                    out.write(f"{text},{chance.choice(('no', 'yes'))}\n")
    return place / f"rows{count}"


def small_classifier(place: Path) -> Path:
    """Return the folder of a classifier with random weights that knows the words."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    place.mkdir()
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (place / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizer(str(place / "vocab.txt")).save_pretrained(place)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64,
        id2label={0: "no", 1: "yes"}, label2id={"no": 0, "yes": 1},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(place)
    return place


if __name__ == "__main__":
    main()
