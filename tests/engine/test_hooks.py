"""Everything of other libraries that gft overrides, replaces, or calls though it is private.

An upgrade that renames one, or gives it other parameters, fails here instead of never calling what
gft put in its place. What gft overrides and is not named here fails too.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from pydoc import locate
from typing import Any

import pytest
import torch
import transformers

import gft
from gft.engine.cpu.encoder import READ_THE_FIRST

LIBRARIES = ("transformers", "torch", "peft", "accelerate", "uvicorn")
SOURCE = Path(next(iter(gft.__path__)))

OVERRIDDEN = {
    "torch.autograd.function._SingleLevelFunction.backward": "(ctx, *grad_outputs)",
    "torch.autograd.function._SingleLevelFunction.forward": "(*args, **kwargs)",
    "torch.nn.modules.module.Module.__init__": "(self, *args, **kwargs)",
    "torch.nn.modules.module.Module.forward": "(self, *input)",
    "torch.utils.data.dataset.Dataset.__getitem__": "(self, index)",
    "torch.utils.data.sampler.Sampler.__iter__": "(self)",
    "transformers.trainer.Trainer.__init__": (
        "(self, model=None, args=None, data_collator=None, train_dataset=None, "
        "eval_dataset=None, processing_class=None, model_init=None, compute_loss_func=None, "
        "compute_metrics=None, callbacks=None, optimizers=(None, None), "
        "optimizer_cls_and_kwargs=None, preprocess_logits_for_metrics=None)"
    ),
    "transformers.trainer.Trainer._clip_grad_norm": "(self, model)",
    "transformers.trainer.Trainer._get_num_items_in_batch": "(self, batch_samples, device)",
    "transformers.trainer.Trainer._get_train_sampler": "(self, train_dataset=None)",
    "transformers.trainer.Trainer._load_from_checkpoint": (
        "(self, resume_from_checkpoint, model=None)"
    ),
    "transformers.trainer.Trainer._save_checkpoint": "(self, model, trial)",
    "transformers.trainer.Trainer.compute_loss": (
        "(self, model, inputs, return_outputs=False, num_items_in_batch=None)"
    ),
    "transformers.trainer.Trainer.create_optimizer": "(self, model=None)",
    "transformers.trainer.Trainer.evaluate": (
        "(self, eval_dataset=None, ignore_keys=None, metric_key_prefix='eval')"
    ),
    "transformers.trainer.Trainer.floating_point_ops": "(self, inputs)",
    "transformers.trainer.Trainer.training_step": (
        "(self, model, inputs, num_items_in_batch=None)"
    ),
    "transformers.trainer_callback.TrainerCallback.on_epoch_begin": (
        "(self, args, state, control, **kwargs)"
    ),
    "transformers.trainer_callback.TrainerCallback.on_epoch_end": (
        "(self, args, state, control, **kwargs)"
    ),
    "transformers.trainer_callback.TrainerCallback.on_evaluate": (
        "(self, args, state, control, **kwargs)"
    ),
    "transformers.trainer_callback.TrainerCallback.on_log": (
        "(self, args, state, control, **kwargs)"
    ),
    "transformers.trainer_callback.TrainerCallback.on_save": (
        "(self, args, state, control, **kwargs)"
    ),
    "transformers.trainer_callback.TrainerCallback.on_step_begin": (
        "(self, args, state, control, **kwargs)"
    ),
    "transformers.trainer_callback.TrainerCallback.on_step_end": (
        "(self, args, state, control, **kwargs)"
    ),
    "transformers.trainer_callback.TrainerCallback.on_train_begin": (
        "(self, args, state, control, **kwargs)"
    ),
    "uvicorn.protocols.http.h11_impl.H11Protocol.connection_lost": "(self, exc)",
    "uvicorn.protocols.http.h11_impl.H11Protocol.connection_made": "(self, transport)",
    "uvicorn.protocols.http.h11_impl.H11Protocol.data_received": "(self, data)",
    "uvicorn.protocols.http.h11_impl.H11Protocol.pause_writing": "(self)",
    "uvicorn.protocols.http.h11_impl.H11Protocol.resume_writing": "(self)",
    "uvicorn.protocols.http.h11_impl.H11Protocol.send_400_response": "(self, msg)",
    "uvicorn.server.Server.__init__": "(self, config)",
    "uvicorn.server.Server.shutdown": "(self, sockets=None)",
}
"""Methods of the libraries' classes that gft's override, by their parameters."""

CALLED = {
    "peft.get_peft_model_state_dict": (
        "(model, state_dict=None, adapter_name='default', unwrap_compiled=False, "
        "save_embedding_layers='auto')"
    ),
    "peft.set_peft_model_state_dict": (
        "(model, peft_model_state_dict, adapter_name='default', "
        "ignore_mismatched_sizes=False, low_cpu_mem_usage=False)"
    ),
    "peft.tuners.tuners_utils.BaseTunerLayer": "()",
    "peft.utils.constants.TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING": "no function",
    "peft.utils.other.ModulesToSaveWrapper": "(module_to_save, adapter_name, tied_module=None)",
    "torch.func.functional_call": (
        "(module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, "
        "strict=False)"
    ),
    "torch.nn.Linear.forward": "(self, input)",
    "torch.nn.functional.dropout": "(input, p=0.5, training=True, inplace=False)",
    "torch.nn.utils.clip_grads_with_norm_": "(parameters, max_norm, total_norm, foreach=None)",
    "torch.nn.utils.get_total_norm": (
        "(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None)"
    ),
    "transformers.AttentionInterface.register": "(key, value)",
    "transformers.PreTrainedModel.add_adapter": "(self, adapter_config, adapter_name=None)",
    "transformers.activations.get_activation": "(activation_string)",
    "transformers.integrations.sdpa_attention.repeat_kv": "(hidden_states, n_rep)",
    "transformers.integrations.sdpa_attention.sdpa_attention_forward": (
        "(module, query, key, value, attention_mask, dropout=0.0, scaling=None, "
        "is_causal=None, position_bias=None, cache=None, **kwargs)"
    ),
    "transformers.modeling_outputs.BaseModelOutputWithPastAndCrossAttentions": (
        "(last_hidden_state=None, past_key_values=None, hidden_states=None, attentions=None, "
        "cross_attentions=None)"
    ),
    "transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS": "no function",
    "transformers.integrations.integration_utils.INTEGRATION_TO_CALLBACK": "no function",
    "transformers.pytorch_utils.Conv1D": "(nf, nx)",
    "transformers.trainer_callback.PrinterCallback": "()",
    "transformers.trainer_callback.ProgressCallback": "(max_str_len=100)",
    "transformers.optimization.TYPE_TO_SCHEDULER_FUNCTION": "no function",
    "transformers.trainer_pt_utils.AcceleratorConfig": (
        "(split_batches=False, dispatch_batches=None, even_batches=True, "
        "use_seedable_sampler=True, non_blocking=False, gradient_accumulation_kwargs=None, "
        "use_configured_state=False)"
    ),
    "transformers.trainer_utils.check_target_module_exists": (
        "(optim_target_modules, key, return_is_regex=False)"
    ),
    "transformers.utils.import_utils": "no function",
    "transformers.utils.import_utils.is_cuda_stream_capturing": "()",
    "transformers.utils.logging": "no function",
}
"""Functions that gft replaces, hands on to or calls, which the libraries promise to nobody."""

OPERATORS = {
    "aten._softmax_backward_data": (
        "aten::_softmax_backward_data(Tensor grad_output, Tensor output, int dim, ScalarType "
        "input_dtype) -> Tensor"
    ),
    "mkldnn._linear_pointwise": (
        "mkldnn::_linear_pointwise(Tensor X, Tensor W, Tensor? B, str attr, Scalar?[] "
        "scalars, str? algorithm) -> Tensor Y"
    ),
    "mkldnn._reorder_linear_weight": (
        "mkldnn::_reorder_linear_weight(Tensor self, int? batch_size=None) -> Tensor Y"
    ),
    "mkldnn._is_mkldnn_bf16_supported": "mkldnn::_is_mkldnn_bf16_supported() -> bool _0",
}
"""Operators of torch whose names begin with an underscore."""

ATTRIBUTES = {
    "_C": lambda: torch,
    "_cuda_endAllocateToPool": lambda: torch._C,
    "_cuda_releasePool": lambda: torch._C,
    "_attn_implementation": lambda: transformers.BertConfig(attn_implementation="sdpa"),
    "_gradient_checkpointing_func": lambda: checkpointed().bert.encoder.layer[0],
    "_hf_peft_config_loaded": lambda: transformers.PreTrainedModel,
    "_indices": lambda: torch.Tensor,
    "_values": lambda: torch.Tensor,
    "_version": lambda: torch.ones(1),
    "_save_optimizer_and_scheduler": lambda: transformers.Trainer,
    "_save_scaler": lambda: transformers.Trainer,
}
"""Private attributes that gft reads, and what has them."""

OUR_OWN_NAMES = {"_asdict"}
"""Of a named tuple, which Python documents."""


def parameters(function: Any) -> str:
    """Return names, kinds and defaults of parameters; annotations may change."""
    if not callable(function):
        return "no function"
    found = inspect.signature(function)
    bare = [one.replace(annotation=inspect.Parameter.empty) for one in found.parameters.values()]
    return str(inspect.Signature(bare))


@pytest.mark.parametrize("path", [*OVERRIDDEN, *CALLED])
def test_functions_have_the_parameters_that_gft_knows(path: str) -> None:
    found = locate(path)
    assert found is not None
    assert parameters(found) == {**OVERRIDDEN, **CALLED}[path]


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_have_the_schema_that_gft_knows(name: str) -> None:
    room, _, operator = name.partition(".")
    found = getattr(getattr(torch.ops, room), operator).default._schema
    assert str(found) == OPERATORS[name]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_private_attributes_are_there(name: str) -> None:
    assert hasattr(ATTRIBUTES[name](), name)


def checkpointed() -> Any:
    config = transformers.BertConfig(
        vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=4,
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config)
    model.gradient_checkpointing_enable()
    return model


@pytest.mark.parametrize("name", sorted(READ_THE_FIRST))
def test_encoders_are_as_gft_computes_them(name: str) -> None:
    kind = getattr(transformers, name)
    with torch.device("meta"):
        model = kind(kind.config_class(num_hidden_layers=1))
    encoder = model.base_model.encoder
    given = inspect.signature(type(encoder).forward).parameters
    assert list(given)[:3] == ["self", "hidden_states", "attention_mask"]
    [layer] = encoder.layer
    inner = layer.attention.self
    linear = (inner.query, inner.key, inner.value)
    assert {type(one) for one in linear} == {torch.nn.Linear}
    assert isinstance(inner.dropout, torch.nn.Dropout)
    assert inner.scaling == inner.attention_head_size**-0.5
    assert parameters(layer.attention.output.forward) == "(hidden_states, input_tensor)"
    assert parameters(layer.feed_forward_chunk) == "(attention_output)"


def test_every_override_is_named_here() -> None:
    ignored = {
        "__doc__",
        "__module__",
        "__annotations__",
        "__parameters__",
        "__orig_bases__",
        "_backward_cls",
    }
    found = set()
    for kind in our_classes():
        for base in kind.__mro__[1:]:
            if base.__module__.split(".")[0] in LIBRARIES:
                names = (vars(kind).keys() & vars(base).keys()) - ignored
                found |= {f"{base.__module__}.{base.__qualname__}.{name}" for name in names}
    assert found == OVERRIDDEN.keys()


def our_classes() -> Iterator[type]:
    for file in SOURCE.rglob("*.py"):
        parts = file.relative_to(SOURCE.parent).with_suffix("").parts
        if parts[-1] != "__main__":
            module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
            own = (one for one in vars(module).values() if isinstance(one, type))
            yield from (one for one in own if one.__module__ == module.__name__)


def test_every_private_name_and_every_module_inside_is_named_here() -> None:
    own, private, inside, replaced = set(OUR_OWN_NAMES), set(), set(), set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
            elif isinstance(node, ast.Attribute):
                of_self = ast.unparse(node.value) == "self"
                if isinstance(node.ctx, ast.Store) and of_self:
                    own.add(node.attr)
                elif isinstance(node.ctx, ast.Store) and callable(
                    getattr(torch.nn.Module, node.attr, None)
                    or getattr(torch.nn.functional, node.attr, None)
                ):
                    replaced.add(node.attr)
                if node.attr.startswith("_") and not node.attr.startswith("__"):
                    private.add(node.attr)
            elif isinstance(node, ast.ImportFrom):
                package, _, rest = (node.module or "").partition(".")
                if package in ("transformers", "peft", "accelerate") and rest:
                    inside |= {f"{node.module}.{one.name}" for one in node.names}
    operators = {name.partition(".")[2] for name in OPERATORS}
    assert private - own - operators == ATTRIBUTES.keys() - own
    assert inside <= CALLED.keys()
    assert replaced == {"forward", "dropout", "__class__"}
