"""The hub as users meet it: real clients, in processes of their own, against a hub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _fresh(small_hub: Any, client: Any) -> Iterator[None]:
    small_hub.requests.clear()
    yield
    small_hub.failing.clear()


def weights_asked(hub: Any) -> list[str]:
    return [path for path in hub.requests if path.endswith((".safetensors", ".bin", ".h5"))]


def test_importing_the_supplier_imports_no_framework(client: Any) -> None:
    assert client.bare == []


class TestData:
    def test_an_old_name_leads_to_the_present_one(self, client: Any) -> None:
        found = client.get("data", spec="H:colours,red")
        assert found["splits"] == {"train": 6, "test": 4}
        assert found["columns"]["label"] == "label (class)"
        assert found["classes"] == {"label": ["negative", "positive"]}
        assert found["origin"]["repository"] == "small/colours"
        assert found["origin"]["config"] == "red"
        assert len(found["origin"]["commit"]) == 40
        assert found["first"]["train"] == "train 0"

    def test_what_was_prepared_costs_one_request(self, client: Any, small_hub: Any) -> None:
        client.get("data", spec="H:colours,red")
        small_hub.requests.clear()
        client.get("data", spec="H:colours,red")
        assert small_hub.requests == ["/api/datasets/colours", "/api/datasets/small/colours"]

    def test_a_revision_is_that_revision(self, client: Any, offline: Any) -> None:
        main = client.get("data", spec="H:colours,red")
        pinned = client.get("data", spec="H:colours@v2,red")
        assert pinned["splits"] == {"train": 6, "test": 6}
        assert pinned["origin"]["commit"] != main["origin"]["commit"]
        # Without a network, the clients would take whichever was prepared last.
        assert offline.get("data", spec="H:colours,red")["splits"] == main["splits"]

    def test_overwrite_cache_reads_again(self, client: Any, small_hub: Any) -> None:
        client.get("data", spec="H:colours,red")
        small_hub.requests.clear()
        client.get("data", spec="H:colours,red", overwrite_cache=True)
        assert len(small_hub.requests) > 2

    def test_a_wrong_config_names_those_that_exist(self, client: Any, small_hub: Any) -> None:
        failed = client.fail("data", spec="H:colours,rad")
        assert failed.kind == "UserError"
        assert failed.error == (
            "no configuration 'rad' in H:colours (did you mean 'red'?); available: red and blue"
        )
        assert not [path for path in small_hub.requests if path.endswith(".parquet")]

    def test_several_configs_and_none_by_default(self, client: Any) -> None:
        failed = client.fail("data", spec="H:colours")
        assert failed.status == 2
        assert "several configurations" in failed.error
        assert "red and blue" in failed.error

    def test_plain_files_need_no_config(self, client: Any) -> None:
        found = client.get("data", spec="H:small/plain")
        assert found["splits"] == {"train": 2}
        assert found["origin"]["config"] == "default"
        failed = client.fail("data", spec="H:small/plain,foo")
        assert "no configuration 'foo'" in failed.error
        assert "default" in failed.error

    def test_a_script_is_read_from_its_conversion(self, client: Any) -> None:
        answer = client.ask("data", spec="H:scripted,one")
        assert answer.error is None, answer.error
        found = answer.result
        assert found["splits"] == {"test": 4, "train": 12}
        assert found["classes"] == {"label": ["negative", "positive"]}
        assert found["origin"]["repository"] == "small/scripted"
        assert answer.stderr == "gft: note: H:scripted,one: the hub converted only a part of test\n"

    def test_a_script_with_several_configs(self, client: Any) -> None:
        assert "one and two" in client.fail("data", spec="H:scripted").error
        assert "no configuration 'tow'" in client.fail("data", spec="H:scripted,tow").error

    def test_data_to_be_downloaded_by_hand(self, client: Any) -> None:
        failed = client.fail("data", spec="H:small/manual")
        assert failed.kind == "UserError"
        assert "https://example.org/get.zip and" in failed.error
        assert "--data C:NAME --data_dir FOLDER" in failed.error
        assert (
            "--data_dir here" in client.fail("data", spec="H:small/manual", data_dir="here").error
        )

    def test_a_repository_without_data(self, client: Any) -> None:
        failed = client.fail("data", spec="H:small/empty")
        assert failed.kind == "UserError"
        assert "README.md" in failed.error

    def test_a_wrong_name_has_near_ones(self, client: Any) -> None:
        failed = client.fail("data", spec="H:colors")
        assert failed.status == 2
        assert "no data set 'colors' (did you mean 'small/colours'?)" in failed.error

    def test_no_such_revision(self, client: Any) -> None:
        assert "no such revision" in client.fail("data", spec="H:colours@v9,red").error

    def test_not_a_name(self, client: Any) -> None:
        failed = client.fail("data", spec="H:a/b/c")
        assert failed.kind == "UserError"


class TestModel:
    def test_only_the_configuration_is_read(self, client: Any, small_hub: Any) -> None:
        found = client.get("model", spec="H:bert-tiny")
        assert found["config"]["model_type"] == "bert"
        assert found["origin"]["repository"] == "tiny/bert-tiny"
        assert found["bytes"] > 1000
        assert found["card"]["likes"] == 3
        assert weights_asked(small_hub) == []

    def test_it_loads_and_only_the_weights_it_needs(self, client: Any, small_hub: Any) -> None:
        loaded = client.get("load", spec="H:bert-tiny", request={"outputs": 3})
        assert loaded["new"] == ["classifier.bias", "classifier.weight"]
        assert loaded["logits"] == [2, 3]
        assert {path.rpartition("/")[2] for path in weights_asked(small_hub)} == {
            "model.safetensors"
        }

    def test_a_head_it_cannot_have_costs_no_weights(self, client: Any, small_hub: Any) -> None:
        failed = client.fail("load", spec="H:bert-tiny@main", request={}, head="ctc")
        assert "no ctc head for a bert model" in failed.error
        assert weights_asked(small_hub) == []

    def test_a_wrong_name_has_near_ones(self, client: Any, small_hub: Any) -> None:
        failed = client.fail("model", spec="H:bert-tniy")
        assert failed.status == 2
        assert "(did you mean 'tiny/bert-tiny'?)" in failed.error
        assert weights_asked(small_hub) == []

    def test_gated(self, client: Any, small_hub: Any) -> None:
        failed = client.fail("model", spec="H:tiny/terms")
        assert failed.status == 2
        assert f"accept its terms at {small_hub.url}/tiny/terms" in failed.error
        assert "hf auth login" in failed.error

    def test_other_forms(self, client: Any) -> None:
        assert "an adapter" in client.fail("model", spec="H:tiny/adapter").error
        failed = client.fail("load", spec="H:tiny/flax-only", request={})
        assert "f.msgpack cannot be read" in failed.error

    def test_code_of_its_own_is_not_run(self, client: Any) -> None:
        failed = client.fail("load", spec="H:tiny/own-code", request={})
        assert failed.kind == "UserError"
        assert "--trust_remote_code" in failed.error

    def test_another_tokenizer(self, client: Any) -> None:
        loaded = client.get("load", spec="H:bert-tiny", request={},
                            tokenizer_name_or_path="H:bert-tiny")  # fmt: skip
        assert loaded["pad"] == ["[PAD]", 0]


class TestWithoutTheHub:
    def test_offline_works_from_the_cache(self, client: Any, offline: Any, small_hub: Any) -> None:
        client.get("data", spec="H:colours,red")
        client.ask("data", spec="H:scripted,one")
        online = client.get("load", spec="H:bert-tiny", request={"outputs": 3})
        small_hub.requests.clear()
        assert offline.get("data", spec="H:colours,red")["splits"] == {"train": 6, "test": 4}
        assert offline.ask("data", spec="H:scripted,one").result["splits"]["train"] == 12
        assert offline.get("load", spec="H:bert-tiny", request={"outputs": 3}) == online
        assert small_hub.requests == []

    @pytest.mark.parametrize("gone", ["offline", "cut_off"])
    @pytest.mark.parametrize(
        ("function", "spec"),
        [
            ("load", "H:bert-tiny"),  # a name of one word, which leads to another
            ("load", "H:tiny/bert-tiny"),
            ("model", "H:bert-tiny"),
            ("model", "H:tiny/bert-tiny"),
            ("data", "H:colours,red"),
            ("data", "H:small/colours,red"),
            ("data", "H:small/colours@v2,red"),
            ("data", "H:small/plain"),
            ("data", "H:scripted,one"),  # the hub's conversion
            ("data", "H:small/scripted,two"),
        ],
    )
    def test_what_was_once_fetched_works(
        self, client: Any, request: pytest.FixtureRequest, function: str, spec: str, gone: str
    ) -> None:
        more = {"request": {"outputs": 3}} if function == "load" else {}
        online = client.ask(function, spec=spec, **more)
        assert online.error is None
        without = request.getfixturevalue(gone).ask(function, spec=spec, **more)
        assert without.error is None, without.error
        assert without.result == online.result

    def test_offline_says_what_is_cached(self, client: Any, offline: Any) -> None:
        client.get("load", spec="H:bert-tiny", request={})
        client.get("data", spec="H:colours,red")
        failed = offline.fail("model", spec="H:other/model")
        assert failed.error.startswith("HF_HUB_OFFLINE is set, and model 'other/model'")
        assert "tiny/bert-tiny" in failed.error
        failed = offline.fail("data", spec="H:other")
        assert "small/colours" in failed.error
        assert "of it there is red" in offline.fail("data", spec="H:colours,blue").error

    def test_what_another_program_cached(self, hf_home: Any, client: Any, offline: Any) -> None:
        client.get("load", spec="H:bert-tiny", request={"outputs": 3})
        memory = hf_home / "gft" / "hub.json"
        kept = memory.read_text()
        memory.write_text("{not json")
        try:
            assert offline.get("model", spec="H:bert-tiny")["config"]["model_type"] == "bert"
            assert offline.get("data", spec="H:colours,red")["splits"]["train"] == 6
        finally:
            memory.write_text(kept)

    def test_no_network_at_all(self, client: Any, cut_off: Any) -> None:
        client.get("load", spec="H:bert-tiny", request={"outputs": 3})
        answer = cut_off.ask("model", spec="H:bert-tiny")
        assert answer.error is None, answer.error
        assert answer.result["config"]["model_type"] == "bert"
        # Once in a process, which other tests may have asked before.
        (said,) = (one for one in cut_off.said if "cannot be reached" in one)
        assert said.count("\n") == 1
        assert "using what is in the cache" in said
        failed = cut_off.fail("data", spec="H:nothing")
        assert failed.kind == "GftError"
        assert failed.status == 1
        assert "cannot be reached" in failed.error

    def test_a_stumbling_hub_is_asked_again(self, client: Any, small_hub: Any) -> None:
        small_hub.failing = [500]
        assert client.get("model", spec="H:tiny/bert-tiny")["bytes"] > 0

    def test_a_failing_hub(self, client: Any, small_hub: Any) -> None:
        small_hub.failing = [503, 0, 503]
        failed = client.fail("model", spec="H:tiny/never-seen")
        assert failed.kind == "GftError"
        assert failed.status == 1
        assert "answers 503" in failed.error


def test_the_memory_is_json(client: Any, hf_home: Any) -> None:
    client.get("model", spec="H:bert-tiny")
    known = json.loads((hf_home / "gft" / "hub.json").read_text())
    assert known["model bert-tiny"]["name"] == "tiny/bert-tiny"
