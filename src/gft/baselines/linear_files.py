"""A linear model as files: its terms and settings in JSON, its numbers in safetensors.

What train taught about covariates is beside them, as with a net.
Nothing in them is executed, and whatever is wrong with them is one `UserError`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from gft.baselines.features import CHARACTERS, Features
from gft.baselines.linear import LinearModel
from gft.baselines.protocol import NUMBERS, SETTINGS
from gft.baselines.regressors import CodedCovariates, Regressors
from gft.baselines.terms import WAYS, Terms
from gft.baselines.weights import LINKS, LinearWeights
from gft.covariates.covariates import SETTINGS as COVARIATES
from gft.covariates.design import Design
from gft.covariates.files import read_design, settings_of, write_design
from gft.covariates.treatment import Treatment
from gft.errors import UserError, first_line
from gft.metrics.protocol import Array

FORMAT = 1
AVERAGE, TREATMENT = "average", "treatment"
"""How covariates are coded: each level beside the average one, or beside the first as in R."""
LARGEST = 1e100
"""No weight is as large: sums of such numbers are still numbers."""

T = TypeVar("T")


def write_linear(model: LinearModel, folder: Path) -> tuple[str, ...]:
    """Write a model into a folder, which exists, and return the names of its files."""
    from safetensors.numpy import save_file

    regressors = model.regressors
    vocabularies = regressors.features.vocabularies if regressors.features else ()
    settings = {
        "linear_format": FORMAT,
        "method": model.method,
        "link": model.weights.link,
        "labels": list(model.labels),
        "fixed": {model.labels[n]: probability for n, probability in model.weights.fixed.items()},
        "rows": model.rows,
        "columns": list(model.columns),
        "characters": CHARACTERS,
        "vocabularies": [{"way": one.way, "terms": list(one.terms)} for one in vocabularies],
    }
    if regressors.covariates is not None:
        design, settings["covariates"] = _uncoded(regressors.covariates)
        write_design(folder, design, model.labels)
    text = json.dumps(settings, ensure_ascii=False)
    (folder / SETTINGS).write_text(text, encoding="utf-8")
    numbers = {f"idf.{one.way}": one.idf for one in vocabularies}
    weights = model.weights
    numbers |= {"coefficients": weights.coefficients, "intercepts": weights.intercepts}
    save_file({name: np.ascontiguousarray(one) for name, one in numbers.items()}, folder / NUMBERS)
    return (SETTINGS, NUMBERS, *(() if regressors.covariates is None else (COVARIATES,)))


def read_linear(folder: Path) -> LinearModel:
    """Return the model in a folder. Raises `UserError` that names the file and what is wrong."""
    settings, numbers = _settings(folder / SETTINGS), _numbers(folder / NUMBERS)
    try:
        covariates = None
        if "covariates" in settings:
            covariates = _coded(read_design(folder / COVARIATES), settings["covariates"])
        return _model(settings, numbers, covariates)
    except ValueError as problem:
        raise UserError(f"the linear model in {folder} is broken: {problem}") from None


def _settings(file: Path) -> Mapping[str, Any]:
    if not file.exists():
        raise UserError(f"no {file}: the linear model is incomplete")
    return settings_of(file, "linear_format", FORMAT)


def _numbers(file: Path) -> Mapping[str, Array]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        found: dict[str, Array] = load_file(file)
    except FileNotFoundError:
        raise UserError(f"no {file}: the linear model is incomplete") from None
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, MemoryError) as problem:
        raise UserError(f"{file} cannot be read: {first_line(problem)}") from None
    return found


def _model(
    settings: Mapping[str, Any], numbers: Mapping[str, Array], covariates: CodedCovariates | None
) -> LinearModel:
    """Return the model that is described. Raises `ValueError` for what does not fit together."""
    labels, columns = (tuple(_texts(settings, name)) for name in ("labels", "columns"))
    link = next((one for one in LINKS if settings.get("link") == one), None)
    if link is None:
        raise ValueError(f"link is none of {', '.join(LINKS)}")
    if settings.get("characters") != CHARACTERS:
        raise ValueError(f"it reads another number of characters than {CHARACTERS}")
    vocabularies = [_terms(one, numbers) for one in _of(settings, "vocabularies", list)]
    if len({one.way for one in vocabularies}) < len(vocabularies):
        raise ValueError("two vocabularies are of the same kind")
    known = () if covariates is None else covariates.columns
    texts = tuple(name for name in columns if name not in known)
    if len(texts) + len(known) != len(columns):
        raise ValueError("its covariates are not among its columns")
    if vocabularies and not texts:
        raise ValueError("it has a vocabulary, and no column of text")
    features = Features(texts, tuple(vocabularies)) if texts else None
    regressors = Regressors(columns, features, covariates)
    shape = (len(labels), regressors.width)
    fixed = _fixed(_of(settings, "fixed", dict), labels)
    if link == "softmax" and len(fixed) == len(labels):
        raise ValueError("every label is fixed")
    weights = LinearWeights(
        link,
        _array(numbers, "coefficients", shape),
        _array(numbers, "intercepts", shape[:1]),
        fixed,
    )
    method, rows = _of(settings, "method", str), _of(settings, "rows", int)
    return LinearModel(method, labels, rows, regressors, weights)


def _uncoded(covariates: CodedCovariates) -> tuple[Design, str]:
    """Return what train taught about covariates, and how they are coded."""
    if isinstance(covariates, Treatment):
        return covariates.design, TREATMENT
    return covariates, AVERAGE


def _coded(design: Design, coding: Any) -> CodedCovariates:
    """Return covariates with their coding. Raises `ValueError` where there is no such one."""
    if coding not in (AVERAGE, TREATMENT):
        raise ValueError(f"its covariates are coded neither by {AVERAGE} nor by {TREATMENT}")
    return Treatment(design) if coding == TREATMENT else design


def _terms(saved: Any, numbers: Mapping[str, Array]) -> Terms:
    way = next((one for one in WAYS if isinstance(saved, dict) and saved.get("way") == one), None)
    if way is None:
        raise ValueError(f"a vocabulary is of none of {', '.join(WAYS)}")
    terms = _texts(saved, "terms")
    idf = _array(numbers, f"idf.{way}", (len(terms),))
    if (idf <= 0).any():
        raise ValueError("an inverse frequency is not above 0")
    return Terms(way, tuple(terms), idf)


def _fixed(saved: Mapping[str, Any], labels: tuple[str, ...]) -> dict[int, float]:
    for label, probability in saved.items():
        number = isinstance(probability, int | float) and 0 <= probability <= 1
        if label not in labels or not number:
            raise ValueError(f"fixed: {label!r} is not a label with a probability from 0 to 1")
    return {n: float(saved[label]) for n, label in enumerate(labels) if label in saved}


def _texts(saved: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of different texts, one at least."""
    found = _of(saved, name, list)
    if not found or not all(isinstance(one, str) for one in found):
        raise ValueError(f"{name} is not a list of texts")
    if len(set(found)) < len(found):
        raise ValueError(f"{name} has the same text twice")
    return found


def _of(saved: Mapping[str, Any], name: str, kind: type[T]) -> T:
    found = saved.get(name)
    if not isinstance(found, kind) or isinstance(found, bool):
        raise ValueError(f"{name} is not of type {kind.__name__}")
    return found


def _array(numbers: Mapping[str, Array], name: str, shape: tuple[int, ...]) -> Array:
    found = numbers.get(name)
    if found is None:
        raise ValueError(f"{NUMBERS} has no {name}")
    if found.dtype != np.float64 or found.shape != shape:
        raise ValueError(
            f"{name} is {found.dtype} of shape {found.shape}, expected float64 of shape {shape}"
        )
    if not (np.abs(found) < LARGEST).all():  # not a number is not less either
        raise ValueError(f"{name} holds a value that is not a number, or is too large")
    return found
