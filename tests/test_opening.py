"""Data without a letter: what exists here is a path, and only what does not is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import gft as package
from gft.language.program import Options
from gft.opening import on_disk
from gft.suppliers.installed import parse
from ran import Ran

ROWS = "text,label\ngood,x\nbad,y\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with data of every form, and no hub."""
    (tmp_path / "reviews").mkdir()
    (tmp_path / "reviews" / "train.csv").write_text(ROWS)
    (tmp_path / "irony.train").write_text(ROWS)
    (tmp_path / "irony.test").write_text(ROWS)
    (tmp_path / "table").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("reviews", "C:reviews"),
        ("irony", "C:irony"),
        ("table", "C:table"),
        ("reviews@v2", "H:reviews@v2"),
        ("reviews,config", "H:reviews,config"),
        ("H:reviews", "H:reviews"),
        ("P:reviews", "P:reviews"),
        ("other", "H:other"),
        ("__contains__reviews", "H:__contains__reviews"),
        ("other.csv", "C:other.csv"),
        ("./reviews", "C:./reviews"),
    ],
)
def test_what_is_here_is_a_path(written: str, meant: str) -> None:
    assert str(on_disk(parse(written), Options({}))) == meant


def test_relative_to_data_dir(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert str(on_disk(parse("irony"), Options({}))) == "H:irony"
    assert str(on_disk(parse("irony"), Options({"data_dir": ".."}))) == "C:irony"


def test_it_is_said_and_read(gft: Callable[..., Ran]) -> None:
    done = gft("cat_data", "--data", "irony", "--split", "train")
    assert (done.status, len(done.out.splitlines())) == (0, 2)
    told = "irony is read from here, as C:irony; H:irony is looked for elsewhere"
    assert done.err.count(told) == 1
    assert package.load_data("reviews").origin["supplier"] == "C"


def test_what_is_not_here_is_asked_for_and_the_nearest_is_named(gft: Callable[..., Ran]) -> None:
    assert "did you mean C:reviews?" in gft("cat_data", "--data", "review").errors[0]
    assert "no data at review.csv" in gft("cat_data", "--data", "review.csv").errors[0]
    assert "C:reviews" not in gft("cat_data", "--data", "H:review").errors[0]
    asked = gft("summary", "--model", "reviews")
    assert asked.errors[0].endswith("C:reviews is the folder here")
