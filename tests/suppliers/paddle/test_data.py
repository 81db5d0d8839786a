"""P: data sets, as the shipped table describes them, from a server or from PaddleNLP's own cache.

The files are tiny and in the real layouts; a copy of the table gets their checksums.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from paddle_reading import COLA, SQUAD, failed, load, rows

from gft.data.roles import assign_roles
from gft.errors import UserError
from gft.functions.inputs import fitted_data
from gft.language.spec import Spec
from hub.paddle import DataStore


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
        record = {"data": json.loads(json.dumps(origin)), "program": {"data": "P:glue,cola"}}
        assert fitted_data(record) == Spec("P", "glue", "cola")

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
        assert "test.tsv: incomplete rows are left out: 1" in capsys.readouterr().err

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

    def test_a_term_in_months_or_a_number_that_stands_for_none(self, world: DataStore) -> None:
        terms = [(9, False, False), (0, True, False), (0, False, True)]
        text = "".join(
            json.dumps({"fact": "x", "meta": {"term_of_imprisonment": {
                "imprisonment": months, "death_penalty": death, "life_imprisonment": life}}}) + "\n"
            for months, death, life in terms)  # fmt: skip
        world.pack("cail2018_small,prison_term", {f"{one}.json": text for one in (
            "train", "dev", "test")})  # fmt: skip
        found = rows(load("cail2018_small,prison_term"), "train")
        assert [row["label"] for row in found] == [9, -2, -1]

    def test_several_names_in_a_text(self, world: DataStore) -> None:
        objects = [{"text": "x", "normalized_result": '"a"##b'}]
        files = {f"CHIP-CDN_{one}.json": json.dumps(objects) for one in ("train", "dev")}
        files["CHIP-CDN_test.json"] = json.dumps([{"text": "y", "normalized_result": ""}])
        world.pack("cblue,CHIP-CDN", files)
        data = load("cblue,chip_cdn")
        assert rows(data, "dev") == [{"text_a": "x", "labels": ["a", "b"]}]
        assert rows(data, "test") == [{"text_a": "y", "labels": None}]

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
