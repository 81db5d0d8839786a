"""The files of a graph: `onnx/predict.json` says what the graph beside it takes and gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gft.errors import UserError, listed
from gft.graphs.tokenizing import TokenizerSettings
from gft.language.json_text import parsed_json
from gft.suppliers.graph_model import GUIDE

FOLDER = "onnx"
"""The folder of graphs inside that of a fit."""
TOKENIZER = "tokenizer.json"
GRAPHS = {"fp32": "model.onnx", "int8": "model_int8.onnx"}
"""The file of a graph by its precision."""
WEIGHTS = ".data"
"""What is added to the name of a graph for the file of its weights."""
RECOMPUTATION = "recomputation"
"""What the comparison of a graph found by runtime and precision: the margin in logits below which
rows are computed again in fp32, and their share. Files of older versions do without."""
FORMAT = 1


@dataclass(frozen=True)
class Guide:
    """The description of a graph, known before it is run.

    `task` is a task as it saves itself, with its `name`; `equation` the one of the fit, or None;
    `max_length` the longest text in tokens, `limit` the longest that the model takes; `known` how
    many tokens it has, where its tokenizer has more. `graphs` has, by precision, the names of
    inputs and outputs, and what the comparison with the model found.
    """

    task: Mapping[str, Any]
    equation: str | None
    max_length: int
    limit: int
    known: int | None
    tokenizer: TokenizerSettings
    graphs: Mapping[str, Mapping[str, Any]]

    def write(self, folder: Path) -> None:
        """Write the file into a folder."""
        saved = {
            "gft_graph": FORMAT,
            "task": dict(self.task),
            "equation": self.equation,
            "max_length": self.max_length,
            "limit": self.limit,
            "known": self.known,
            "tokenizer": self.tokenizer.saved(),
            "graphs": {name: dict(one) for name, one in self.graphs.items()},
        }
        text = json.dumps(saved, indent=1, ensure_ascii=False)
        (folder / GUIDE).write_text(text, encoding="utf-8")

    def without(self, precision: str) -> Guide:
        """Return the same without one of the graphs."""
        left = {name: one for name, one in self.graphs.items() if name != precision}
        return replace(self, graphs=left)


def read_guide(folder: Path) -> Guide:
    """Return what the `predict.json` of a folder says. Raises `UserError` that names it."""
    file = folder / GUIDE
    try:
        saved: Any = parsed_json(file.read_text(encoding="utf-8"))
        if saved["gft_graph"] != FORMAT:
            raise UserError(f"{file} was written by another version of gft: export the model again")
        settings = dict(saved["tokenizer"])
        settings["parts"] = tuple(map(str, settings["parts"]))
        graphs = {str(name): dict(one) for name, one in saved["graphs"].items()}
        strange = [name for name in graphs if name not in GRAPHS]
        if strange:
            raise ValueError(f"no graph is called {listed(strange)}")
        known = saved["known"]
        return Guide(
            dict(saved["task"]),
            saved["equation"],
            int(saved["max_length"]),
            int(saved["limit"]),
            None if known is None else int(known),
            TokenizerSettings(**settings),
            graphs,
        )
    except OSError as problem:
        raise UserError(f"{file} cannot be read: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UserError(f"{file} is broken: {problem}; export the model again") from None
