"""PaddleNLP's store of models and data sets, and its cache, with tiny ones that it wrote itself."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gft.suppliers.paddle import table as paddle_table
from gft.suppliers.paddle.names import RENAMED, built_in
from gft.suppliers.paddle.pdparams import read_pdparams, write_pdparams
from hub.mirror import Mirror

Files = dict[str, str]
WRITTEN = Path(__file__).parent.parent / "suppliers" / "paddle" / "golden"
"""Models that PaddleNLP wrote, and `outputs.json`: what it makes of them."""
SAID: dict[str, Any] = json.loads((WRITTEN / "outputs.json").read_text(encoding="utf-8"))
HEADS = {
    "sequence": "sequence-classification",
    "tokens": "token-classification",
    "spans": "question-answering",
}
WEIGHTS = "model_state.pdparams"


def head_of(name: str) -> str:
    """Return the head of a model that PaddleNLP wrote: `ernie_sequence_task`."""
    return next(HEADS[word] for word in name.split("_") if word in HEADS)


def vocabulary_of(name: str) -> list[Path]:
    """Return the files of its tokenizer."""
    pairs = name.startswith("bart") or name.endswith("pairs")
    return [WRITTEN / one for one in (["vocab.json", "merges.txt"] if pairs else ["vocab.txt"])]


def copied(name: str, folder: Path, **changes: Any) -> Path:
    """Put a model with its tokenizer into a folder; fields of its configuration may change."""
    shutil.copytree(WRITTEN / name, folder)
    for file in vocabulary_of(name):
        shutil.copy(file, folder)
    if changes:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        (folder / "config.json").write_text(json.dumps({**config, **changes}), encoding="utf-8")
    return folder


def headless(name: str, made: Path) -> tuple[dict[str, Any], bytes]:
    """Return the configuration and the weights of a model as it comes from pre-training."""
    config = json.loads((WRITTEN / name / "config.json").read_text(encoding="utf-8"))
    for field in ("architectures", "id2label", "label2id"):
        config.pop(field, None)
    arrays = read_pdparams(WRITTEN / name / WEIGHTS, name)
    body = {one: array for one, array in arrays.items() if not one.startswith("classifier")}
    write_pdparams(made / WEIGHTS, body)
    return config, (made / WEIGHTS).read_bytes()


def serve_model(mirror: Mirror, home: Path, name: str, written: str) -> None:
    """Serve a tiny model under the addresses of a built-in name.

    Its configuration is in the cache, where PaddleNLP keeps those of built-in names too.
    """
    own = RENAMED.get(name, name)
    entry = built_in()[own]
    folder = home / "models" / own
    folder.mkdir(parents=True, exist_ok=True)
    config, weights = headless(written, folder)
    (folder / WEIGHTS).unlink()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    for role, url in entry["files"].items():
        data = weights if role == WEIGHTS else (WRITTEN / role).read_bytes()
        mirror.put(urlsplit(url).path, data)


def repository(name: str) -> dict[str, bytes]:
    """Return the files of a model as a repository of the hub has them."""
    files = [*(WRITTEN / name).iterdir(), *vocabulary_of(name)]
    return {file.name: file.read_bytes() for file in files}


class Harm:
    """What a pickle must never be able to do: it runs a command when it is read."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, (self.command,)


def harmful(command: str) -> bytes:
    """Return a file of weights that runs a command in whatever reads it as Paddle does."""
    return pickle.dumps({"bert.embeddings.word_embeddings.weight": Harm(command)}, protocol=4)


class DataStore:
    """PaddleNLP's server and its cache, with tiny data sets whose checksums the table knows."""

    def __init__(self, mirror: Mirror, home: Path) -> None:
        self.mirror = mirror
        self.home = home / "datasets"
        self.table = json.loads(paddle_table.TABLE.read_text(encoding="utf-8"))
        self.copy = home.parent / "table.json"
        self.save()

    def save(self) -> None:
        self.copy.write_text(json.dumps(self.table), encoding="utf-8")
        paddle_table._table.cache_clear()

    def entry(self, name: str) -> dict[str, Any]:
        key, _, config = name.partition(",")
        found: dict[str, Any] = self.table["data sets"][key][config]
        return found

    def know(self, name: str, files: Files) -> None:
        """Let the table say the checksums of these files, by the ends of their paths."""
        for split in self.entry(name)["splits"].values():
            for file in split["files"]:
                text = next((t for n, t in files.items() if file[0].endswith(n)), None)
                if text is not None:
                    file[1] = hashlib.md5(text.encode()).hexdigest()
        self.save()

    def pack(self, name: str, files: Files, junk: bool = False) -> str:
        """Serve an archive of these files; return its path on the server."""
        self.know(name, files)
        archive = self.entry(name)["archive"]
        if junk:
            files = {**files, "__MACOSX/._x": "junk"}
        data = zipped(files) if archive[2].endswith(".zip") else tarred(files)
        archive[1] = hashlib.md5(data).hexdigest()
        self.save()
        path = "/" + str(archive[2]).split("/", 3)[3]
        self.mirror.put(path, data)
        return path

    def serve(self, name: str, files: Files) -> None:
        """Serve files that have addresses of their own."""
        self.know(name, files)
        for split in self.entry(name)["splits"].values():
            for file in split["files"]:
                if file[0].rpartition("/")[2] in files:
                    self.mirror.put(
                        "/" + file[2].split("/", 3)[3],
                        files[file[0].rpartition("/")[2]].encode(),
                    )

    def fill(self, name: str, counts: dict[str, int]) -> None:
        """Serve a data set in the layout that the table says; `counts` are rows by split."""
        entry = self.entry(name)
        files = {}
        for split, own in entry["splits"].items():
            rows = next(count for start, count in counts.items() if split.startswith(start))
            path = own["files"][0][0]
            text = squad(rows) if entry["form"] == "squad" else cells(entry, own, rows)
            files["/".join(path.split("/")[-2:])] = text
        if "archive" in entry:
            self.pack(name, files)
        elif entry["form"] == "squad":
            self.serve(name, {path.rpartition("/")[2]: text for path, text in files.items()})
        else:  # MRPC's are made of others, once.
            self.cache(name, {f"Glue/{path}": text for path, text in files.items()})

    def cached(self) -> list[str]:
        return sorted(
            path.relative_to(self.home).as_posix()
            for path in self.home.rglob("*")
            if path.is_file()
        )

    def cache(self, name: str, files: Files) -> None:
        """Put files where PaddleNLP has them."""
        self.know(name, files)
        for path, text in files.items():
            (self.home / path).parent.mkdir(parents=True, exist_ok=True)
            (self.home / path).write_bytes(text.encode())


def fill_store(
    mirror: Mirror, home: Path, programs: list[dict[str, str]], counts: dict[str, int]
) -> DataStore:
    """Serve every model and data set that programs name as `P:`; what is not built in is not there.

    The table with the checksums of these data sets is `copy`.
    """
    for name in {row["model"][2:] for row in programs if row["model"].startswith("P:")}:
        entry = built_in().get(RENAMED.get(name, name))
        if entry is not None:
            serve_model(mirror, home, name, f"{entry['family']}_sequence")
    store = DataStore(mirror, home)
    for name in {row["data"][2:] for row in programs if row["data"].startswith("P:")}:
        store.fill(name, counts)
    return store


def zipped(files: Files) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def tarred(files: Files) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return data.getvalue()


def cells(entry: dict[str, Any], split: dict[str, Any], rows: int) -> str:
    """Return a file of cells between tabs, columns where the table says that they are."""
    layout = {**entry, **split}
    places = {name: at for name, at in layout["columns"].items() if at is not None}
    lines = ["header"] * layout.get("skip", 0)
    for n in range(rows):
        row = ["x"] * (max(places.values()) + 1)
        for name, at in places.items():
            classes = layout.get("classes", {}).get(name, [f"{n % 6}.0"])
            text = f"the movie {name} is {['bad', 'good'][n % 2]} !"
            row[at] = classes[n % len(classes)] if name in ("label", "labels") else text
        lines.append("\t".join(row))
    return "".join(f"{line}\n" for line in lines)


def squad(rows: int) -> str:
    """Return questions in SQuAD's form, each with its answer."""
    paragraphs = [
        {
            "context": f"the movie is {['bad', 'good'][n % 2]} , the rain is good .",
            "qas": [{"id": str(n), "question": "is the movie good ?", "is_impossible": False,
                     "answers": [{"text": ["bad", "good"][n % 2], "answer_start": 13}]}],
        }
        for n in range(rows)
    ]  # fmt: skip
    return json.dumps({"version": "1.1", "data": [{"title": "A", "paragraphs": paragraphs}]})
