"""Arguments that are fields of the model's configuration, and what such models call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gft.errors import Mistakes, UserError, listed
from gft.functions.options import Freezing, ModelFields
from gft.language.argument import rows
from gft.language.program import Options
from gft.request import ModelRequest
from gft.tasks.options import CtcLoss

CALLED: Mapping[str, tuple[str, ...]] = {
    "attention_dropout": ("attention_probs_dropout_prob", "attention_dropout", "attn_pdrop"),
    "hidden_dropout": ("hidden_dropout_prob", "dropout", "resid_pdrop", "hidden_dropout"),
    "layerdrop": ("layerdrop", "encoder_layerdrop"),
}
"""What configurations call a field, where it is not the argument's name."""
CONVOLUTIONS = "conv_dim"
"""The field of models that have a feature encoder of convolutions, which can be frozen."""


def with_settings(
    request: ModelRequest, options: Options, config: Mapping[str, Any]
) -> ModelRequest:
    """Return a request with the fields that the arguments set, under the configuration's names.

    Raises `UserError` for each one that the configuration does not have.
    """
    mistakes = Mistakes()
    settings = dict(request.settings)
    for row in (*rows(ModelFields), *rows(CtcLoss)):
        value, names = options.given.get(row.name), CALLED.get(row.name, (row.name,))
        if value is None:
            continue
        known = [one for one in names if one in config]
        if known:
            settings[known[0]] = value
        else:
            mistakes.add(_missing(row.name, config, names))
    if options.of(Freezing).freeze_feature_encoder and CONVOLUTIONS not in config:
        mistakes.add(_missing("freeze_feature_encoder", config, ("feature encoder",)))
    mistakes.raise_any()
    return replace(request, settings=settings)


def freeze(model: Any, options: Options) -> None:
    """Keep the weights of the feature encoder as they are, if `--freeze_feature_encoder` is set."""
    if not options.of(Freezing).freeze_feature_encoder:
        return
    if not hasattr(model, "freeze_feature_encoder"):
        raise UserError(f"--freeze_feature_encoder: a {type(model).__name__} cannot do it")
    model.freeze_feature_encoder()


def _missing(name: str, config: Mapping[str, Any], names: tuple[str, ...]) -> str:
    model_type = config.get("model_type", "this")
    return f"--{name}: the configuration of a {model_type} model has no {listed(names)}"
