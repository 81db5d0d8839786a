"""Models that others fitted, tiny, by the names that the examples ask for; and images to see."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from hub import media, models
from hub.datasets import SCHEMAS
from hub.server import Hub, Repo

TAGS = ("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON",
        "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X")  # fmt: skip
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
COLOURS = ("red", "green", "blue", "white", "black")
CLASSIFIERS = {  # Each has the labels of a data set.
    "bhadresh-savani/distilbert-base-uncased-emotion": "dair-ai/emotion",
    "Intel/bert-base-uncased-mrpc": "glue,mrpc",
}
TAGGERS = {
    "dslim/bert-base-NER": sorted(SCHEMAS["conll2003"]["columns"]["ner_tags"]["list"]),
    "vblagoje/bert-english-uncased-finetuned-pos": TAGS,
}


def add_to(hub: Hub, made: Path) -> None:
    """Put the models and the images onto a hub; `made` is a folder for the models."""
    from transformers import BertForQuestionAnswering, BertForTokenClassification

    folders = {
        name: models.bert(made / name, SCHEMAS[key]["columns"]["label"])
        for name, key in CLASSIFIERS.items()
    }
    for name, labels in TAGGERS.items():
        folders[name] = headed(made / name, BertForTokenClassification, tuple(labels))
    name = "distilbert/distilbert-base-cased-distilled-squad"
    folders[name] = headed(made / name, BertForQuestionAnswering)
    folders["google-t5/t5-small"] = t5(made / "t5-small")
    folders["facebook/wav2vec2-base-960h"] = media.wav2vec2(made / "960h", " ADEHINORST'")
    name = "nateraw/vit-base-patch16-224-cifar10"
    folders[name] = media.vit(made / name, THINGS)
    for name, folder in folders.items():
        hub.repos["models"][name] = Repo({"main": models.files_of(folder)})
    hub.repos["datasets"]["uoft-cs/cifar10"] = pictures()


def headed(folder: Path, kind: Any, labels: tuple[str, ...] = ()) -> Path:
    """Write a tiny BERT with another head than that of a classifier of texts."""
    import torch
    from transformers import BertConfig

    models.bert(folder, labels, positions=512)
    torch.manual_seed(0)
    kind(BertConfig.from_pretrained(folder)).save_pretrained(folder)
    return folder


def t5(folder: Path) -> Path:
    """Write a tiny T5, with BERT's tokenizer."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    models.bart(folder)
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=len(models.vocabulary()), d_model=32, d_kv=16, d_ff=64, num_layers=1,
        num_heads=2, pad_token_id=0, eos_token_id=3, decoder_start_token_id=0,
    )  # fmt: skip
    T5ForConditionalGeneration(config).save_pretrained(folder)
    return folder


def pictures() -> Repo:
    """Return a set of images in the schema of CIFAR-10, a colour a class."""
    import datasets
    import pyarrow as pa
    import pyarrow.parquet as pq

    features = datasets.Features(
        {"img": datasets.Image(), "label": datasets.ClassLabel(names=list(THINGS))}
    )
    files = {}
    for split, count in (("train", 20), ("test", 10)):
        seen = [media.picture(COLOURS[n % 5], (32, 32)) for n in range(count)]
        rows = [
            {"img": {"bytes": data, "path": None}, "label": n % 10} for n, data in enumerate(seen)
        ]
        out = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows, schema=features.arrow_schema), out)
        files[f"plain_text/{split}-00000-of-00001.parquet"] = out.getvalue()
    return Repo({"main": files})
