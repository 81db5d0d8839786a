"""Label errors: the rows, their table, and what is said of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gft as gft_package
from gft.data.spreadsheet import unguarded
from gft.results.label_errors import asks_net

SIGNS = {"joy": ["glad", "merry", "bright"], "gloom": ["grey", "sad", "dull"],
         "=rage": ["mad", "hot", "red"]}  # fmt: skip
FILLER = ["river", "stone", "market", "window", "paper", "cloud", "engine", "garden", "letter"]


def write(file: Path, rows: int, wrong: int, seed: int = 0) -> set[int]:
    """Write rows whose words say their class; return the numbers, from 1, of the wrong labels."""
    random = np.random.default_rng(seed)
    names = list(SIGNS)
    flipped = set(random.choice(rows, wrong, replace=False).tolist())
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "label", "score"])
        for n in range(rows):
            gold = int(random.integers(3))
            words = [*random.choice(SIGNS[names[gold]], 2), *random.choice(FILLER, 3)]
            random.shuffle(words)
            text = ("-" if n % 5 == 0 else "") + " ".join(words) + f"\nno {n}"
            label = names[(gold + 1) % 3 if n in flipped else gold]
            writer.writerow([text, label, f"{gold + (5 if n in flipped else 0)}"])
    return {n + 1 for n in flipped}


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "label_errors.csv").open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def fitted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, set[int]]:
    """Return the folder of a fit to rows of which some have a wrong label, its data, and these."""
    place = tmp_path_factory.mktemp("noisy")
    wrong = write(place / "moods.csv", 300, 24)
    gft_package.fit(model=f"C:{tiny}", data=f"C:{place / 'moods.csv'}",
                    eqn="classify: label ~ text", output_dir=str(place / "out"),
                    num_train_epochs=1)  # fmt: skip
    return place / "out", place / "moods.csv", wrong


def test_every_row_of_train_is_there_the_most_doubtful_first(
    fitted: tuple[Path, Path, set[int]],
) -> None:
    folder, data, wrong = fitted
    rows = table(folder)
    record = json.loads((folder / "gft.json").read_text(encoding="utf-8"))
    assert len(rows) == record["data"]["rows"]["train"] == 270
    assert list(rows[0]) == [
        "row", "split", "text", "label", "corrected_label", "suggested_label", "probability",
        "inputs_hash",
    ]  # fmt: skip
    with data.open(newline="", encoding="utf-8") as lines:
        given = list(csv.DictReader(lines))
    for row in rows:
        own = given[int(row["row"]) - 1]
        assert unguarded(row["text"]) == own["text"] and unguarded(row["label"]) == own["label"]
        assert row["split"] == "train" and row["corrected_label"] == ""
        assert not row["text"].startswith(("=", "-")) and not row["label"].startswith("=")
    in_train = wrong & {int(row["row"]) for row in rows}
    first = [int(row["row"]) in wrong for row in rows[: len(in_train)]]
    assert np.mean(first) > 0.9
    right = [row for row in rows[:10] if int(row["row"]) in wrong]
    assert all(row["suggested_label"] != row["label"] for row in right)


def test_the_order_is_that_of_the_probabilities_where_the_net_is_not_asked(
    fitted: tuple[Path, Path, set[int]],
) -> None:
    chances = [float(row["probability"]) for row in table(fitted[0])]
    assert chances == sorted(chances)
    assert 0 <= chances[0] < 0.1 and 0.9 < chances[-1] <= 1


def test_how_many_are_wrong_is_told_everywhere(
    gft: Callable[..., Any], fitted: tuple[Path, Path, set[int]]
) -> None:
    folder, _, wrong = fitted
    in_train = len(wrong & {int(row["row"]) for row in table(folder)})
    found = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["label_errors"]
    assert found["train_rows"] == found["examined"] == 270
    assert found["wrong"]["low"] <= in_train <= found["wrong"]["high"]
    assert 10 * found["wrong"]["low"] < found["wrong"]["high"]  # Too wide to be told.
    told = "The number of wrong labels in train cannot be estimated from so few rows."
    assert told in gft("summary", folder).out
    assert told in (folder / "report.html").read_text(encoding="utf-8")
    assert "label_errors.csv lists all 270 rows of train" in gft("summary", folder).out


def test_numbers_are_listed_by_how_far_they_are_off(
    gft: Callable[..., Any], tiny: Path, tmp_path: Path
) -> None:
    wrong = write(tmp_path / "moods.csv", 200, 10)
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{tmp_path / 'moods.csv'}", "--eqn",
              "regress: score ~ text", "--output_dir", tmp_path / "out",
              "--num_train_epochs", "1")  # fmt: skip
    assert ran.status == 0, ran.err
    rows = table(tmp_path / "out")
    in_train = wrong & {int(row["row"]) for row in rows}
    first = {int(row["row"]) for row in rows[: len(in_train)]}
    assert len(first & in_train) >= 0.8 * len(in_train)
    assert float(rows[0]["off_by_sd"]) > float(rows[-1]["off_by_sd"]) >= 0
    found = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert found["label_errors"]["wrong"] is None


def test_a_net_that_is_behind_the_linear_model_is_not_asked() -> None:
    def metrics(difference: float | None) -> dict[str, Any]:
        scores = {"accuracy": {"value": difference}}
        linear = {"splits": {"val": {"differences": scores}}}
        return {
            "figure_of_merit": "accuracy",
            "splits": {"val": {}},
            "baselines": {"linear": linear},
        }

    assert asks_net(metrics(0.1), True) and not asks_net(metrics(-0.1), True)
    assert asks_net(metrics(-0.1), False) and asks_net(metrics(0.0), True)
    assert asks_net(metrics(None), True)
    assert asks_net({"splits": {}, "baselines": {}}, True)
