"""A graph of a fit: what it answers, when it is used, when it is refused."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gft import api
from gft.errors import UserError
from gft.functions import pipe
from gft.functions.predict import predict
from gft.graphs import comparison, pick
from gft.graphs.choice import fastest, fastest_in_8_bits
from gft.graphs.files import RECOMPUTATION, read_guide
from gft.graphs.opening import open_graph
from gft.graphs.predictor import GraphPredictor
from gft.language.program import build_program
from gft.model.predictors import make_predictor
from gft.registry import predict_only_names, task_names
from gft.suppliers.installed import letters
from hub.paddle import copied as copied_paddle
from hub.server import Hub, Repo
from ran import Ran

TEXTS = ["river mark0 river", "", "stone mark1 stone market", "market " * 60]


def rows(count: int) -> str:
    words = ["river", "stone", "market"]
    lines = [f"{words[n % 3]} mark{n % 2} {words[n % 5 % 3]},{['red', 'blue'][n % 2]}"
             for n in range(count)]  # fmt: skip
    return "\n".join(["text,colour", *lines]) + "\n"


@pytest.fixture(scope="module")
def fitted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fit with a graph, in a folder of which nothing is changed."""
    folder = tmp_path_factory.mktemp("fit")
    for split, count in (("train", 64), ("val", 210)):
        (folder / f"data.{split}").write_text(rows(count), encoding="utf-8")
    api.fit(model=f"C:{tiny}", data=f"C:{folder / 'data'}", eqn="classify: colour ~ text",
            output_dir=str(folder / "out"), num_train_epochs=4, learning_rate=3e-3,
            export="onnx", max_length=32)  # fmt: skip
    yield folder / "out"


@pytest.fixture
def copied(fitted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fitted, tmp_path / "copy"))


def test_the_graph_is_kept_with_what_was_found(fitted: Path) -> None:
    record = json.loads((fitted / "gft.json").read_text(encoding="utf-8"))
    found = record["onnx"]["graphs"]["fp32"]
    assert found["made"] == "from the weights" and found["largest_difference"] < 1e-5
    assert (found["rows"], found["equal_labels"], found["verified"]) == (210, 1.0, True)
    assert {one["name"] for one in found["metrics"]} == {"accuracy", "f1", "loss"}
    assert all(abs(one["value"]) < 1e-6 for one in found["metrics"])
    assert {"torch", "onnx"} <= {one["runtime"] for one in found["speeds"]}
    for one in found["speeds"]:  # Importing a runtime counts too.
        assert one["runtime"] == "torch" or one["seconds_to_start"] >= 0.05
    names = sorted(record["onnx"]["files"])
    made = ("model.onnx", "model.onnx.data", "predict.json", "tokenizer.json")
    assert names == [f"onnx/{name}" for name in made]
    assert "model.safetensors" in record["onnx"]["made_of"]
    assert set(names) <= set(record["files"])
    guide = read_guide(fitted / "onnx")
    assert guide.task["labels"] == ["blue", "red"] and guide.max_length == 32


NOT_FOR_LINES = (
    "pyarrow", "pandas", "openvino", "http.client", "ssl",
    *(f"gft.{name}" for name in (
        "adapters.lora", "cells.reading", "data.checks", "data.folding", "data.spool",
        "functions.named_lines", "graphs.encoder", "graphs.vectors", "inputs.images",
        "inputs.sound", "predict_only.protocol", "suppliers.adapter_model", "suppliers.heads",
        "suppliers.hub.repository", "suppliers.paddle.config", "tasks.classify_spans",
        "tasks.classify_tokens", "tasks.ctc", "tasks.generate", "tasks.regress",
    )),
)  # fmt: skip
"""What a graph of a classifier does without when it answers lines of standard input."""


def test_predict_needs_nothing_of_torch_and_without_a_graph_little(fitted: Path) -> None:
    unneeded = {"datasets", "accelerate", "scipy", "sklearn"}
    expected = api.load(f"C:{fitted}", runtime="torch").predict(TEXTS)
    labels, imported = predicted_alone(fitted)
    assert labels == expected and "onnxruntime" in imported
    assert imported & {"torch", "transformers", *unneeded, *NOT_FOR_LINES} == set()
    labels, imported = predicted_alone(fitted, "--runtime", "torch")
    assert labels == expected and "torch" in imported
    assert not imported & {"torch._dynamo", "torch.distributed.tensor", "onnxruntime", *unneeded}


def predicted_alone(fitted: Path, *words: str) -> tuple[list[str], set[str]]:
    """Predict in a process of its own; return the labels, and the modules that it imported."""
    code = (
        "import sys\nfrom gft.commands.shell import run\nfrom gft.commands.predict import *\n"
        f"run('predict', predict_command, ['--model', 'C:{fitted}', *{words!r}])\n"
        "print(' '.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input="\n".join(TEXTS) + "\n", capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    labels = [line.split("\t")[1] for line in done.stdout.splitlines()]
    return labels, set(done.stderr.splitlines()[-1].split())


def test_all_runtimes_answer_alike(fitted: Path, gft: Callable[..., Ran]) -> None:
    spec, answers = f"C:{fitted}", {}
    for runtime in ("torch", "onnx", "openvino"):
        if runtime == "openvino":
            pytest.importorskip("openvino")
        done = gft("predict", "--model", spec, "--split", "val", "--runtime", runtime,
                   "--precision", "fp32", "--format", "jsonl")  # fmt: skip
        assert done.status == 0, done.err
        answers[runtime] = [json.loads(line) for line in done.out.splitlines()]
        for one in answers[runtime]:
            one["score"] = round(one["score"], 4)
    assert answers["onnx"] == answers["torch"] == answers["openvino"]


def test_eval_says_what_computed(fitted: Path, gft: Callable[..., Ran]) -> None:
    found = {}
    for runtime in ("torch", "onnx"):
        done = gft("eval", "--model", f"C:{fitted}", "--runtime", runtime, "--json")
        found[runtime] = json.loads(done.out)
        assert found[runtime]["runtime"]["name"] == runtime
    assert found["onnx"]["runtime"]["graph"] == "model.onnx"
    assert found["onnx"]["runtime"]["precision"] == "fp32"
    accuracy = [one["metrics"]["accuracy"]["value"] for one in found.values()]
    assert accuracy[0] == accuracy[1]


@pytest.mark.parametrize("name", ["model.safetensors", "onnx/model.onnx.data"])
def test_what_has_changed_is_not_used(name: str, copied: Path, gft: Callable[..., Ran]) -> None:
    (copied / "gft_manifest.json").unlink()  # The weights are changed on purpose.
    used = gft("eval", "--model", f"C:{copied}", "--runtime", "onnx")
    assert used.status == 0  # A copy is the same whatever time it was made at.
    file = copied / name
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    done = gft("eval", "--model", f"C:{copied}", "--json")
    assert json.loads(done.out)["runtime"]["name"] == "torch"
    assert f"is not used: {name} was changed since it was made" in done.err
    refused = gft("eval", "--model", f"C:{copied}", "--runtime", "onnx")
    assert (
        refused.status == 2 and "has no graph that can be used; gft_export --model" in refused.err
    )


def test_8_bits_are_asked_for_or_not_used(
    copied: Path, gft: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = f"C:{copied}"
    none = gft("predict", "--model", spec, "--split", "val", "--precision", "int8")
    assert none.status == 2 and f"gft_export --model {spec} --precision int8 makes one" in none.err
    monkeypatch.setattr(comparison, "ALIKE", 1.01)
    refused = gft("export", "--model", spec, "--precision", "int8")
    assert refused.status == 2
    assert "of the labels agree with the model, expected 101.0%" in refused.err
    assert not (copied / "onnx" / "model_int8.onnx").exists()
    kept = gft("export", "--model", spec, "--precision", "int8", "--accept")
    assert kept.status == 0, kept.err
    assert set(read_guide(copied / "onnx").graphs) == {"fp32", "int8"}
    done = gft("eval", "--model", spec, "--precision", "int8", "--json")
    assert json.loads(done.out)["runtime"]["precision"] == "int8"
    usual = gft("eval", "--model", spec, "--json")
    assert json.loads(usual.out)["runtime"]["precision"] != "int8"
    check_close_rows(copied / "onnx")
    # A user may delete the graphs, and what else is not the model, and export again.
    shutil.rmtree(copied / "onnx")
    (copied / "report.html").unlink()
    monkeypatch.setattr(comparison, "ALIKE", 0.9)
    again = gft("export", "--model", spec)
    assert again.status == 0, again.err
    assert set(read_guide(copied / "onnx").graphs) == {"fp32"}


def check_close_rows(folder: Path) -> None:
    """Check that rows close to a tie, and these alone, are computed again in fp32."""
    import numpy as np

    guide = read_guide(folder)
    found = next(one for one in guide.graphs["int8"]["recomputation"] if one["runtime"] == "onnx")
    assert found["precision"] == "int8" and found["margin"] > 0 and found["share"] <= 0.031
    task = api.load(f"C:{folder.parent}", runtime="onnx").task

    def opened(margin: float | None, precision: str = "int8") -> GraphPredictor:
        again = {} if margin is None else {"recomputation": [found | {"margin": margin}]}
        before = {name: one for name, one in guide.graphs["int8"].items() if name != RECOMPUTATION}
        graphs = {**guide.graphs, "int8": before | again}
        return open_graph(folder, replace(guide, graphs=graphs), task, ("onnx", precision), cores=1)

    def scores(predictor: GraphPredictor) -> Any:
        return np.asarray(predictor.rows({"text": TEXTS}).scores)

    fp32, alone = scores(opened(None, "fp32")), scores(opened(None))
    assert np.abs(fp32 - alone).min() > 0
    assert np.array_equal(scores(opened(0.0)), alone)
    every = opened(1e9)
    assert np.array_equal(scores(every), fp32) and every.computed_by()["fp32_below_margin"]
    assert "fp32_below_margin" not in opened(None).computed_by()
    margins = every.task.margins(alone.argmax(1), alone)
    some = scores(opened(float(np.sort(margins)[1])))  # One row is closer than that.
    close = margins == margins.min()
    assert np.allclose(some[close], fp32[close]) and np.array_equal(some[~close], alone[~close])
    check_nan(opened(0.0), fp32, alone)


def check_nan(predictor: GraphPredictor, fp32: Any, alone: Any) -> None:
    """Check that a row that a graph gives NaN for is computed again, whatever the margin is."""
    import numpy as np

    run, again = predictor.runtime.run, predictor.full_precision

    def failing(inputs: Any) -> Any:
        outputs = run(inputs)
        outputs["logits"][inputs["attention_mask"].sum(1).argmax()] = np.nan
        return outputs

    predictor.runtime.run = failing  # type: ignore[method-assign]
    assert again is not None and again._runtime is None  # It is opened for the first such row.
    found = np.asarray(predictor.rows({"text": TEXTS}).scores)
    assert again._runtime is not None
    assert np.allclose(found[3], fp32[3]) and np.array_equal(found[:3], alone[:3])


def test_a_graph_is_a_model_of_its_own(
    fitted: Path, tmp_path: Path, gft: Callable[..., Ran]
) -> None:
    alone, val = tmp_path / "alone", fitted.parent / "data.val"
    made = api.load(f"C:{fitted}").export(output_dir=str(alone))
    assert "of the labels are the same as the model's in fp32" in made.text()
    answers = [
        gft("predict", "--model", spec, "--data", f"C:{val}", "--runtime", "onnx",
            "--precision", "fp32", "--format", "jsonl").out
        for spec in (f"C:{fitted}", f"C:{alone}")
    ]  # fmt: skip
    assert answers[0] == answers[1] and answers[0].count("\n") == 210
    assert len(api.load(f"C:{alone}").predict(TEXTS)) == len(TEXTS)
    scored = gft("eval", "--model", f"C:{alone}", "--data", f"C:{val}", "--json")
    assert json.loads(scored.out)["runtime"]["name"] in ("onnx", "openvino")
    torch = gft("predict", "--model", f"C:{alone}", "--data", f"C:{val}", "--runtime", "torch")
    assert torch.status == 2
    assert "is a graph without its model, which torch would need" in torch.err
    small = gft("predict", "--model", f"C:{alone}", "--data", f"C:{val}", "--precision", "int8")
    assert small.status == 2 and "has no graph in 8 bits that can be used" in small.err
    assert "export the model that it was made of" in small.errors[0]
    (alone / "model.onnx").rename(tmp_path / "kept.onnx")
    gone = gft("predict", "--model", f"C:{alone}", "--data", f"C:{val}")
    assert gone.status == 2 and "model.onnx is missing: export the model again" in gone.errors[0]
    (tmp_path / "kept.onnx").rename(alone / "model.onnx")
    for folder, told in (
        (fitted / "onnx", f"is for the graph of the fit in {fitted}"),
        (fitted / "config.json", f"{fitted / 'config.json'} is a file"),
    ):
        ran = gft("export", "--model", f"C:{fitted}", "--output_dir", str(folder))
        assert ran.status == 2 and told in ran.errors[0], ran.err
    with pytest.raises(UserError, match=r"is a graph without its model: gft\.predict, gft\.eval"):
        api.fit(model=f"C:{alone}", data=f"C:{fitted.parent / 'data'}",
                eqn="classify: colour ~ text", output_dir=str(tmp_path / "again"))  # fmt: skip


def test_an_adapter_is_merged_into_its_graph(
    tiny: Path, fitted: Path, tmp_path: Path, gft: Callable[..., Ran]
) -> None:
    adapter = api.fit(model=f"C:{tiny}", data=f"C:{fitted.parent / 'data'}", peft="lora",
                      eqn="classify: colour ~ text", output_dir=str(tmp_path / "lora"),
                      num_train_epochs=1, learning_rate=3e-3, max_length=32)  # fmt: skip
    found = adapter.export().found
    assert found["largest_difference"] < 1e-5 and found["equal_labels"] == 1.0
    done = gft("eval", "--model", f"C:{adapter.folder}", "--runtime", "onnx", "--json")
    assert json.loads(done.out)["runtime"]["graph"] == "model.onnx"


def test_vectors_of_texts_are_exported(
    tiny: Path, fitted: Path, tmp_path: Path, gft: Callable[..., Ran]
) -> None:
    given = ("--task", "feature_extraction", "--model", f"C:{tiny}")
    folder, texts = tmp_path / "vectors", f"C:{fitted.parent / 'data.val'}"
    done = gft("export", *given, "--data", texts, "--eqn", "feature_extraction: colour ~ text",
               "--output_dir", folder)  # fmt: skip
    assert done.status == 0 and "the model's is 1.0000" in done.out, done.err
    assert read_guide(folder).graphs["fp32"]["verified"]
    pairs, answers = tmp_path / "pairs.csv", []
    pairs.write_text("sentence1,sentence2\nriver mark0,market\nstone,stone\n", encoding="utf-8")
    for model in (f"C:{tiny}", f"C:{folder}"):
        done = gft("predict", "--task", "sentence_similarity", "--model", model, "--data", pairs)
        assert done.status == 0, done.err
        answers.append([line.split("\t")[-1] for line in done.out.splitlines()])
    assert answers[0] == answers[1] and answers[0][-1] == "1.0000"
    other = gft("predict", "--model", f"C:{folder}", "--data", pairs)
    assert other.status == 2 and "--task feature_extraction" in other.err
    few = gft("export", *given, "--data", pairs, "--output_dir", tmp_path / "few", "--eqn",
              "feature_extraction: x ~ sentence1")  # fmt: skip
    assert few.status == 0 and "fewer than 200 rows are too few to verify them" in few.err
    assert not read_guide(tmp_path / "few").graphs["fp32"]["verified"]
    nowhere = gft("export", *given)
    assert nowhere.status == 2 and "needs --output_dir for its graph" in nowhere.err
    whole = gft("export", "--task", "fill_mask", "--model", f"C:{tiny}", "--output_dir", folder)
    assert whole.status == 2 and "regress and feature_extraction" in whole.err


def test_a_graph_beside(fitted: Path, tmp_path: Path, gft: Callable[..., Ran]) -> None:
    few = tmp_path / "few.csv"
    few.write_text(rows(20), encoding="utf-8")
    done = gft("export", "--model", f"C:{fitted}", "--data", few, "--output_dir", tmp_path / "g")
    assert done.status == 0, done.err
    assert "compared on 20 rows: fewer than 200 rows are too few to verify it" in done.err
    assert read_guide(tmp_path / "g").graphs["fp32"]["verified"] is False
    again = gft("export", "--model", f"C:{fitted}", "--output_dir", tmp_path)
    assert again.status == 2 and "is not empty, and holds no graph" in again.err


@pytest.mark.parametrize(
    ("model", "made"),
    [("H:someone/mnli", "from the weights"), ("P:tiny-bart", "by torch's exporter")],
)
def test_a_ready_made_model_is_exported(
    model: str, made: str, hub: Hub, tmp_path: Path, gft: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if model[0] == "P":
        monkeypatch.setenv("PPNLP_HOME", str(tmp_path / "home"))
        copied_paddle("bart_sequence_scale", tmp_path / "home" / "models" / "tiny-bart")
    data, folder = tmp_path / "d.csv", tmp_path / "graph"
    data.write_text(rows(20), encoding="utf-8")
    words = ("--data", data, "--eqn", "classify: label ~ text")
    nowhere = gft("export", "--model", model)
    assert nowhere.status == 2 and len(nowhere.errors) == 1
    assert "is not a folder that gft_fit wrote: gft_export needs --output_dir" in nowhere.err
    other = (*words[:2], "--eqn", "classify: label ~ txt", "--output_dir", folder)
    wrong = gft("export", "--model", model, *other)
    assert wrong.status == 2 and "no column 'txt'" in wrong.err and not folder.exists()
    done = gft("export", "--model", model, *words, "--output_dir", folder)
    assert done.status == 0 and f"was written {made}" in done.out, done.err
    few = "compared on 20 rows: fewer than 200 rows are too few to verify it; --data names more"
    assert few in done.err
    graph = read_guide(folder).graphs["fp32"]
    assert (graph["equal_labels"], graph["verified"]) == (1.0, False)
    assert graph["largest_difference"] < 1e-5
    answers = [
        gft("predict", "--model", spec, *words, "--precision", "fp32").out.splitlines()
        for spec in (model, f"C:{folder}")
    ]
    assert answers[0] == answers[1] and len(answers[0]) == 20


def test_a_model_without_a_tokenizer_json(
    hub: Hub, tmp_path: Path, gft: Callable[..., Ran]
) -> None:
    files = dict(hub.repos["models"]["someone/mnli"].files("main"))
    for name in ("tokenizer.json", "vocab.txt"):
        files.pop(name)
    files["tokenizer_config.json"] = b'{"tokenizer_class": "CanineTokenizer"}'
    hub.repos["models"]["someone/letters"] = Repo({"main": files})
    folder = tmp_path / "graph"
    done = gft("export", "--model", "H:someone/letters", "--output_dir", folder)
    assert done.status == 2 and len(done.errors) == 1 and not folder.exists()
    assert "H:someone/letters has no tokenizer.json: its tokenizer is a CanineTokenizer" in done.err


def test_what_has_no_graph(tiny: Path, gft: Callable[..., Ran], fitted: Path) -> None:
    masked = gft("export", "--model", f"C:{tiny}", "--task", "fill_mask")
    assert masked.status == 2
    assert "no graph is made for fill_mask yet, only for classify, classify_spans" in masked.err
    half = gft("export", "--model", f"C:{fitted}", "--precision", "bf16")
    assert half.status == 2 and "in the form onnx is written in fp32 or int8" in half.err
    wrong = gft("eval", "--model", f"C:{fitted}", "--runtime", "onnx", "--precision", "bf16")
    assert wrong.status == 2 and "onnx computes in fp32 and int8" in wrong.err
    with pytest.raises(UserError, match="is for exported graphs"):
        api.plan(model=f"C:{tiny}", data=f"C:{fitted.parent / 'data'}", precision="int8",
                 eqn="classify: colour ~ text")  # fmt: skip


def test_the_fastest_of_those_that_answer_as_the_model() -> None:
    def speed(runtime: str, precision: str, rows: float, like: bool = True) -> dict[str, Any]:
        return {"runtime": runtime, "precision": precision, "rows_per_second": rows,
                "as_the_model": like}  # fmt: skip

    graph = {"machine": "here", "speeds": [
        speed("torch", "bf16", 500), speed("onnx", "fp32", 300), speed("openvino", "bf16", 900),
        speed("openvino", "int8", 5000)]}  # fmt: skip
    both = ("onnx", "openvino")
    assert fastest(graph, both, 1, "here") == ("onnx", "fp32")
    assert fastest(graph, both, 10_000, "here") == ("openvino", "bf16")
    assert fastest(graph, ("onnx",), 10_000, "here") == ("torch", "bf16")
    assert fastest(graph, both, 10, "elsewhere") == ("onnx", "fp32")
    assert fastest(graph, both, 10_000, "elsewhere") == ("torch", "auto")
    graph["speeds"][1] |= {"seconds_to_start": 1.0}  # type: ignore[index]
    graph["speeds"][2] |= {"seconds_to_start": 2.0}  # type: ignore[index]
    crossing = 450  # 1 second over 1/300 - 1/900 seconds a row
    assert fastest(graph, both, crossing - 1, "here") == ("onnx", "fp32")
    assert fastest(graph, both, crossing + 1, "here") == ("openvino", "bf16")
    graph["speeds"].append(speed("onnx", "int8", 400))  # type: ignore[attr-defined]
    assert fastest_in_8_bits(graph, both, 1, "here") == "onnx"
    assert fastest_in_8_bits(graph, both, 10_000, "here") == "openvino"
    assert fastest_in_8_bits(graph, both, 1, "elsewhere") == "openvino"
    assert fastest_in_8_bits(graph, ("onnx",), 10_000, "elsewhere") == "onnx"
    graph["speeds"][-1] |= {"as_the_model": False}  # type: ignore[index]
    assert fastest_in_8_bits(graph, both, 1, "here") == "openvino"
    graph["speeds"][2] = speed("openvino", "bf16", 900, like=False)  # type: ignore[index]
    assert fastest(graph, both, 10_000, "here") == ("torch", "bf16")


def test_agreement_of_labels_words_and_numbers() -> None:
    import numpy as np

    same = comparison.agreement
    assert same(np.array([1, 2, 0]), np.array([1, 2, 1])).share == pytest.approx(2 / 3)
    sets = np.array([[True, False], [True, True]])
    assert same(sets, np.array([[True, False], [True, False]])).share == 0.5
    words = [np.array([1, 2]), np.array([0])]
    assert same(words, [np.array([1, 1]), np.array([0])]).share == pytest.approx(2 / 3)
    assert same(["a", ""], ["a", "b"]).saved() == {"equal_labels": 0.5}
    numbers = np.array([[1.0], [2.0], [3.0]])
    assert same(numbers, numbers + 1e-9).saved() == {"correlation": 1.0}
    assert same(numbers, numbers[::-1]).share == pytest.approx(-1.0)


def test_a_pipe_gets_another_runtime_once_it_is_long(
    fitted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_rows(graph: Any, there: Any, rows: int, here: str) -> tuple[str, str]:
        return ("onnx", "fp32") if rows < 256 else ("torch", "auto")

    made: list[int] = []

    def recorded(*words: Any, rows: int) -> Any:
        made.append(rows)
        return make_predictor(*words, rows=rows)

    monkeypatch.setattr(pick, "fastest", by_rows)
    monkeypatch.setattr(pipe, "make_predictor", recorded)
    given = {"model": f"C:{fitted}"}
    program = build_program("predict", given, letters(), task_names(), predict_only_names())
    lines = [f"river mark{n % 2} stone" for n in range(600)]
    found = list(predict(program, io.BytesIO("\n".join(lines).encode())))
    assert made == [1, 256]
    assert [line.split("\t")[:2] for line in found] == [
        [line, ["red", "blue"][n % 2]] for n, line in enumerate(lines)
    ]
    made.clear()
    assert len(list(predict(program, io.BytesIO("\n".join(lines[:256]).encode())))) == 256
    assert made == [1]


def test_8_bits_beside_the_graph_of_another_model(
    fitted: Path, tmp_path: Path, gft: Callable[..., Ran]
) -> None:
    import onnx
    from onnx import TensorProto, helper

    shape = ["rows", "tokens"]
    parts = ("input_ids", "attention_mask", "token_type_ids")
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers", "axis"], ["mean"]),
        helper.make_node("Expand", ["mean", "size"], ["logits"]),
    ]
    constants = [helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
                 helper.make_tensor("size", TensorProto.INT64, [2], [1, 5])]  # fmt: skip
    inputs = [helper.make_tensor_value_info(one, TensorProto.INT64, shape) for one in parts]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", 5])
    other = helper.make_model(
        helper.make_graph(nodes, "other", inputs, [output], constants),
        opset_imports=[helper.make_opsetid("", 20)], ir_version=10,
    )  # fmt: skip
    onnx.save_model(other, str(tmp_path / "model.onnx"))
    (tmp_path / "predict.json").write_text("{}")
    shutil.copyfile(fitted / "tokenizer.json", tmp_path / "tokenizer.json")
    ran = gft("export", "--model", f"C:{fitted}", "--precision", "int8", "--accept",
              "--output_dir", str(tmp_path))  # fmt: skip
    assert ran.status == 0, ran.err
    guide = read_guide(tmp_path)
    assert set(guide.graphs) == {"int8"} and not guide.graphs["int8"].get("recomputation")
