"""P: data sets, as the shipped table describes them, from a server or from PaddleNLP's own cache.

The files are tiny and in the real layouts; a copy of the table gets their checksums.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gft.data.roles import assign_roles
from gft.data.table import DataSet
from gft.errors import GftError, UserError
from gft.functions.evaluate import _data_of
from gft.language.program import Options
from gft.language.spec import Spec, parse_spec
from gft.registry import suppliers
from gft.suppliers import downloads, paddle_table
from gft.suppliers.paddle_data import READERS, paddle_data, paddle_data_names
from gft.suppliers.paddle_table import entries
from hub.mirror import Mirror
from hub.paddle import DataStore

SQUAD = {
    "title": "Rain",
    "paragraphs": [
        {
            "context": "  Rain falls in spring .",
            "qas": [
                {"id": "a", "question": " What falls?",
                 "answers": [{"text": "Rain", "answer_start": 2},
                             {"text": " falls", "answer_start": 6}]},
                {"id": "b", "question": "Why?", "answers": [], "is_impossible": True},
            ],
        }
    ],
}  # fmt: skip
COLA = {
    "CoLA/train.tsv": 'gj04\t1\t\tThe "rain fell.\r\ngj04\t0\t*\tFell the rain.\r\n',
    "CoLA/dev.tsv": "gj04\t1\t\tIt\u2028rains. \n",
    "CoLA/test.tsv": "index\tsentence\n0\tSnow falls.\n1\tIt.\n",
    "CoLA/original/raw/dev.tsv": "other",
}


@pytest.fixture
def world(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataStore]:
    monkeypatch.setenv("PPNLP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(downloads, "WAITS", ())
    made = DataStore(mirror, tmp_path / "home")
    monkeypatch.setattr(paddle_table, "TABLE", made.copy)
    yield made
    paddle_table._table.cache_clear()


def load(name: str, **given: Any) -> DataSet:
    return paddle_data(parse_spec(f"P:{name}", {"p": "P"}), Options(given))


def rows(data: DataSet, split: str) -> list[dict[str, Any]]:
    """Return rows as a user sees them: classes by name."""
    found = data.splits[split]
    names = list(found.columns)

    def shown(name: str, value: Any) -> Any:
        classes = found.columns[name].classes
        if classes is None or value is None:
            return value
        return [classes[one] for one in value] if isinstance(value, list) else classes[value]

    return [
        {name: shown(name, value) for name, value in zip(names, values, strict=True)}
        for part in found.batches(names, 100)
        for values in zip(*part.values(), strict=True)
    ]


def failed(name: str, **given: Any) -> str:
    with pytest.raises(GftError) as caught:
        load(name, **given)
    [message] = caught.value.messages
    assert "\n" not in message
    return str(message)


class TestFromTheServer:
    def test_glue_from_a_zip(self, world: DataStore) -> None:
        path = world.pack("glue,cola", COLA)
        data = load("glue,cola")
        assert data.name == "glue,cola"
        assert rows(data, "train") == [
            {"sentence": 'The "rain fell.', "labels": "1"},
            {"sentence": "Fell the rain.", "labels": "0"},
        ]
        assert rows(data, "dev") == [{"sentence": "It\u2028rains.", "labels": "1"}]
        assert rows(data, "test") == [{"sentence": "Snow falls."}, {"sentence": "It."}]
        assert (data.columns["labels"].kind, data.columns["labels"].classes) == (
            "class", ("0", "1"))  # fmt: skip
        roles = assign_roles(data, None)
        assert (roles.train, roles.val, roles.test) == ("train", "dev", "test")
        # Nothing but the splits stays, where PaddleNLP looks for them, and is used again.
        assert world.cached() == [f"Glue/CoLA/{one}.tsv" for one in ("dev", "test", "train")]
        assert load("GLUE,CoLA").fingerprint() == data.fingerprint()
        assert [asked for asked, _ in world.mirror.asked] == [path]

    def test_what_gft_json_says(self, world: DataStore) -> None:
        world.pack("glue,cola", COLA)
        origin = load("glue,cola").origin
        assert (origin["supplier"], origin["dataset"], origin["config"]) == ("P", "glue", "cola")
        assert origin["files"]["train"] == {
            "Glue/CoLA/train.tsv": hashlib.md5(COLA["CoLA/train.tsv"].encode()).hexdigest()
        }
        if "P" in suppliers():
            record = {"data": json.loads(json.dumps(origin)), "program": {"data": "P:glue,cola"}}
            assert _data_of(record) == Spec("P", "glue", "cola")

    def test_mnli_has_two_of_each(self, world: DataStore) -> None:
        row = "\t".join(str(n) for n in range(11))
        files = {"MNLI/train.tsv": f"h\n{row}\tneutral\n"}
        for name in ("matched", "mismatched"):
            files[f"MNLI/dev_{name}.tsv"] = f"h\n{row}\t11\t12\t13\t14\tcontradiction\n"
            files[f"MNLI/test_{name}.tsv"] = f"h\n{row}\n"
        world.pack("glue,mnli", files)
        data = load("glue,mnli")
        assert rows(data, "train") == [{"sentence1": "8", "sentence2": "9", "labels": "neutral"}]
        assert data.columns["labels"].classes == ("contradiction", "entailment", "neutral")
        assert rows(data, "dev_mismatched")[0]["labels"] == "contradiction"
        assert "labels" not in data.splits["test_matched"].columns
        assert assign_roles(data, None).val == "dev_matched"
        assert len(assign_roles(data, ["train", "dev_mismatched"]).notes) == 0

    def test_stsb_keeps_its_numbers_as_text(self, world: DataStore) -> None:
        row = "\t".join(str(n) for n in range(9))
        files = {f"STS-B/{one}.tsv": f"h\n{row}\t5.000\n" for one in ("train", "dev")}
        world.pack("glue,sts-b", {**files, "STS-B/test.tsv": f"h\n{row}\n"})
        data = load("glue,stsb")
        assert rows(data, "dev") == [{"sentence1": "7", "sentence2": "8", "labels": "5.000"}]
        assert data.columns["labels"].kind == "text"

    def test_mrpc_is_made_of_the_corpus(self, world: DataStore) -> None:
        head = "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n"
        corpus = f'{head}1\t10\t20\tRain "fell\tIt rained\r\n0\t30\t40\tA\tB\r\n'
        sources = {"msr_paraphrase_train.txt": corpus, "dev_ids.tsv": "30\t40\n",
                   "msr_paraphrase_test.txt": corpus}  # fmt: skip
        entry = world.entry("glue,mrpc")
        for files in entry["made_from"].values():
            for file in files:
                data = sources[file[0].rpartition("/")[2]].encode()
                file[1] = hashlib.md5(data).hexdigest()
                world.mirror.put("/" + file[2].split("/", 3)[3], data)
        head = head.replace("\r", "")
        made = {
            "MRPC/train.tsv": f'{head}1\t10\t20\tRain "fell\tIt rained\n',
            "MRPC/dev.tsv": f"{head}0\t30\t40\tA\tB\n",
            "MRPC/test.tsv": "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n"
            '0\t10\t20\tRain "fell\tIt rained\n1\t30\t40\tA\tB\n',
        }
        world.know("glue,mrpc", made)
        data = load("glue,mrpc")
        first = {"sentence1": 'Rain "fell', "sentence2": "It rained"}
        assert rows(data, "train") == [{**first, "labels": "1"}]
        assert rows(data, "dev") == [{"sentence1": "A", "sentence2": "B", "labels": "0"}]
        assert rows(data, "test")[0] == first
        for name, text in made.items():
            assert (world.home / "Glue" / name).read_bytes() == text.encode()

    def test_an_archive_of_several_folders_is_one_deeper(self, world: DataStore) -> None:
        files = {"ChnSentiCorp/train.tsv": "label\ttext_a\n1\t好\n0\t坏\n",
                 "ChnSentiCorp/dev.tsv": "qid\tlabel\ttext_a\n7\t0\t差\n",
                 "ChnSentiCorp/test.tsv": "qid\ttext_a\n8\t早\n"}  # fmt: skip
        world.pack("chnsenticorp", files, junk=True)
        data = load("chnsenticorp")
        assert rows(data, "train")[0] == {"text": "好", "label": "1", "qid": ""}
        assert rows(data, "dev") == [{"text": "差", "label": "0", "qid": "7"}]
        assert rows(data, "test") == [{"text": "早", "label": None, "qid": "8"}]
        assert world.cached()[0] == "ChnSentiCorp/ChnSentiCorp/ChnSentiCorp/dev.tsv"

    @pytest.mark.parametrize(
        ("name", "folder", "columns"),
        [("lcqmc", "lcqmc", ["query", "title", "label"]),
         ("bq_corpus", "bq_corpus", ["sentence1", "sentence2", "label"]),
         ("paws_x", "paws-x-zh", ["sentence1", "sentence2", "label"])],
    )  # fmt: skip
    def test_pairs(
        self, world: DataStore, capsys: Any, name: str, folder: str, columns: Any
    ) -> None:
        files = {f"{folder}/{one}.tsv": "甲\t乙\t1\n丙\t丁\t0\n" for one in ("train", "dev")}
        files[f"{folder}/test.tsv"] = '"甲\t乙\nstray\n'
        world.pack(name.replace("_x", "-x"), files)
        data = load(name)
        assert list(data.columns) == columns
        assert [list(row.values()) for row in rows(data, "dev")] == [
            ["甲", "乙", "1"], ["丙", "丁", "0"]]  # fmt: skip
        assert [list(row.values()) for row in rows(data, "test")] == [['"甲', "乙", None]]
        assert "test.tsv: lines that are no whole row are left out: 1" in capsys.readouterr().err

    def test_msra_ner_from_a_tar(self, world: DataStore) -> None:
        files = {f"msra_ner/{one}.tsv": "我\x02在\x02京\tO\x02O\x02B-LOC\n" * 2
                 for one in ("train", "test")}  # fmt: skip
        world.pack("msra_ner", files)
        data = load("msra_ner")
        row = {"tokens": ["我", "在", "京"], "labels": ["O", "O", "B-LOC"]}
        assert rows(data, "train") == [row, row]
        assert data.columns["labels"].kind == "list"
        assert assign_roles(data, None).val == "__select_from_train__"

    def test_conll2002(self, world: DataStore) -> None:
        text = "El DA O\nAbogado NC B-PER\n\n\nMelbourne NP B-LOC\n\n"
        world.serve("conll2002,es", {"esp.train": text, "esp.testa": text, "esp.testb": text})
        data = load("conll2002,es")
        assert rows(data, "dev") == [
            {"tokens": ["El", "Abogado"], "ner_tags": ["O", "B-PER"], "pos_tags": ["DA", "NC"]},
            {"tokens": ["Melbourne"], "ner_tags": ["B-LOC"], "pos_tags": ["NP"]},
        ]
        assert world.cached() == ["Conll2002/esp.testa", "Conll2002/esp.testb",
                                  "Conll2002/esp.train"]  # fmt: skip

    def test_imdb_is_folders_of_files(self, world: DataStore) -> None:
        files = {f"aclImdb/{split}/{label}/{n}_7.txt": f"{label} {n}\n" for n in range(2)
                 for split in ("train", "test") for label in ("pos", "neg")}  # fmt: skip
        world.pack("imdb", {**files, "aclImdb/train/unsup/0_0.txt": "x", "aclImdb/README": "y"})
        data = load("imdb")
        assert [tuple(row.values()) for row in rows(data, "test")] == [
            ("pos 0\n", "1"), ("pos 1\n", "1"), ("neg 0\n", "0"), ("neg 1\n", "0")]  # fmt: skip
        assert sorted(world.cached()) == sorted(f"Imdb/{name}" for name in files)

    def test_labels_besides_the_tables(self, world: DataStore, capsys: Any) -> None:
        world.pack("glue,cola", {**COLA, "CoLA/dev.tsv": "a\tmaybe\t\tIt rains.\n"})
        data = load("glue,cola")
        assert data.columns["labels"].kind == "text"
        assert rows(data, "dev")[0]["labels"] == "maybe"
        told = capsys.readouterr().err
        assert "labels stays text, for it has maybe besides PaddleNLP's labels 0 and 1" in told


class TestSquad:
    def test_a_version_is_enough(self, world: DataStore) -> None:
        text = json.dumps({"data": [SQUAD]})
        world.serve("squad", {"train-v1.1.json": text, "dev-v1.1.json": text})
        data = load("squad", splits="train_v1,dev_v1,dev_v1")
        assert list(data.splits) == ["train_v1", "dev_v1"]
        roles = assign_roles(data, ["train_v1", "dev_v1", "dev_v1"])
        assert roles.names() == {"train": "train_v1", "val": "dev_v1", "test": "dev_v1"}
        assert roles.optimistic
        assert load("squad", split="dev_v1").fingerprint() == data.fingerprint()
        with pytest.raises(UserError, match="--splits TRAIN,VAL,TEST"):
            assign_roles(data, None)

    def test_answers_begin_where_they_say(self, world: DataStore) -> None:
        text = json.dumps({"data": [SQUAD]})
        world.serve("squad", {"train-v2.0.json": text, "dev-v2.0.json": text})
        first, second = rows(load("squad", split="dev_v2"), "dev_v2")
        assert first == {
            "id": "a", "title": "Rain", "context": "Rain falls in spring .",
            "question": "What falls?", "answers": ["Rain", "falls"], "answer_starts": [0, 5],
            "is_impossible": False}  # fmt: skip
        assert (second["answers"], second["answer_starts"]) == ([], [])
        assert second["is_impossible"] is True

    def test_another_form_is_an_error(self, world: DataStore) -> None:
        world.serve("squad", {"train-v1.1.json": "[]", "dev-v1.1.json": "[]"})
        assert "train-v1.1.json is not in SQuAD's form: " in failed("squad", split="dev_v1")


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
            "broken": "CoLA.zip is no whole archive: ",
            "other": "CoLA.zip: CoLA/dev.tsv has the md5 ",
        }
        assert told[harm] in message
        assert world.cached() == []
        assert not list(world.home.parent.rglob("*.tsv"))

    def test_an_interrupted_download_goes_on(self, world: DataStore) -> None:
        path = world.pack("glue,cola", COLA)
        world.mirror.cuts = [300]
        assert "what came is kept" in failed("glue,cola")
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
         ("c3", "P:c3 is not read: a question with several answers")],
    )  # fmt: skip
    def test_mistakes(self, world: DataStore, name: str, told: str) -> None:
        assert told in failed(name)
        assert world.mirror.asked == []

    def test_parts_of_names(self) -> None:
        assert paddle_data_names("QQP") == ["glue,qqp"]
        assert {"lcqmc", "lcqmc_v2"} <= set(paddle_data_names("lcqmc"))
        assert paddle_data_names("no such") == []

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
        assert wanted | {f"glue,{task}" for task in tasks} <= set(paddle_data_names(""))


@pytest.mark.skipif("P" not in suppliers(), reason="supplier P is not installed")
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
