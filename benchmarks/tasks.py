"""Fits every other task to real data, and prints the metrics of each.

    python benchmarks/tasks.py RUN... --sets FOLDER --work FOLDER [--encoder M] [--image_model M]

RUN is one of `wnut17`, `squad`, `digits`, `speech`, `insects`, `reversal`, `copy`. FOLDER of
`--sets` holds unpacked archives: `wnut17/` in CoNLL columns (Derczynski et al. 2017),
`squad_v1.1/dev-v1.1.json` (Rajpurkar et al. 2016), `fsdd/recordings/` (the Free Spoken Digit
Dataset), `hymenoptera/` with images of ants and bees. Reversal and copy make their own rows. Models
that hear and those that write are made from their configurations and learn from nothing.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import random
import statistics
import string
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WNUT = {
    "train": "wnut17train.conll",
    "val": "emerging.dev.conll",
    "test": "emerging.test.annotated",
}
RATE = 8000
FOLDS = 5
Rows = list[dict[str, Any]]


def main() -> None:
    """Prepare the data of each run, fit, and print the metrics."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", choices=sorted(RUNS), metavar="RUN")
    parser.add_argument("--sets", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--encoder", help="of English, for wnut17 and squad")
    parser.add_argument("--image_model", help="for insects")
    parser.add_argument("--articles", type=int, default=48, help="of SQuAD, at most (48: all)")
    args = parser.parse_args()
    for run in args.runs:
        folder = args.work / run
        folder.mkdir(parents=True, exist_ok=True)
        RUNS[run](args, folder)


def wnut17(args: argparse.Namespace, folder: Path) -> None:
    """Entities in tweets: entity F1."""
    for split, name in WNUT.items():
        write(folder / f"data/{split}.jsonl", sentences(args.sets / "wnut17" / name))
    fit(
        folder,
        model=args.encoder,
        eqn="classify_tokens: tags ~ words",
        num_train_epochs=3,
        learning_rate=2e-4,
        per_device_train_batch_size=16,
    )


def sentences(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the sentences of a file in CoNLL columns; a line without them ends one."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for filled, block in itertools.groupby(lines, lambda line: "\t" in line.strip()):
        if filled:
            words, tags = zip(*(line.split("\t")[:2] for line in block), strict=True)
            yield {"words": [word.strip() for word in words], "tags": [tag.strip() for tag in tags]}


def squad(args: argparse.Namespace, folder: Path) -> None:
    """Questions on articles that the model has not seen in training: F1.

    A quarter of the articles of the dev set is val, a quarter test, and half train.
    """
    articles = json.loads((args.sets / "squad_v1.1/dev-v1.1.json").read_text())["data"]
    parts: dict[str, Rows] = {"train": [], "val": [], "test": []}
    for number, article in enumerate(articles[: args.articles]):
        part = ("train", "val", "train", "test")[number % 4]
        parts[part] += questions(article)
    for split, rows in parts.items():
        write(folder / f"data/{split}.jsonl", rows)
    fit(
        folder,
        model=args.encoder,
        eqn="classify_spans: answers ~ question + context",
        num_train_epochs=2,
        learning_rate=2e-4,
        per_device_train_batch_size=16,
        per_device_eval_batch_size=32,
        max_eval_samples=600,
    )


def questions(article: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the questions of an article of SQuAD in the hub's form."""
    for paragraph in article["paragraphs"]:
        for asked in paragraph["qas"]:
            yield {
                "id": asked["id"],
                "title": article["title"],
                "question": asked["question"],
                "context": paragraph["context"],
                "answers": {
                    "text": [one["text"] for one in asked["answers"]],
                    "answer_start": [one["answer_start"] for one in asked["answers"]],
                },
            }


def recordings(args: argparse.Namespace, folder: Path) -> None:
    """Write recordings of digits, each speaker's last ones as test, those before as val."""
    parts: dict[str, Rows] = {"train": [], "val": [], "test": []}
    for path in sorted((args.sets / "fsdd/recordings").resolve().glob("*.wav")):
        digit, speaker, number = path.stem.split("_")
        part = "train" if int(number) < 19 else "val" if int(number) < 22 else "test"
        parts[part].append({"file": str(path), "digit": DIGITS[int(digit)], "speaker": speaker})
    for split, rows in parts.items():
        write_csv(folder / f"data/{split}.csv", rows)


def digits(args: argparse.Namespace, folder: Path) -> None:
    """Which of ten digits is said, as a class: accuracy."""
    recordings(args, folder)
    make_hearing_model(folder / "model", "classes")
    fit(
        folder,
        model=folder / "model",
        eqn="classify_audio: digit ~ file",
        num_train_epochs=10,
        learning_rate=1e-3,
        per_device_train_batch_size=16,
    )


def speech(args: argparse.Namespace, folder: Path) -> None:
    """The same recordings as text, letter by letter: word error."""
    recordings(args, folder)
    make_hearing_model(folder / "model", "ctc")
    fit(
        folder,
        model=folder / "model",
        eqn="ctc: digit ~ file",
        num_train_epochs=40,
        learning_rate=1e-3,
        warmup_steps=100,
        per_device_train_batch_size=16,
    )


def make_hearing_model(folder: Path, head: str) -> None:
    """Write a small wav2vec2 (Baevski et al. 2020) with weights drawn at random: 10 ms a frame."""
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

    torch.manual_seed(1)
    config = Wav2Vec2Config(
        hidden_size=96,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=192,
        conv_dim=(64, 64, 64, 64),
        conv_kernel=(10, 8, 4, 4),
        conv_stride=(5, 4, 2, 2),
        conv_bias=True,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        mask_time_prob=0.0,
        layerdrop=0.0,
        classifier_proj_size=96,
    )
    Wav2Vec2Model(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(
        sampling_rate=RATE, do_normalize=True, return_attention_mask=True
    ).save_pretrained(folder)


def insects(args: argparse.Namespace, folder: Path) -> None:
    """Ants and bees: the mean accuracy over five folds."""
    images = sorted((args.sets / "hymenoptera").resolve().glob("*/*/*.jpg"))
    rows = [{"file": str(path), "insect": path.parent.name} for path in images]
    random.Random(1).shuffle(rows)
    rows.sort(key=lambda row: row["insect"])  # Each fold has its share of both.
    accuracies = []
    for fold in range(FOLDS):
        at = folder / str(fold)
        write_csv(at / "data/test.csv", rows[fold::FOLDS])
        write_csv(at / "data/train.csv", [row for n, row in enumerate(rows) if n % FOLDS != fold])
        scores = fit(
            at,
            model=args.image_model,
            eqn="classify_images: insect ~ file",
            label_map=("ants=ant", "bees=bee"),
            num_train_epochs=10,
            learning_rate=1e-4,
            per_device_train_batch_size=40,
        )
        accuracies.append(scores["accuracy"])
    print(f"mean accuracy of {FOLDS} folds: {statistics.mean(accuracies):.4f}", flush=True)


def reversal(args: argparse.Namespace, folder: Path) -> None:
    """Words backwards, by an encoder and a decoder: chrF, and how many are right."""
    letters(folder, reverse=True)
    make_writing_model(folder / "model", "seq2seq")
    fit(folder, model=folder / "model", eqn="generate: target ~ source", **WRITING)
    exact(folder)


def copy(args: argparse.Namespace, folder: Path) -> None:
    """Words again, by a causal model: chrF, and how many are right."""
    letters(folder, reverse=False)
    make_writing_model(folder / "model", "causal")
    fit(folder, model=folder / "model", eqn="generate: target ~ source", **WRITING)
    exact(folder)


WRITING = {
    "num_train_epochs": 8,
    "learning_rate": 1e-3,
    "warmup_steps": 100,
    "per_device_train_batch_size": 32,
    "max_new_tokens": 12,
}


def letters(folder: Path, reverse: bool) -> None:
    """Write words of three to six letters drawn at random, no word in two splits."""
    drawn = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < 5200:
        words["".join(drawn.choices(string.ascii_lowercase[:12], k=drawn.randint(3, 6)))] = None
    rows = [
        {"source": " ".join(word), "target": " ".join(word[::-1] if reverse else word)}
        for word in words
    ]
    for split, part in (("test", rows[:100]), ("val", rows[100:200]), ("train", rows[200:])):
        write_csv(folder / f"data/{split}.csv", part)


def make_writing_model(folder: Path, kind: str) -> None:
    """Write a small T5 or GPT-2 with weights drawn at random, whose tokens are letters."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import (
        GPT2Config,
        GPT2LMHeadModel,
        PreTrainedTokenizerFast,
        T5Config,
        T5ForConditionalGeneration,
    )

    torch.manual_seed(1)
    names = ["<pad>", "</s>", "<unk>", *string.ascii_lowercase]
    tokenizer = Tokenizer(models.WordLevel({name: n for n, name in enumerate(names)}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    common = {"pad_token_id": 0, "eos_token_id": 1, "vocab_size": len(names)}
    model: Any
    if kind == "seq2seq":
        tokenizer.post_processor = processors.TemplateProcessing(
            single="$A </s>", special_tokens=[("</s>", 1)]
        )
        sizes = {"d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4}
        model = T5ForConditionalGeneration(
            T5Config(**sizes, **common, decoder_start_token_id=0, dropout_rate=0.0)
        )
    else:
        sizes = {"n_embd": 64, "n_layer": 3, "n_head": 4, "n_positions": 64}
        dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
        model = GPT2LMHeadModel(GPT2Config(**sizes, **common, **dropout, bos_token_id=1))
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)


def exact(folder: Path) -> None:
    """Print how many texts of test are written without a mistake."""
    import pyarrow.parquet as pq

    rows = pq.read_table(folder / "fit/predictions.parquet").to_pylist()
    rows = [row for row in rows if row["role"] == "test"]
    right = sum(row["gold"] == row["prediction"] for row in rows)
    print(f"{right} of {len(rows)} texts of test are exact", flush=True)


def fit(folder: Path, **arguments: Any) -> dict[str, float]:
    """Fit with `data` and `model` in a folder, and return the metrics of test."""
    words = []
    for name, value in arguments.items():
        words += [f"--{name}", *map(str, value if isinstance(value, tuple) else (value,))]
    command: list[str] = [str(Path(sys.executable).with_name("gft_fit")), *words]
    command += [f"--data=C:{folder / 'data'}", f"--output_dir={folder / 'fit'}"]
    subprocess.run(command, check=True)
    measured = json.loads((folder / "fit/metrics.json").read_text())
    scores = {name: one["value"] for name, one in measured["splits"]["test"]["metrics"].items()}
    print(folder.name, scores, flush=True)
    return scores


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_csv(path: Path, rows: Rows) -> None:
    """Write rows as csv with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


RUNS: dict[str, Callable[[argparse.Namespace, Path], None]] = {
    run.__name__: run for run in (wnut17, squad, digits, speech, insects, reversal, copy)
}

if __name__ == "__main__":
    main()
