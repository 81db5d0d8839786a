"""The files that a page speaks of as the reader's own, small, with classes that can be learnt."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub import media
from hub.datasets import WORDS
from pages import ROOT, code_of

ROWS = {"train": 60, "val": 20, "test": 20}
MARKS = 3


def write_own_files(folder: Path, page: Path) -> None:
    """Write those files that a page speaks of into a folder."""
    spoken = "\n".join(text for _, text in code_of(page))
    for name, write in KINDS.items():
        if name in spoken:
            write(folder, name)


def _rows(name: str, count: int) -> Iterator[tuple[int, str]]:
    """Yield the number of a row's class, and a text that has the class in it."""
    chance = random.Random(name)
    for n in range(count):
        words = [chance.choice(WORDS) for _ in range(chance.randint(4, 9))]
        words.insert(chance.randrange(len(words)), f"mark{n % MARKS}")
        yield n % MARKS, " ".join(words)


def _reviews(name: str, count: int) -> list[dict[str, Any]]:
    return [
        {
            "title": f"{WORDS[n % 9]} {n}",
            "body": text,
            "stars": kind + 1,
            "author": f"reader{n % 11}",
            "price": f"{kind * 2.5 + n % 7 / 10:.2f}",
        }
        for n, (kind, text) in enumerate(_rows(name, count))
    ]


def _table(folder: Path, name: str) -> None:
    _write_csv(folder / name, _reviews(name, 80))


def _three(folder: Path, name: str) -> None:
    for split, count in ROWS.items():
        file = folder / f"{name.removeprefix('C:')}.{split}"
        _write_csv(file, _reviews(f"{name} {split}", count))


def _uneven(folder: Path, name: str) -> None:
    rows = [
        {"message": text, "kind": "complaint" if n % 12 == 0 else "praise"}
        for n, (_, text) in enumerate(_rows(name, 120))
    ]
    _write_csv(folder / name, rows)


def _topics(folder: Path, name: str) -> None:
    topics = ("school", "health", "work")
    with (folder / name).open("w", encoding="utf-8") as file:
        for n, (kind, text) in enumerate(_rows(name, 60)):
            several = [topics[kind], *([topics[(kind + 1) % 3]] if n % 2 else [])]
            file.write(json.dumps({"text": text, "topics": several}) + "\n")


def _lines(folder: Path, name: str) -> None:
    (folder / name).write_text("river mark1 stone\nmarket mark2\n", encoding="utf-8")


def _pictures(folder: Path, name: str) -> None:
    for colour in ("red", "blue"):
        place = folder / name / colour
        place.mkdir(parents=True)
        for n in range(8):
            (place / f"{n}.png").write_bytes(media.picture(colour, (16 + n, 16)))


def _sounds(folder: Path, name: str) -> None:
    for kind, pitch in (("low", 200), ("high", 900)):
        place = folder / name / kind
        place.mkdir(parents=True)
        for n in range(8):
            (place / f"{n}.wav").write_bytes(media.tone(pitch + 10 * n))


def _speech(folder: Path, name: str) -> None:
    (folder / "recordings").mkdir(exist_ok=True)
    said = []
    for n in range(16):
        (folder / "recordings" / f"{n}.wav").write_bytes(media.tone(200 + 50 * n, 0.3))
        said.append({"audio": f"recordings/{n}.wav", "text": media.WORDS[n % 4].lower()})
    _write_csv(folder / name, said)


def _tagged(folder: Path, name: str) -> None:
    with (folder / name).open("w", encoding="utf-8") as file:
        for kind, text in _rows(name, 60):
            words = text.split()
            tags = ["B-PLACE" if word == f"mark{kind}" else "O" for word in words]
            file.write(json.dumps({"words": words, "tags": tags}) + "\n")


def _chinese(folder: Path, name: str) -> None:
    signs = "好坏中"
    _write_csv(
        folder / name,
        [
            {"文本": f"{signs[n % 3]} {text}", "标签": "正负平"[n % 3]}
            for n, text in _rows(name, 60)
        ],
    )


def _translations(folder: Path, name: str) -> None:
    rows = [{"english": text, "german": text[::-1]} for _, text in _rows(name, 40)]
    _write_csv(folder / name, rows)


def _repository(folder: Path, name: str) -> None:
    for part in ("examples", "datasets"):
        (folder / part).symlink_to(ROOT / part, target_is_directory=True)


def _cities(folder: Path, name: str) -> None:
    _write_csv(folder / name, [{"city": "river", "people": "5"}, {"city": "stone", "people": "9"}])


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _mails(folder: Path, name: str) -> None:
    """Write mails of which one in ten is spam, most of it in a folder for such."""
    rows = [
        {"text": text, "folder": "junk" if (n % 10 == 3) != (n % 97 == 5) else "inbox",
         "kind": "spam" if n % 10 == 3 else ("work", "home")[n % 2]}
        for n, (_, text) in enumerate(_rows(name, 600))
    ]  # fmt: skip
    _write_csv(folder / name, rows)


def _panel(folder: Path, name: str) -> None:
    """Write a panel: a vote that depends on what is written, on age and on party."""
    chance, rows = random.Random(name), []
    for kind, text in _rows(name, 240):
        age, party = chance.randint(18, 84), chance.choice(["left", "green", "right"])
        older = (age - 50) / 12 + {"left": -1.5, "green": 0.0, "right": 1.5}[party] + kind - 1
        vote = "yes" if older + chance.gauss(0, 1) > 0 else "no"
        rows.append({"answer": text, "age": age if chance.random() > 0.05 else "", "party": party,
                     "income": round(chance.lognormvariate(10, 0.5)), "vote": vote})  # fmt: skip
    _write_csv(folder / name, rows)


KINDS = {
    "mails.csv": _mails,
    "panel.csv": _panel,
    "reviews.csv": _table,
    "C:reviews": _three,
    "complaints.csv": _uneven,
    "topics.jsonl": _topics,
    "new.txt": _lines,
    "pictures": _pictures,
    "sounds": _sounds,
    "speech.csv": _speech,
    "places.jsonl": _tagged,
    "chinese.csv": _chinese,
    "sentences.csv": _translations,
    "cities.csv": _cities,
    "gft=$PWD": _repository,
}
"""What writes the files of each name."""
