"""Model folders: heads kept, replaced and made afresh, and what is said of broken ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

THREE = {"labels": ["a", "b", "c"]}
OTHER = {"labels": ["x", "y", "z"]}
KINDS = ["bert", "roberta", "distilbert", "bart", "electra", "deberta", "albert", "xlm-roberta",
         "gpt2"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_head_is_made_kept_replaced(kind: str, client: Any, models: Path, tmp_path: Path) -> None:
    base = f"C:{models / kind}"
    first = client.get("load", spec=base, request={**THREE, "new_head": True}, write=str(tmp_path))
    assert first["logits"] == [2, 3]
    assert first["new"]
    assert first["dtype"] == "torch.float32"
    again = client.get("load", spec=base, request={**THREE, "new_head": True})
    assert again["weights"] == first["weights"], "the same seed, the same head"

    fitted = f"C:{tmp_path}"
    kept = client.get("load", spec=fitted, request={}, seed=2)
    assert kept["new"] == []
    assert kept["labels"] == ["a", "b", "c"]
    assert kept["weights"] == first["weights"]

    renewed = client.get("load", spec=fitted, request={**OTHER, "new_head": True}, seed=2)
    wider = client.get("load", spec=fitted, request={"outputs": 5, "new_head": True}, seed=2)
    assert renewed["labels"] == ["x", "y", "z"]
    assert renewed["new"] == wider["new"], "the same weights as if their number had changed"
    changed = {
        name for name, digest in renewed["weights"].items() if digest != kept["weights"][name]
    }
    assert changed == {name for name in renewed["new"] if "bias" not in name}


def test_a_model_without_padding_pads_with_its_end(client: Any, models: Path) -> None:
    loaded = client.get("load", spec=f"C:{models / 'gpt2'}", request=THREE)
    assert loaded["pad"] == ["[SEP]", 3]


def test_what_is_written(client: Any, models: Path, tmp_path: Path) -> None:
    client.get("load", spec=f"C:{models / 'bert'}", request=THREE, write=str(tmp_path))
    names = {path.name for path in tmp_path.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert json.loads((tmp_path / "config.json").read_text())["id2label"] == {
        "0": "a", "1": "b", "2": "c"}  # fmt: skip


def test_weights_in_the_old_form(client: Any, models: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    whole = tmp_path / "whole"
    client.get("load", spec=f"C:{models / 'bert'}", request=THREE, write=str(whole))
    weights = load_file(whole / "model.safetensors")
    (whole / "model.safetensors").unlink()
    torch.save(weights, whole / "pytorch_model.bin")
    assert client.get("load", spec=f"C:{whole}", request={})["new"] == []
    assert client.get("load", spec=f"C:{whole}", request={**OTHER, "new_head": True})["new"]
    torch.save({"weights": Path("code")}, whole / "pytorch_model.bin")
    failed = client.fail("load", spec=f"C:{whole}", request={})
    assert "holds more than weights" in failed.error


class TestBroken:
    @pytest.fixture
    def folder(self, models: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(models / "bert", tmp_path / "model"))

    def test_no_folder(self, client: Any, tmp_path: Path) -> None:
        assert "no folder" in client.fail("model", spec=f"C:{tmp_path / 'none'}").error

    def test_no_config(self, client: Any, folder: Path) -> None:
        (folder / "config.json").unlink()
        failed = client.fail("model", spec=f"C:{folder}")
        assert "no config.json" in failed.error
        assert "model.safetensors" in failed.error

    @pytest.mark.parametrize("text", ["{", "[]", '{"model_type": "no-such"}'])
    def test_broken_config(self, client: Any, folder: Path, text: str) -> None:
        (folder / "config.json").write_text(text)
        failed = client.fail("load", spec=f"C:{folder}", request={})
        assert failed.kind == "UserError"
        assert "config.json" in failed.error or "tokenizer" in failed.error

    def test_no_weights(self, client: Any, folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        assert "has no weights" in client.fail("load", spec=f"C:{folder}", request={}).error

    def test_torn_weights(self, client: Any, folder: Path) -> None:
        file = folder / "model.safetensors"
        file.write_bytes(file.read_bytes()[:2000])
        assert "cannot be read" in client.fail("load", spec=f"C:{folder}", request={}).error

    def test_other_weights(self, client: Any, models: Path, folder: Path) -> None:
        shutil.copy(models / "gpt2" / "model.safetensors", folder)
        assert "do not fit" in client.fail("load", spec=f"C:{folder}", request={}).error

    def test_no_tokenizer(self, client: Any, models: Path, folder: Path) -> None:
        for file in folder.glob("*token*"):
            file.unlink()
        failed = client.fail("load", spec=f"C:{folder}", request={})
        assert "--tokenizer_name_or_path" in failed.error
        other = str(models / "bert")
        loaded = client.get("load", spec=f"C:{folder}", request={}, tokenizer_name_or_path=other)
        assert loaded["pad"] == ["[PAD]", 0]

    def test_the_base_lends_its_tokenizer(self, client: Any, models: Path, folder: Path) -> None:
        for file in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
            (folder / file).unlink(missing_ok=True)
        for base in (f"C:{models / 'bert'}", f"H:__one_of__gpt-nine,{models / 'bert'}"):
            spec = f"C:{folder}"
            if "__one_of__" in base:
                (folder.parent / "my-bert").symlink_to(folder)
                spec = f"C:{folder.parent / 'my-bert'}"
            loaded = client.get("load", spec=spec, request={}, base_model=base)
            assert loaded["pad"] == ["[PAD]", 0]
        failed = client.fail("load", spec=spec, request={}, base_model="H:__one_of__a9,b9")
        assert "none of a9 and b9 is part of the name" in failed.error

    def test_unknown_head(self, client: Any, folder: Path) -> None:
        failed = client.fail("load", spec=f"C:{folder}", request={}, head="sequence")
        assert "no model head 'sequence'" in failed.error
