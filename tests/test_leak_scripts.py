"""benchmarks/leaks.py and giveaways.py on made sets: a leak by chance that is gone now."""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Reviews of which each stands there three times, and sentences of thirty documents."""
    chance = random.Random(0)
    words = [f"word{n}" for n in range(300)]
    reviews = [" ".join(chance.choices(words, k=12)) for _ in range(120)]
    lines = ["label\ttext_a", *(f"{n % 2}\t{one}" for n, one in enumerate(reviews))]
    lines += [f"{n % 2}\t{one.upper()}!" for n, one in enumerate(reviews)]
    lines += [f"{n % 2}\t{one}..." for n, one in enumerate(reviews)]
    (tmp_path / "ChnSentiCorp").mkdir()
    (tmp_path / "ChnSentiCorp" / "train.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "emobank").mkdir()
    with (tmp_path / "emobank" / "corpus_emobank.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "V", "A", "D", "text"])
        for n in range(300):
            writer.writerow([n, n % 30 / 9, 1, 2, " ".join(chance.choices(words, k=12))])
    meta = ["id\tdocument", *(f"{n}\tdocument {n % 30}" for n in range(300))]
    (tmp_path / "emobank" / "corpus_meta.tsv").write_text("\n".join(meta) + "\n")
    return tmp_path


def table(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, out: object) -> list[list[str]]:
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.setattr(sys, "argv", [name, str(folder)])
    __import__(name).main()
    lines = out.readouterr().out.splitlines()  # type: ignore[attr-defined]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]


def test_what_chance_put_apart_is_together(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {(one[0], one[1]): one[2:] for one in table("leaks", folder, monkeypatch, capsys)}
    before, now = (rows["ChnSentiCorp", how] for how in ("by chance", "now"))
    assert float(before[1].rstrip("%")) > 90 and now[1] == "0.0%"
    assert float(before[4]) > float(now[4]) + 0.2  # The labels are of chance.
    before, now = (rows["EmoBank V, documents", how] for how in ("by chance", "now"))
    assert before[2] == "100.0%" and now[2] == "0.0%"
    assert [before[0], now[0]] == ["30", "30"]


def test_no_clean_set_is_accused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import giveaways

    monkeypatch.setattr(giveaways, "ROWS", (100,))
    rows = {one[0]: one[1:] for one in table("giveaways", folder, monkeypatch, capsys)}
    assert rows["ChnSentiCorp"][:3] == ["360", "1", "0"]
    assert rows["a copy in codes"] == ["1 of 1"]
    assert rows["the label in front"] == ["1 of 1"]
