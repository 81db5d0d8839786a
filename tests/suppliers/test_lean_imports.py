"""What a command imports of a model's library, and when it imports all of it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from transformers import BertConfig

from gft.suppliers import lean_imports
from gft.suppliers.lean_imports import importing_little, lean


def load(*how: Any) -> None:
    with lean(*how):
        pass


def test_little_is_imported_where_it_is_asked_for_and_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(lean_imports, "_import_model", asked.append)
    for name in ("torch._dynamo", "transformers.modeling_utils"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    load(BertConfig(), {}, "sequence-classification")
    with importing_little():
        load(BertConfig(), {}, "seq2seq")
        load(BertConfig(), {"quantization_config": {}}, "encoder")
        load(BertConfig(), {"auto_map": {}}, "encoder")
        with monkeypatch.context() as several:
            several.setattr("gft.processes.count", lambda: 2)
            load(BertConfig(), {}, "encoder")
        assert not asked
        load(BertConfig(), {}, "encoder")
    assert asked == ["transformers.models.bert.modeling_bert"]


def test_what_was_left_away_is_there_afterwards() -> None:
    """The library's own attention imports a part when it is computed; the rest can be imported."""
    code = """
import sys
from gft.suppliers.lean_imports import _import_model
_import_model("transformers.models.nowhere.modeling_nowhere")
_import_model("transformers.models.bert.modeling_bert")
assert "transformers.models.bert.modeling_bert" in sys.modules
left = {"torch._dynamo", "torch.distributed.tensor", "scipy", "accelerate", "datasets"}
assert not left & sys.modules.keys(), left & sys.modules.keys()
import torch
from transformers.masking_utils import TransformGetItemToIndex
with TransformGetItemToIndex():
    pass
assert torch._dynamo.optimize and "torch._dynamo" in sys.modules
from transformers.utils import is_scipy_available
import scipy
assert is_scipy_available()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
