from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.mirror import Mirror
from hub.paddle import DataStore
from hub.server import Hub, Repo

WORKER = Path(__file__).with_name("client_process.py")
KINDS = ["bert", "roberta", "distilbert", "bart", "electra", "deberta", "albert", "xlm-roberta",
         "gpt2"]  # fmt: skip

SCRIPT = '''
_HOMEPAGE = "https://example.org/home"
class Manual(datasets.GeneratorBasedBuilder):
    @property
    def manual_download_instructions(self):
        return """Please download from https://example.org/get.zip, and unpack."""
raise SystemExit("this must never run")
'''


@dataclass
class Answer:
    result: Any
    error: str | None
    kind: str | None
    status: int | None
    stderr: str


class Client:
    """A process that uses the real clients, with its own environment."""

    def __init__(self, endpoint: str, home: Path, **env: str) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_"))}
        import gft

        clean["PYTHONPATH"] = str(Path(next(iter(gft.__path__))).parent)
        clean |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), **env}
        self.home = home
        self.said: list[str] = []
        """What was said on the standard error, one text for each thing asked."""
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER)],
            env=clean,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, function: str, **given: Any) -> Answer:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([function, given]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the client's process ended"
        found = json.loads(line)
        answer = Answer(*(found.get(f) for f in ("result", "error", "kind", "status", "stderr")))
        self.said.append(answer.stderr or "")
        return answer

    def get(self, function: str, **given: Any) -> Any:
        """Return a result; nothing may have been said on the way."""
        answer = self.ask(function, **given)
        assert answer.error is None, answer.error
        assert answer.stderr == ""
        return answer.result

    def fail(self, function: str, **given: Any) -> Answer:
        """Return an error of ours, in one line, with no other noise."""
        answer = self.ask(function, **given)
        assert answer.error is not None, answer.result
        assert answer.kind in ("UserError", "GftError", "NoRevision", "NoTokenizer"), answer.error
        assert "\n" not in answer.error
        assert answer.stderr == ""
        return answer

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A server in the place of PaddleNLP's, whose files a test puts there."""
    made = Mirror()
    monkeypatch.setenv("GFT_PADDLE_MIRROR", made.url)
    yield made
    made.close()


@pytest.fixture
def world(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataStore]:
    """PaddleNLP's store of data sets, and its cache."""
    from gft.suppliers.paddle import downloads
    from gft.suppliers.paddle import table as paddle_table

    monkeypatch.setenv("PPNLP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(downloads, "WAITS", ())
    made = DataStore(mirror, tmp_path / "home")
    monkeypatch.setattr(paddle_table, "TABLE", made.copy)
    yield made
    paddle_table._table.cache_clear()


@pytest.fixture(scope="session")
def small_hub() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.close()


@pytest.fixture(scope="session")
def hf_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hf_home")


@pytest.fixture(scope="session")
def client(
    small_hub: Hub, hf_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    process = Client(small_hub.url, hf_home)
    _fill(small_hub, process, tmp_path_factory.mktemp("made"))
    yield process
    process.close()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory, client: Client) -> Path:
    return Path(client.made)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def offline(client: Client, small_hub: Hub, hf_home: Path) -> Iterator[Client]:
    process = Client(small_hub.url, hf_home, HF_HUB_OFFLINE="1")
    yield process
    process.close()


@pytest.fixture(scope="session")
def cut_off(client: Client, hf_home: Path) -> Iterator[Client]:
    """A client whose hub nobody answers for."""
    process = Client("http://127.0.0.1:9", hf_home)
    yield process
    process.close()


def _fill(hub: Hub, client: Client, made: Path) -> None:
    client.bare = client.get("modules")  # type: ignore[attr-defined]
    client.made = made  # type: ignore[attr-defined]
    answer = client.ask("make_models", folder=str(made), kinds=KINDS)
    assert answer.error is None, answer.error
    bert = {path.name: path.read_bytes() for path in (made / "bert").iterdir()}
    models = hub.repos["models"]
    models["tiny/bert-tiny"] = Repo({"main": {**bert, "tf_model.h5": b"h5"}})
    models["tiny/terms"] = Repo({"main": bert}, gated=True)
    models["tiny/flax-only"] = Repo(
        {"main": {n: d for n, d in bert.items() if "safetensors" not in n} | {"f.msgpack": b""}}
    )
    models["tiny/adapter"] = Repo({"main": {"adapter_config.json": b"{}"}})
    own = {
        **json.loads(bert["config.json"]),
        "model_type": "own",
        "auto_map": {"AutoConfig": "a.B"},
    }
    models["tiny/own-code"] = Repo({"main": {**bert, "config.json": json.dumps(own).encode()}})
    hub.aliases["models"]["bert-tiny"] = "tiny/bert-tiny"

    names = ["negative", "positive"]
    parts = {}
    for config, split, rows in (("red", "train", 6), ("red", "test", 4), ("blue", "train", 3)):
        file = made / "data" / config / f"{split}.parquet"
        client.ask("make_parquet", path=str(file), rows=rows, classes=names)
        parts[f"{config}/{split}-00000-of-00001.parquet"] = file.read_bytes()
    configs = [
        {
            "config_name": config,
            "data_files": [
                {"split": name.split("/")[1].split("-")[0], "path": name}
                for name in parts
                if name.startswith(config)
            ],
        }
        for config in ("red", "blue")
    ]
    card = {"configs": configs}
    readme = f"---\n{json.dumps(card)}\n---\n# Colours\n".encode()
    data = hub.repos["datasets"]
    data["small/colours"] = Repo({"main": {"README.md": readme, **parts}}, card)
    other = {"README.md": readme, **parts, "red/test-00000-of-00001.parquet": parts[
        "red/train-00000-of-00001.parquet"]}  # fmt: skip
    data["small/colours"].revisions["v2"] = other
    hub.aliases["datasets"]["colours"] = "small/colours"
    data["small/plain"] = Repo({"main": {"train.csv": b"text,label\na,1\nb,0\n"}})
    red, test = (parts[f"red/{split}-00000-of-00001.parquet"] for split in ("train", "test"))
    data["small/scripted"] = Repo(
        {
            "main": {"README.md": b"# old\n", "scripted.py": SCRIPT.encode()},
            "refs/convert/parquet": {
                "one/train/0000.parquet": red,
                "one/train/0001.parquet": red,
                "one/partial-test/0000.parquet": test,
                "two/train/0000.parquet": red,
            },
        }
    )
    hub.aliases["datasets"]["scripted"] = "small/scripted"
    data["small/manual"] = Repo({"main": {"manual.py": SCRIPT.encode()}})
    data["small/empty"] = Repo({"main": {"README.md": b"# nothing\n"}})
