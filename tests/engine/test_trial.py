"""The fast path and the automatic precision are tried first, and left where they do not serve."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file

from gft.engine import precision, trainer, trial
from gft.engine.cpu import attention, casts, cores, dropout, encoder, heap, split_batch
from gft.engine.placed_model import PlacedModel
from gft.storage.manifest import MANIFEST, read_manifest, seal
from hub.models import vocabulary
from ran import Ran


@pytest.fixture(autouse=True)
def half_precision_on_two_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this processor be one with bf16 and two cores."""
    monkeypatch.setattr(precision, "_fastest", lambda _: ("bf16", "for a test"))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


SMALL = {
    "vocab_size": len(vocabulary()), "hidden_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 128,
}  # fmt: skip


@pytest.fixture
def model_of(tiny: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write a tiny model of a kind, with the tokenizer of the tiny BERT."""

    def write(name: str, **settings: Any) -> Path:
        folder = tmp_path / name
        shutil.copytree(tiny, folder, ignore=shutil.ignore_patterns("*.safetensors"))
        kind = getattr(transformers, name)
        torch.manual_seed(1)
        kind(kind.config_class(**SMALL, **settings)).save_pretrained(folder)
        return folder

    return write


@pytest.fixture
def long_rows(tmp_path: Path) -> Path:
    """A data set whose rows have from 3 to 43 tokens."""
    for split, rows in (("train", 12), ("val", 4), ("test", 4)):
        lines = ["text,colour"]
        for n in range(rows):
            words = " ".join(["river"] * (41 if n < 2 else n % 7))
            lines.append(f"mark{n % 2} {words},{['red', 'blue'][n % 2]}")
        (tmp_path / f"long.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "long"


def fit_words(model: Path, data: Path, out: Path, *more: object) -> list[object]:
    return ["--model", f"C:{model}", "--data", f"C:{data}", "--eqn", "classify: colour ~ text",
            "--output_dir", out, "--num_train_epochs", 1, *more]  # fmt: skip


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "gft.json").read_text())
    return found


DEBERTA = {"pos_att_type": ["c2p", "p2c"], "relative_attention": True}
BIG_BIRD = {"attention_type": "block_sparse", "block_size": 4, "num_random_blocks": 1}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("DebertaForSequenceClassification", DEBERTA),
        ("BigBirdForSequenceClassification", BIG_BIRD),
    ],
)
def test_a_model_that_cannot_compute_in_bf16_is_fitted_in_fp32(
    gft: Callable[..., Ran], model_of: Callable[..., Path], long_rows: Path, tmp_path: Path,
    name: str, settings: dict[str, Any],
) -> None:  # fmt: skip
    model, out = model_of(name, **settings), tmp_path / "out"
    ran = gft("fit", *fit_words(model, long_rows, out))
    assert ran.status == 0, ran.err
    assert f"{name} cannot compute in bf16 (RuntimeError: " in ran.err
    assert "): computing in fp32" in ran.err
    assert record(out)["precision"] == "fp32"
    verdict = record(out)["fast_path"]
    assert (verdict["precision"], verdict["instead_of"]) == ("fp32", "bf16")
    ran = gft("predict", "--model", f"C:{out}", "--data", f"C:{long_rows}")
    assert ran.status == 0 and "cannot compute" not in ran.err
    asked = gft("fit", *fit_words(model, long_rows, tmp_path / "asked", "--precision", "bf16"))
    assert asked.status == 2 and not (tmp_path / "asked").exists()
    [error] = asked.errors
    assert f"--precision bf16: {name} cannot compute in bf16" in error
    assert "use --precision fp32, or leave it out" in error


def broken_weights(*given: Any, found: Any = attention._weights) -> Any:
    weights, total = found(*given)
    return weights * torch.linspace(1, 1.5, weights.shape[-1], dtype=weights.dtype), total


def broken_gradients(self: Any, of_parts: Any, found: Any = split_batch.SplitBatch._add) -> None:
    found(self, of_parts[:1])


def raising(*_: Any, **__: Any) -> Any:
    raise AttributeError("'BertLayer' object has no attribute 'feed_forward_chunk'")


@pytest.mark.parametrize("asked", ["auto", "fp32"])
@pytest.mark.parametrize(
    ("where", "name", "broken", "told"),
    [
        (attention, "_weights", broken_weights, "gives different results (relative difference "),
        (encoder, "_layer", raising, "fails (AttributeError: 'BertLayer' object has no attribute"),
        (
            split_batch.SplitBatch,
            "_add",
            broken_gradients,
            "gives different results (relative difference ",
        ),
    ],
)
def test_a_broken_fast_path_is_found_out_and_left(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, asked: str, where: Any, name: str, broken: Any, told: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(trial, "THOROUGH", 0)  # gradients too, though the fit is a tiny one
    monkeypatch.setattr(split_batch, "LEAST_WEIGHTS", 0)
    plain = tmp_path / "plain"
    words = fit_words(tiny, colours, plain, "--precision", asked, "--fast_cpu", "false")
    assert gft("fit", *words).status == 0
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(where, name, broken)
        ran = gft("fit", *fit_words(tiny, colours, out, "--precision", asked))
    assert ran.status == 0, ran.err
    assert "BertForSequenceClassification is computed by PyTorch and transformers alone" in ran.err
    assert told in ran.err
    assert record(out)["fast_path"]["fast"] is False
    assert told in record(out)["fast_path"]["why_not"]
    left, library = (load_file(one / "model.safetensors") for one in (out, plain))
    assert all(torch.equal(left[weight], library[weight]) for weight in library)
    monkeypatch.setattr(encoder, "_encode", raising)
    ran = gft("predict", "--model", f"C:{out}", "--data", f"C:{colours}", "--precision", asked)
    # Its folder says that it is left.
    assert ran.status == 0 and "PyTorch and transformers alone" not in ran.err


def hooked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return a set to which everything of `engine/cpu` that is called adds its name."""
    called: set[str] = set()

    def watch(where: Any, name: str) -> None:
        found = getattr(where, name)

        def spy(*args: Any, **kwargs: Any) -> Any:
            called.add(name)
            return found(*args, **kwargs)

        monkeypatch.setattr(where, name, spy)

    for where, name in (
        (attention, "_weights"), (dropout, "dropout_mask"), (encoder, "_encode"),
        (casts._Cast, "__call__"),
        (split_batch.SplitBatch, "_run"), (split_batch.SplitBatch, "clip"),
        (heap, "_glibc"), (attention, "round_length"), (encoder, "round_tokens"),
    ):  # fmt: skip
        watch(where, name)
    side_by_side = cores.Cores.side_by_side

    def several(self: Any, run: Any, batches: Any, within: Any, at_once: int = 8) -> Any:
        called.update({"side_by_side"} if at_once > 1 else ())
        return side_by_side(self, run, batches, within, at_once)

    monkeypatch.setattr(cores.Cores, "side_by_side", several)
    round_rows = PlacedModel.rows

    def rows(self: Any, count: int) -> int:
        found = round_rows(self, count)
        called.update({"round_rows"} if found != count else ())
        return found

    monkeypatch.setattr(PlacedModel, "rows", rows)
    return called


def test_fast_cpu_false_switches_all_of_it_off(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import gft as library

    monkeypatch.setattr(split_batch, "LEAST_WEIGHTS", 0)
    called = hooked(monkeypatch)
    own = torch.nn.functional.dropout
    sdpa = transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS["sdpa"]
    padded: set[bool] = set()
    step = trainer.GftTrainer.training_step

    def training_step(self: Any, *given: Any, **named: Any) -> Any:
        padded.add(torch.nn.functional.dropout is own)
        return step(self, *given, **named)

    monkeypatch.setattr(trainer.GftTrainer, "training_step", training_step)
    out = tmp_path / "plain"
    assert gft("fit", *fit_words(tiny, colours, out, "--fast_cpu", "false")).status == 0
    assert record(out)["fast_path"] is None and padded == {True}
    off = ["--fast_cpu", "false"]
    assert gft("predict", "--model", f"C:{out}", "--data", f"C:{colours}", *off).status == 0
    assert gft("eval", "--model", f"C:{out}", "--data", f"C:{colours}", *off).status == 0
    library.load(str(out), fast_cpu=False).predict(["river"] * 9)
    assert called == set()
    assert gft("fit", *fit_words(tiny, colours, tmp_path / "fast")).status == 0
    library.load(str(out)).predict(["river"] * 9)
    assert called == {
        "_weights", "dropout_mask", "_encode", "__call__", "_run", "clip", "_glibc",
        "round_length", "round_tokens", "side_by_side", "round_rows",
    }  # fmt: skip
    assert torch.nn.functional.dropout is own
    assert transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS["sdpa"] is sdpa


def test_a_prediction_is_tried_once_and_only_where_no_folder_says_how_it_went(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import gft as library

    tried: list[int] = []
    settle = trial._settle
    monkeypatch.setattr(
        trial, "_settle", lambda placed, *rest: tried.append(1) or settle(placed, *rest)
    )
    out = tmp_path / "out"
    fitted = library.fit(
        model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text", output_dir=str(out),
        num_train_epochs=1,
    )  # fmt: skip
    assert len(tried) == 1
    fitted.predict(["river"])
    library.load(str(out)).predict(["river"])
    assert len(tried) == 1
    library.load(str(out), precision="fp32").predict(["river"])
    assert len(tried) == 2  # the folder knows of bf16 only
    known = record(out)
    known["fast_path"]["circumstances"]["torch"] = "2.0.0"
    (out / "gft.json").write_text(json.dumps(known))
    (out / MANIFEST).unlink()  # As the message says, where a file is changed on purpose.
    again = library.load(str(out))
    assert again.predict(["river", "stone"]) == again.predict(["river", "stone"])
    assert len(tried) == 3
    expected = again.predict(["river", "stone mark1"])
    monkeypatch.setattr(encoder, "_layer", raising)
    answers = library.load(str(out))
    assert answers.predict(["river", "stone mark1"]) == expected
    assert not answers.predictor.placed.fast and len(tried) == 4


def test_a_generator_is_tried_with_its_first_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gft as library
    from hub.models import bart

    calls: list[int] = []
    model = library.load(str(bart(tmp_path / "bart")), eqn="generate: a ~ b", max_new_tokens=3)
    own = type(model.model).forward

    def forward(self: Any, *given: Any, **named: Any) -> Any:
        calls.append(1)
        return own(self, *given, **named)

    monkeypatch.setattr(type(model.model), "forward", forward)
    model.predict(["river stone"])
    first = len(calls)
    calls.clear()
    model.predict(["river stone"])
    assert first - len(calls) in (2, 4)  # once each way, in bf16 and perhaps in fp32
    assert model.predictor.placed.verdict["fast"]


def test_a_shortage_of_memory_says_nothing_of_the_path(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def full(*_: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(encoder, "_layer", full)
    ran = gft("fit", *fit_words(tiny, colours, tmp_path / "out"))
    assert ran.status == 2 and "not enough memory to train on a batch" in ran.err
    assert "PyTorch and transformers alone" not in ran.err


def test_a_training_without_a_verdict_is_tried_when_it_goes_on(
    tiny: Path, colours: Path, tmp_path: Path
) -> None:
    import gft as library

    words = {"model": f"C:{tiny}", "data": f"C:{colours}", "eqn": "classify: colour ~ text",
             "output_dir": str(tmp_path), "num_train_epochs": 2}  # fmt: skip

    def stop(event: object) -> None:
        if isinstance(event, library.events.Evaluated):
            raise library.Stop

    with pytest.raises(library.Interrupted):
        library.fit(**words, watch=stop)
    for kept in tmp_path.glob("checkpoint-*/gft_program.json"):
        known = json.loads(kept.read_text())
        del known["fast_path"]
        kept.write_text(json.dumps(known))
        found = read_manifest(kept.parent)
        assert found is not None
        seal(kept.parent, found.files, found.model)
    library.fit(**words)
    assert record(tmp_path)["fast_path"]["precision"] == "bf16"
