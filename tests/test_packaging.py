"""What pyproject.toml, the constraints, CITATION.cff and the workflow say of each other."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import gft

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
EXTRAS = ("audio", "evaluate", "images", "lora", "png")
NEEDED = [
    Requirement(line)
    for lines in (PROJECT["dependencies"], *(PROJECT["optional-dependencies"][e] for e in EXTRAS))
    for line in lines
]


def pinned(file: str) -> dict[str, Version]:
    """Return the versions that a file of constraints names, by package."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): Version(found) for name, found in pairs}


def bound(needed: Requirement, operator: str) -> Version:
    [found] = [one.version for one in needed.specifier if one.operator == operator]
    return Version(found)


def test_the_version_is_said_once(gft_says: str) -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert PROJECT["dynamic"] == ["version"]
    assert gft_says == f"gft {gft.__version__}\n"
    assert version("gft") == str(citation["version"]) == gft.__version__
    assert changes.split("\n## ")[1].split()[0] == gft.__version__


@pytest.fixture
def gft_says(gft: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> str:
    from gft.commands.gft import gft_command

    assert gft_command(["--version"]) == 0
    out = capsys.readouterr().out
    ran = gft("fit", "--version")
    assert (ran.status, ran.out) == (0, out)
    return out


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_a_range_has_both_ends_and_both_are_tested(needed: Requirement) -> None:
    newest, oldest = pinned("constraints.txt"), pinned("constraints-oldest.txt")
    name = canonicalize_name(needed.name)
    assert {one.operator for one in needed.specifier} == {">=", "<"}
    assert newest[name] in needed.specifier
    assert oldest[name] == (newest[name] if name == "torch" else bound(needed, ">="))
    # The next version that may break what works is the first that is shut out.
    assert bound(needed, "<").major > newest[name].major or newest[name].major == 0


def test_pythons() -> None:
    allowed = SpecifierSet(PROJECT["requires-python"])
    named = [
        line.rpartition(" ")[2]
        for line in PROJECT["classifiers"]
        if line.startswith("Programming Language :: Python :: 3.")
    ]
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    assert named and all(one in allowed for one in named)
    assert len(matrix["system"]) == len(matrix["python"]) == 3
    assert {named[0], named[-1]} <= set(matrix["python"]) <= set(named)
