"""P: data from PaddleNLP's own cache, by their names, as the table has them, in commands."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paddle_reading import COLA, SQUAD, failed, load

from gft.language.program import Options
from gft.suppliers.paddle.data import READERS
from gft.suppliers.paddle.supplier import Paddle
from gft.suppliers.paddle.table import entries, paddle_data_names
from gft.suppliers.protocol import Search
from hub.paddle import DataStore


class TestTheCache:
    def test_what_paddlenlp_left_needs_no_network(
        self, world: DataStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.cache("glue,cola", {f"Glue/{name}": text for name, text in COLA.items()})
        monkeypatch.setenv("GFT_PADDLE_MIRROR", "http://127.0.0.1:9")
        assert len(load("glue,cola").splits["train"]) == 2

    def test_a_file_that_is_another_is_fetched(
        self, world: DataStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.pack("glue,cola", COLA)
        train = world.home / "Glue" / "CoLA" / "train.tsv"
        train.parent.mkdir(parents=True)
        train.write_text("gj04\t1\t\tCut sh")
        with monkeypatch.context() as without:
            without.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
            assert failed("glue,cola") == (
                f"{train} has another md5 than PaddleNLP's, and HF_HUB_OFFLINE is set"
            )
        assert len(load("glue,cola").splits["train"]) == 2

    def test_an_archive_of_paddlenlp_is_used_and_stays(self, world: DataStore) -> None:
        path = world.pack("glue,cola", COLA)
        (world.home / "Glue").mkdir(parents=True)
        (world.home / "Glue" / "CoLA.zip").write_bytes(world.mirror.files[path])
        load("glue,cola")
        assert world.mirror.asked == []
        assert "Glue/CoLA.zip" in world.cached()

    @pytest.mark.parametrize("harm", ["escape", "broken", "other"])
    def test_a_bad_archive_leaves_nothing(self, world: DataStore, harm: str) -> None:
        files = {**COLA, "../../out.tsv": "x"} if harm == "escape" else COLA
        path = world.pack("glue,cola", files)
        if harm == "broken":
            data = world.mirror.files[path][:200]
            world.entry("glue,cola")["archive"][1] = hashlib.md5(data).hexdigest()
            world.save()
            world.mirror.put(path, data)
        elif harm == "other":
            world.know("glue,cola", {"CoLA/dev.tsv": "something else"})
        message = failed("glue,cola")
        told = {
            "escape": "CoLA.zip is refused, and nothing of it was unpacked: it holds '../../out",
            "broken": "CoLA.zip is not a complete archive: ",
            "other": "CoLA.zip: CoLA/dev.tsv has the md5 ",
        }
        assert told[harm] in message
        assert world.cached() == []
        assert not list(world.home.parent.rglob("*.tsv"))

    def test_a_mirror_with_other_files(
        self, world: DataStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        published = json.loads(json.dumps(world.entry("glue,cola")))
        path = world.pack("glue,cola", COLA)
        at_hand = json.loads(json.dumps(world.entry("glue,cola")))
        world.table["data sets"]["glue"]["cola"] = published
        world.save()
        assert "and should have b178a7c2f397b0433c39c7caf50a3543" in failed("glue,cola")
        pairs = [(published["archive"][1], at_hand["archive"][1])]
        for split, own in published["splits"].items():
            files = zip(own["files"], at_hand["splits"][split]["files"], strict=True)
            pairs += [(old[1], new[1]) for old, new in files]
        told = tmp_path / "md5.json"
        told.write_text(json.dumps(dict(pairs)))
        monkeypatch.setenv("GFT_PADDLE_MD5", str(told))
        assert len(load("glue,cola").splits["train"]) == 2
        shutil.rmtree(world.home)
        world.mirror.put(path, world.mirror.files[path] + b"more")
        assert "and should have" in failed("glue,cola")
        monkeypatch.setenv("GFT_PADDLE_MD5", "off")
        assert len(load("glue,cola").splits["train"]) == 2
        monkeypatch.setenv("GFT_PADDLE_MD5", str(tmp_path / "none.json"))
        assert "none.json cannot be read" in failed("glue,cola")

    def test_an_interrupted_download_goes_on(self, world: DataStore) -> None:
        path = world.pack("glue,cola", COLA)
        world.mirror.cuts = [300]
        assert "the part downloaded is kept" in failed("glue,cola")
        assert [name.split(".", 2)[2] for name in world.cached()] == ["partial", "partial.etag"]
        assert len(load("glue,cola").splits["train"]) == 2
        assert world.mirror.asked[-1] == (path, "bytes=300-")
        assert all(name.endswith(".tsv") for name in world.cached())

    def test_splits_that_cannot_be_had_are_left_out(
        self, world: DataStore, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        text = "El DA O\n\n"
        world.cache("conll2002,es", {"Conll2002/esp.train": text, "Conll2002/esp.testa": text})
        monkeypatch.setenv("GFT_PADDLE_MIRROR", "http://127.0.0.1:9")
        assert list(load("conll2002,es").splits) == ["train", "dev"]
        told = capsys.readouterr().err
        assert "P:conll2002,es is read without test: not in the cache, and http://127" in told
        message = failed("conll2002,es", split="test")
        assert message.startswith(
            f"no test of P:conll2002,es in {world.home}, which has conll2002,es, "
            "and http://127.0.0.1:9 cannot be reached ("
        )

    def test_nothing_at_all(self, world: DataStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        assert failed("lcqmc") == (
            f"no P:lcqmc in {world.home}, which has nothing of PaddleNLP's, "
            "and HF_HUB_OFFLINE is set"
        )
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        assert "there is no file at " in failed("lcqmc")


class TestNames:
    @pytest.mark.parametrize(
        ("name", "told"),
        [("gleu,cola", "PaddleNLP has no data set 'gleu,cola' (did you mean P:glue,cola?)"),
         ("sst2", "(did you mean P:glue,sst-2?)"),
         ("nothing", "PaddleNLP has no data set 'nothing'; it has advertisegen, bellegroup, "),
         ("glue", "write P:glue,NAME with NAME one of cola, sst-2, sts-b, qqp, mnli"),
         ("glue,qpq", "no configuration 'qpq' in P:glue (did you mean 'qqp'?)"),
         ("squad,v1", "P:squad has no configurations; write P:squad"),
         ("squad@main", "PaddleNLP's data sets have no revisions; write P:squad"),
         ("cblue,cmeee", "P:cblue,CMeEE is not read: a character has two tags there"),
         ("c3", "P:c3 is not read: a question with several answers")],
    )  # fmt: skip
    def test_mistakes(self, world: DataStore, name: str, told: str) -> None:
        assert told in failed(name)
        assert world.mirror.asked == []

    def test_parts_of_names(self) -> None:
        def found(part: str) -> list[str]:
            search = Search("dataset", part, (), 1000, only_names=True)
            return [one.name for one in Paddle().search(search, Options({}))[0]]

        assert found("QQP") == ["glue,qqp"]
        assert {"lcqmc", "lcqmc_v2"} <= set(found("lcqmc"))
        assert found("no such") == []

    def test_a_path_is_files_of_ones_own(self, tmp_path: Path) -> None:
        (tmp_path / "x.csv").write_text("a,b\n1,2\n")
        data = load(str(tmp_path / "x.csv"))
        assert (data.origin["supplier"], len(data.splits["train"])) == ("P", 1)


class TestTheTable:
    def test_every_entry_can_be_read(self) -> None:
        for entry in entries():
            assert entry.form in READERS
            for split in entry.splits.values():
                sources = [split.archive] if split.archive else split.made_from or split.files
                for file in (*split.files, *split.made_from, *sources):
                    assert file is not None
                    assert file.md5 is None or re.fullmatch(r"[0-9a-f]{32}", file.md5)
                    assert not file.path.startswith("/")
                    assert ".." not in file.path.split("/")
                assert all(str(one.url).startswith("https://") for one in sources if one)

    def test_the_names_that_programs_use(self) -> None:
        wanted = {"squad", "chnsenticorp", "lcqmc", "bq_corpus", "paws-x", "msra_ner",
                  "conll2002,es", "conll2002,nl"}  # fmt: skip
        tasks = ("cola", "sst-2", "sts-b", "qqp", "mnli", "qnli", "rte", "wnli", "mrpc")
        assert wanted | {f"glue,{task}" for task in tasks} <= set(paddle_data_names())


class TestCommands:
    def test_summary_and_cat_data(self, world: DataStore, gft: Callable[..., Any]) -> None:
        world.pack("glue,cola", COLA)
        shown = gft("summary", "--data", "P:glue,cola").out
        assert "train 2, dev 1, test 2" in shown
        ran = gft("cat_data", "--data", "PaddleHub:glue,cola", "--split", "val",
                  "--eqn", "classify: labels ~ sentence")  # fmt: skip
        assert (ran.status, ran.out, ran.err) == (0, "It\u2028rains.\t1\n", "")
        ran = gft("cat_data", "--data", "P:gleu,cola")
        assert ran.status == 2
        assert "(did you mean P:glue,cola?)" in ran.errors[0]

    def test_fit_and_eval(
        self, world: DataStore, gft: Callable[..., Any], tiny: Path, tmp_path: Path
    ) -> None:
        lines = "".join(f"x\t{n % 2}\t\triver mark{n % 2} stone\n" for n in range(16))
        world.pack("glue,cola", {**COLA, "CoLA/train.tsv": lines, "CoLA/dev.tsv": lines})
        fitted = gft("fit", "--model", f"C:{tiny}", "--data", "P:glue,cola", "--eqn",
                     "classify: labels ~ sentence", "--num_train_epochs", 1,
                     "--output_dir", tmp_path / "out")  # fmt: skip
        assert fitted.status == 0, fitted.err
        record = json.loads((tmp_path / "out" / "gft.json").read_text())
        assert record["data"]["splits"] == {"train": "train", "val": "dev", "test": "test"}
        assert "Glue/CoLA/dev.tsv" in record["data"]["files"]["dev"]
        scored = gft("eval", "--model", f"C:{tmp_path / 'out'}", "--split", "val")
        assert scored.status == 0, scored.err
        assert "accuracy" in scored.out

    def test_eval_reads_the_version_that_was_fitted(
        self, world: DataStore, gft: Callable[..., Any], tiny: Path, tmp_path: Path
    ) -> None:
        text = json.dumps({"data": [SQUAD] * 4})
        world.serve("squad", {"train-v2.0.json": text, "dev-v2.0.json": text})
        fitted = gft("fit", "--model", f"C:{tiny}", "--data", "P:squad", "--eqn",
                     "classify: is_impossible ~ question", "--splits", "train_v2,dev_v2",
                     "--num_train_epochs", 1, "--output_dir", tmp_path / "out")  # fmt: skip
        assert fitted.status == 0, fitted.err
        scored = gft("eval", "--model", f"C:{tmp_path / 'out'}", "--split", "train")
        assert scored.status == 0, scored.err
        assert "the model was trained on train_v2" in scored.err
        assert len(world.mirror.asked) == 2
