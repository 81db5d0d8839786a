"""Graphs that are written from weights give what the models give, to rounding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gft.errors import UserError
from gft.graphs.comparison import apart, is_worse, made_features
from gft.graphs.files import GRAPHS
from gft.graphs.heads import is_writable
from gft.graphs.making import DIRECT, EXPORTED, write_graph
from gft.graphs.outputs import OUTPUTS
from gft.graphs.runtimes import OnnxRuntime
from gft.inputs.text import padded

PARTS = ("input_ids", "attention_mask")
SMALL = {"vocab_size": 60, "max_position_embeddings": 80}
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 48}  # fmt: skip
OTHERS = {"MPNetConfig": {**SIZES, "pad_token_id": 1}}
"""Kinds that torch's exporter writes."""
KINDS = {
    "BertConfig": SIZES,
    "RobertaConfig": {**SIZES, "pad_token_id": 1},
    "DistilBertConfig": {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48},
    "ElectraConfig": {**SIZES, "embedding_size": 16},
    "XLMRobertaConfig": {**SIZES, "pad_token_id": 1, "hidden_act": "gelu_new"},
}
HEADS = {
    "sequence-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
    "encoder": "AutoModel",
}


class Padding:
    """As much of a tokenizer as a batch needs."""

    pad_token_type_id = 0

    def __init__(self, pad: int) -> None:
        self.pad_token_id = pad


def computed(kind: str, head: str, folder: Path, parts: tuple[str, ...], int8: bool) -> float:
    """Return how far the outputs of a graph are from those of its model, made by chance."""
    import torch
    import transformers

    torch.manual_seed(0)
    labels = 2 if head == "question-answering" else 3
    config = getattr(transformers, kind)(**SMALL, **(KINDS | OTHERS)[kind], num_labels=labels)
    model = getattr(transformers, HEADS[head]).from_config(config).eval()
    for weight in model.parameters():  # Biases and norms too, which begin at 0 and 1.
        torch.nn.init.normal_(weight, 0.0, 0.2)
    assert is_writable(config.to_dict(), head) == (kind in KINDS)
    how = DIRECT if kind in KINDS else EXPORTED
    assert write_graph(model, head, parts, int8, folder, kind) == how
    features = made_features(parts, SMALL["vocab_size"], 70)
    batch = padded(Padding(config.pad_token_id), features, "right")
    if "token_type_ids" in parts:
        batch["token_type_ids"][:, 2:] = 1
    tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
    with torch.inference_mode():
        theirs: Any = model(**tensors)
    if head == "encoder":
        counts = tensors["attention_mask"][:, :, None].float()
        total = (theirs["last_hidden_state"] * counts).sum(1)
        theirs = {"vectors": total / counts.sum(1)}
    precision = "int8" if int8 else "fp32"
    runtime = OnnxRuntime(folder / GRAPHS[precision], precision, 1)
    ours = runtime.run(batch)
    assert tuple(ours) == OUTPUTS[head]
    return apart(ours, theirs, head, [len(one["input_ids"]) for one in features])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("head", HEADS)
def test_a_graph_gives_what_the_model_gives(kind: str, head: str, tmp_path: Path) -> None:
    assert computed(kind, head, tmp_path, PARTS, int8=False) < 1e-5


def test_other_models_are_written_by_the_exporter(tmp_path: Path) -> None:
    assert computed("MPNetConfig", "sequence-classification", tmp_path, PARTS, int8=False) < 1e-5
    with pytest.raises(UserError, match="graphs in 8 bits are written of BERT and its kin"):
        computed("MPNetConfig", "sequence-classification", tmp_path, PARTS, int8=True)


def test_segments_count_where_the_tokenizer_has_them(tmp_path: Path) -> None:
    parts = (*PARTS, "token_type_ids")
    assert computed("BertConfig", "sequence-classification", tmp_path, parts, int8=False) < 1e-5


@pytest.mark.parametrize("kind", ["BertConfig", "DistilBertConfig", "RobertaConfig"])
def test_8_bits_are_a_quarter_and_near(kind: str, tmp_path: Path) -> None:
    for int8 in (False, True):
        gap = computed(kind, "sequence-classification", tmp_path, PARTS, int8)
    assert 1e-5 < gap < 0.1
    sizes = [(tmp_path / f"{name}.data").stat().st_size for name in GRAPHS.values()]
    assert sizes[1] < 0.45 * sizes[0]


def test_no_operator_is_anybodys_own_and_no_data_lies_elsewhere(tmp_path: Path) -> None:
    import onnx

    computed("RobertaConfig", "token-classification", tmp_path, PARTS, int8=True)
    model = onnx.load(tmp_path / GRAPHS["int8"], load_external_data=False)
    onnx.checker.check_model(str(tmp_path / GRAPHS["int8"]))
    assert {one.domain for one in (*model.graph.node, *model.opset_import)} == {""}
    places = {one.value for tensor in model.graph.initializer for one in tensor.external_data
              if one.key == "location"}  # fmt: skip
    assert places == {"model_int8.onnx.data"}


def test_what_cannot_be_written_is_known() -> None:
    bert = {"model_type": "bert", "num_hidden_layers": 1, "num_attention_heads": 2,
            "hidden_size": 4, "hidden_act": "gelu"}  # fmt: skip
    assert is_writable(bert, "encoder")
    for more in ({"is_decoder": True}, {"hidden_act": "silu"}, {"model_type": "t5"},
                 {"position_embedding_type": "relative_key"}):  # fmt: skip
        assert not is_writable({**bert, **more}, "encoder")
    assert not is_writable(bert, "masked")
    assert not is_writable({**bert, "head_activations": ["tanh"]}, "sequence-classification")


def test_the_8_bits_of_a_weight() -> None:
    from gft.graphs.nodes import in_8_bits

    whole, scales = in_8_bits(np.array([[1.0, -4.0], [0.5, 2.0], [0.0, 0.0]]), axis=1)
    assert whole.tolist() == [[32, -127], [32, 127], [0, 0]]
    assert scales == pytest.approx([4 / 127, 2 / 127, 1.0])


@pytest.mark.parametrize(
    ("value", "low", "high", "worse"),
    [(-3e-5, -4e-5, -2e-5, False), (-0.02, -0.03, -0.01, True), (-0.02, -0.03, 0.01, False)],
)
def test_rounding_makes_no_graph_worse(value: float, low: float, high: float, worse: bool) -> None:
    assert is_worse({"value": value, "low": low, "high": high}, True) is worse
    assert is_worse({"value": -value, "low": -high, "high": -low}, False) is worse
