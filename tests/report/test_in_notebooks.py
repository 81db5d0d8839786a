"""What functions return shows itself: short and plain, and as HTML in which nothing is markup."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gft as python
from gft import events, markup
from gft.engine.progress import bar
from hub import models

EVIL = "<script>alert('x')</script>"
ESCAPED = "&lt;script&gt;"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evil")
    texts = [f"{(EVIL, 'river')[n % 2]} {'stone ' * n}" for n in range(16)]
    rows = {"text": texts, "kind": [f"a{EVIL}", "b"] * 8}
    lines = [f'"{a}","{b}"' for a, b in zip(rows["text"], rows["kind"], strict=True)]
    (folder / "d.csv").write_text("\n".join(["text,kind", *lines]) + "\n", "utf-8")
    model = models.bert(folder / "m")
    python.fit(model=f"C:{model}", data=f"C:{folder / 'd.csv'}", eqn="classify: kind ~ text",
               output_dir=str(folder / "out"), num_train_epochs=1)  # fmt: skip
    return folder


def html(thing: Any) -> str:
    shown = thing._repr_html_()
    assert isinstance(shown, str) and "<table>" in shown
    assert "<script" not in shown
    return shown


def test_a_summary_is_text_and_tables(folder: Path, gft: Callable[..., Any]) -> None:
    data = f"C:{folder / 'd.csv'}"
    found = python.summary(data=data)
    assert isinstance(found, str) and repr(found) == str(found)
    assert str(found) == gft("summary", "--data", data).out
    assert html(found).count("<table>") >= 2 and ESCAPED in html(found)
    assert "────" not in html(found)
    assert pickle.loads(pickle.dumps(found))._repr_html_() == html(found)
    fit = python.load(f"C:{folder / 'out'}")
    assert "Metrics:" in html(fit.summary()) and "accuracy" in html(fit.summary())
    assert str(fit.summary()) == python.summary(str(folder / "out"))


def test_a_summary_in_a_notebook_is_not_drawn_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library that draws tables would show them below the cell, and return nothing."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    out = io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    assert "────" in python.summary(data=f"C:{folder / 'd.csv'}")
    assert not out.getvalue()


def test_what_functions_return(folder: Path) -> None:
    data, out = f"C:{folder / 'd.csv'}", f"C:{folder / 'out'}"
    fit = python.load(out)
    assert repr(fit).startswith(f"<Fit of {out}: classify: kind ~ text; a<script>")
    assert "accuracy" in repr(fit) and "on val>" in repr(fit)
    assert ESCAPED in html(fit)

    plan = python.plan(model=f"C:{folder / 'm'}", data=data, eqn="classify: kind ~ text",
                       output_dir=str(folder / "new"), preprocessing_only=True)  # fmt: skip
    assert repr(plan).startswith("<Plan of classify: kind ~ text with C:")
    assert "steps, train 14, val 2 rows>" in repr(plan)
    assert "Precision" in html(plan) and ESCAPED in html(plan)

    suggestion = python.suggest(str(folder / "d.csv"))
    assert repr(suggestion).startswith("<Suggestion: gft_fit --model ")
    assert ESCAPED in html(suggestion) and "--eqn" in html(suggestion)

    scored = python.evaluate(model=out, data=data, split="train")
    assert repr(scored).startswith(f"<Evaluation of {out} on train of d.csv, 16 rows: accuracy ")
    assert "95 % interval" in html(scored)
    assert len(repr(scored)) < 400

    loaded = python.load_data(data)
    assert repr(loaded) == "<DataSet d.csv: train 16 rows; columns text (text), kind (text)>"
    assert ESCAPED in html(loaded) and html(loaded).count("<tr>") == 6


def test_a_wide_data_set_is_shown_in_part() -> None:
    rows = {f"c{n}": ["x" * 5000] * 9 for n in range(50)}
    loaded = python.load_data(rows)
    shown = html(loaded)
    assert "30 more columns" in shown and len(shown) < 30_000


def test_text_around_tables_stays_in_its_place() -> None:
    from gft.report.tables import table

    found = markup.printable(
        lambda: f"first & {table(('a<b',), [('1',)])}last\n{table(('c',), [])}"
    )
    places = [found.html.index(part) for part in ("first &amp;", "a&lt;b", "last", ">c<")]
    assert places == sorted(places)
    assert "a<b" in found and "\u2500" in found


class Shell:
    kernel = object()


class Handle:
    def __init__(self, shown: list[Any]) -> None:
        self.shown = shown

    def update(self, thing: Any) -> None:
        self.shown.append(thing)


def test_progress_in_a_notebook_is_one_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    display = pytest.importorskip("IPython.display")
    displayed: list[Any] = []
    drawn: list[Any] = []

    def show(thing: Any, display_id: bool) -> Handle:
        displayed.append(thing)
        return Handle(drawn)

    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", Shell)
    monkeypatch.setattr(display, "display", show)
    with bar(True):
        for step in range(1001):
            events.emit(events.Step(step, 1000, step / 1000, 0.5, 1e-5, 20.0))
    assert len(displayed) == 1
    assert 1 <= len(drawn) < 50
    assert 'value="1000" max="1000"' in drawn[-1].data
    assert "1,000 of 1,000 steps  loss 0.5000  20 rows/s" in drawn[-1].data
    with bar(False):
        events.emit(events.Step(1, 2, 0.5, None, None, None))
    assert len(displayed) == 1
