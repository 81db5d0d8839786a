"""What training makes of weights, a step divided in one way or another.

Each of two processes runs it so:

python -m torch.distributed.run --nproc_per_node 2 tests/updates.py FOLDER CASE ...
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hub import decoders, media, models

ROWS = 9
"""With 4 rows a step the last one has a single row: a process may have none."""
OTHERS = 3
"""Rows of val, and of test."""
RATE = 0.05
WORDS = ("river", "stone", "market", "garden")
Row = Mapping[str, Any]


def words(n: int) -> list[str]:
    """Return the words of a row: 1 to 21 of them."""
    return [WORDS[(n * 7 + k) % 4] for k in range(1 + n * n % 11 * 2)]


def text(n: int) -> str:
    """Return the text of a row."""
    return " ".join([f"mark{n}", *words(n)])


def spans(n: int) -> Row:
    """Return a question whose answer a text has, or not."""
    context = text(n)
    answer = {"text": [], "answer_start": []} if n % 3 == 0 else {
        "text": [f"mark{n}"], "answer_start": [0]}  # fmt: skip
    return {"question": "mark0", "context": context, "answers": answer}


def tags(n: int) -> Row:
    """Return words with tags, of which some words have none."""
    return {
        "words": words(n),
        "tags": [["up", "down", "_"][(n + k) % 3] for k in range(len(words(n)))],
    }


def fnet(folder: Path) -> Path:
    """Write a tiny FNet, which reads its padding, with BERT's tokenizer."""
    import torch
    from transformers import FNetConfig, FNetForSequenceClassification

    models.bert(folder)
    torch.manual_seed(0)
    config = FNetConfig(
        vocab_size=len(models.vocabulary()), hidden_size=32, num_hidden_layers=2,
        intermediate_size=64, max_position_embeddings=128,
    )  # fmt: skip
    FNetForSequenceClassification(config).save_pretrained(folder)
    return folder


@dataclass(frozen=True)
class Case:
    """A task with a tiny model, rows, and the arguments that its loss has beside."""

    model: Callable[[Path], Path]
    equation: str
    row: Callable[[int], Row]
    arguments: Mapping[str, Any] = field(default_factory=dict)


def _coloured(n: int) -> Row:
    return {"text": text(n), "label": ["red", "blue", "blue"][n % 3]}


def _covered(n: int) -> Row:
    return {"text": text(n), "size": n * 7 % 5, "kind": ["a", "b", "c"][n % 3], "y": float(n % 4)}


def _several(n: int) -> Row:
    known = [True, False, None]
    return {"text": text(n), "a": known[n % 3], "b": known[n % 2]}


def _written(n: int) -> Row:
    return {"text": f"mark{n}", "target": " ".join(words(n))}


WEIGHTED = {"class_weight": ["red=5,blue=0.5"], "label_smoothing_factor": 0.1}
CASES = {
    "classify": Case(models.bert, "classify: label ~ text", _coloured),
    "class_weight": Case(models.bert, "classify: label ~ text", _coloured, WEIGHTED),
    "no_weight": Case(models.bert, "classify: label ~ text", _coloured,
                      {**WEIGHTED, "class_weight": ["red=0,blue=2"]}),
    "reads_padding": Case(fnet, "classify: label ~ text", _coloured),
    "windows": Case(models.bert, "classify: label ~ text", _coloured,
                    {"windows": True, "max_length": 8}),
    "several": Case(models.bert, "classify: a + b ~ text", _several),
    "regress": Case(models.bert, "regress: y + z ~ text",
                    lambda n: {"text": text(n), "y": float(n % 4), "z": 1.0 - n % 3}),
    "covariates": Case(models.bert, "regress: y ~ text + num(size):cat(kind) + num(size)",
                       _covered),
    "covered_windows": Case(models.bert, "classify: kind ~ text + num(size)", _covered,
                            {"windows": True, "max_length": 8}),
    "tokens": Case(models.bert, "classify_tokens: tags ~ words", tags),
    "token_weight": Case(models.bert, "classify_tokens: tags ~ words", tags,
                         {"class_weight": ["up=5,down=0.5"], "label_smoothing_factor": 0.1}),
    "spans": Case(models.bert, "classify_spans: answers ~ question + context", spans,
                  {"max_length": 16, "doc_stride": 2}),
    "fill_mask": Case(models.bert, "fill_mask: text ~ text", lambda n: {"text": text(n)}),
    "seq2seq": Case(models.bart, "generate: target ~ text", _written),
    "smoothed": Case(models.bart, "generate: target ~ text", _written,
                     {"label_smoothing_factor": 0.1}),
    "causal": Case(decoders.gpt2, "generate: target ~ text", _written),
    "ctc": Case(partial(media.wav2vec2, characters="ABCDEHINORSTUV'"), "ctc: said ~ audio",
                lambda n: {"audio": f"{n}.wav", "said": "A RIVER"[: 1 + n % 7]},
                {"ctc_loss_reduction": "mean"}),
    "ctc_sum": Case(partial(media.wav2vec2, characters="ABCDEHINORSTUV'"), "ctc: said ~ audio",
                    lambda n: {"audio": f"{n}.wav", "said": "A RIVER"[: 1 + n % 7]},
                    {"ctc_loss_reduction": "sum", "learning_rate": 1e-4}),
    "audio": Case(media.wav2vec2, "classify_audio: label ~ audio",
                  lambda n: {"audio": f"{n}.wav", "label": ["red", "blue"][n % 2]},
                  {"max_duration_in_seconds": 0.2}),
    "images": Case(media.vit, "classify_images: label ~ image",
                   lambda n: {"image": f"{n}.png", "label": ["red", "blue"][n % 2]}),
}  # fmt: skip


def write(folder: Path, name: str) -> None:
    """Write the model and the rows of a case into a folder, with nothing that chance drops."""
    case = CASES[name]
    case.model(folder / "model")
    file = folder / "model" / "config.json"
    config = json.loads(file.read_text())
    none = {key: 0.0 for key in config if "drop" in key or key in ("mask_time_prob",)}
    file.write_text(json.dumps(config | none | {"apply_spec_augment": False}))
    rows = [case.row(n) for n in range(ROWS + 2 * OTHERS)]
    for n, row in enumerate(rows):
        if "audio" in row:
            (folder / f"{n}.wav").write_bytes(media.tone(300 + 60 * n, 0.3))
        if "image" in row:
            colour = ["red", "blue", "white", "black"][n % 4]
            (folder / f"{n}.png").write_bytes(media.picture(colour, (20 + n, 16)))
    for split, part in (
        ("train", rows[:ROWS]), ("val", rows[ROWS:-OTHERS]), ("test", rows[-OTHERS:]),
    ):  # fmt: skip
        lines = "".join(json.dumps(row) + "\n" for row in part)
        (folder / f"{split}.jsonl").write_text(lines)


class Fits:
    """Fits of a case's model on its rows, which are in a folder, each divided in another way."""

    def __init__(self, folder: Path, name: str, cores: int = 1) -> None:
        from gft import processes
        from gft.api import _program
        from gft.errors import Mistakes
        from gft.functions.encoding import encode
        from gft.functions.preparing import prepare
        from gft.functions.running import output_folder

        processes.join(use_cpu=True)
        case = CASES[name]
        self.program, _ = _program("fit", {
            "model": f"C:{folder / 'model'}", "data": f"C:{folder}", "eqn": case.equation,
            "output_dir": str(folder / "out"), "precision": "fp32", "use_cpu": True,
            "optim": "sgd", "max_grad_norm": 0, "learning_rate": RATE, "num_train_epochs": 1,
            "lr_scheduler_type": "constant", "cores": cores, **case.arguments,
        })  # fmt: skip
        self.prepared = prepare(self.program, output_folder(self.program), Mistakes())
        self.encoded = encode(self.prepared)

    def update(self, batch: int, accumulated: int, part: int | None = None) -> dict[str, Any]:
        """Return what an epoch adds to each weight.

        `batch` rows go together, `accumulated` such batches make a step, and no more than `part`
        rows are computed at a time.
        """
        import torch

        from gft.engine import trainer
        from gft.engine.fitting import train
        from gft.engine.interruption import Interruption
        from gft.engine.memory import MicroBatches
        from gft.engine.padding import try_padding
        from gft.engine.placed_model import place_model
        from gft.engine.steering import TrainingPlan
        from gft.functions.loading import load_to_train
        from gft.language.program import Options

        divided = {"per_device_train_batch_size": batch,
                   "gradient_accumulation_steps": accumulated}  # fmt: skip
        options = Options({**self.program.options.given, **divided})
        torch.manual_seed(0)
        placed = place_model(load_to_train(self.prepared), options)
        train_rows = self.encoded.stores["train"]
        try_padding(self.prepared.task, placed, train_rows.__getitem__, train_rows.lengths())
        before = {key: one.detach().clone() for key, one in placed.model.named_parameters()}
        own = trainer.MicroBatches
        trainer.MicroBatches = lambda _, *more: MicroBatches(part, *more)  # type: ignore
        with tempfile.TemporaryDirectory() as out:
            plan = TrainingPlan(
                folder=Path(out), saved=None, program={}, merit=self.prepared.merit,
                keep_best=False, patience=None, seed=1, group_by_length=True, shuffle=True,
            )  # fmt: skip
            try:
                train(plan=plan, task=self.prepared.task, placed=placed, options=options,
                      store=train_rows, score=None,
                      interruption=Interruption())  # fmt: skip
            finally:
                trainer.MicroBatches = own
        return {key: one.detach() - before[key] for key, one in placed.model.named_parameters()}


def main() -> None:
    """Save the update of each case, of one row a process, two of which make a batch."""
    from safetensors.torch import save_file

    from gft import processes

    folder, *names = sys.argv[1:]
    for name in names:
        found = Fits(Path(folder) / name, name).update(1, 2)
        if processes.is_first():
            save_file({key: one.contiguous() for key, one in found.items()},
                      Path(folder) / f"{name}.safetensors")  # fmt: skip


if __name__ == "__main__":
    main()
