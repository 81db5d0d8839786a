"""`summary`: what is in a data set, a model or a fitted folder."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from gft.data.table import DataSet
from gft.errors import Mistakes, UserError
from gft.folder import read_record
from gft.language.program import Program
from gft.language.spec import parse_spec
from gft.registry import supplier_names, suppliers
from gft.report.summary import data_summary, fit_summary, model_summary
from gft.suppliers.local import MODEL_FILES


def summarize(
    program: Program, words: tuple[str, ...] = (), in_memory: DataSet | None = None
) -> str:
    """Return what there is to say of `--data`, of `--model`, or of a folder or name in `words`."""
    parts = []
    mistakes = Mistakes()
    for word in words:
        with mistakes.collect():
            parts.append(_of_word(word, program))
    if in_memory is not None:
        parts.append(data_summary(in_memory))
    if program.data is not None:
        with mistakes.collect():
            parts.append(data_summary(_load(program)))
    if program.model is not None:
        with mistakes.collect():
            parts.append(_of_model(program))
    mistakes.raise_any()
    if not parts:
        raise UserError("gft_summary needs a folder, --data or --model")
    return "\n".join(parts)


def _of_word(word: str, program: Program) -> str:
    """Return the summary of a fitted folder, a file of data, or the model that a word names."""
    place = Path(os.path.expandvars(word)).expanduser()
    spec = parse_spec(word, supplier_names())
    if place.is_dir() and not spec.is_path:
        spec = parse_spec(f"./{word}", supplier_names())
    if spec.supplier == "C":
        folder = Path(os.path.expandvars(spec.key)).expanduser()
        if not any((folder / name).is_file() for name in MODEL_FILES):
            if folder.is_dir() and any(folder.glob("checkpoint-*")):
                return _of_model(replace(program, models=(spec,)))
            return data_summary(_load(replace(program, data=spec)))
    return _of_model(replace(program, models=(spec,)))


def _load(program: Program) -> DataSet:
    assert program.data is not None
    return suppliers()[program.data.supplier].data(program.data, program.options)


def _of_model(program: Program) -> str:
    assert program.model is not None
    source = suppliers()[program.model.supplier].model(program.model, program.options)
    record = read_record(source.folder) if source.folder else None
    if record is not None and source.folder is not None:
        return fit_summary(source.folder, record)
    return model_summary(str(program.model), source.config, source.origin, source.weight_bytes())
