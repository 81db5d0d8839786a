"""A linear model that gft_fit kept: no net, applied in numpy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gft.baselines.protocol import NUMBERS, SETTINGS
from gft.errors import UserError
from gft.language.spec import Spec
from gft.suppliers.files import ModelFiles
from gft.suppliers.protocol import Loaded, ModelSource

if TYPE_CHECKING:
    from gft.baselines.linear import LinearModel
    from gft.request import ModelRequest

FILES = (SETTINGS, NUMBERS, "gft.json")
CONFIG = "config.json"


def is_linear(names: Collection[str]) -> bool:
    """Say whether files with these names are a linear model."""
    return SETTINGS in names and CONFIG not in names


class SourceWithoutNet(ModelSource):
    """What sources of models that are no nets have in common: there is nothing to load."""

    def processor(self) -> None:
        """Return None: cells are read as they are."""
        return

    def load(self, request: ModelRequest) -> Loaded:
        """Raise `UserError`: there is no net."""
        _refuse(self.spec)

    def untrained(self, request: ModelRequest) -> Loaded:
        """Raise `UserError`: there is no net."""
        _refuse(self.spec)

    def write(self, loaded: Loaded, folder: Path) -> None:
        """Raise `UserError`: there is no net."""
        _refuse(self.spec)


class NoModel(SourceWithoutNet):
    """Stands for the model of an equation without a text, which is fitted without one."""

    def __init__(self) -> None:
        self.spec = Spec("", "no model")
        self.config: Mapping[str, Any] = {}
        self.origin: Mapping[str, Any] = {}
        self.folder: Path | None = None


class LinearSource(SourceWithoutNet):
    """A linear model whose files are there. Raises `UserError` that names one that is not."""

    def __init__(self, spec: Spec, files: ModelFiles) -> None:
        """Look for its files; none is read."""
        from gft.covariates.covariates import SETTINGS as COVARIATES
        from gft.suppliers.transformers_model import RECORD

        missing = [name for name in FILES if name not in files.sizes]
        if missing:
            raise UserError(f"{spec} is a linear model without {missing[0]}: it is incomplete")
        self.spec = spec
        self.origin = files.origin
        self.config: Mapping[str, Any] = {"model_type": "linear"}
        beside = [name for name in (COVARIATES, RECORD) if name in files.sizes]
        self.local = files.fetch([*FILES, *beside])
        self.folder: Path | None = self.local

    @cached_property
    def _model(self) -> LinearModel:
        from gft.baselines.linear_files import read_linear

        return read_linear(self.local)

    def without_net(self) -> LinearModel:
        """Return the model."""
        return self._model


def _refuse(spec: Spec) -> NoReturn:
    raise UserError(
        f"{spec} is a linear model, not a net: gft_predict, gft_eval and gft_summary take it, and "
        "every gft_fit of texts fits one anew, as a baseline"
    )
