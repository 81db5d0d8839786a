"""The data sets that come with gft: what the programs name is there, and scripts make it."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import programs

DATASETS = programs.HERE.parent / "datasets"
SPLITS = ("train", "val", "test")
MADE = "make_vad_pairs.py"
NAMED = {
    row["data"].removeprefix("C:$gft/datasets/"): row["eqn"]
    for row in programs.table("fit_examples")
    if row["data"].startswith("C:$gft/datasets/") and MADE not in row["first"]
}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", NAMED)
def test_a_set_has_the_columns_of_its_programs(name: str) -> None:
    left, right = NAMED[name].partition(":")[2].split("~")
    columns = {one.strip() for side in (left, right) for one in side.split("+")}
    seen: set[tuple[str, ...]] = set()
    for split in SPLITS:
        rows = rows_of(Path(f"{DATASETS / name}.{split}"))
        assert rows[0].keys() == columns
        inputs = {tuple(sorted(row[one.strip()] for one in right.split("+"))) for row in rows}
        assert not inputs & seen
        seen |= inputs
    assert (DATASETS / name.partition("/")[0] / "README.md").is_file()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The scripts, in a folder of their own."""
    for script in DATASETS.glob("*.py"):
        shutil.copy(script, tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", [name for name in NAMED if name.startswith(("syn", "KGC"))])
def test_classes_are_mixed_from_the_first_row(name: str) -> None:
    golds = [row["gold"] for row in rows_of(Path(f"{DATASETS / name}.train"))]
    for gold in set(golds):
        share = golds.count(gold) / len(golds)
        assert golds[:500].count(gold) / 500 == pytest.approx(share, abs=0.07)


def run(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *map(str, words)], cwd=folder, capture_output=True,
                          text=True, check=False)  # fmt: skip


WORDNET = {
    "data.noun": "  1 a licence\n"
    "00000100 05 n 02 dog 0 hound 0 002 @ 00000200 n 0000 ! 00000300 n 0101 | a pet; barks  \n"
    "00000200 05 n 01 canine 0 001 ~ 00000100 n 0000 | a beast  \n"
    "00000300 05 n 01 cat 0 001 ! 00000100 n 0101 | another  \n",
    "data.verb": "00000100 29 v 01 bark 0 001 + 00000100 n 0101 01 + 02 00 | be loud  \n",
    "data.adj": "00000100 00 a 02 good(p) 0 fine 1 001 ! 00000200 a 0101 | well  \n"
    "00000200 00 s 01 bad 0 001 ! 00000100 a 0101 | ill  \n",
    "data.adv": "00000100 02 r 01 well 0 000 | in a good way  \n",
}
BOOK = """A preface.
KEY: Abase.
SYN: Degrade, bring low,
humble.
ANT: Exalt, [See RAISE].
=
KEY: Absent \\a.\\.
SYN: Away.
=
KEY: Open.
ANT: Shut.
=
"""


def all_rows(path: Path) -> list[tuple[str, ...]]:
    found = [tuple(row.values()) for split in SPLITS for row in rows_of(Path(f"{path}.{split}"))]
    return sorted(found)


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_synonyms_and_antonyms_of_a_small_wordnet_and_book(copied: Path) -> None:
    wordnet, book = write(copied / "wn", WORDNET), copied / "book"
    book.write_text(BOOK, encoding="utf-8")
    done = run(copied, "make_syn_ant.py", wordnet, book)
    assert done.returncode == 0, done.stderr
    made = {
        name: {(*sorted(row[:2]), row[2]) for row in all_rows(copied / f"syn_ant/tag-{name}-pairs")}
        for name in ("adj", "noun", "verb", "fallows")
    }
    # As many of the one as of the other: one of two antonyms is chosen.
    assert ("fine", "good", "synonym") in made["adj"] and len(made["adj"]) == 2
    assert ("dog", "hound", "synonym") in made["noun"] and len(made["noun"]) == 2
    assert made["verb"] == set()
    pairs = {"synonym": 0, "antonym": 0}
    known = {("abase", "degrade"), ("abase", "humble"), ("absent", "away"), ("abase", "exalt"),
             ("open", "shut")}  # fmt: skip
    for first, second, kind in made["fallows"]:
        assert (first, second) in known
        pairs[kind] += 1
    assert pairs == {"synonym": 2, "antonym": 2}


def test_relations_of_a_small_wordnet(copied: Path) -> None:
    wordnet = write(copied / "wn", WORDNET)
    done = run(copied, "make_kgc.py", wordnet)
    assert done.returncode == 0, done.stderr
    assert all_rows(copied / "KGC/WN18RR") == [
        ("bark", "dog", "derivationally_related_form"),
        ("dog", "canine", "hypernym"),
    ]
    theirs = dict.fromkeys(("valid.txt", "test.txt"), "00000100\t_hypernym\t00000200\n")
    folder = write(copied / "theirs", {**theirs, "train.txt": "00000200\t_x\t00000300\n"})
    assert run(copied, "from_wn18rr.py", folder, wordnet).returncode == 0
    assert all_rows(copied / "KGC/WN18RR") == [
        ("canine", "cat", "x"), ("dog", "canine", "hypernym"), ("dog", "canine", "hypernym"),
    ]  # fmt: skip
    (folder / "test.txt").write_text("00000100 _hypernym 9\n")
    done = run(copied, "from_wn18rr.py", folder, wordnet)
    assert done.returncode == 1
    assert "test.txt, line 1: expected two synsets and a relation" in done.stderr
    assert "there is no nowhere/data.noun" in run(copied, "make_kgc.py", "nowhere").stderr


def test_words_with_three_numbers(copied: Path) -> None:
    lexicon = copied / "lexicon.txt"
    lines = [f"word{n}\t1.0\t0\t[{n % 5}, {n % 5}, -4, 4]" for n in range(60)]
    lexicon.write_text("\n".join(lines), encoding="utf-8")
    assert run(copied, "make_vad.py", lexicon).returncode == 0
    found = {row[0]: row[1:] for row in all_rows(copied / "VAD/VAD")}
    assert found["word4"] == ("0.750", "1.000", "0.134")
    assert found["word0"] == ("0.500", "0.500", "0.293")
    assert run(copied, "make_vad_pairs.py", "10k").returncode == 0
    assert len(rows_of(copied / "VAD/simple/VAD.simple.10k.train")) == 10_000
    assert run(copied, "make_vad_pairs.py", "10k").stdout == "", "what is there stays"
    assert "usage" in run(copied, "make_vad_pairs.py", "9k").stderr


def test_what_users_download(copied: Path) -> None:
    lexicon = copied / "nrc.txt"
    lexicon.write_text("Word\tValence\tArousal\tDominance\nlove\t1.000\t0.519\t0.673\n")
    assert run(copied, "from_nrc_vad.py", lexicon).returncode == 0
    assert all_rows(copied / "VAD/VAD") == [("love", "1", "0.519", "0.673")]
    lexicon.write_text("love\t1.000\t0.519\t0.673\nhate\t0\n")
    assert "nrc.txt, line 2: expected a word" in run(copied, "from_nrc_vad.py", lexicon).stderr
    pairs = {
        f"{name}-pairs.{split}": f"{name}\t{split}\t{n % 2}\n"
        for name in ("adjective", "noun", "verb")
        for n, split in enumerate(SPLITS)
    }
    folder = write(copied / "pairs", pairs)
    assert run(copied, "from_antsyn.py", folder).returncode == 0
    assert all_rows(copied / "syn_ant/tag-verb-pairs") == [
        ("verb", "test", "synonym"), ("verb", "train", "synonym"), ("verb", "val", "antonym"),
    ]  # fmt: skip
    (folder / "noun-pairs.val").write_text("a b 2\n")
    assert "noun-pairs.val, line 1: expected two" in run(copied, "from_antsyn.py", folder).stderr
