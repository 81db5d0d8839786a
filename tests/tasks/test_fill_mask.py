"""Words behind masks: what is hidden, what it costs, and what fills a mask."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import torch

from gft.engine.features import encode_split
from gft.engine.inference import Predictor
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import choose_precision
from gft.metrics.intervals import point_values
from gft.metrics.perplexity import Perplexity
from gft.suppliers.protocol import Loaded
from gft.tasks.fill_mask import FillMask
from hub import decoders

Gft = Callable[..., Any]
EQUATION = "fill_mask: text ~ text"
WORDS = ["river", "stone", "market"]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts in which each word follows from the ones beside it."""
    folder = tmp_path_factory.mktemp("texts")
    for split, count in (("train", 120), ("val", 30), ("test", 30)):
        lines = [" ".join([WORDS[n % 3]] * (6 + n % 4)) for n in range(count)]
        (folder / f"words.{split}").write_text("text\n" + "\n".join(lines) + "\n", "utf-8")
    return folder / "words"


@pytest.fixture(scope="module")
def fitted(tiny: Path, texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    out = tmp_path_factory.mktemp("masked") / "out"
    gft.fit(model=f"C:{tiny}", data=f"C:{texts}", eqn=EQUATION, output_dir=str(out),
            num_train_epochs=8, learning_rate=5e-3)  # fmt: skip
    return out


def say(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    text = "".join(f"{line}\n" for line in lines)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_it_learns_and_scores_again_the_same(fitted: Path, gft: Gft) -> None:
    metrics = json.loads((fitted / "metrics.json").read_text())
    assert metrics["figure_of_merit"] == "perplexity"
    score = metrics["splits"]["test"]["metrics"]["perplexity"]
    assert 1 <= score["low"] <= score["value"] <= score["high"] < 3
    ran = gft("eval", "--model", f"C:{fitted}", "--format", "json")
    again = json.loads(ran.out)["metrics"]["perplexity"]
    assert again.pop("caveat") == score.pop("caveat")  # It is of fewer than 100 rows.
    assert again == pytest.approx(score, rel=1e-4)
    rows = pyarrow.parquet.read_table(fitted / "predictions.parquet").to_pylist()
    test = [row for row in rows if row["role"] == "test"]
    assert len(test) == 30 and test[0]["gold"] == " ".join(["river"] * 6)
    best = [one[0]["filler"] == row["gold"].split()[0] for row in test for one in row["prediction"]]
    assert sum(best) / len(best) > 0.9
    from transformers import AutoModelForMaskedLM

    assert AutoModelForMaskedLM.from_pretrained(fitted).config.architectures == ["BertForMaskedLM"]


def test_predict_fills_each_mask(fitted: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch) -> None:
    import gft as library

    say(monkeypatch, "stone stone <mask> stone stone", "river [MASK] river <mask> river river")
    ran = gft("predict", "--model", f"C:{fitted}")
    first, second = (line.split("\t") for line in ran.out.splitlines())
    assert first[0] == "stone stone <mask> stone stone"
    assert (len(first), len(second)) == (1 + 5, 1 + 2 * 5)
    fillers = [field.split("|") for field in first[1:]]
    assert fillers[0][0] == "stone"
    chances = [float(chance) for _, chance in fillers]
    assert chances == sorted(chances, reverse=True) and 0 < sum(chances) <= 1.001
    assert second[1].startswith("river|") and second[6].startswith("river|")

    say(monkeypatch, "stone stone <mask> stone stone")
    ran = gft("predict", "--model", f"C:{fitted}", "--top_k", 1, "--format", "jsonl")
    row = json.loads(ran.out)
    assert list(row) == ["text", "prediction"]
    assert [[one["filler"] for one in mask] for mask in row["prediction"]] == [["stone"]]
    found = library.load(f"C:{fitted}", top_k=2).predict(["market <mask> market market market"])
    assert [len(mask) for mask in found[0]] == [2] and found[0][0][0]["filler"] == "market"


def test_a_text_without_a_mask(fitted: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch) -> None:
    import gft as library
    from gft.errors import UserError

    say(monkeypatch, "stone <mask>", "stone")
    ran = gft("predict", "--model", f"C:{fitted}")
    assert (ran.status, ran.out) == (2, "")
    assert ran.errors == [
        "gft_predict: error: line 2 has no <mask>, so there is nothing to fill: "
        "write <mask> where a word is wanted"
    ]
    with pytest.raises(UserError, match="row 1 has no <mask>"):
        library.load(f"C:{fitted}").predict([""])


def test_a_model_as_pre_training_leaves_it(
    tiny: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"the <mask> stone\n")))
    ran = gft("predict", "--model", f"C:{tiny}", "--task", "fill-mask", "--top_k", 2)
    assert ran.status == 0, ran.err
    text, first, second = ran.out.rstrip("\n").split("\t")
    assert text == "the <mask> stone" and "|" in first and "|" in second


def test_training_hides_15_percent_and_the_seed_says_which(tiny: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny)
    task = FillMask(("text",), ("text",))
    text = " ".join(WORDS * 30)
    encoded = task.encode(tokenizer, {"text": [text] * 200}, 128, [text] * 200)

    def batch(seed: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(seed)
        features = [task.drawn(tokenizer, feature) for feature in encoded.features]
        return task.collate(tokenizer, features, training=True)

    one, again, other = batch(1), batch(1), batch(2)
    assert torch.equal(one["input_ids"], again["input_ids"])
    assert not torch.equal(one["labels"], other["labels"])
    hidden = one["labels"] != -100
    shown, gold = one["input_ids"][hidden], one["labels"][hidden]
    assert hidden.sum() / (200 * 90) == pytest.approx(0.15, abs=0.01)
    assert (shown == tokenizer.mask_token_id).float().mean() == pytest.approx(0.8, abs=0.03)
    assert (shown == gold).float().mean() == pytest.approx(0.1, abs=0.03)
    special = torch.tensor(tokenizer.all_special_ids)
    assert not torch.isin(gold, special).any()


def test_long_texts_are_read_in_windows(fitted: Path) -> None:
    import gft as library

    model = library.load(f"C:{fitted}", max_length=10)
    text = " ".join(["stone"] * 20 + ["<mask>"] + ["stone"] * 5 + ["<mask>"])
    [found] = model.predict([text])
    assert [mask[0]["filler"] for mask in found] == ["stone", "stone"]
    encoded = model.task.encode(model.predictor.processor, {"text": [text, ""]}, 10)
    assert encoded.rows == [0, 0, 0, 0, 1] and encoded.lost == [0, 0]


def test_perplexity_is_that_of_the_model(fitted: Path, texts: Path) -> None:
    """The metric is worked out again by hand from the model's logits."""
    import gft as library

    model = library.load(f"C:{fitted}", precision="fp32")
    tokenizer, network = model.predictor.processor, model.model
    rows = library.load_data(f"C:{texts}").splits["test"]
    task = FillMask(("text",), ("text",))
    store, unread, empty, _ = encode_split(task, tokenizer, rows, task.golds_of(rows).values, 128)
    assert unread.rows == empty == 0
    placed = PlacedModel(Loaded(network, tokenizer), choose_precision("fp32", True))
    predictions = Predictor(task, placed, 128).store(store)
    scored = task.scored(store.golds, predictions.values, predictions.scores)
    losses = []
    for n in range(len(store)):
        ids = torch.tensor(store[n]["input_ids"]).long()
        places = torch.tensor(store[n]["positions"]).long()
        assert len(places) == max(1, round(0.15 * (len(ids) - 2)))
        masked = ids.clone()
        masked[places] = tokenizer.mask_token_id
        with torch.inference_mode():
            logits = network(masked[None].to(network.device)).logits[0].cpu().log_softmax(-1)
        losses += (-logits[places, ids[places]]).tolist()
    expected = math.exp(sum(losses) / len(losses))
    assert point_values([Perplexity()], scored)["perplexity"] == pytest.approx(expected, rel=1e-4)


def test_mistakes(gft: Gft, tiny: Path, texts: Path, colours: Path, tmp_path: Path) -> None:
    def errors(model: Path, data: Path, equation: str) -> list[str]:
        ran = gft("fit", "--model", f"C:{model}", "--data", f"C:{data}", "--eqn", equation,
                  "--output_dir", tmp_path / "out")  # fmt: skip
        assert ran.status == 2 and not (tmp_path / "out").exists()
        return [line.partition(": error: ")[2] for line in ran.errors]

    [wrong] = errors(tiny, colours, "fill_mask: colour ~ text")
    assert "the same on both sides of '~'" in wrong and "found colour ~ text" in wrong
    [wrong] = errors(tiny, texts, "fill_mask: txt ~ txt")
    assert "no column 'txt'" in wrong and "text" in wrong
    [wrong] = errors(decoders.gpt2(tmp_path / "gpt2"), texts, EQUATION)
    assert wrong.startswith("fill_mask needs a masked language model, such as BERT")


def test_dry_run_and_cat_data(gft: Gft, tiny: Path, texts: Path, tmp_path: Path) -> None:
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{texts}", "--eqn", EQUATION,
              "--output_dir", tmp_path / "out", "--dry_run")  # fmt: skip
    assert ran.status == 0 and not (tmp_path / "out").exists(), ran.err
    ran = gft("cat_data", "--data", f"C:{texts}", "--split", "val", "--eqn", EQUATION)
    assert ran.out.splitlines()[0] == " ".join(["river"] * 6)
