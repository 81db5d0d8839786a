"""report.html: one page that needs nothing but itself, whatever stands in the data."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from report.hostile import EVIL, Page


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
    for heading in ("Metrics", "Baselines on test", "Training", "Errors on test", "By class",
                    "Possible label errors", "Program and versions"):  # fmt: skip
        assert heading in text
    assert "Reliability on test" in text
    assert "transformers 5" in text
    assert "gft_fit" in text


def test_swapped_labels_are_suspected(fitted: tuple[Path, set[int]]) -> None:
    folder, wrong = fitted
    html = (folder / "report.html").read_text(encoding="utf-8").split('id="label-errors"')[1]
    listed = [part.split(":")[0] for part in html.split('class="verdict">row ')[1:]]
    suspects = {int(number) for number in listed}
    assert len(suspects & wrong) >= len(suspects) / 2
    assert len(suspects & wrong) >= len(wrong) / 2


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


def test_it_says_what_became_of_the_rows(
    gft: Callable[..., Any], tiny: Path, tmp_path: Path
) -> None:
    words = [f"mark{n % 2} river {n}" for n in range(38)]
    words[5], words[7] = "  MARK1 river, 3 ", "mark1 " + "river " * 30
    rows = [f'{"blue" if n % 2 else "red"},"{word}"' for n, word in enumerate(words)]
    (tmp_path / "a.csv").write_text("\n".join(["colour,text", *rows, ",river"]) + "\n")
    ran = gft("fit", "--model", f"C:{tiny}", "--data", tmp_path / "a.csv", "--eqn",
              "classify: colour ~ text", "--output_dir", tmp_path / "out", "--max_length", "16",
              "--num_train_epochs", "1")  # fmt: skip
    assert ran.status == 0, ran.err
    found = page(tmp_path / "out").text
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    summary = gft("summary", tmp_path / "out").out
    for told in (
        "The data has no val split: ",
        "2 of 38 labelled rows belong to such a set, the largest of 2 rows.",
    ):
        assert told in found and told in card and told in summary
    told = "repeats the input of an earlier row of the same split"
    assert told in found and told in card and "duplicates" in summary
    assert "Left out, because they have no label: 1 row of train." in found
    assert "longer than 16 tokens and truncated there" in found


def test_the_glossary_is_the_one_of_the_documentation(fitted: tuple[Path, set[int]]) -> None:
    glossary = (Path(__file__).parents[2] / "docs/glossary.md").read_text(encoding="utf-8")
    html = (fitted[0] / "report.html").read_text(encoding="utf-8").split('id="glossary"')[1]
    terms = re.findall("<dt>(.*)</dt><dd>(.*)</dd>", html)
    assert len(terms) > 12
    for term, meaning in terms:
        assert f"| {term} | {meaning} |" in glossary.replace("*", "")
