"""What a model is, for people."""

from __future__ import annotations

from gft.errors import listed
from gft.report.tables import facts
from gft.results.model_facts import ModelFacts

SHOWN_LABELS = 12


def model_text(model: ModelFacts) -> str:
    """Return the facts for people; what is unknown and not expected is left out."""
    repository = f" ({model.repository})" if model.repository else ""
    adapts = f", an adapter for {model.adapts}" if model.adapts else ""
    weights = "size unknown" if model.bytes is None else f"{model.bytes / 1e6:,.1f} MB"
    pairs = {
        "Model": model.name + repository + adapts,
        "Architecture": listed(model.architectures or (str(model.model_type),)),
        "Parameters": f"{_counted(model.parameters)}, {weights}",
        "Layers": f"{_counted(model.layers)}, {_counted(model.width)} wide",
        "Vocabulary": f"{_counted(model.vocabulary)} tokens",
        "Labels": listed(model.labels, SHOWN_LABELS) if model.labels else "none",
        "Can do": listed(model.tasks) if model.tasks else "no task of gft's yet: fit it first",
        "Can be fitted to": listed(model.fits) if model.fits else "unknown",
    }
    known = {
        "Made from": listed(model.base_model) if model.base_model else None,
        "Trained on": listed(model.datasets) if model.datasets else None,
        "Languages": listed(model.languages) if model.languages else None,
        "Licence": model.license,
        "Downloads": None if model.downloads is None else f"{model.downloads:,} last month",
        "Likes": None if model.likes is None else f"{model.likes:,}",
        "Commit": model.commit,
    }
    return facts({**pairs, **{name: value for name, value in known.items() if value}})


def _counted(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"
