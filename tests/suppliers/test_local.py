"""Supplier C: data and models of the local file system."""

import pytest

from gft.errors import UserError
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.local import Local, model_folder


def options(**given):
    return Options(given)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "run"
    made.mkdir()
    (made / "config.json").write_text('{"model_type": "bert"}')
    return made


def error_of(key):
    with pytest.raises(UserError) as caught:
        model_folder(key)
    [message] = caught.value.messages
    return message


def test_relative_data_is_in_data_dir(tmp_path, monkeypatch):
    (tmp_path / "films.csv").write_text("text,label\na,b\n")
    supplier = Local()
    assert (supplier.letter, supplier.names) == ("C", ("Custom",))
    data = supplier.data(Spec("C", "films.csv"), options(data_dir=str(tmp_path)))
    assert data.origin["path"] == str(tmp_path / "films.csv")
    absolute = Spec("C", str(tmp_path / "films.csv"))
    assert len(supplier.data(absolute, options(data_dir="/nowhere")).splits["train"]) == 1
    monkeypatch.chdir(tmp_path)
    assert len(supplier.data(Spec("C", "films.csv"), options()).splits["train"]) == 1


def test_best_of_older_scripts_is_the_folder_itself(folder):
    assert model_folder(folder / "best") == folder
    (folder / "best").mkdir()
    (folder / "best" / "config.json").write_text("{}")
    assert model_folder(folder / "best") == folder / "best"


def test_a_model_is_opened_where_it_is(folder, monkeypatch):
    monkeypatch.setenv("RUNS", str(folder.parent))
    source = Local().model(Spec("C", "$RUNS/run"), options())
    assert source.folder == folder
    assert source.config["model_type"] == "bert"
    assert source.origin == {"supplier": "C", "path": str(folder)}


def test_an_unfinished_fit_says_how_to_go_on(tmp_path):
    (tmp_path / "checkpoint-500").mkdir()
    assert "is an unfinished fit: run the same gft_fit again" in error_of(tmp_path)
    (tmp_path / "gft.json").write_text("{}")
    assert "it has no config.json; it holds checkpoint-500 and gft.json" in error_of(tmp_path)


def test_a_fit_that_was_cut_short_while_it_was_moved_is_no_model(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / ".gft-finishing").mkdir()
    assert "is an unfinished fit: run the same gft_fit again" in error_of(tmp_path)
    (tmp_path / "gft.json").write_text("{}")  # A finished one, whose stage could not be removed.
    assert model_folder(tmp_path) == tmp_path


def test_a_folder_that_is_not_there_names_the_nearest(folder):
    message = error_of(folder.parent / "rnu")
    assert "(did you mean 'run'?)" in message
    assert f"the folders in {folder.parent} are: run" in message
    assert "there is no folder" in error_of(folder / "no" / "such")
    assert "is a file; a model is a folder" in error_of(folder / "config.json")
