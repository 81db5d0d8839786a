"""What `C:path` can be, and what is said when it is something else."""

import bz2
import gzip
import io
import lzma
import os
import zipfile
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from gft.data.files import read_data
from gft.data.folders import path_of
from gft.errors import UserError
from gft.language.spec import Spec

CSV = "text,label\ngood,1\nbad,0\n"
TSV = "text\tlabel\ngood\t1\nbad\t0\n"
TABLE = pa.table({"text": ["good", "bad"], "label": [1, 0]})


def sizes(data):
    return {name: len(rows) for name, rows in data.splits.items()}


def error_of(path):
    with pytest.raises(UserError) as caught:
        read_data(path)
    return str(caught.value)


def test_path_train_val_and_test(tmp_path):
    for split in ("train", "val", "test"):
        (tmp_path / f"x.{split}").write_text(CSV)
    data = read_data(tmp_path / "x")
    assert sizes(data) == {"train": 2, "val": 2, "test": 2}
    assert data.name == "x"
    assert data.columns["label"].kind == "text"
    assert data.origin == {
        "path": str(tmp_path / "x"),
        "files": {"train": ["x.train"], "val": ["x.val"], "test": ["x.test"]},
    }


@pytest.mark.parametrize("val", ["validation", "dev", "valid", "eval"])
def test_any_subset_and_other_spellings_of_val(tmp_path, val):
    (tmp_path / "my.data.train").write_text(CSV)
    (tmp_path / f"my.data.{val}").write_text(CSV)
    assert sizes(read_data(tmp_path / "my.data")) == {"train": 2, val: 2}


def zipped(content, *names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("pack", ["", ".gz", ".bz2", ".xz", ".zst", ".zip"])
@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("csv", CSV.encode()),
        ("tsv", TSV.encode()),
        ("jsonl", b'{"text": "good", "label": "1"}\n{"text": "bad", "label": "0"}\n'),
        ("json", b'{"text": ["good", "bad"], "label": ["1", "0"]}'),
    ],
)
def test_one_file_is_train_packed_or_not(tmp_path, form, content, pack):
    packers = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
    packers[".zip"] = lambda content: zipped(content, f"in/it.{form}", f"__MACOSX/it.{form}")
    path = tmp_path / f"x.{form}{pack}"
    if pack == ".zst":
        with pa.output_stream(path, compression="zstd") as out:
            out.write(content)
    else:
        path.write_bytes(packers[pack](content))
    data = read_data(path)
    assert sizes(data) == {"train": 2}
    assert data.splits["train"].column("text") == ["good", "bad"]
    assert data.splits["train"].column("label") == ["1", "0"]


def test_a_zip_archive_is_the_file_inside(tmp_path):
    (tmp_path / "x.zip").write_bytes(zipped(TSV.encode(), "x.tsv"))
    assert read_data(tmp_path / "x.zip").splits["train"].column("label") == ["1", "0"]
    for split in ("train", "test"):
        (tmp_path / f"{split}.zip").write_bytes(zipped(CSV.encode(), "it.csv"))
    assert sizes(read_data(tmp_path)) == {"train": 2, "test": 2}
    (tmp_path / "x.zip").write_bytes(zipped(CSV.encode(), "a.csv", "b.csv"))
    message = "x.zip holds 2 files (a.csv and b.csv) and only one is read from a zip archive"
    assert message in error_of(tmp_path / "x.zip")


def test_parquet_arrow_and_feather(tmp_path):
    nested = TABLE.append_column("words", [[["a"], None]]).append_column(
        "kind", pa.array(["u", "v"]).dictionary_encode()
    )
    pq.write_table(nested, tmp_path / "x.parquet")
    feather.write_feather(nested, tmp_path / "x.feather")
    with pa.ipc.new_stream(tmp_path / "x.arrow", nested.schema) as out:
        out.write_table(nested)
    (tmp_path / "x.ndjson").write_text('{"text": "x"}\n')
    assert read_data(tmp_path / "x.ndjson").splits["train"].column("text") == ["x"]
    for form in ("parquet", "feather", "arrow"):
        data = read_data(tmp_path / f"x.{form}")
        assert data.splits["train"].column("words") == [["a"], None]
        assert data.splits["train"].column("kind") == ["u", "v"]
        assert [c.kind for c in data.columns.values()] == ["text", "integer", "list", "text"]


def test_a_folder_with_files_named_after_splits(tmp_path):
    for shard in (10, 2, 1):
        pq.write_table(TABLE.slice(shard % 2, 1), tmp_path / f"train-{shard}.parquet")
    (tmp_path / "dev.tsv").write_text(TSV)
    (tmp_path / "test.jsonl").write_text('{"text": "x"}\n')
    (tmp_path / "README.md").write_text("not data")
    (tmp_path / "train_ids.csv").write_text("not,a,split\n")
    data = read_data(tmp_path)
    assert sizes(data) == {"train": 3, "dev": 2, "test": 1}
    assert data.origin["files"]["train"] == [f"train-{n}.parquet" for n in (1, 2, 10)]
    assert data.splits["train"].column("text") == ["bad", "good", "good"]


def test_shards_and_the_two_halves_of_mnli(tmp_path):
    for name in ("train-00000-of-00002", "train-00001-of-00002"):
        (tmp_path / f"{name}.csv").write_text(CSV)
    for name in ("dev_matched", "dev_mismatched"):
        (tmp_path / f"{name}.csv").write_text(CSV)
    data = read_data(tmp_path)
    assert sizes(data) == {"train": 4, "dev_matched": 2, "dev_mismatched": 2}
    (tmp_path / "train-00000-of-00002.csv").unlink()
    assert "of the shards of train, number 0 is missing" in error_of(tmp_path)


def test_shards_with_other_columns(tmp_path):
    (tmp_path / "train-0.csv").write_text(CSV)
    (tmp_path / "train-1.csv").write_text("text,class\na,b\n")
    assert "train-1.csv, line 1: the columns are text and class, and in train-0.csv" in error_of(
        tmp_path
    )


def test_what_datasets_saved(tmp_path):
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )
    rows = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 0]}, features=features)
    datasets.DatasetDict({"train": rows, "validation": rows}).save_to_disk(str(tmp_path / "both"))
    rows.save_to_disk(str(tmp_path / "one"))
    both = read_data(tmp_path / "both")
    assert sizes(both) == {"train": 2, "validation": 2}
    assert both.columns["label"].classes == ("neg", "pos")
    assert both.origin["files"]["train"] == ["data-00000-of-00001.arrow"]
    assert sizes(read_data(tmp_path / "one")) == {"train": 2}
    for file in (tmp_path / "one").glob("*.arrow"):
        file.unlink()
    assert "datasets cannot load what it saved here" in error_of(tmp_path / "one")


def test_home_and_variables_are_expanded(tmp_path, monkeypatch):
    (tmp_path / "x.csv").write_text(CSV)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("HERE", str(tmp_path))
    for path in ("~/x.csv", "$HERE/x.csv", "${HERE}/x.csv"):
        assert sizes(read_data(path_of(Spec("C", path)))) == {"train": 2}
        assert path_of(Spec("C", path, literal=True)) == Path(path)
    monkeypatch.delenv("HERE")
    assert "the environment has no variable HERE" in error_of(Path("$HERE/x.csv"))


def test_a_path_where_nothing_is_names_what_is_near(tmp_path):
    (tmp_path / "reviews.train").write_text(CSV)
    (tmp_path / "other.csv").write_text(CSV)
    message = error_of(tmp_path / "review")
    assert "(did you mean 'reviews'?)" in message
    assert "neither a file, nor a folder, nor review.train" in message
    assert "holds other.csv and reviews.train" in message
    assert "did you mean 'other.csv'" in error_of(tmp_path / "othr.csv")
    assert f"there is no folder {tmp_path / 'no'}" in error_of(tmp_path / "no" / "such" / "x.csv")


def test_two_forms_of_a_split(tmp_path):
    for form in ("csv", "tsv"):
        (tmp_path / f"train.{form}").write_text(CSV)
    assert "more than one form of the split train: train.csv and train.tsv" in error_of(tmp_path)
    (tmp_path / "train.tsv").rename(tmp_path / "train-0.csv")
    assert "train-0.csv and train.csv" in error_of(tmp_path)


def test_a_folder_and_files_beside_it(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x.train").write_text(CSV)
    assert sizes(read_data(tmp_path / "x")) == {"train": 2}
    (tmp_path / "x" / "train.csv").write_text(CSV)
    assert "beside it hold splits; rename one" in error_of(tmp_path / "x")


def test_a_folder_without_splits_says_what_it_holds(tmp_path):
    (tmp_path / "reviews.csv").write_text(CSV)
    assert "no file named after a split" in error_of(tmp_path)
    assert "it holds reviews.csv" in error_of(tmp_path)


def test_mistakes_of_several_files_are_told_together(tmp_path):
    (tmp_path / "x.train").write_text("a,b\n1\n")
    (tmp_path / "x.test").write_text("a,a\n")
    with pytest.raises(UserError) as caught:
        read_data(tmp_path / "x")
    assert len(caught.value.messages) == 2
    assert all("\n" not in message for message in caught.value.messages)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.parquet", b"text,label\n", "is not a complete parquet file"),
        ("x.parquet", b"", "is empty; expected parquet"),
        ("x.arrow", b"text,label\n", "is not a complete arrow file"),
        ("x.arrow", b"", "is empty; expected arrow"),
        ("x.csv.gz", b"text,label\n", "cannot be read: Not a gzipped file"),
        (
            "x.csv.gz",
            gzip.compress(CSV.encode() * 99, mtime=0)[:-20],
            "cannot be read: Compressed file",
        ),
        ("x.csv.bz2", b"text,label\n", "cannot be read: Invalid data stream"),
        ("x.csv.xz", b"text,label\n", "cannot be read: Input format not supported"),
        ("x.csv.zip", b"text,label\n", "cannot be read: File is not a zip file"),
        ("x.csv.zst", b"text,label\n", "cannot be read:"),
        (
            "x.csv",
            gzip.compress(CSV.encode(), mtime=0),
            "compressed by gzip; its name should end in .gz",
        ),
        ("x.csv", b"text,label\n", "has a header but no rows"),
        ("x.csv", b"PK\x03\x04\x14\x00", "an office document, whose name ends in"),
    ],
)
def test_files_that_are_not_what_they_are_called(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    message = error_of(tmp_path / name)
    assert str(tmp_path / name) in message
    assert expected in message
    assert "\n" not in message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_without_permission(tmp_path):
    (tmp_path / "x.csv").write_text(CSV)
    (tmp_path / "x.csv").chmod(0)
    assert "you have no permission" in error_of(tmp_path / "x.csv")


def test_splits_without_a_column_in_common_are_noted(tmp_path, capsys):
    (tmp_path / "train.tsv").write_text("a film\tone\nb\ttwo\n")
    (tmp_path / "test.tsv").write_text("c film\tthree\nd\tfour\n")
    read_data(tmp_path)
    assert "test.tsv shares no column with train.tsv" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow"])
def test_names_of_classes_that_datasets_wrote(tmp_path, name):
    import datasets

    names = datasets.ClassLabel(names=["neg", "pos"])
    features = {"text": datasets.Value("string"), "label": names, "tags": datasets.List(names)}
    dataset = datasets.Dataset.from_dict(
        {"text": ["a", "b"], "label": [0, 1], "tags": [[0], [1, 0]]},
        features=datasets.Features(features),
    )
    if name.endswith("parquet"):
        dataset.to_parquet(tmp_path / name)
    else:
        with datasets.arrow_writer.ArrowWriter(path=str(tmp_path / name)) as writer:
            writer.write_table(dataset.data.table)
            writer.finalize()
    columns = read_data(tmp_path / name).splits["train"].columns
    assert columns["label"].kind == "class"
    assert columns["label"].classes == columns["tags"].classes == ("neg", "pos")
    assert columns["text"].classes is None


def test_damaged_arrow_files_are_refused(tmp_path):
    import pyarrow as pa

    path = tmp_path / "x.arrow"
    table = pa.table({"text": ["good film", "bad"] * 50, "tags": [["a"], ["b", "c"]] * 50})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as out:
        out.write_table(table)
    whole = path.read_bytes()
    refused = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_data(path).splits["train"].column("text")
        except UserError as error:
            refused += len(error.messages) == 1
    assert refused > 20


@pytest.mark.parametrize("name", ["rar", "7z", "tar"])
def test_archives_that_are_not_unpacked_are_named(tmp_path, name):
    starts = {
        "rar": b"Rar!\x1a\x07\0",
        "7z": b"7z\xbc\xaf\x27\x1c\0",
        "tar": b"a.csv" + bytes(252) + b"ustar\0",
    }
    path = tmp_path / f"x.{name}"
    path.write_bytes(starts[name] + bytes(300))
    assert error_of(path).endswith(f"expected text, but the file is a {name} archive; unpack it")
