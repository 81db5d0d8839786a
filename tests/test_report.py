"""report.html: one page that needs nothing but itself, whatever stands in the data."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gft as gft_package
from gft.report.drawing import Drawing, Scale, around

EVIL = ['<script>alert("x")</script>', '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }} & 'a'"]
SIGNS = ["lovely", "dreadful", "odd"]
VOID = {"meta", "link", "img", "br", "input"}


class Page(HTMLParser):
    """Elements, their attributes and texts; unclosed elements are a mistake."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        named = {name: value or "" for name, value in attrs}
        self.seen.append((tag, named))
        self.ids += [named["id"]] if "id" in named else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.seen if name == tag]


def rows(count: int, seed: int) -> list[dict[str, str]]:
    """Rows whose class is a word of the text; classes and texts are as hostile as can be."""
    random = np.random.default_rng(seed)
    gold = random.integers(0, 3, count)
    return [
        {"text": f"{SIGNS[n]} river {EVIL[random.integers(0, 3)]}", "label": EVIL[n]} for n in gold
    ]


def write(base: Path, swapped: int = 0) -> set[int]:
    """Write three splits and return the numbers, from 1, of train rows with a wrong label."""
    wrong: set[int] = set()
    for split, count in (("train", 240), ("val", 60), ("test", 60)):
        found = rows(count, count + len(split))
        if split == "train":
            for n in np.random.default_rng(0).choice(count, swapped, replace=False).tolist():
                found[n]["label"] = EVIL[(EVIL.index(found[n]["label"]) + 1) % 3]
                wrong.add(n + 1)
        lines = "".join(json.dumps(row) + "\n" for row in found)
        (base / f"{split}.jsonl").write_text(lines, encoding="utf-8")
    return wrong


@pytest.fixture(scope="module")
def fitted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[int]]:
    base = tmp_path_factory.mktemp("hostile")
    wrong = write(base, swapped=12)
    gft_package.fit(model=f"C:{tiny}", data=f"C:{base}", eqn="classify: label ~ text",
                    output_dir=str(base / "out"), num_train_epochs=3,
                    learning_rate=3e-3)  # fmt: skip
    return base / "out", wrong


def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_every_piece_of_data_is_escaped(fitted: tuple[Path, set[int]]) -> None:
    html = (fitted[0] / "report.html").read_text(encoding="utf-8")
    found = Page(html)
    assert found.of("script") == [] and found.of("img") == []
    assert not any(name.startswith("on") for _, named in found.seen for name in named)
    assert all(one in found.text for one in EVIL)
    assert "49 &" not in found.text


def test_it_needs_nothing_but_itself(fitted: tuple[Path, set[int]]) -> None:
    found = page(fitted[0])
    for tag in ("link", "iframe", "object", "script", "image", "use"):
        assert found.of(tag) == []
    links = [named[key] for _, named in found.seen for key in ("href", "src") if key in named]
    assert links and all(link.startswith("#") and link[1:] in found.ids for link in links)
    style = found.text[: found.text.index("@media print")]
    assert "url(" not in style and "@import" not in style


def test_it_can_be_read_without_eyes(fitted: tuple[Path, set[int]]) -> None:
    found = page(fitted[0])
    assert found.of("html") == [{"lang": "en"}]
    assert len(found.of("h1")) == len(found.of("main")) == 1
    assert found.of("th") and all(one["scope"] in ("row", "col") for one in found.of("th"))
    assert len(found.ids) == len(set(found.ids))
    drawings = found.of("svg")
    assert len(drawings) >= 5
    for one in drawings:
        assert one["role"] == "img"
        assert set(one["aria-labelledby"].split()) <= set(found.ids)


def test_sections_and_examples(fitted: tuple[Path, set[int]]) -> None:
    text = page(fitted[0]).text
    for heading in ("Figures", "Baselines on test", "Training", "Errors on test", "By class",
                    "Label noise suspects", "Program and versions"):  # fmt: skip
        assert heading in text
    assert "Reliability on test" in text
    assert "transformers 5" in text
    assert "gft_fit" in text


def test_swapped_labels_are_suspected(fitted: tuple[Path, set[int]]) -> None:
    folder, wrong = fitted
    html = (folder / "report.html").read_text(encoding="utf-8").split('id="suspects"')[1]
    listed = [part.split(":")[0] for part in html.split('class="verdict">row ')[1:]]
    suspects = {int(number) for number in listed}
    assert len(suspects & wrong) >= len(suspects) / 2
    assert len(suspects & wrong) >= len(wrong) / 2


def test_pictures_lie_beside_it_and_are_gfts(fitted: tuple[Path, set[int]]) -> None:
    files = json.loads((fitted[0] / "gft.json").read_text())["files"]
    for name in ("loss", "merit", "confusion", "reliability"):
        assert f"report-{name}.png" in files
        assert (fitted[0] / f"report-{name}.png").read_bytes().startswith(b"\x89PNG")
    assert "report.html" in files


def test_a_report_of_ones_own_is_not_overwritten(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_text("mine")
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
              "classify: colour ~ text", "--output_dir", tmp_path)  # fmt: skip
    assert ran.status == 2
    assert "report.html, which gft did not write" in ran.errors[0]
    assert (tmp_path / "report.html").read_text() == "mine"


def test_numbers_have_residuals(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
              "regress: size ~ text", "--output_dir", tmp_path / "out",
              "--num_train_epochs", "1")  # fmt: skip
    assert ran.status == 0, ran.err
    text = page(tmp_path / "out").text
    assert "Residuals of size on test" in text
    assert "Largest errors" in text
    assert "Confusion" not in text


def test_without_val_and_test_there_is_a_page(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.train").write_text(colours.with_suffix(".train").read_text())
    (tmp_path / "a.val").write_text("text,colour,size\nriver,,1\n")
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{tmp_path / 'a'}", "--eqn",
              "classify: colour ~ text", "--output_dir", tmp_path / "out",
              "--num_train_epochs", "1")  # fmt: skip
    assert ran.status == 0, ran.err
    assert "No split was scored" in page(tmp_path / "out").text
    assert gft("summary", tmp_path / "out").status == 0


@pytest.mark.parametrize("low, high", [(0, 1), (0.67, 0.6702), (-3e-5, 2e-4), (0, 123456), (4, 4)])
def test_ticks_are_round_and_apart(low: float, high: float) -> None:
    ticks = Scale(*around([low, high]), 0, 100).ticks()
    assert 2 <= len(ticks) <= 9
    assert len(set(ticks.values())) == len(ticks)
    assert all(float(told) == pytest.approx(value, rel=0.06) for value, told in ticks.items())


def test_words_in_drawings_are_escaped() -> None:
    drawing = Drawing("x", EVIL[0], EVIL[1])
    drawing.text(1, 1, EVIL[0])
    drawing.dot(1, 1, "one", told=EVIL[1])
    found = Page(drawing.svg())
    assert found.of("script") == [] and found.of("img") == []
    assert EVIL[0] in found.text
