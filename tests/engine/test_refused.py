"""What the library refuses of its arguments is said before a model is loaded, by their names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gft.engine import fitting
from gft.engine.refused import check_arguments, check_model
from gft.errors import UserError
from gft.language.program import Options
from gft.metrics.protocol import Measure
from ran import Ran


def check(given: dict[str, Any], scored: bool = True) -> None:
    check_arguments(Options(given), "auto", True, 100, scored, Measure("accuracy"))


SETTLED = {"lr_scheduler_type": "warmup_stable_decay"}


@pytest.mark.parametrize(("given", "expected"), [
    ({"optim": "galore_adamw"}, "--optim galore_adamw: You need to install `galore_torch`"),
    ({"optim": "lomo", "warmup_steps": 2.0}, "--optim lomo: You need to install `lomo_optim`"),
    ({"optim": "rmsprop", "optim_args": "alpha=x"},
     "--optim rmsprop with --optim_args alpha=x: could not convert"),
    ({"optim_args": "alpha"}, "--optim_args alpha: expected NAME=VALUE,NAME=VALUE"),
    ({"adam_beta1": 1.0}, "--adam_beta1 1.0: Invalid beta parameter"),
    (SETTLED, "--lr_scheduler_type warmup_stable_decay needs num_decay_steps"),
    ({"lr_scheduler_type": "cosine_with_min_lr"}, "--lr_scheduler_type cosine_with_min_lr: One of"),
    ({"lr_scheduler_kwargs": {"power": 2}}, "--lr_scheduler_kwargs of linear: it has no settings"),
    ({**SETTLED, "lr_scheduler_kwargs": {"num_decay_step": 2}},
     "no setting 'num_decay_step' (did you mean 'num_decay_steps'?)"),
    ({"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": {"lr_end": 1.0}},
     "--lr_scheduler_kwargs: lr_end (1.0) must be smaller than initial lr"),
    ({"lr_scheduler_kwargs": "none.json"}, "there is no file 'none.json'"),
    ({"accelerator_config": {"even_batch": True}}, "(did you mean 'even_batches'?)"),
    ({"accelerator_config": {"split_batches": True}}, "gft distributes the rows of a step"),
    ({"accelerator_config": {"gradient_accumulation_kwargs": {"num_steps": 3}}},
     "use --gradient_accumulation_steps instead"),
    ({"num_train_epochs": 1e308}, "--num_train_epochs 1e+308: more steps than can be counted"),
    ({"max_steps": 10**17}, "--max_steps 1e+17: more steps"),
    ({"dataloader_drop_last": True, "per_device_train_batch_size": 60,
      "gradient_accumulation_steps": 2}, "train has 100 rows and a step takes 120"),
    ({"deepspeed": "none.json"}, "--deepspeed: expected a JSON object"),
    ({"fsdp": "nonsense"}, "--fsdp nonsense: Unknown"),
    ({"save_strategy": "steps", "save_steps": 2.5}, "--save_steps 2.5: --save_steps must be"),
    ({"dataloader_prefetch_factor": 2}, "--dataloader_prefetch_factor 2: "),
    ({"torch_compile": True, "torch_compile_backend": "nonsense"}, "--torch_compile_backend"),
    ({"gradient_checkpointing": True, "gradient_checkpointing_kwargs": {"nonsense": 1}},
     "--gradient_checkpointing with --gradient_checkpointing_kwargs: TypeError: "),
])  # fmt: skip
def test_what_is_refused(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(UserError) as refused:
        check(given)
    [message] = refused.value.messages
    assert expected in message and "\n" not in message and len(message) < 500


def test_a_schedule_that_looks_at_scores_needs_them() -> None:
    check({"lr_scheduler_type": "reduce_lr_on_plateau"})
    with pytest.raises(UserError, match=r"--lr_scheduler_type reduce_lr_on_plateau: .* eval"):
        check({"lr_scheduler_type": "reduce_lr_on_plateau"}, scored=False)


def test_what_is_not_refused_leaves_nothing() -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    check({"optim": "adafactor", "lr_scheduler_type": "cosine", "neftune_noise_alpha": 5.0,
           "lr_scheduler_kwargs": {"num_cycles": 2}, "dataloader_num_workers": 1})  # fmt: skip
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(("words", "expected"), [
    (("--optim", "grokadamw"), "--optim grokadamw: Please install grokadamw"),
    (("--per_device_train_batch_size", "9" * 400), "found one of 400 digits"),
    (("--optim_target_modules", "nonsense"), "has no such layer"),
    (("--dataloader_num_workers", 10**6), "--dataloader_num_workers: expected 1024 or less"),
])  # fmt: skip
def test_it_is_said_before_weights_are_asked_for(
    words: tuple[object, ...], expected: str, gft: Callable[..., Ran], tiny: Path, colours: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    model = tmp_path / "model"
    model.mkdir()
    for file in tiny.iterdir():
        if file.suffix != ".safetensors":
            (model / file.name).write_bytes(file.read_bytes())
    common = ("--model", f"C:{model}", "--data", f"C:{colours}", "--output_dir", tmp_path / "out",
              "--eqn", "classify: colour ~ text")  # fmt: skip
    for more in ((), ("--dry_run",)):
        ran = gft("fit", *common, *words, *more)
        assert ran.status == 2 and len(ran.errors) == 1 and expected in ran.errors[0], ran.err
    assert not (tmp_path / "out").exists()


class Unable(torch.nn.Module):
    """A model that reads no tokens, and cannot compute a layer again."""

    supports_gradient_checkpointing = False


@pytest.mark.parametrize(("given", "expected"), [
    ({"gradient_checkpointing": True}, "--gradient_checkpointing: H:some is a Unable, which"),
    ({"activation_checkpointing": True}, "--activation_checkpointing: H:some is a Unable, which"),
    ({"neftune_noise_alpha": 5.0}, "H:some is a Unable, which has no token embeddings"),
])  # fmt: skip
def test_what_a_model_cannot_do(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(UserError) as refused:
        check_model(Unable(), Options(given), "H:some")
    assert expected in str(refused.value)


def test_settings_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "cycles.json"
    file.write_text(json.dumps({"num_cycles": 2}))
    given = {"lr_scheduler_type": "cosine", "lr_scheduler_kwargs": str(file)}
    check(given)
    made = fitting.handed_to(fitting.TrainingArguments, Options(given))
    assert made["lr_scheduler_kwargs"] == {"num_cycles": 2}
    file.write_text("[")
    with pytest.raises(UserError, match="cannot be read as JSON"):
        check(given)
