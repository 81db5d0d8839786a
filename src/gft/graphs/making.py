"""The graph of a model that is loaded: written from its weights, or by torch's exporter."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.errors import GftError, UserError, first_line
from gft.graphs.files import GRAPHS, WEIGHTS
from gft.graphs.heads import is_writable, written_graph
from gft.graphs.nodes import OPSET
from gft.graphs.outputs import OUTPUTS
from gft.metrics.protocol import Array

if TYPE_CHECKING:
    import onnx

DIRECT, EXPORTED = "from the weights", "by torch's exporter"


def end_token(config: Mapping[str, Any]) -> int | None:
    """Return the token that every text of a model ends with, None where nothing depends on it.

    A classifier that is an encoder with a decoder, such as BART, reads the state of that token.
    """
    end = config.get("eos_token_id") if config.get("is_encoder_decoder") else None
    return end if isinstance(end, int) else None


def write_graph(
    model: Any, head: str, parts: Sequence[str], int8: bool, folder: Path, name: str
) -> str:
    """Write the graph of a model, in fp32 or in 8 bits, into a folder; return how it was made.

    `parts` are what the tokenizer gives. Raises `UserError` for a model, called `name`, that no
    graph can be made of.
    """
    file = folder / GRAPHS["int8" if int8 else "fp32"]
    config: Mapping[str, Any] = model.config.to_dict()
    if is_writable(config, head):
        weights: dict[str, Array] = {
            key: one.detach().float().cpu().numpy() for key, one in model.state_dict().items()
        }
        _save(written_graph(config, weights, head, parts, int8), file)
        return DIRECT
    if int8:
        raise UserError(
            f"{name} is a {config.get('model_type')} model: graphs in 8 bits are written of BERT "
            "and its kin (RoBERTa, XLM-R, DistilBERT, MiniLM, ELECTRA) alone; --precision fp32"
        )
    _export(model, head, parts, file, name)
    return EXPORTED


def _save(made: onnx.ModelProto, file: Path) -> None:
    """Write a graph, its weights into a file beside it: runtimes map that, and need not parse it.

    It is there in a third of the time so, in half of the memory, and may have more than 2 GB.
    """
    import onnx

    beside = file.with_name(file.name + WEIGHTS)
    beside.unlink(missing_ok=True)  # It would be added to.
    onnx.save_model(made, str(file), save_as_external_data=True, location=beside.name)


def _export(model: Any, head: str, parts: Sequence[str], file: Path, name: str) -> None:
    """Have torch write the graph: it follows the model through a batch of two rows."""
    import onnx
    import torch

    class Outputs(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: Any) -> Any:
            given = dict(zip(parts, inputs, strict=True))
            found = self.model(**given)
            if head != "encoder":
                return tuple(found[one] for one in OUTPUTS[head])
            counts = given["attention_mask"][:, :, None].float()
            total = (found["last_hidden_state"] * counts).sum(1)
            return (total / counts.sum(1).clamp(min=1),)

    tokens = [[5, 6, 7, 8, 9], [9, 8, 7, 6, 5]]
    end = end_token(model.config.to_dict())
    if end is not None:
        tokens = [[*[one for one in row if one != end][:3], end] for row in tokens]
    ids = torch.tensor(tokens)
    values = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    batch = tuple(values.get(part, torch.zeros_like(ids)) for part in parts)
    axes = {part: {0: "rows", 1: "tokens"} for part in parts}
    axes |= {one: {0: "rows"} for one in OUTPUTS[head]}
    if head in ("token-classification", "question-answering"):
        axes |= {one: {0: "rows", 1: "tokens"} for one in OUTPUTS[head]}
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # What it doubts is compared with the model.
            torch.onnx.export(
                Outputs().eval(), batch, str(file), input_names=list(parts),
                output_names=list(OUTPUTS[head]), dynamic_axes=axes, opset_version=OPSET,
                dynamo=False,
            )  # fmt: skip
        _save(onnx.load(str(file)), file)
    except Exception as problem:
        raise GftError(
            f"{name}: torch {torch.__version__} cannot write a graph of a "
            f"{type(model).__name__}: {first_line(problem)}"
        ) from problem
