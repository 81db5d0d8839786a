"""What a model is: its architecture, size and labels, what it can do, and what its card says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gft.errors import listed
from gft.graphs.files import read_guide
from gft.registry import tasks
from gft.suppliers.graph_model import GraphSource
from gft.suppliers.protocol import ModelSource
from gft.tasks import labels
from gft.tasks.protocol import Task


@dataclass(frozen=True)
class ModelFacts:
    """A model; what nobody says is None or empty.

    `tasks` are those that it can do as it is, `fits` those that it could be fitted to;
    `adapts` is the model that an adapter is for; `datasets` are the data sets that its card names.
    """

    name: str
    adapts: str | None
    repository: str | None
    commit: str | None
    architectures: tuple[str, ...]
    model_type: str | None
    layers: int | None
    width: int | None
    vocabulary: int | None
    parameters: int | None
    bytes: int | None
    labels: tuple[str, ...]
    tasks: tuple[str, ...]
    fits: tuple[str, ...]
    base_model: tuple[str, ...]
    datasets: tuple[str, ...]
    languages: tuple[str, ...]
    license: str | None
    downloads: int | None
    likes: int | None


def describe_model(source: ModelSource) -> ModelFacts:
    """Return what is known of a model; no weight is read or downloaded."""
    config = source.config
    card, heads = source.card(), source.heads()
    found = [kind.of_model(config, None) for kind in tasks().values()]
    able = [task for task in found if task is not None]
    if isinstance(source, GraphSource):
        able = [_of_graph(source)]
    return ModelFacts(
        str(source.spec),
        source.origin.get("base"),
        source.origin.get("repository"),
        source.origin.get("commit"),
        tuple(config.get("architectures") or ()),
        config.get("model_type"),
        _first(config, "num_hidden_layers", "n_layer", "n_layers", "encoder_layers"),
        _first(config, "hidden_size", "d_model", "n_embd", "dim"),
        config.get("vocab_size"),
        source.parameters(),
        source.weight_bytes(),
        _labels(config, able),
        tuple(task.name for task in able),
        tuple(name for name, kind in tasks().items() if kind.head in heads),
        _several(card.get("base_model")),
        _several(card.get("datasets")),
        _several(card.get("language")),
        listed(_several(card.get("license"))) if card.get("license") else None,
        card.get("downloads"),
        card.get("likes"),
    )


def _of_graph(source: GraphSource) -> Task:
    """Return the task of a graph that came without its model. Raises `UserError`."""
    assert source.folder is not None
    saved = read_guide(source.folder).task
    return tasks()[str(saved["name"])].restore(saved)


def _labels(config: Mapping[str, Any], able: Sequence[Task]) -> tuple[str, ...]:
    """Return the labels of what a model can do; a configuration may have empty ones for no head."""
    if able:
        return next((task.labels for task in able if task.labels), ())
    named = labels.of_config(config)
    return named if labels.are_names(named) else ()


def _several(value: Any) -> tuple[str, ...]:
    """Return what a card says once or in a list as texts."""
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _first(config: Mapping[str, Any], *names: str) -> int | None:
    return next((int(config[name]) for name in names if isinstance(config.get(name), int)), None)
