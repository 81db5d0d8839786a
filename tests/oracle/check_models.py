"""Models: read and written, fitted by `gft_fit`, and the table of built-in ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from asked import Case, Oracle, said

import gft
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest
from gft.suppliers.paddle.config import FAMILIES, flattened
from gft.suppliers.paddle.names import built_in
from gft.suppliers.paddle.supplier import Paddle
from gft.suppliers.protocol import Loaded
from hub.paddle import HEADS, WRITTEN, copied

NOTHING_SAID = {"dtype": "float32", "fuse": False, "pool_act": "tanh", "task_id": 0}
"""Fields that some of PaddleNLP's configurations have with the values that all others imply."""
TEXTS: list[str | list[str]] = [
    "the movie is good !",
    "badly , the rain",
    ["the movie", "the rain"],
]


def made(oracle: Oracle, folder: Path) -> Iterator[Case]:
    """Models that PaddleNLP writes, a kind for each way that built-in ones compute: our outputs.

    Then one step of training, and both forms of what is written.
    """
    for case, golden in oracle.ask("make", folder).items():
        head = HEADS[case.rpartition(".")[2]]
        source: Any = Paddle().model(Spec("P", str(folder / case)), Options({}))
        loaded = source.load(ModelRequest(head))
        first = distance(answers(loaded, golden), golden["outputs"])
        train(loaded, golden)
        after = [one.tolist() for one in answers(loaded, golden)]
        moved = distance(answers(loaded, golden), golden["outputs"])
        assert moved > 1e-3, f"{case}: a step of training changed nothing"
        out = folder / case / "out"
        out.mkdir()
        source.write(loaded, out)
        again = []
        for place in (out / "paddle", out):
            spec = Spec("P" if place.name == "paddle" else "C", str(place))
            fit = gft.load(str(spec))
            again.append(distance(answers(Loaded(fit.model, None), golden), after))
        yield said(case, max(first, *again), f"read {first:.1e}, written {max(again):.1e}")


def fitted(oracle: Oracle, folder: Path) -> Iterator[Case]:
    """What `gft_fit` leaves: PaddleNLP's answers and tokens for texts, and what it saves again."""
    out = {}
    for name, fields in programs(folder / "data").items():
        model = copied(name.partition(" ")[0], folder / name / "model")
        place = folder / name / "out"
        gft.fit(model=f"P:{model}", output_dir=str(place), num_train_epochs=3, learning_rate=0.01,
                use_cpu=True, **fields)  # fmt: skip
        (place / "paddle" / "texts.json").write_text(json.dumps(TEXTS), encoding="utf-8")
        out[name] = place
    theirs = oracle.ask("answer", *(place / "paddle" for place in out.values()))
    for name, place in out.items():
        answer = theirs[str(place / "paddle")]
        distances, same_ids = [], True
        for form in (f"C:{place}", f"P:{place}", f"P:{place / 'paddle' / 'again'}"):
            fit = gft.load(form)
            for text, one in zip(TEXTS, answer["said"], strict=True):
                words = text if isinstance(text, list) else [text]
                encoded = fit.predictor.processor(*words)
                same_ids &= encoded["input_ids"] == one["ids"]
                inputs = {key: [value] for key, value in encoded.items()}
                found = answers(Loaded(fit.model, None), inputs)
                distances.append(distance(found, one["outputs"]))
        difference = max(distances) if same_ids else float("inf")
        yield said(name, difference, f"{answer['class']}, {answer['tokenizer']}")


def programs(data: Path) -> dict[str, dict[str, str]]:
    """Return what to fit to which of the models that PaddleNLP wrote, by name."""
    data.mkdir()
    rows = [f"the movie is {['bad', 'good'][n % 2]} {'!,.'[n % 3]}" for n in range(24)]
    (data / "text.jsonl").write_text("".join(
        json.dumps({"text": row, "label": ["no", "yes"][n % 2], "number": n % 2 + n / 10,
                    "words": row.split(), "tags": ["O", "B-X", "O", "B-Y", "O"]}) + "\n"
        for n, row in enumerate(rows)))  # fmt: skip
    (data / "spans.jsonl").write_text("".join(
        json.dumps({"question": "is the movie good ?", "context": row,
                    "answers": {"text": [row[13:17].strip()], "answer_start": [13]}}) + "\n"
        for row in rows))  # fmt: skip
    kinds = {
        "sequence": ("text.jsonl", "classify: label ~ text"),
        "regress": ("text.jsonl", "regress: number ~ text"),
        "tokens": ("text.jsonl", "classify_tokens: tags ~ words"),
        "spans": ("spans.jsonl", "classify_spans: answers ~ question + context"),
    }
    models = {path.name: path.name.split("_") for path in sorted(WRITTEN.iterdir())
              if path.is_dir()}  # fmt: skip
    wanted = [(name, next(part for part in parts if part in kinds))
              for name, parts in models.items()]  # fmt: skip
    wanted += [(name, "regress") for name in models if name.endswith("_sequence")]
    # Heads that the family has none of in PaddleNLP: written as BERT's.
    wanted += [
        ("skep_tokens", "spans"),
        ("tinybert_spans", "tokens"),
        ("tinybert_spans", "sequence"),
    ]
    return {
        f"{name} {kind}": {"data": f"C:{data / kinds[kind][0]}", "eqn": kinds[kind][1]}
        for name, kind in wanted
    }


def names(oracle: Oracle, folder: Path) -> Iterator[Case]:
    """The table of built-in models: configuration, addresses, tokenizer's settings."""
    ours = built_in()
    for name, theirs in oracle.ask("names").items():
        if theirs["weights"] is None:
            yield said(name, float(name in ours), "PaddleNLP has no weights of it")
            continue
        own = ours.get(name)
        if own is None:
            yield said(name, float("inf"), "is not in the table")
            continue
        defaults = FAMILIES[own["family"]].defaults
        wrong = [
            f"{key}={value} and not {given}"
            for key, value in flattened(theirs["config"]).items()
            if key != "model_type" and NOTHING_SAID.get(key) != value
            if (given := {**defaults, **own["config"]}.get(key)) != value
        ]
        tokenizer = theirs["tokenizer"]
        files = dict(tokenizer["files"])
        if tokenizer["settings"].get("use_bpe_encoder"):  # SKEP's own byte pairs are not read
            files = {"vocab_file": files["vocab_file"]}
        urls = {theirs["weights"], *files.values()}
        if urls != set(own["files"].values()):
            wrong.append(f"files {urls ^ set(own['files'].values())}")
        wrong += [
            f"tokenizer's {key}={value}"
            for key, value in tokenizer["settings"].items()
            if own["tokenizer"].get(key) != value
        ]
        yield said(name, float(len(wrong)), "; ".join(wrong))


def answers(loaded: Loaded, inputs: dict[str, Any]) -> list[torch.Tensor]:
    """Return the logits for rows of numbers, one tensor or two."""
    taken = {"input_ids", "attention_mask", "token_type_ids"}
    tensors = {name: torch.tensor(value) for name, value in inputs.items() if name in taken}
    model: Any = loaded.model.eval()
    with torch.no_grad():
        found = model(**tensors)
    return [found.logits] if "logits" in found else [found.start_logits, found.end_logits]


def distance(found: list[torch.Tensor], wanted: list[Any]) -> float:
    """Return the largest difference between arrays."""
    pairs = zip(found, wanted, strict=True)
    return max(float((one.double() - torch.tensor(other).double()).abs().max())
               for one, other in pairs)  # fmt: skip


def train(loaded: Loaded, golden: dict[str, Any]) -> None:
    """Take one step towards other outputs with AdamW."""
    taken = {"input_ids", "attention_mask", "token_type_ids"}
    model: Any = loaded.model.train()
    torch.manual_seed(0)
    found = model(**{name: torch.tensor(golden[name]) for name in taken & golden.keys()})
    outputs = [found.logits] if "logits" in found else [found.start_logits, found.end_logits]
    loss: Any = sum(((one - torch.randn_like(one)) ** 2).mean() for one in outputs)
    loss.backward()
    torch.optim.AdamW(model.parameters(), lr=0.01).step()
