"""A model of a hub with covariates is known by what its fit wrote, as a folder here is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gft.covariates.covariates import NUMBERS, SETTINGS
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.files import LocalFiles
from gft.suppliers.transformers_model import TransformersSource


class Elsewhere(LocalFiles):
    """Files that are somewhere else, and are fetched one by one."""

    def __init__(self, local: Path) -> None:
        super().__init__(local, {"supplier": "H"})
        self.folder = None
        self.fetched: list[str] = []

    def fetch(self, names: Iterable[str]) -> Path:
        self.fetched += names
        return self.local


def source(local: Path, *names: str) -> tuple[TransformersSource, list[str]]:
    local.mkdir()
    (local / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    for name in names:
        (local / name).write_text("{}", encoding="utf-8")
    files = Elsewhere(local)
    return TransformersSource(Spec("H", "me/model"), files, Options({})), files.fetched


def test_what_a_fit_left_is_fetched_with_the_configuration(tmp_path: Path) -> None:
    found, fetched = source(tmp_path / "with", "gft.json", SETTINGS, NUMBERS)
    assert found.folder == tmp_path / "with"
    assert sorted(fetched) == sorted(["config.json", "gft.json", SETTINGS, NUMBERS])


def test_any_other_model_is_known_by_its_configuration_alone(tmp_path: Path) -> None:
    found, fetched = source(tmp_path / "without")
    assert (found.folder, fetched) == (None, ["config.json"])
