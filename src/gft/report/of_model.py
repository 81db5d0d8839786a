"""What a model is: its architecture, size and labels, what it can do, and what its card says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gft.errors import listed
from gft.registry import tasks
from gft.report.tables import facts
from gft.suppliers.protocol import Documented, ModelSource
from gft.tasks import labels
from gft.tasks.protocol import Task

SHOWN_LABELS = 12


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

    def saved(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return asdict(self)

    def text(self) -> str:
        """Return the facts for people; what is unknown and not expected is left out."""
        repository = f" ({self.repository})" if self.repository else ""
        adapts = f", an adapter for {self.adapts}" if self.adapts else ""
        weights = "size unknown" if self.bytes is None else f"{self.bytes / 1e6:,.1f} MB"
        pairs = {
            "Model": self.name + repository + adapts,
            "Architecture": listed(self.architectures or (str(self.model_type),)),
            "Parameters": f"{_counted(self.parameters)}, {weights}",
            "Layers": f"{_counted(self.layers)}, {_counted(self.width)} wide",
            "Vocabulary": f"{_counted(self.vocabulary)} tokens",
            "Labels": listed(self.labels, SHOWN_LABELS) if self.labels else "none",
            "Can do": listed(self.tasks) if self.tasks else "no task of gft's yet: fit it first",
            "Can be fitted to": listed(self.fits) if self.fits else "unknown",
        }
        known = {
            "Made from": listed(self.base_model) if self.base_model else None,
            "Trained on": listed(self.datasets) if self.datasets else None,
            "Languages": listed(self.languages) if self.languages else None,
            "Licence": self.license,
            "Downloads": None if self.downloads is None else f"{self.downloads:,} last month",
            "Likes": None if self.likes is None else f"{self.likes:,}",
            "Commit": self.commit,
        }
        return facts({**pairs, **{name: value for name, value in known.items() if value}})


def describe_model(source: ModelSource) -> ModelFacts:
    """Return what is known of a model; no weight is read or downloaded."""
    config = source.config
    documented = source if isinstance(source, Documented) else None
    card = documented.card() if documented else {}
    heads = documented.heads() if documented else ()
    found = [kind.of_model(config, None) for kind in tasks().values()]
    able = [task for task in found if task is not None]
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
        documented.parameters() if documented else None,
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


def _labels(config: Mapping[str, Any], able: Sequence[Task]) -> tuple[str, ...]:
    """Return the labels of what a model can do; a configuration may have empty ones for no head."""
    if able:
        return next((task.labels for task in able if task.labels), ())
    said = labels.of_config(config)
    return said if labels.are_names(said) else ()


def _several(value: Any) -> tuple[str, ...]:
    """Return what a card says once or in a list as texts."""
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _first(config: Mapping[str, Any], *names: str) -> int | None:
    return next((int(config[name]) for name in names if isinstance(config.get(name), int)), None)


def _counted(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"
