"""Classes of images: folders, files named in a csv, images in the cells of a data set."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from hub import media

Gft = Callable[..., Any]
COLOURS = ("red", "blue")


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.vit(tmp_path_factory.mktemp("vit"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """train/red/0.png and so on; the images of the test split are jpg and of another size."""
    place = tmp_path_factory.mktemp("images")
    for split, count in (("train", 12), ("val", 4), ("test", 4)):
        for colour in COLOURS:
            (place / split / colour).mkdir(parents=True)
            for n in range(count):
                name, size, form = (f"{n}.png", (20 + n, 16), "PNG")
                if split == "test":
                    name, size, form = (f"{n}.JPG", (40, 30), "JPEG")
                file = place / split / colour / name
                file.write_bytes(media.picture(colour, size, form))
    return place


@pytest.fixture(scope="module")
def fitted(seeing: Path, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    out = tmp_path_factory.mktemp("fitted") / "out"
    gft.fit(model=f"C:{seeing}", data=f"C:{folder}", eqn="classify_images: label ~ image",
            output_dir=str(out), num_train_epochs=6, learning_rate=1e-2,
            per_device_train_batch_size=6)  # fmt: skip
    return out


def test_a_folder_of_classes_is_learned(fitted: Path) -> None:
    scores = json.loads((fitted / "metrics.json").read_text())["splits"]["test"]["metrics"]
    assert list(scores) == ["accuracy", "f1"]
    assert scores["accuracy"]["value"] == 1.0
    kept = pyarrow.parquet.read_table(fitted / "predictions.parquet").to_pydict()
    assert kept["gold"][-8:] == ["blue", "red"] * 4
    assert kept["prediction"] == kept["gold"]
    from transformers import AutoImageProcessor, AutoModelForImageClassification

    model = AutoModelForImageClassification.from_pretrained(fitted)
    assert model.config.id2label == {0: "blue", 1: "red"}
    assert AutoImageProcessor.from_pretrained(fitted).size["height"] == 16


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_predict_names_the_files(
    fitted: Path, folder: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = folder / "test" / "red" / "0.JPG"
    typed(monkeypatch, f"{name}\tred\n")
    ran = gft("predict", "--model", f"C:{fitted}")
    file, gold, label, score = ran.out.rstrip("\n").split("\t")
    assert (file, gold, label) == (str(name), "red", "red"), ran.err
    assert 0.5 < float(score) <= 1
    ran = gft("predict", "--model", f"C:{fitted}", "--data", f"C:{folder}", "--split", "test",
              "--format", "jsonl")  # fmt: skip
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["image"] for row in rows[:3]] == [
        "test/blue/0.JPG", "test/red/0.JPG", "test/blue/1.JPG",
    ]  # fmt: skip
    assert [row["label"] for row in rows] == [row["prediction"] for row in rows]
    ran = gft("eval", "--model", f"C:{fitted}", "--data", f"C:{folder}", "--format", "json")
    assert json.loads(ran.out)["metrics"]["accuracy"]["value"] == 1.0
    ran = gft("cat_data", "--data", f"C:{folder}", "--split", "val", "--eqn",
              "classify_images: label ~ image")  # fmt: skip
    assert ran.out.splitlines()[:2] == ["val/blue/0.png\tblue", "val/red/0.png\tred"]
    together = gft("summary", "--data", f"C:{folder}", "--model", f"C:{fitted}").out
    assert "Labels match:   by name" in together
    assert "--eqn 'classify_images: label ~ image'" in gft("init", folder).out


def test_python_takes_paths_and_images_and_arrays(fitted: Path, folder: Path) -> None:
    import numpy as np
    from PIL import Image

    import gft

    fit = gft.load(f"C:{fitted}")
    red = Image.new("RGB", (30, 20), "red")
    path = folder / "val" / "blue" / "0.png"
    assert fit.predict([red, np.asarray(red), path, str(path), red.convert("P")]) == [
        "red", "red", "blue", "blue", "red",
    ]  # fmt: skip
    assert gft.predict(model=f"C:{fitted}", data=f"C:{folder}", split="test") == ["blue", "red"] * 4
    with pytest.raises(gft.UserError, match=r"row 1: expected an image as an array of uint8"):
        fit.predict([np.zeros((3, 3))])


def test_file_names_in_a_csv_begin_beside_it_or_in_data_dir(
    seeing: Path, folder: Path, gft: Gft, tmp_path: Path
) -> None:
    names = sorted((folder / "train").glob("*/*.png"))
    rows = [("file", "colour", "size")]
    rows += [(one.relative_to(folder), one.parent.name, n % 7) for n, one in enumerate(names)]
    words = ["--eqn", "classify_images: colour ~ file + num(size)", "--model", f"C:{seeing}",
             "--num_train_epochs", 1]  # fmt: skip
    for place in (folder, tmp_path):
        with (place / "mine.csv").open("w", newline="") as out:
            csv.writer(out).writerows(rows)
    ran = gft("fit", *words, "--data", f"C:{folder / 'mine.csv'}", "--output_dir", tmp_path / "a")
    assert ran.status == 0, ran.err
    assert json.loads((tmp_path / "a" / "gft.json").read_text())["task"]["labels"] == list(
        COLOURS[::-1]
    )
    assert (tmp_path / "a" / "covariates.json").is_file()
    first = (tmp_path / "a" / "metrics.json").read_text()
    assert '"size"' in first and '"file"' in first
    away = ["--data", f"C:{tmp_path / 'mine.csv'}", "--output_dir", tmp_path / "b"]
    ran = gft("fit", *words, *away)
    first = f"none of the 22 files of train can be read: row 1: no file {tmp_path}/train/blue/0.png"
    assert first in ran.errors[0]
    ran = gft("fit", *words, *away, "--data_dir", folder)
    assert ran.status == 0, ran.err


def test_broken_files_are_left_out_of_a_fit_and_counted(
    seeing: Path, gft: Gft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = media.picture("red", (300, 300), "JPEG")
    for split in ("train", "val"):
        for colour in COLOURS:
            (tmp_path / "data" / split / colour).mkdir(parents=True)
            for n in range(3):
                file = tmp_path / "data" / split / colour / f"{n}.jpg"
                file.write_bytes(media.picture(colour, (300, 300), "JPEG"))
    train = tmp_path / "data" / "train"
    (train / "red" / "1.jpg").write_bytes(whole[: len(whole) // 2])
    (train / "blue" / "2.jpg").write_text("not an image")
    words = ["--model", f"C:{seeing}", "--data", f"C:{tmp_path / 'data'}", "--num_train_epochs", 1,
             "--eqn", "classify_images: label ~ image"]  # fmt: skip
    ran = gft("fit", *words, "--output_dir", tmp_path / "out")
    assert ran.status == 0, ran.err
    assert (
        "2 of the 6 files of train cannot be read, so their rows are left out: row 4: " in ran.err
    )
    assert "red/1.jpg is a broken image: image file is truncated" in ran.err
    assert "blue/2.jpg is not an image that Pillow can read: its format is unknown" in ran.err
    assert json.loads((tmp_path / "out" / "gft.json").read_text())["data"]["rows"]["train"] == 4

    good = train / "red" / "0.jpg"
    typed(monkeypatch, f"{good}\n{train / 'red' / '1.jpg'}\nnowhere.jpg\n")
    ran = gft("predict", "--model", f"C:{tmp_path / 'out'}")
    assert ran.status == 2
    assert "error: line 2: " in ran.errors[0]
    assert "1.jpg is a broken image: image file is truncated" in ran.errors[0]


MISTAKES = [
    ("classify_images: label + x ~ image", "classify_images takes one column on the left of '~'"),
    ("classify_images: label ~ image + x", "classify_images takes one column of images on the"),
    ("classify_images: label ~ x", "column 'x' of data holds integer values;"),
]  # fmt: skip


@pytest.mark.parametrize(("equation", "expected"), MISTAKES)
def test_mistakes(equation: str, expected: str, seeing: Path, tmp_path: Path) -> None:
    import gft

    data = {"image": ["a.png", "b.png"], "label": ["u", "v"], "x": [1, 2]}
    with pytest.raises(gft.UserError) as caught:
        gft.fit(model=f"C:{seeing}", data=data, eqn=equation, output_dir=str(tmp_path / "out"))
    assert expected in str(caught.value)


def test_a_model_of_texts_is_refused(tiny: Path, folder: Path, gft: Gft, tmp_path: Path) -> None:
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{folder}", "--output_dir",
              tmp_path / "out", "--eqn", "classify_images: label ~ image")  # fmt: skip
    assert (ran.status, len(ran.errors)) == (2, 1)
    assert "the model takes no images: it has only a BertTokenizer" in ran.err


def test_chance_changes_images_in_training_alone(seeing: Path) -> None:
    import torch
    from PIL import Image
    from transformers import AutoImageProcessor

    from gft.tasks.classify_images import ClassifyImages

    half = Image.new("RGB", (40, 20), "white")
    half.paste("black", (0, 0, 20, 20))
    task = ClassifyImages(("image",), ("label",), ("a", "b"), ("a", "b"))
    processor = AutoImageProcessor.from_pretrained(seeing)
    features = task.encode(processor, {"image": [half]}, 0).features

    def seen(training: bool) -> list[torch.Tensor]:
        given = [
            [task.drawn(processor, one) if training else one for one in features] for _ in range(8)
        ]
        found = [task.collate(processor, some, training)["pixel_values"] for some in given]
        assert {tuple(one.shape) for one in found} == {(1, 3, 16, 16)}
        return found

    plain = seen(False)
    assert all(torch.equal(one, plain[0]) for one in plain)
    assert not all(torch.equal(one, plain[0]) for one in seen(True))
    torch.manual_seed(1)
    first = seen(True)
    torch.manual_seed(1)
    assert all(torch.equal(a, b) for a, b in zip(first, seen(True), strict=True))
