"""Folders of images and of sounds, and files in the cells of a table."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gft.data.files import read_data
from gft.data.stored import StoredFile
from gft.errors import UserError


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def rows(folder: Path, split: str, column: str) -> list[str]:
    return read_data(folder).splits[split].column(column)


def test_one_folder_for_each_class_is_train(tmp_path: Path) -> None:
    files(tmp_path, "cat/2.jpg", "cat/1.JPEG", "dog/deep/1.png", "dog/notes.txt", ".git/x.png")
    data = read_data(tmp_path)
    assert list(data.splits) == ["train"]
    assert data.columns["label"].classes == ("cat", "dog")
    assert rows(tmp_path, "train", "image") == ["cat/1.JPEG", "dog/deep/1.png", "cat/2.jpg"]
    assert rows(tmp_path, "train", "label") == [0, 1, 0]
    assert data.folder == tmp_path


def test_folders_of_splits_have_folders_of_classes(tmp_path: Path, capsys) -> None:
    files(tmp_path, "Train/b/1.wav", "Train/a/1.flac", "dev/b/1.wav", "test/7.wav", "old/a/1.wav")
    data = read_data(tmp_path)
    assert list(data.splits) == ["train", "dev", "test"]
    assert rows(tmp_path, "dev", "label") == [1]
    assert rows(tmp_path, "test", "audio") == ["test/7.wav"]
    assert "label" not in data.splits["test"].columns
    assert "old is not named after a split and is not read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a/1.png", "b/1.wav"), "holds both images and sounds, such as 1.png and 1.wav"),
        (("a/1.png", "2.png"), "both folders of classes and files of no class, such as 2.png"),
        (("a/1.txt",), "no images or sounds in folders named after classes"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, names: tuple[str, ...], expected: str) -> None:
    with pytest.raises(UserError, match=expected):
        read_data(files(tmp_path, *names))


def test_a_split_in_a_file_comes_before_images_beside_it(tmp_path: Path) -> None:
    files(tmp_path, "images/1.png")
    (tmp_path / "train.csv").write_text("image,label\nimages/1.png,cat\n")
    assert read_data(tmp_path).columns["label"].kind == "text"
    assert read_data(tmp_path).folder == tmp_path


@pytest.mark.parametrize("chosen", [None, [2, 0]])
def test_files_in_cells_are_read_when_they_are_wanted(tmp_path: Path, chosen) -> None:
    cells = [{"bytes": b"one", "path": "1.wav"}, None, {"bytes": None, "path": "3.wav"}]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({"n": [1, 2, 3], "audio": pa.array(cells, kind)})
    pq.write_table(table, tmp_path / "x.parquet")
    split = read_data(tmp_path / "x.parquet").splits["train"]
    assert split.columns["audio"].kind == "file"
    split = split if chosen is None else split.select(chosen)
    for names in (["audio"], ["n", "audio"]):
        parts = list(split.batches(names, 2))
        found = [one for part in parts for one in part["audio"]]
        assert [len(part["audio"]) for part in parts] == ([2, 1] if chosen is None else [2])
        first = found[0 if chosen is None else 1]
        assert isinstance(first, StoredFile)
        assert (first.read(), str(first), first.has_bytes) == (b"one", "1.wav", True)
        third = found[2 if chosen is None else 0]
        assert (third.path, third.has_bytes, third.read()) == ("3.wav", False, b"")
    if chosen is None:
        assert split.column("audio")[1] is None


def test_what_files_hold_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    marks = []
    for content in (b"one", b"two"):
        pq.write_table(pa.table({"image": [content], "label": [1]}), tmp_path / "x.parquet")
        marks.append(read_data(tmp_path / "x.parquet").fingerprint())
    assert marks[0] != marks[1]
