"""Labels as people write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import gft as package

FILMS = ["good film", "bad film"]
EQN = "classify: label ~ text"


def films(labels: list[Any], count: int = 20, name: str = "label") -> list[dict[str, Any]]:
    pairs = [(FILMS[n % 2], labels[n % len(labels)]) for n in range(count)]
    return [{"text": f"{text} {n // 2}", name: label} for n, (text, label) in enumerate(pairs)]


def csv_of(found: list[dict[str, Any]]) -> str:
    header = ",".join(found[0])
    return "\n".join([header, *(",".join(map(str, row.values())) for row in found)]) + "\n"


def test_lists_of_0_and_1_of_one_length_are_no_classes(table: Any, fit: Any, gft: Any) -> None:
    file = table("d.jsonl", films([[1, 0, 0, 1], [0, 1, 0, 0]], name="labels"))
    done = fit(file, "classify: labels ~ text")
    assert done.status == 2
    assert "'labels'" in done.errors[0] and "0 and 1" in done.errors[0]
    told = gft("init", file)
    assert "200 %" not in told.out + told.err and "233 %" not in told.out + told.err


def test_a_list_of_words_is_read_as_it_is_shown(
    table: Any, fit: Any, gft: Any, tmp_path: Path
) -> None:
    words = [["the", "film"], ["a", "stone", "is"]]
    rows = [{"tokens": words[n % 2], "label": "ab"[n % 2]} for n in range(16)]
    file = table("d.jsonl", rows)
    assert fit(file, "classify: label ~ tokens").status == 0
    written = table("t.jsonl", [{"tokens": "the film"}])
    found = []
    for data in (file, written):
        done = gft("predict", "--model", tmp_path / "out", "--data", data, "--split", "train",
                   "--format", "jsonl")  # fmt: skip
        found.append(json.loads(done.out.splitlines()[0]))
    of_list, of_text = found
    assert of_list["tokens"] == of_text["tokens"] == "the film"
    assert of_list["score"] == pytest.approx(of_text["score"], abs=1e-5)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_0_and_0_point_0_are_one_class(
    table: Any, fit: Any, labels_in: Any, tmp_path: Path, gft: Any, kind: str
) -> None:
    if kind == "parquet":
        (tmp_path / "d").mkdir()
        for split, labels in (("train", [1.0, 0.0, None]), ("val", [1, 0]), ("test", [1, 0])):
            found = films(labels, 12 if split == "train" else 6)
            pq.write_table(pa.Table.from_pylist(found), tmp_path / "d" / f"{split}.parquet")
        done = fit(f"C:{tmp_path / 'd'}", EQN)
    else:
        done = fit(table("train.csv", csv_of(films(["1.0", "0.0"]))), EQN)
    assert done.status == 0
    assert len(labels_in()) == 2
    assert "lacks" not in done.err
    only = table("u.csv", csv_of(films(["1", "1"], 6)))
    scored = gft("eval", "--model", tmp_path / "out", "--data", only, "--format", "json")
    assert scored.status == 0 and json.loads(scored.out)["rows"] == 6


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_split_without_the_column_of_text(
    table: Any, fit: Any, gft: Any, tmp_path: Path, split: str
) -> None:
    rows = films(["x", "y"])
    table("d/train.csv", csv_of(rows))
    table(f"d/{split}.csv", csv_of(rows).replace("text,", "sentence,"))
    done = fit(f"C:{tmp_path / 'd'}", EQN)
    assert (done.status, len(done.errors)) == (2, 1)
    told = f"split {split} of d has no column 'text'; it has sentence and label"
    assert told in done.errors[0]
    assert not (tmp_path / "out").exists()
    for done in (gft("init", tmp_path / "d"),
                 gft("summary", "--data", f"C:{tmp_path / 'd'}", "--eqn", EQN)):  # fmt: skip
        assert told in done.out + done.err


def test_a_single_label_is_not_cut_into_letters(table: Any, fit: Any, tmp_path: Path) -> None:
    table("d/train.jsonl", films([["pos"], ["neg"]]))
    table("d/test.jsonl", films(["pos", "neg"]))
    done = fit(f"C:{tmp_path / 'd'}", EQN)
    if done.status == 2:
        assert "test" in done.errors[0]
        return
    written = pq.read_table(tmp_path / "out/predictions.parquet").to_pylist()
    golds = [row["gold"] for row in written if row["role"] == "test"]
    assert golds[:2] == [["pos"], ["neg"]]


def test_two_unicode_forms_of_a_name_are_one_class(
    table: Any, fit: Any, gft: Any, labels_in: Any, tmp_path: Path
) -> None:
    nfc, nfd = "caf\u00e9", "cafe\u0301"
    assert fit(table("train.csv", csv_of(films([nfc, "th\u00e9"]))), EQN).status == 0
    scored = gft("eval", "--model", tmp_path / "out", "--format", "json",
                 "--data", table("t.csv", csv_of(films([nfd, "the\u0301"], 8))))  # fmt: skip
    assert scored.status == 0 and "position" not in scored.err
    mixed = films([nfc, "th\u00e9"]) + films([nfd, "the\u0301"])
    done = fit(table("m.csv", csv_of(mixed)), EQN)
    assert done.status == 0 and len(labels_in()) == 2


def test_labels_with_commas_and_equal_signs(table: Any, fit: Any, gft: Any, tmp_path: Path) -> None:
    file = table("d.csv", csv_of(films(['"Food, drink"', "x=y"])))
    for weight in ("Food, drink=2", "x=y=2"):
        assert fit(file, EQN, "--class_weight", weight).status == 0
    swapped = ["Food, drink=x=y", "x=y=Food, drink"]
    scored = gft("eval", "--model", tmp_path / "out", "--data", file, "--split", "train",
                 "--label_map", *swapped, "--format", "json")  # fmt: skip
    plain = gft("eval", "--model", tmp_path / "out", "--data", file, "--split", "train",
                "--format", "json")  # fmt: skip
    one, other = (json.loads(x.out)["metrics"]["accuracy"]["value"] for x in (scored, plain))
    assert one == pytest.approx(1 - other)


def test_labels_in_one_cell_are_offered_as_several(table: Any, fit: Any, gft: Any) -> None:
    cells = ['"fun,art"', "art", "\"['nature', 'art']\"", '"[""nature""]"', '"fun,nature"', "fun"]
    file = table("d.csv", csv_of(films(cells, 30, "labels")))
    told = gft("init", file)
    assert "--label_delimiter ," in told.out
    done = fit(file, "classify: labels ~ text")
    assert "--label_delimiter" in done.err
    done = fit(file, "classify: labels ~ text", "--label_delimiter", ",")
    assert done.status == 0


def test_null_in_a_list_is_no_label(
    table: Any, fit: Any, gft: Any, labels_in: Any, tmp_path: Path
) -> None:
    cells = [["a", "b"], [], None, [None], [""], ["a", "a", None, "b", ""]]
    file = table("d.jsonl", films(cells, 24, "labels"))
    assert fit(file, "classify: labels ~ text").status == 0
    assert labels_in() == ["a", "b"]
    done = gft("predict", "--model", tmp_path / "out", "--data", file, "--split", "train",
               "--format", "jsonl")  # fmt: skip
    golds = [json.loads(line).get("labels") for line in done.out.splitlines()[:6]]
    assert golds[1] == [] and golds[2] is None
    scored = gft("eval", "--model", tmp_path / "out", "--data", file, "--split", "train",
                 "--format", "json")  # fmt: skip
    assert json.loads(scored.out)["rows_without_label"] == 12  # null, [null] and [""]


def test_splits_with_class_names_in_other_orders(tiny: Path, tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, DatasetDict

    def split(names: list[str]) -> Dataset:
        data = Dataset.from_dict({"text": FILMS * 10, "label": [0, 1] * 10})
        return data.cast_column("label", ClassLabel(names=names))

    splits = DatasetDict({"train": split(["neg", "pos"]), "test": split(["pos", "neg"])})
    package.fit(model=f"C:{tiny}", data=splits, eqn=EQN, output_dir=str(tmp_path / "out"),
                num_train_epochs=1)  # fmt: skip
    written = pq.read_table(tmp_path / "out/predictions.parquet").to_pylist()
    golds = [row["gold"] for row in written if row["role"] == "test"]
    assert golds[:2] == ["pos", "neg"]


def test_class_names_in_parquet(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset

    data = Dataset.from_dict({"text": ["a", "b"], "label": [0, 1]})
    data.cast_column("label", ClassLabel(names=["neg", "pos"])).to_parquet(tmp_path / "d.parquet")
    column = package.load_data(f"C:{tmp_path / 'd.parquet'}").splits["train"].columns["label"]
    assert column.classes == ("neg", "pos")


def test_a_transform_is_not_lost_unsaid() -> None:
    from datasets import Dataset

    data = Dataset.from_dict({"text": ["good film"], "label": [0]})
    upper = data.with_transform(lambda rows: {**rows, "text": [t.upper() for t in rows["text"]]})
    try:
        read = package.load_data(upper).splits["train"].column("text")
    except package.UserError as error:
        assert "transform" in str(error)
    else:
        assert read == ["GOOD FILM"]


def test_a_loss_that_is_not_finite_fails(table: Any, fit: Any, tmp_path: Path) -> None:
    file = table("d.csv", csv_of(films(["x", "y"])))
    done = fit(file, EQN, "--learning_rate", "1e30", "--max_grad_norm", 0)
    assert done.status == 1 and "not a number" in done.errors[0]
    assert not (tmp_path / "out/gft.json").exists()
