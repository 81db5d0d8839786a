"""Where the name of a P: model leads: the cache, the built-in table, the community, the hub."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gft.errors import GftError, UserError
from gft.language.program import Options
from gft.request import ModelRequest
from gft.suppliers.installed import parse, supplier_of
from gft.suppliers.paddle import downloads
from gft.suppliers.paddle import table as paddle_table
from gft.suppliers.paddle.config import FAMILIES
from gft.suppliers.paddle.names import RENAMED, built_in
from gft.suppliers.protocol import Loaded
from hub.mirror import Mirror
from hub.paddle import WEIGHTS, copied, repository, serve_model
from hub.server import Hub, Repo

HEAD = "sequence-classification"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PPNLP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PPNLP_ENDPOINT", raising=False)
    monkeypatch.setattr(downloads, "WAITS", ())
    return tmp_path / "home"


def source(name: str, **given: Any) -> Any:
    spec = parse(name)
    return supplier_of(spec).model(spec, Options(given))


def load(name: str, **given: Any) -> Loaded:
    loaded: Loaded = source(name, **given).load(ModelRequest(HEAD))
    return loaded


def failed(name: str, kind: type[GftError] = UserError, **given: Any) -> str:
    with pytest.raises(GftError) as caught:
        load(name, **given)
    assert type(caught.value) is kind
    [message] = caught.value.messages
    assert "\n" not in message
    return str(message)


class TestBuiltIn:
    def test_files_come_from_the_store_once(self, mirror: Mirror, home: Path) -> None:
        serve_model(mirror, home, "ernie-1.0", "ernie_sequence")
        found = source("P:ernie-1.0")
        assert found.config["model_type"] == "ernie"
        assert found.weight_bytes() is None
        assert mirror.asked == []
        loaded = found.load(ModelRequest(HEAD, outputs=5))
        assert loaded.new_weights == ("classifier.bias", "classifier.weight")
        assert loaded.processor("the movie")["input_ids"] == [2, 9, 10, 3]
        paths = {urlsplit(url).path for url in built_in()["ernie-1.0"]["files"].values()}
        assert {path for path, _ in mirror.asked} == paths
        mirror.files.clear()
        load("P:ernie-1.0")
        assert len(mirror.asked) == 2
        assert (home / "models" / "ernie-1.0" / WEIGHTS).is_file()

    @pytest.mark.parametrize("name", RENAMED)
    def test_older_names(self, name: str, mirror: Mirror, home: Path) -> None:
        family = built_in()[RENAMED[name]]["family"]
        serve_model(mirror, home, name, f"{family}_sequence")
        new = load(f"P:{name}").new_weights
        assert new
        assert all(one.startswith("classifier.") for one in new)
        assert (home / "models" / RENAMED[name] / WEIGHTS).is_file()

    def test_what_is_cached_under_an_older_name(self, mirror: Mirror, home: Path) -> None:
        copied("ernie_sequence", home / "models" / "ernie-2.0-en")
        for name in ("P:ernie-2.0-en", "P:ernie-2.0-base-en"):
            if name.endswith("base-en"):
                shutil.move(home / "models" / "ernie-2.0-en", home / "models" / "ernie-2.0-base-en")
            assert load(name).new_weights == ()
        assert mirror.asked == []

    def test_the_cache_that_is_named(self, mirror: Mirror, home: Path, tmp_path: Path) -> None:
        other = tmp_path / "other"
        serve_model(mirror, other, "bert-base-cased", "bert_sequence")
        load("P:bert-base-cased", cache_dir=str(other))
        assert (other / "models" / "bert-base-cased" / WEIGHTS).is_file()
        assert not home.exists()

    def test_nobody_answers(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GFT_PADDLE_MIRROR", "http://127.0.0.1:9")
        message = failed("P:ernie-1.0", downloads.Unreachable)
        assert message.startswith("P:ernie-1.0: no vocab.txt in ")
        assert "http://127.0.0.1:9 cannot be reached" in message
        monkeypatch.setenv("GFT_PADDLE_MIRROR", "mirror")
        assert "expected an address such as http://" in failed("P:ernie-1.0")

    def test_an_interrupted_download(self, mirror: Mirror, home: Path) -> None:
        serve_model(mirror, home, "ernie-1.0", "ernie_sequence")
        source("P:ernie-1.0").processor()
        mirror.cuts = [1000]
        message = failed("P:ernie-1.0", downloads.Unreachable)
        assert "P:ernie-1.0: no model_state.pdparams" in message
        assert not (home / "models" / "ernie-1.0" / WEIGHTS).exists()
        assert load("P:ernie-1.0").model
        assert mirror.asked[-1][1] == "bytes=1000-"

    def test_a_page_instead_of_weights(self, mirror: Mirror, home: Path) -> None:
        serve_model(mirror, home, "ernie-1.0", "ernie_sequence")
        path = urlsplit(built_in()["ernie-1.0"]["files"][WEIGHTS]).path
        mirror.put(path, b"<html>Welcome to this network</html>")
        assert "is not a file of weights, or is damaged" in failed("P:ernie-1.0")

    def test_every_entry(self) -> None:
        for name, entry in built_in().items():
            assert entry["family"] in FAMILIES, name
            assert WEIGHTS in entry["files"]
            assert {"vocab.txt"} & set(entry["files"]) or "merges.txt" in entry["files"]
            assert all(urlsplit(url).path.count("/") > 2 for url in entry["files"].values())


def test_the_page_of_the_supplier_names_everything() -> None:
    page = (Path(__file__).parents[3] / "docs" / "paddle.md").read_text(encoding="utf-8")
    table = json.loads(paddle_table.TABLE.read_text(encoding="utf-8"))
    for name in (*table["data sets"], *table["refused"], *FAMILIES, *RENAMED):
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", page), name
    for configs in table["data sets"].values():
        if 1 < len(configs) < 12 and "train_1M_CN" not in configs:
            assert all(config in page for config in configs)
    assert f"{len(built_in())} built-in names" in page
    assert f"and {len(paddle_table.paddle_data_names()) - 1} other names" in page


class TestCommunity:
    def serve(self, mirror: Mirror, name: str, top: str, older: bool = False) -> None:
        for file, data in repository("skep_sequence").items():
            stored = "model_config.json" if older and file == "config.json" else file
            mirror.put(f"{top}/models/community/{name}/{stored}", data)

    def test_the_endpoint(
        self, mirror: Mirror, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PPNLP_ENDPOINT", f"{mirror.url}/store/")
        self.serve(mirror, "me/tiny-skep", "/store", older=True)
        assert load("P:me/tiny-skep").new_weights == ()
        asked = len(mirror.asked)
        monkeypatch.setenv("PPNLP_ENDPOINT", "http://127.0.0.1:9")
        assert load("P:me/tiny-skep").new_weights == ()
        assert len(mirror.asked) == asked

    def test_without_one_the_store_itself(self, mirror: Mirror, home: Path) -> None:
        self.serve(mirror, "me/tiny-skep", "/paddlenlp")
        assert load("P:me/tiny-skep").new_weights == ()

    def test_no_weights(self, mirror: Mirror, home: Path) -> None:
        self.serve(mirror, "me/tiny-skep", "/paddlenlp")
        del mirror.files[f"/paddlenlp/models/community/me/tiny-skep/{WEIGHTS}"]
        assert "P:me/tiny-skep has no model_state.pdparams at http" in failed("P:me/tiny-skep")

    def test_none_of_the_name(self, mirror: Mirror, home: Path) -> None:
        message = failed("P:ernie-1.O")
        assert message.startswith("no model P:ernie-1.O (did you mean P:ernie-1.0?)")
        assert f"none is at {mirror.url}/paddlenlp/models/community" in message
        assert not home.exists()
        assert "(did you mean P:hfl/rbt6?)" in failed("P:rbt6")

    def test_nobody_answers(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PPNLP_ENDPOINT", "http://127.0.0.1:9")
        message = failed("P:ernie-1.O", GftError)
        assert "did you mean P:ernie-1.0?" in message
        assert "cannot be reached" in message


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ernie-gen-base-en", "generates text with a decoding of its own"),
        ("ernie-gen-large-en-430g", "generates text with a decoding of its own"),
        ("ernie-doc-base-zh", "needs memories of the text before"),
        ("ernie-m-base", "transformers has no class for any more"),
        ("plato-mini", "generates text"),
        ("chinese-electra-base-discriminator", "leave the last word of the name away"),
        ("roformer-chinese-base", "take it from the hub, H:roformer-chinese-base"),
        ("up/../down", "cannot be the name of a model"),
        ("ernie-1.0@main", "have no revisions; write P:ernie-1.0"),
        ("", "names no key"),
    ],
)
def test_what_cannot_be_had(name: str, told: str, mirror: Mirror, home: Path) -> None:
    message = failed(f"P:{name}")
    assert told in message
    assert not home.exists()


class TestHub:
    def test_paddles_files_in_a_repository(self, hub: Hub) -> None:
        hub.repos["models"]["PaddlePaddle/tiny-ernie"] = Repo({"main": repository("ernie_tokens")})
        found = source("H:PaddlePaddle/tiny-ernie")
        assert found.origin["repository"] == "PaddlePaddle/tiny-ernie"
        assert found.load(ModelRequest("token-classification")).new_weights == ()
        assert found.weight_bytes() > 5000

    def test_a_repository_that_transformers_reads_too(self, hub: Hub) -> None:
        [name] = [one for one in hub.repos["models"] if one.endswith("bert-base-cased")]
        files = {**hub.repos["models"][name].files("main"), WEIGHTS: b"not looked at"}
        hub.repos["models"]["PaddlePaddle/both"] = Repo({"main": files})
        assert type(source("H:PaddlePaddle/both")).__name__ == "TransformersSource"

    def test_a_folder(self, tmp_path: Path) -> None:
        folder = copied("bert_sequence", tmp_path / "bert")
        for letter in "PHC":
            assert load(f"{letter}:{folder}").new_weights == ()
        config = json.loads((folder / "config.json").read_text())
        assert config["paddlenlp_version"]
