"""A fit goes to a hub: what leaves, what does not, and what others have of it."""

from __future__ import annotations

import getpass
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import constants

import gft
from gft.publishing.files import is_sent
from gft.publishing.record import public_record
from gft.record_file import read_record
from hub.server import Hub, Repo
from ran import Ran


@pytest.fixture(scope="module")
def fitted(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> gft.Fit:
    return gft.fit(
        model=f"C:{tiny}",
        data=f"C:{colours}",
        eqn="classify: colour ~ text + cat(size)",
        output_dir=str(tmp_path_factory.mktemp("pushed") / "colours"),
        num_train_epochs=3,
        max_length=16,
        keep_baseline=True,
    )


@pytest.fixture
def quiet_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub without the storage protocol of its own, which has no server here."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    before = dict(hub.repos["models"])
    hub.tokens.clear()
    yield hub
    hub.repos["models"] = before


def test_what_is_pushed_predicts_the_same(
    quiet_hub: Hub, fitted: gft.Fit, gft: Callable[..., Ran]
) -> None:
    ran = gft("push", f"C:{fitted.folder}", "me/colours", "--yes", "--hub_token", "hf_secret")
    assert ran.status == 0, ran.err
    assert ran.out == f"{quiet_hub.url}/me/colours\n"
    assert set(quiet_hub.tokens) == {"Bearer hf_secret"}
    repo = quiet_hub.repos["models"]["me/colours"]
    assert repo.private
    files = repo.revisions["main"]
    assert set(files) == {
        "README.md", "gft.json", "config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json", "covariates.json", "covariates.safetensors",
    }  # fmt: skip
    for name, content in files.items():  # The list that was shown is what left.
        assert f"  {name} " in ran.err and f"{len(content):,} bytes" in ran.err
    assert "to H:me/colours, a new repository, private:" in ran.err
    assert "covariates.json holds the 2 levels of cat(size), with their counts: 0.0 and 2.5" in (
        ran.err
    )
    rows = {"text": ["river mark0", "market mark1 market"], "size": ["0.0", "2.5"]}
    there = [
        gft("predict", "--model", model, "--return_all_scores", "--format", "jsonl",
            "--data", write(fitted, rows), "--split", "train").out
        for model in (f"C:{fitted.folder}", "H:me/colours")
    ]  # fmt: skip
    assert there[0] == there[1] and len(there[0].splitlines()) == 2


def test_a_graph_is_pushed_and_used(
    quiet_hub: Hub, fitted: gft.Fit, tmp_path: Path, gft: Callable[..., Ran]
) -> None:
    folder = Path(shutil.copytree(str(fitted.folder), tmp_path / "fit"))
    rows = {"text": ["river mark0", "market mark1 market"], "size": ["0.0", "2.5"]}
    data = write(fitted, rows)
    assert gft("export", "--model", f"C:{folder}").status == 0
    assert gft("push", f"C:{folder}", "me/graph", "--yes").status == 0
    files = quiet_hub.repos["models"]["me/graph"].revisions["main"]
    guide, record = (json.loads(files[name]) for name in ("onnx/predict.json", "gft.json"))
    assert guide["graphs"]["fp32"]["machine"] == "" and guide["graphs"]["fp32"]["speeds"] == []
    assert record["onnx"]["graphs"] == guide["graphs"]
    assert set(record["onnx"]["files"]) == {name for name in files if name.startswith("onnx/")}
    there = tmp_path / "downloaded"
    for name, content in files.items():
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_bytes(content)
    answers = []
    for spec in (f"C:{folder}", "H:me/graph", f"C:{there}"):
        done = gft("predict", "--model", spec, "--runtime", "onnx", "--data", data,
                   "--split", "train", "--format", "jsonl")  # fmt: skip
        assert done.status == 0, done.err
        answers.append(done.out)
    assert answers[0] == answers[1] == answers[2] and answers[0].count("\n") == 2
    graph = there / "onnx" / "model.onnx.data"
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    done = gft("predict", "--model", f"C:{there}", "--data", data, "--split", "train")
    assert done.status == 0 and "onnx/model.onnx.data was changed since it was made" in done.err


def write(fitted: Any, rows: dict[str, list[str]]) -> str:
    file = Path(fitted.folder).parent / "rows.jsonl"
    pairs = zip(*rows.values(), strict=True)
    file.write_text("".join(json.dumps(dict(zip(rows, one, strict=True))) + "\n" for one in pairs))
    return f"C:{file}"


def test_the_card_says_what_others_need(quiet_hub: Hub, fitted: gft.Fit) -> None:
    fitted.push("me/card", yes=True, license="cc-by-4.0", language=["en"])
    card = quiet_hub.repos["models"]["me/card"].revisions["main"]["README.md"].decode()
    head = yaml.safe_load(card.split("---\n")[1])
    assert (head["license"], head["language"], head["library_name"]) == (
        "cc-by-4.0", ["en"], "transformers")  # fmt: skip
    assert head["pipeline_tag"] == "text-classification" and head["tags"] == ["gft", "classify"]
    [index] = head["model-index"]
    assert index["name"] == "card"
    [test] = [one for one in index["results"] if one["dataset"]["split"] == "test"]
    accuracy = next(one for one in test["metrics"] if one["type"] == "accuracy")
    known = fitted.metrics["splits"]["test"]["metrics"]["accuracy"]
    assert accuracy["value"] == round(known["value"], 6)
    assert f"95 % interval {known['low']:.4f} to {known['high']:.4f}" in accuracy["name"]
    for told in ("gft_predict --model H:me/card", "BertForSequenceClassification.from_pretrained",
                 "## Limitations", "reference values"):  # fmt: skip
        assert told in card


def test_a_base_model_of_the_hub_is_carried_on(
    quiet_hub: Hub, colours: Path, fitted: gft.Fit, tmp_path: Path, capsys: Any
) -> None:
    folder = tmp_path / "of-hub"
    quiet_hub.repos["models"]["google-bert/bert-base-cased"].card["license"] = "apache-2.0"
    fit = gft.fit(
        model="H:google-bert/bert-base-cased", data=f"C:{colours}", max_steps=1,
        eqn="classify: colour ~ text", output_dir=str(folder),
    )  # fmt: skip
    fit.push("me/based", yes=True)
    card = quiet_hub.repos["models"]["me/based"].revisions["main"]["README.md"].decode()
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["license"] == "apache-2.0"
    assert head["base_model"] == "google-bert/bert-base-cased"
    capsys.readouterr()
    fitted.push("me/unknown", yes=True)
    assert "the card says unknown" in capsys.readouterr().err
    card = quiet_hub.repos["models"]["me/unknown"].revisions["main"]["README.md"].decode()
    assert yaml.safe_load(card.split("---\n")[1])["license"] == "unknown"


def test_the_record_of_others_names_no_place_and_no_machine(fitted: gft.Fit) -> None:
    assert fitted.folder is not None
    record = read_record(fitted.folder)
    assert record is not None
    host, user = socket.gethostname(), f"user {getpass.getuser()}"
    home = f"/home/{user}"
    spoilt = {
        **record,
        "program": {
            **record["program"],
            "model": f"C:{home}/bert",
            "data": f"C:{home}/C\\reviews.csv",
            "metric": [f"C:{home}/mine.py", "H:f1,macro"],
            "arguments": {
                **record["program"]["arguments"],
                "output_dir": home, "cache_dir": home, "tokenizer_name_or_path": f"C:{home}",
                "hub_token": "hf_secret", "run_name": user, "logging_dir": home,
                "learning_rate": 0.5, "lr_scheduler_type": "cosine",
            },
        },
        "data": {**record["data"], "path": home, "files": {"train": [home]}, "name": f"{home}/r"},
        "model": {**record["model"], "path": home, "spec": f"C:{home}/bert",
                  "lora": {"r": 8, "base": home}},
        "hardware": {"processor": "EPYC 7763", "system": host},
        "fast_path": {"circumstances": {"processor": "EPYC 7763"}},
        "reason": "the processor has AVX-512", "identity": {"user": user}, "mine": user,
    }  # fmt: skip
    shown = json.dumps(public_record(spoilt))
    for private in (home, user, host, "EPYC", "hf_secret", "AVX", "/", "\\\\"):
        assert private not in shown.replace("text/plain", ""), private
    found = public_record(spoilt)
    assert found["program"]["arguments"]["learning_rate"] == 0.5
    assert found["program"]["arguments"]["lr_scheduler_type"] == "cosine"
    assert (found["program"]["model"], found["program"]["metric"]) == ("C:bert", ["H:f1,macro"])
    assert found["task"] == record["task"] and found["max_length"] == 16


def test_what_stays_here() -> None:
    for name in ("predictions.parquet", "report.html", "label_errors.csv", "history.csv",
                 "metrics.json", "partition.parquet", "checkpoint-5/model.safetensors",
                 "gft_manifest.json", "notes.txt", "train.csv", "corrections.csv", "a.py",
                 "pytorch_model.bin", "onnx/../x.json"):  # fmt: skip
        assert not is_sent(name), name
    for name in ("model-00001-of-00002.safetensors", "onnx/model.onnx", "onnx/predict.json",
                 "linear.safetensors", "spiece.model", "chat_template.jinja"):  # fmt: skip
        assert is_sent(name), name


def test_nothing_leaves_without_a_word(
    quiet_hub: Hub, fitted: Any, gft: Callable[..., Ran], tiny: Path
) -> None:
    folder = f"C:{fitted.folder}"
    quiet_hub.repos["models"]["me/open"] = Repo({"main": {"linear.json": b"{}", "own.txt": b""}})
    for words, told in (
        ((folder, "me/new"), "nothing was pushed: there is no terminal to confirm on; use --yes"),
        ((folder, "me/open", "--yes"), "H:me/open already exists and is public, so anyone would"),
        ((folder, "C:elsewhere", "--yes"), "C:elsewhere: nothing can be pushed to C:"),
        ((folder, "P:me/x", "--yes"), "nothing can be pushed to P:"),
        ((folder, "me/new", "--also", "reprot.html", "--yes"), "no file 'reprot.html'"),
        ((folder, "me/new", "--also", "../rows.jsonl", "--yes"), "no file '../rows.jsonl'"),
        (
            (f"C:{tiny}", "me/new", "--yes"),
            "is not a fitted folder: gft_push takes the output folder of gft_fit",
        ),
        ((folder,), "gft_push needs a fitted folder and the name of a repository"),
    ):
        ran = gft("push", *words)
        assert ran.status == 2 and told in ran.errors[0], ran.err
    assert "me/new" not in quiet_hub.repos["models"]
    ran = gft("push", folder, "me/open", "--yes", "--public",
              "--also", "report.html", "linear/linear.json")  # fmt: skip
    assert ran.status == 0 and "PUBLIC: anyone can see it" in ran.err
    assert "linear/linear.json holds " in ran.err and "'market'" in ran.err
    files = quiet_hub.repos["models"]["me/open"].revisions["main"]
    assert "report.html" in files and "own.txt" in files and "linear.json" not in files


def test_a_connection_that_breaks_off_pushed_nothing() -> None:
    from gft.suppliers.hub.errors import PUSHED, explained

    told = explained(ConnectionError("broken pipe"), "model", "me/colours", PUSHED)
    assert told is not None and told.messages[0].endswith("; nothing was pushed, so try again")


@pytest.mark.parametrize(
    ("path", "status", "answer", "told"),
    [
        ("/lfs/", 403, {"error": "the quota is used up"}, "the quota is used up; nothing was pus"),
        ("/objects/batch", 200, {"objects": [{"oid": "0" * 64, "size": 1, "error": {
            "code": 413, "message": "the file is too large"}}]}, "the file is too large; nothing"),
        ("/commit/", 500, {"error": "no"}, "may or may not have stored the files, so try again"),
        ("/repos/create", 403, {"error": "no rights"}, "no rights; nothing was pushed; 'hf auth"),
    ],
)  # fmt: skip
def test_a_push_that_fails_says_why_and_succeeds_again(
    quiet_hub: Hub, fitted: Any, gft: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch,
    path: str, status: int, answer: Any, told: str,
) -> None:  # fmt: skip
    quiet_hub.uploaded.clear()
    monkeypatch.setattr(
        quiet_hub, "stands_for", lambda asked: (status, answer) if path in asked else None
    )
    ran = gft("push", f"C:{fitted.folder}", "me/fails", "--yes")
    assert ran.status in (1, 2) and len(ran.errors) == 1 and told in ran.errors[0], ran.err
    repo = quiet_hub.repos["models"].get("me/fails")
    assert repo is None or (repo.private and not repo.revisions["main"])
    monkeypatch.setattr(quiet_hub, "stands_for", lambda asked: None)
    assert gft("push", f"C:{fitted.folder}", "me/fails", "--yes").status == 0
    assert "model.safetensors" in quiet_hub.repos["models"]["me/fails"].revisions["main"]


@pytest.mark.parametrize("name", ["bad name", "a/b/c", "me/x--y", "me/x.git", "C:x"])
def test_a_wrong_name_is_all_that_is_said(
    quiet_hub: Hub, fitted: Any, gft: Callable[..., Ran], name: str
) -> None:
    ran = gft("push", f"C:{fitted.folder}", name, "--yes")
    assert ran.status == 2 and ran.err.count("\n") == 1 and name in ran.errors[0], ran.err
    assert "NAME" in ran.errors[0] and "repo_type" not in ran.err


def test_the_kept_baseline_is_pushed_too(
    quiet_hub: Hub, fitted: Any, gft: Callable[..., Ran]
) -> None:
    kept = f"C:{fitted.folder / 'linear'}"
    ran = gft("push", kept, "me/linear", "--yes")
    assert ran.status == 0 and "the licence is not known" in ran.err, ran.err
    card = quiet_hub.repos["models"]["me/linear"].revisions["main"]["README.md"].decode()
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["library_name"] == "gft" and "base_model" not in head
    assert "with gft; no net" in card and "Steps:" not in card and "transformers" not in card
    data = write(fitted, {"text": ["river mark0"], "size": ["0.0"]})
    answers = [gft("predict", "--model", model, "--data", data, "--split", "train").out
               for model in (kept, "H:me/linear")]  # fmt: skip
    assert answers[0] == answers[1] and answers[0].count("\n") == 1
