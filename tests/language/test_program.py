from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gft.engine.options import HandedOn
from gft.errors import UserError
from gft.language.equation import Equation
from gft.language.program import Program, build_program
from gft.language.spec import Letters, Spec
from gft.registry import arguments

TABLE = arguments()

SUPPLIERS = Letters({"h": "H", "huggingface": "H", "c": "C"}, usual="H", of_paths="C")
TASKS = {"classify": "classify", "text_classification": "classify", "regress": "regress"}
QQP: Mapping[str, Any] = {
    "model": "H:bert-base-cased",
    "data": "H:glue,qqp",
    "metric": ["H:glue,qqp", "f1"],
    "eqn": "text-classification: label ~ question1 + question2",
    "splits": "train, validation ,test",
}


def program(**given: Any) -> Program:
    return build_program("fit", given, SUPPLIERS, TASKS, {})


def test_a_program_knows_everything() -> None:
    qqp = program(**QQP, seed=3)
    assert qqp.function == "fit"
    assert qqp.model == Spec("H", "bert-base-cased")
    assert qqp.data == Spec("H", "glue", "qqp")
    assert qqp.metrics == (Spec("H", "glue", "qqp"), Spec("H", "f1"))
    assert qqp.task == "classify"
    assert qqp.equation == Equation.of_columns(
        "text-classification", ("label",), ("question1", "question2")
    )
    assert qqp.splits == ("train", "validation", "test")
    training = qqp.options.of(HandedOn)
    assert (training.seed, training.learning_rate) == (3, 5e-5)


def test_a_configuration_may_be_an_argument() -> None:
    given = {"data": "H:glue", "dataset_config_name": "qqp"}
    assert program(**given).data == Spec("H", "glue", "qqp")
    assert program(**{**given, "data": "H:glue,rte"}).data == Spec("H", "glue", "rte")


def test_several_models_are_for_eval() -> None:
    both = build_program("eval", {"model": ["H:a", "C:b"]}, SUPPLIERS, TASKS, {})
    assert both.models == (Spec("H", "a"), Spec("C", "b")) and both.model == Spec("H", "a")
    with pytest.raises(UserError, match="gft_fit takes one --model, found 2: H:a and C:b"):
        program(model=["H:a", "C:b"])


def test_nothing_given() -> None:
    empty = program()
    assert (empty.model, empty.data, empty.task, empty.equation) == (None, None, None, None)
    assert (empty.metrics, empty.splits) == ((), None)


@pytest.mark.parametrize("task", ["Text Classification", "H:text-classification", "CLASSIFY"])
def test_spellings_of_a_task(task: str) -> None:
    assert program(task=task).task == "classify"


def test_the_default_task_is_the_models_own() -> None:
    assert program(task="H:default").task is None
    assert program(task="default", eqn="regress: y ~ x").task == "regress"


def test_a_task_beside_an_equation_must_agree() -> None:
    assert program(task="classify", eqn="text_classification: y ~ x").task == "classify"
    with pytest.raises(UserError, match="--task names regress, but the equation names classify"):
        program(task="regress", eqn="classify: y ~ x")


def test_mistakes_are_said_together() -> None:
    with pytest.raises(UserError) as raised:
        program(model="Q:x", data="H:", metric=["Z:y"], eqn="classify: y x", splits="a,,b")
    assert len(raised.value.messages) == 5
    with pytest.raises(UserError, match="did you mean 'classify'"):
        program(eqn="clasify: y ~ x")


@pytest.mark.parametrize("splits", ["", "a,b,c,d", "a,,c"])
def test_splits_are_up_to_three_names(splits: str) -> None:
    with pytest.raises(UserError, match="expected up to three names"):
        program(splits=splits)


def test_what_is_saved_can_be_read_again() -> None:
    saved = program(**QQP, seed=3).saved(TABLE)
    assert json.loads(json.dumps(saved)) == saved
    again = program(
        **{name: saved[name] for name in ("model", "data", "metric", "eqn")},
        splits=",".join(saved["splits"]),
        **saved["arguments"],
    )
    assert again.saved(TABLE) == saved


def test_no_secret_is_saved() -> None:
    saved = program(**QQP, hub_token="hf_secret").saved(TABLE)
    assert "hf_secret" not in json.dumps(saved)


def test_what_makes_it_the_same_program() -> None:
    first = program(**QQP)
    elsewhere = {"output_dir": "x", "report_to": ["wandb"], "use_cpu": True, "debug": True,
                 "overwrite_output_dir": True, "disable_tqdm": True}  # fmt: skip
    assert program(**QQP, **elsewhere).identity(TABLE) == first.identity(TABLE)
    assert program(**QQP, seed=3).identity(TABLE) != first.identity(TABLE)
    assert program(**{**QQP, "data": "H:glue,mrpc"}).identity(TABLE) != first.identity(TABLE)


def test_a_default_that_is_spelt_out_is_the_same_program() -> None:
    from gft.language.command_line import normalize

    spelt = normalize("fit", {"warmup_steps": 0, "eval_delay": "0", "num_train_epochs": 3}, TABLE)
    assert json.dumps(program(**spelt.given).identity(TABLE)) == json.dumps(
        program().identity(TABLE)
    )
