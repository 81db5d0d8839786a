"""Searches of the hub: the most downloaded first, in few requests, as rows that scripts read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hub.server import Hub, Repo


@pytest.fixture(scope="module")
def large() -> Iterator[Hub]:
    """A hub of its own with a thousand models and as many data sets."""
    hub = Hub()
    for n in range(1000):
        tags = ("transformers", "text-classification", "dataset:emotion", "license:mit")
        hub.repos["models"][f"owner/bert-{n}"] = Repo(
            {"main": {}}, downloads=n * 7919 % 1009, likes=n, tags=tags,
            pipeline_tag="text-classification",
        )  # fmt: skip
        hub.repos["datasets"][f"owner/emotion-{n}"] = Repo({"main": {}}, downloads=n)
    hub.repos["models"]["owner/other"] = Repo({"main": {}}, downloads=5000)
    yield hub
    hub.close()


@pytest.fixture
def search(
    large: Hub, shell: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Run gft_summary in a process of its own against the large hub."""
    monkeypatch.setenv("HF_ENDPOINT", large.url)
    large.requests.clear()
    return lambda *words: shell("summary", *words)


def test_rows_for_scripts(search: Callable[..., Any], large: Hub) -> None:
    ran = search("--model", "H:__contains__bert", "--topn", "10")
    assert ran.status == 0
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert len(rows) == 10
    assert all(len(row) == 5 for row in rows)
    downloads = [int(row[1]) for row in rows]
    assert downloads == sorted(downloads, reverse=True)
    best = max(
        (one for one in large.repos["models"] if "bert" in one),
        key=lambda name: large.repos["models"][name].downloads,
    )
    repo = large.repos["models"][best]
    assert rows[0] == [best, str(repo.downloads), str(repo.likes), ",".join(repo.tags),
                       "text-classification"]  # fmt: skip
    assert "there are more than 10 models; --topn N lists more" in ran.err
    assert large.requests == ["/api/models"]


def test_all_thousand_in_one_request(search: Callable[..., Any], large: Hub) -> None:
    ran = search("--model", "H:__contains__BERT", "--topn", "1000", "--fast_mode")
    assert sorted(ran.out.split()) == sorted(
        name for name in large.repos["models"] if "bert" in name
    )
    assert ran.err == ""
    assert large.requests == ["/api/models"]


def test_following_pages(search: Callable[..., Any], large: Hub) -> None:
    extra = {f"owner/bert-more-{n}": Repo({"main": {}}, downloads=0) for n in range(500)}
    large.repos["models"].update(extra)
    try:
        ran = search("--model", "H:__contains__bert", "--topn", "1400")
    finally:
        for name in extra:
            del large.repos["models"][name]
    assert len({line.split("\t")[0] for line in ran.out.splitlines()}) == 1400
    assert len(large.requests) == 2


def test_data_sets(search: Callable[..., Any]) -> None:
    ran = search("--data", "H:__contains__emotion", "--topn", "2")
    assert ran.out == "owner/emotion-999\t999\t3\tsmall\nowner/emotion-998\t998\t3\tsmall\n"


def test_without_a_network(shell: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    ran = shell("summary", "--model", "H:__contains__bert")
    assert ran.status == 1
    assert len(ran.err.splitlines()) == 1
    assert "the hub at http://127.0.0.1:9 cannot be reached" in ran.err
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE is set" in shell("summary", "--model", "H:__contains__bert").err


def test_json_and_table(hub: Hub, gft: Callable[..., Any]) -> None:
    asked = ("summary", "--model", "H:__contains__someone/mnli")
    [row] = json.loads(gft(*asked, "--format", "json").out)["models"]
    assert row["name"] == "someone/mnli"
    assert (row["downloads"], row["likes"], row["task"]) == (900, 3, "text-classification")
    header, _, line = gft(*asked, "--format", "table").out.splitlines()
    assert header.split() == ["model", "downloads", "likes", "task", "tags"]
    assert "dataset:nyu-mll/glue" in line
    assert "license" not in line
    [named] = json.loads(gft(*asked, "--format", "json", "--fast_mode").out)["models"]
    assert named == {"name": "someone/mnli"}


def test_models_trained_on_a_data_set(hub: Hub, gft: Callable[..., Any]) -> None:
    ran = gft("summary", "--model", "H:__infer__", "--data", "H:glue,qqp")
    # One card says glue, the other nyu-mll/glue.
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == [
        "someone/generic", "someone/mnli",
    ]  # fmt: skip
    assert "without configuration" in ran.err
    hub.requests.clear()
    fast = gft("summary", "--model", "H:__infer__", "--data", "H:glue", "--fast_mode")
    assert fast.out == "someone/generic\n"
    assert hub.requests == ["/api/models"]


def test_models_for_a_task(hub: Hub, gft: Callable[..., Any]) -> None:
    for task in ("classify", "sentiment-analysis", "H:text-classification"):
        ran = gft("summary", "--model", "H:__infer__", "--task", task)
        assert [line.split("\t")[0] for line in ran.out.splitlines()] == [
            "someone/generic", "someone/mnli",
        ]  # fmt: skip


def test_models_for_tasks_that_are_not_fitted(hub: Hub, gft: Callable[..., Any]) -> None:
    for task in ("H:feature-extraction", "sentence_similarity", "H:text-to-video"):
        hub.requests.clear()
        ran = gft("summary", "--model", "H:__infer__", "--task", task)
        assert (ran.status, hub.requests) == (0, ["/api/models"])
        assert f"with a tag {task.removeprefix('H:').replace('_', '-')}" in ran.err


def test_no_word_lists_all(hub: Hub, gft: Callable[..., Any]) -> None:
    every = gft("summary", "--data", "H:__contains__", "--topn", "1000", "--fast_mode")
    assert every.status == 0 and "nyu-mll/glue" in every.out.splitlines()
    assert gft("summary", "--model", "H:__contains__", "--topn", "3").status == 0


def test_both_a_word_and_a_task(hub: Hub, gft: Callable[..., Any]) -> None:
    ran = gft("summary", "--model", "H:__contains__mnli", "--task", "classify", "--fast_mode")
    assert ran.out == "someone/mnli\n"


def test_tasks_by_name(gft: Callable[..., Any]) -> None:
    rows = gft("summary", "--task", "H:__contains__classification").out.splitlines()
    assert "classify" in [row.split("\t")[0] for row in rows]
    none = gft("summary", "--task", "H:__contains__zzz")
    assert (none.status, none.out) == (0, "")
    assert "no task has 'zzz'" in none.err


def test_nothing_found(hub: Hub, gft: Callable[..., Any]) -> None:
    ran = gft("summary", "--model", "H:__contains__nothinglikethis")
    assert (ran.status, ran.out) == (0, "")
    assert "HuggingFace has no model with 'nothinglikethis' in the name" in ran.err


def test_a_hub_that_stumbles(hub: Hub, gft: Callable[..., Any]) -> None:
    hub.failing.append(500)
    ran = gft("summary", "--model", "H:__contains__mnli")
    assert ran.out.startswith("someone/mnli\t")


MISTAKES = {
    "local": (["--model", "C:__contains__x"], "H:__contains__x searches the Hugging Face hub"),
    "no such supplier": (["--model", "Q:__contains__x"], "no supplier 'Q'; available:"),
    "no rows": (["--model", "H:__contains__x", "--topn", "0"], "expected 1 or more, found 0"),
    "from nothing": (["--model", "H:__infer__"], "needs --data H:NAME"),
    "data": (["--data", "H:__infer__", "--model", "H:x"], "data sets cannot be inferred"),
    "local data": (["--model", "H:__infer__", "--data", "C:x"], "give one: H:NAME"),
    "no tag": (["--model", "H:__infer__", "--task", "regress"], "the hub has no tag for regress"),
    "no such tag": (["--model", "H:__infer__", "--task", "H:juggling"], "no tag for juggling"),
    "task": (["--task", "H:__infer__"], "gft_summary --model NAME says"),
    "two": (["--model", "H:__contains__a", "--data", "H:__contains__b"], "one search at a time"),
    "data and model": (["--data", "H:__contains__a", "--model", "H:x"], "cannot be combined"),
    "word": (["H:__contains__a"], "--data H:__contains__a"),
    "word too": (["folder", "--model", "H:__contains__a"], "a search takes no other arguments"),
    "form": (["--model", "H:__contains__a", "--format", "csv"], "--format csv"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes(case: str, gft: Callable[..., Any]) -> None:
    words, expected = MISTAKES[case]
    ran = gft("summary", *words)
    assert ran.status == 2
    assert len(ran.errors) == 1
    assert expected in ran.errors[0]


@pytest.mark.parametrize("function", ["fit", "predict", "eval", "cat_data"])
def test_a_search_is_no_name_elsewhere(function: str, gft: Callable[..., Any]) -> None:
    for option in ("--model", "--data", "--task"):
        ran = gft(function, option, "H:__contains__x")
        assert ran.status == 2
        assert f"gft_summary {option} H:__contains__x lists its results" in ran.errors[0]
