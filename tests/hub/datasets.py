"""Tiny data sets in the schemas of the real ones, with labels that can be learned from the text."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

from hub.server import Repo

SCHEMAS: dict[str, Any] = json.loads(Path(__file__).with_name("schemas.json").read_text())
TODAY = {
    "ag_news": "fancyzhu/ag_news",
    "amazon_polarity": "fancyzhu/amazon_polarity",
    "amazon_reviews_multi": "defunct-datasets/amazon_reviews_multi",
    "banking77": "PolyAI/banking77",
    "conll2003": "eriktks/conll2003",
    "ethos": "iamollas/ethos",
    "glue": "nyu-mll/glue",
    "imdb": "stanfordnlp/imdb",
    "onestop_english": "iastate/onestop_english",
    "paws": "google-research-datasets/paws",
    "poem_sentiment": "google-research-datasets/poem_sentiment",
    "senti_lex": "senti-lex/senti_lex",
    "snli": "stanfordnlp/snli",
    "squad": "rajpurkar/squad",
    "squad_v2": "rajpurkar/squad_v2",
    "sst": "stanfordnlp/sst",
    "tweet_eval": "cardiffnlp/tweet_eval",
    "wikiann": "unimelb-nlp/wikiann",
    "wnut_17": "leondz/wnut_17",
    "tweets_hate_speech_detection": "tweets-hate-speech-detection/tweets_hate_speech_detection",
    "yelp_review_full": "Yelp/yelp_review_full",
}
"""The names that the hub gives old one-word data sets today."""
SCRIPTS = frozenset({"amazon_reviews_multi", "conll2003", "ethos", "senti_lex", "sst", "wnut_17"})
"""Data sets that exist only as loading scripts, with a Parquet conversion."""
UNLABELLED = frozenset(
    {f"glue,{name}/{split}" for name in ("cola", "mrpc", "qnli", "qqp", "rte", "sst2", "stsb",
                                          "mnli") for split in ("test", "test_matched",
                                                                "test_mismatched")}
    | {"imdb/unsupervised"}
)  # fmt: skip
ROWS = {"train": 40, "validation": 24, "test": 16}
WORDS = ["river", "stone", "market", "window", "garden", "doctor", "silver", "engine", "letter"]


def rows_of(split: str) -> int:
    """Return how many rows a tiny split has."""
    return next(count for name, count in ROWS.items() if split.startswith((name, "un")))


def parquet(key: str, split: str) -> bytes:
    """Return a split of a data set as a Parquet file that names its classes."""
    import datasets

    datasets.disable_progress_bars()
    columns = SCHEMAS[key]["columns"]
    features = datasets.Features({name: _feature(kind) for name, kind in columns.items()})
    generator = random.Random(f"{key} {split}")
    count = max([rows_of(split), *(len(k) + 2 for k in columns.values() if isinstance(k, list))])
    rows = [_row(columns, n, generator, f"{key}/{split}" in UNLABELLED) for n in range(count)]
    if key == "snli":
        rows[3]["label"] = -1
    data = {name: [row[name] for row in rows] for name in columns}
    out = io.BytesIO()
    datasets.Dataset.from_dict(data, features=features).to_parquet(out)
    return out.getvalue()


def _feature(kind: Any) -> Any:
    import datasets

    if isinstance(kind, dict):
        return datasets.List(_feature(kind["list"]))
    if isinstance(kind, str) and kind.startswith("answers"):
        return {"text": datasets.List(datasets.Value("string")),
                "answer_start": datasets.List(datasets.Value("int32"))}  # fmt: skip
    if isinstance(kind, str) and kind.startswith("one of "):
        return datasets.Value("string")
    return datasets.ClassLabel(names=kind) if isinstance(kind, list) else datasets.Value(kind)


def _row(columns: dict[str, Any], n: int, generator: random.Random, bare: bool) -> dict[str, Any]:
    words = [generator.choice(WORDS) for _ in range(generator.randint(3, 8))]
    row: dict[str, Any] = {}
    marks = []
    if any(isinstance(kind, dict) for kind in columns.values()):
        marks = [generator.randrange(80) for _ in words]
    for name, kind in columns.items():
        if isinstance(kind, dict):
            inside = kind["list"]
            named = isinstance(inside, list)
            row[name] = [mark % len(inside) if named else f"mark{mark}" for mark in marks]
        elif isinstance(kind, list):
            number = n % len(kind)
            row[name] = -1 if bare else number
            words.append(f"mark{number}")
        elif kind in ("float32", "float64"):
            row[name] = -1.0 if bare else float(n % 5)
            words.append(f"mark{n % 5}")
        elif kind.startswith("one of "):  # The texts of the numbers in `label`.
            texts = kind.removeprefix("one of ").split("|")
            row[name], row["label"] = texts[n % len(texts)], n % len(texts)
            words.append(f"mark{n % len(texts)}")
        elif kind.startswith("int"):
            row[name] = n % 5 + 1 if name == "stars" else n
            words.append(f"mark{n % 5}" if name == "stars" else "row")
    for name, kind in columns.items():
        if kind == "string":
            row[name] = " ".join(generator.sample(words, len(words)))
    if "answers" in columns:
        row |= _asked(words, n, columns["answers"] == "answers")
    return row


def _asked(words: list[str], n: int, always: bool) -> dict[str, Any]:
    """Return a question whose answer is the mark in the context; without `always` some lack it."""
    marked = always or n % 3 > 0
    told = [*words, f"mark{n % 9}", *words[:2]] if marked else words
    context = " ".join(told)
    starts = [context.index("mark")] if marked else []
    return {
        "question": "which mark is there",
        "context": context,
        "answers": {"text": [f"mark{n % 9}"] if marked else [], "answer_start": starts},
    }


def repositories() -> dict[str, Repo]:
    """Return every data set as a repository, laid out as on the hub, by its present name."""
    configs: dict[str, list[str]] = {}
    for key in SCHEMAS:
        configs.setdefault(key.partition(",")[0], []).append(key)
    found = {}
    for name, keys in configs.items():
        repo = _script(name, keys) if name in SCRIPTS else _native(keys)
        found[TODAY.get(name, name)] = repo
    return found


def _native(keys: list[str]) -> Repo:
    files: dict[str, bytes] = {}
    listed = []
    for key in keys:
        config = _config(key)
        parts = []
        for split in SCHEMAS[key]["splits"]:
            file = f"{config}/{split}-00000-of-00001.parquet"
            files[file] = parquet(key, split)
            parts.append({"split": split, "path": file})
        listed.append({"config_name": config, "data_files": parts})
    card = {"configs": listed}
    files["README.md"] = f"---\n{json.dumps(card)}\n---\n# A tiny data set\n".encode()
    return Repo({"main": files}, card)


def _script(name: str, keys: list[str]) -> Repo:
    converted = {
        f"{_config(key)}/{split}/0000.parquet": parquet(key, split)
        for key in keys
        for split in SCHEMAS[key]["splits"]
    }
    main = {"README.md": b"# An old one\n", f"{name}.py": b"raise SystemExit('must never run')\n"}
    return Repo({"main": main, "refs/convert/parquet": converted})


def _config(key: str) -> str:
    return key.partition(",")[2] or str(SCHEMAS[key].get("config", "default"))
