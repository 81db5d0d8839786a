"""LoRA: what is trained, what the folder is inside and outside of gft, and going on."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hub import models
from hub.decoders import KINDS
from hub.server import Hub, Repo

Gft = Callable[..., Any]
TEXTS = ["river mark0 river", "stone mark1", "market mark0 market"]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of three classes, one word each."""
    folder = tmp_path_factory.mktemp("three")
    for split, rows in (("train", 48), ("val", 18), ("test", 18)):
        lines = ["text,kind"]
        lines += [
            f"{('river', 'stone', 'market')[n % 3]} mark{n % 5},k{n % 3}" for n in range(rows)
        ]
        (folder / f"three.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "three"


def words(model: object, data: Path, out: Path, *more: object) -> list[str]:
    left = "kind" if data.name == "three" else "colour"
    given = [
        "--model", model, "--data", f"C:{data}", "--eqn", f"classify: {left} ~ text",
        "--output_dir", out, "--num_train_epochs", 3, "--per_device_train_batch_size", 4,
        "--learning_rate", "3e-2", "--peft", "lora", *more,
    ]  # fmt: skip
    return [str(one) for one in given]


@pytest.fixture(scope="module")
def fitted(tiny: Path, three: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from gft.commands.fit import fit_command
    from gft.commands.shell import run

    out = tmp_path_factory.mktemp("fitted") / "out"
    assert run("fit", fit_command, words(f"C:{tiny}", three, out)) == 0
    return out


def scores(folder: Path | str) -> Any:
    import gft

    found = gft.load(str(folder), precision="fp32").predictor.rows({"text": TEXTS})
    assert isinstance(found.scores, np.ndarray)
    return found.scores


def outside(model: Any, folder: Path) -> Any:
    import torch
    from transformers import AutoTokenizer

    batch = AutoTokenizer.from_pretrained(folder)(TEXTS, return_tensors="pt", padding=True)
    with torch.inference_mode():
        return model.eval()(**batch).logits.softmax(-1).numpy()


def test_what_is_left(fitted: Path, tiny: Path, gft: Gft) -> None:
    from safetensors import safe_open

    there = {path.name for path in fitted.iterdir()}
    record = json.loads((fitted / "gft.json").read_text())
    assert there == set(record["files"])
    assert {"adapter_config.json", "adapter_model.safetensors", "config.json"} <= there
    assert "model.safetensors" not in there
    with safe_open(fitted / "adapter_model.safetensors", "np") as opened:
        names = list(opened.keys())
        sizes = {name: int(np.prod(opened.get_slice(name).get_shape())) for name in names}
    assert {name.split(".")[-2] for name in sizes} == {"lora_A", "lora_B", "classifier"}
    model = record["model"]
    assert model["trained_parameters"] == sum(sizes.values()) == 2 * 2 * 2 * 8 * 32 + 32 * 3 + 3
    assert model["lora"]["target_modules"] == ["query", "value"]
    metrics = json.loads((fitted / "metrics.json").read_text())
    assert metrics["splits"]["test"]["metrics"]["accuracy"]["value"] > 0.6, "it learns"
    adapter = json.loads((fitted / "adapter_config.json").read_text())
    assert adapter["base_model_name_or_path"] == str(tiny.resolve())
    assert (adapter["r"], adapter["lora_alpha"], adapter["lora_dropout"]) == (8, 16, 0.05)

    told = gft("summary", fitted)
    assert "2,147 trained (LoRA of rank 8 on query and value)" in told.out
    light = f"import sys, gft; gft.load({str(fitted)!r}).summary(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", light], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    again = gft("eval", "--model", f"C:{fitted}", "--format", "json")
    assert json.loads(again.out)["metrics"] == metrics["splits"]["test"]["metrics"]


def test_it_loads_without_gft(fitted: Path, tiny: Path) -> None:
    from peft import AutoPeftModelForSequenceClassification
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(fitted)
    assert config.id2label == {0: "k0", 1: "k1", 2: "k2"}
    labels = {name: getattr(config, name) for name in ("num_labels", "id2label", "label2id")}
    model = AutoPeftModelForSequenceClassification.from_pretrained(fitted, **labels)
    assert model.config.id2label == config.id2label
    assert np.allclose(outside(model, fitted), scores(fitted), atol=1e-6)

    card = (fitted / "README.md").read_text()
    assert "library_name: peft" in card
    told: dict[str, Any] = {"folder": fitted}
    exec(card.partition("```python\n")[2].partition("```")[0], told)
    assert np.allclose(outside(told["model"], fitted), scores(fitted), atol=1e-6)


def test_two_classes_load_without_a_word(
    tiny: Path, colours: Path, gft: Gft, tmp_path: Path
) -> None:
    from peft import AutoPeftModelForSequenceClassification

    out = tmp_path / "out"
    ran = gft("fit", *words(f"C:{tiny}", colours, out, "--lora_r", 2, "--lora_target_modules",
                            "key", "attention.output.dense"))  # fmt: skip
    assert ran.status == 0, ran.err
    model = AutoPeftModelForSequenceClassification.from_pretrained(out)
    assert np.allclose(outside(model, out), scores(out), atol=1e-6)
    adapted = json.loads((out / "adapter_config.json").read_text())["target_modules"]
    assert "key" in adapted and "dense" not in adapted


@pytest.mark.parametrize("kind", KINDS)
def test_a_decoder_merged(kind: str, three: Path, gft: Gft, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    base = KINDS[kind](tmp_path / "base")
    out = tmp_path / "out"
    ran = gft("fit", *words(f"C:{base}", three, out, "--merge_lora", "--precision", "fp32"))
    assert ran.status == 0, ran.err
    shutil.rmtree(base)
    assert not (out / "adapter_config.json").exists()
    model = AutoModelForSequenceClassification.from_pretrained(out)
    assert model.config.id2label == {0: "k0", 1: "k1", 2: "k2"}
    assert np.allclose(outside(model, out), scores(out), atol=1e-5)
    record = json.loads((out / "gft.json").read_text())
    assert record["model"]["trained_parameters"] < record["model"]["parameters"] / 5
    metrics = json.loads((out / "metrics.json").read_text())["splits"]["test"]["metrics"]
    again = gft("eval", "--model", f"C:{out}", "--format", "json", "--precision", "fp32")
    assert json.loads(again.out)["metrics"] == metrics


def test_stopped_and_started_again_it_is_the_same(
    fitted: Path, tiny: Path, three: Path, gft: Gft, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [str(Path(sys.executable).parent / "gft_fit"), *words(f"C:{tiny}", three, out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    while not (out / "checkpoint-12").exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    saved = sorted(out.glob("checkpoint-*"))
    assert saved, "stopped before it was finished"
    for place in saved:
        assert not list(place.glob("model*")) and not list(place.glob("adapter*"))
        assert sum(file.stat().st_size for file in place.iterdir()) < 120_000
    ran = gft("fit", *words(f"C:{tiny}", three, out))
    assert "resuming from" in ran.err
    for name in ("adapter_model.safetensors", "adapter_config.json", "predictions.parquet"):
        assert (out / name).read_bytes() == (fitted / name).read_bytes(), name
    other = gft("fit", *words(f"C:{tiny}", three, out, "--lora_r", 4))
    assert "another program (lora_r 8, now 4)" in other.errors[0]
    whole = gft("fit", *words(f"C:{tiny}", three, out, "--merge_lora", "--overwrite_output_dir",
                              "--num_train_epochs", 1))  # fmt: skip
    assert whole.status == 0, whole.err
    assert (out / "model.safetensors").exists()
    assert not (out / "adapter_model.safetensors").exists()


def test_the_disk_need_not_hold_an_optimizer_of_the_whole_model() -> None:
    from gft.engine.checkpoints import bytes_needed
    from gft.language.program import Options

    needed = [
        bytes_needed(1000, Options(given))
        for given in ({}, {"peft": "lora"}, {"peft": "lora", "merge_lora": True})
    ]
    assert needed == [10_000, 500, 1450]


def test_anothers_adapter_is_not_overwritten(
    tiny: Path, three: Path, gft: Gft, tmp_path: Path
) -> None:
    (tmp_path / "adapter_model.safetensors").write_text("mine")
    ran = gft("fit", *words(f"C:{tiny}", three, tmp_path))
    assert "adapter_model.safetensors, which gft did not write" in ran.errors[0]


class TestMistakes:
    def test_a_layer_that_is_not_there(
        self, tiny: Path, three: Path, gft: Gft, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        ran = gft("fit", *words(f"C:{tiny}", three, out, "--lora_target_modules", "qeury"))
        assert ran.status == 2
        assert f"no linear layer 'qeury' in C:{tiny} (did you mean 'query'?)" in ran.errors[0]
        assert "available: dense, key, query and value" in ran.errors[0]
        ran = gft("fit", *words(f"C:{tiny}", three, out, "--lora_target_modules", "classifier"))
        assert "the head is trained whole anyway" in ran.errors[0]
        assert not out.exists()

    def test_settings_without_lora(self, tiny: Path, three: Path, gft: Gft, tmp_path: Path) -> None:
        out = tmp_path / "out"
        ran = gft("fit", *words(f"C:{tiny}", three, out, "--peft", "none", "--lora_r", "4"))
        assert ran.status == 2
        assert "--lora_r has no effect without --peft lora" in ran.errors[0]
        ran = gft("fit", *words(f"C:{tiny}", three, out, "--peft", "lore"))
        assert "expected none or lora, found 'lore'; did you mean lora?" in ran.errors[0]

    def test_no_peft(
        self, tiny: Path, three: Path, fitted: Path, gft: Gft, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setitem(sys.modules, "peft", None)
        ran = gft("fit", *words(f"C:{tiny}", three, tmp_path / "out"))
        assert ran.status == 2
        assert ran.errors == [
            "gft_fit: error: --peft lora needs the library peft: pip install 'gft[lora]'"
        ]
        ran = gft("eval", "--model", f"C:{fitted}")
        assert "an adapter, needs the library peft: pip install 'gft[lora]'" in ran.errors[0]
        assert gft("summary", fitted).status == 0

    def test_a_base_that_moved(self, fitted: Path, gft: Gft, tmp_path: Path) -> None:
        copy = shutil.copytree(fitted, tmp_path / "copy")
        config = json.loads((copy / "adapter_config.json").read_text())
        config["base_model_name_or_path"] = "/no/such/base"
        (copy / "adapter_config.json").write_text(json.dumps(config))
        ran = gft("eval", "--model", f"C:{copy}")
        assert ran.status == 2
        assert "the model in /no/such/base, and there is no such folder" in ran.errors[0]
        assert "base_model_name_or_path" in ran.errors[0]
        assert "adapter_config.json has been changed since gft_fit wrote it" in ran.err
        assert gft("summary", copy).status == 0


class TestOnTheHub:
    """An adapter as people publish them: without a configuration of the model."""

    @pytest.fixture
    def published(self, hub: Hub, fitted: Path, tiny: Path) -> str:
        files = models.files_of(fitted)
        config = json.loads(files["adapter_config.json"])
        config["base_model_name_or_path"] = "someone/base"
        hub.repos["models"]["someone/base"] = Repo({"main": models.files_of(tiny)})
        kept = {"adapter_model.safetensors": files["adapter_model.safetensors"],
                "adapter_config.json": json.dumps(config).encode()}  # fmt: skip
        hub.repos["models"]["someone/lora"] = Repo({"main": kept})
        return "H:someone/lora"

    def test_it_predicts_and_is_fitted_further(
        self, published: str, fitted: Path, three: Path, gft: Gft, tmp_path: Path
    ) -> None:
        assert np.allclose(scores(published), scores(fitted), atol=1e-6)
        told = gft("summary", published)
        assert "an adapter for someone/base" in told.out
        assert "LABEL_0, LABEL_1 and LABEL_2" in told.out
        out = tmp_path / "out"
        ran = gft("fit", *words(published, three, out))
        assert ran.status == 2
        assert "is an adapter itself; --merge_lora writes the whole model" in ran.errors[0]
        ran = gft("fit", *words(published, three, out, "--merge_lora", "--num_train_epochs", 1,
                                "--learning_rate", "1e-9"))  # fmt: skip
        assert ran.status == 0, ran.err
        from safetensors.torch import load_file

        layer = "bert.encoder.layer.0.attention.self.query"
        adapter = load_file(fitted / "adapter_model.safetensors")
        up, down = (adapter[f"base_model.model.{layer}.lora_{one}.weight"] for one in "BA")
        base = load_file(models.bert(tmp_path / "base") / "model.safetensors")[f"{layer}.weight"]
        merged = load_file(out / "model.safetensors")[f"{layer}.weight"]
        assert np.allclose(merged, base + 2 * up @ down, atol=1e-5)
        assert not np.allclose(merged, base, atol=1e-3)

    def test_a_base_of_the_hub_is_named_with_its_commit(
        self, hub: Hub, three: Path, gft: Gft, tmp_path: Path
    ) -> None:
        ran = gft("fit", *words("H:bert-base-cased", three, tmp_path, "--num_train_epochs", 1))
        assert ran.status == 0, ran.err
        config = json.loads((tmp_path / "adapter_config.json").read_text())
        record = json.loads((tmp_path / "gft.json").read_text())
        assert config["base_model_name_or_path"] == "google-bert/bert-base-cased"
        assert config["revision"] == record["model"]["commit"]
        assert gft("eval", "--model", f"C:{tmp_path}").status == 0
        # The revision is one that the hub has, so that others find it too.
        from peft import AutoPeftModelForSequenceClassification

        found = AutoPeftModelForSequenceClassification.from_pretrained(tmp_path, num_labels=3)
        assert np.allclose(outside(found, tmp_path), scores(f"C:{tmp_path}"), atol=1e-6)

    def test_other_kinds_of_adapters(self, hub: Hub, gft: Gft) -> None:
        other = {"adapter_config.json": b'{"peft_type": "IA3"}', "adapter_model.safetensors": b""}
        hub.repos["models"]["someone/ia3"] = Repo({"main": other})
        ran = gft("eval", "--model", "H:someone/ia3", "--data", "H:glue,qqp")
        assert "H:someone/ia3 is an adapter of type IA3; gft reads LORA" in ran.err


def test_a_process_of_its_own_predicts(fitted: Path) -> None:
    """A command imports less of transformers than peft needs."""
    script = Path(sys.executable).parent / "gft_predict"
    ran = subprocess.run(
        [str(script), "--model", f"C:{fitted}"], input="stone mark1\n", capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.split("\t")[:2] == ["stone mark1", "k1"]
