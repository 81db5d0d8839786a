"""`--by`: metrics by subgroup from a fit and an evaluation, of any kind of target."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gft = Callable[..., Any]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows whose label the text tells for men, and half of the time for women."""
    lines = ["text,label,size,gender,age"]
    for n in range(160):
        gender = ["male", "female", ""][n % 3] if n % 11 else ""
        shown = n % 2 if gender != "female" or n % 4 < 2 else 1 - n % 2
        text = f"mark{shown} {['river', 'stone', 'market'][n % 3]} {n}"
        lines.append(f"{text},{['no', 'yes'][n % 2]},{n % 2 * 2.5},{gender},{20 + n % 50}")
    folder = tmp_path_factory.mktemp("by")
    (folder / "rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "rows.csv"


@pytest.fixture(scope="module")
def fitted(tiny: Path, table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    out = tmp_path_factory.mktemp("fitted") / "out"
    gft.fit(model=f"C:{tiny}", data=f"C:{table}", eqn="classify: label ~ text", test_size=0.4,
            output_dir=str(out), num_train_epochs=2, learning_rate=3e-3,
            by=["gender", "age"])  # fmt: skip
    return out


def test_a_fit_has_them_everywhere(fitted: Path, gft: Gft) -> None:
    metrics = json.loads((fitted / "metrics.json").read_text(encoding="utf-8"))
    for role in ("val", "test"):
        split = metrics["splits"][role]
        assert list(split["by"]) == ["gender", "age"]
        values = split["by"]["gender"]["values"]
        assert set(values) == {"female", "male", "missing"} and list(values)[-1] == "missing"
        for column in split["by"].values():
            assert sum(one["rows"] for one in column["values"].values()) == split["rows"]
        assert values["male"]["metrics"].keys() == split["metrics"].keys()
    html = (fitted / "report.html").read_text(encoding="utf-8")
    card = (fitted / "README.md").read_text(encoding="utf-8")
    summary = gft("summary", fitted).out
    assert '<section id="subgroups"><h2>Subgroups of test</h2>' in html
    assert "<h3>By gender</h3>" in html and "## By gender, on test" in card
    assert "Subgroups of test:" in summary
    for text in (html, card, summary):
        assert "difference" in text and "over 3" in text  # a band of ages


def test_an_evaluation_has_the_same(fitted: Path, gft: Gft) -> None:
    asked = ("eval", "--model", fitted, "--split", "test", "--by", "gender,age")
    ran = gft(*asked, "--format", "json")
    assert ran.status == 0, ran.err
    assert "50 different numbers, grouped at their quartiles" in ran.err
    kept = json.loads((fitted / "metrics.json").read_text(encoding="utf-8"))["splits"]["test"]
    assert json.loads(ran.out)["by"] == kept["by"]
    lines = gft(*asked, "--format", "tsv").out.splitlines()
    assert lines[0].startswith("\t\taccuracy\t")
    assert sum(line.startswith("gender\tmale\t") for line in lines) == len(kept["metrics"])
    assert "gender" in gft(*asked).out


def test_in_python(fitted: Path, table: Path) -> None:
    import gft

    found = gft.evaluate(model=f"C:{fitted}", data=f"C:{table}", split="train", by="gender")
    assert not isinstance(found, list)
    [gender] = found.by
    assert [one.value for one in gender.subgroups] == ["female", "male", "missing"]
    assert "male" in found._repr_html_()


def test_a_column_that_is_not_there(fitted: Path, tiny: Path, table: Path, gft: Gft,
                                    tmp_path: Path) -> None:  # fmt: skip
    for words in (("eval", "--model", fitted),
                  ("fit", "--model", f"C:{tiny}", "--data", table, "--eqn",
                   "classify: label ~ text", "--output_dir", tmp_path / "out")):  # fmt: skip
        ran = gft(*words, "--by", "gendre")
        assert ran.status == 2
        assert "--by: no column 'gendre'" in ran.errors[0]
        assert "did you mean 'gender'?" in ran.errors[0]
    assert not (tmp_path / "out").exists()


def test_several_models(fitted: Path, gft: Gft) -> None:
    words = ("eval", "--model", fitted, fitted, "--split", "test", "--by", "gender")
    found = json.loads(gft(*words, "--format", "json").out)
    assert [set(one["by"]) for one in found] == [{"gender"}, {"gender"}]
    assert gft(*words).out.count("no difference between values of gender is significant") == 2


@pytest.mark.parametrize("eqn, data", [
    ("regress: size ~ text", {}),
    ("classify: labels ~ text", {"labels": [["a"], ["a", "b"], ["b"], []] * 10}),
    ("classify_tokens: tags ~ words", {"words": [["river", "stone"], ["market"]] * 20,
                                       "tags": [["A", "O"], ["A"]] * 20}),
])  # fmt: skip
def test_any_target(eqn: str, data: dict[str, Any], tiny: Path, tmp_path: Path) -> None:
    import gft

    rows = {"text": [f"mark{n % 2} river {n}" for n in range(40)],
            "size": [n % 2 * 1.0 for n in range(40)],
            "gender": ["m", "f"] * 20, **data}  # fmt: skip
    fit = gft.fit(model=f"C:{tiny}", data={"train": rows, "val": rows}, eqn=eqn, by="gender",
                  num_train_epochs=1, output_dir=str(tmp_path / "out"))  # fmt: skip
    found = fit.metrics["splits"]["val"]["by"]["gender"]
    assert [one["rows"] for one in found["values"].values()] == [20, 20]
