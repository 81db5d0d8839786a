"""The fast path and a precision are tested on a few rows before they are used.

The rows go once through gft's fast path and once through the standard path of PyTorch and
transformers, without dropout. If the results differ, or one of the two raises, the standard path
or fp32 is used, with a note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from gft import notes, processes
from gft.engine.circumstances import processor_name, versions_of
from gft.engine.features import SAMPLED, FeatureStore, samples
from gft.engine.memory import is_shortage
from gft.engine.options import HandedOn
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import Precision
from gft.engine.untouched import untouched
from gft.errors import GftError, UserError
from gft.inputs.windows import first_windows
from gft.language.program import Options
from gft.metrics.protocol import Array
from gft.tasks.protocol import Feature, Task

EXACT = 1e-4
"""Largest relative difference of results in fp32 that counts as equal."""
ROUNDED = 2e-2
"""Largest relative difference in half precision that needs no comparison in fp32."""
NONSENSE = 0.5
"""A larger relative difference is not due to rounding."""
MOST_ROWS = 8
LEAST_ROWS = 3
"""As many as it takes to test whether batches can be split."""
THOROUGH = 8
"""A row whose gradients are also compared in fp32 costs as much as so many rows of training."""
TOKENS = 512
"""Tokens of all rows tested before a prediction, with padding: a fraction of a second."""
DECIDING = ("gft", "torch", "transformers", "peft")
"""The packages for whose versions a verdict holds."""

Results = dict[str, torch.Tensor]
Computed = Callable[[bool, Precision], Results]
"""Computes the results on the fast path or not, in a precision."""


def try_training(task: Task, placed: PlacedModel, store: FeatureStore, options: Options) -> None:
    """Test a training, in about a hundredth of the time that it takes.

    The model is left as it was. Raises `UserError` if the model cannot compute in the precision
    that the user set, and whatever the standard path raises in fp32.
    """
    placed.tried = True
    half = placed.precision.name != "fp32"
    if not placed.fast and not half:
        return
    lengths = store.lengths()
    order = np.argsort(-lengths, kind="stable")
    training = options.of(HandedOn)
    batch_size = training.per_device_train_batch_size
    passes = training.num_train_epochs * len(order)
    if training.max_steps > 0:
        passes = training.max_steps * batch_size * training.gradient_accumulation_steps
    longest = lengths.max(initial=0)
    affordable = passes / 100 * (float(lengths.mean() / longest) if longest else 1)
    # Both paths, forward and backward, and the standard one takes twice the time.
    count = min(max(LEAST_ROWS, min(MOST_ROWS, int(affordable / 3))), batch_size, len(order))
    # The longest row, since it may change a model for good, and the shortest, for their padding.
    chosen = [*order[:1], *order[max(1, len(order) - count + 1) :]]
    features = [first_windows(store[int(n)], SAMPLED) for n in chosen]

    def results() -> Results:
        split_batch = placed.split_batch(task, features)
        seen: Results = {}
        placed.model.zero_grad()
        torch.manual_seed(0)
        with placed.training(split_batch, everywhere=True), _watched(placed.model, batch, seen):
            with placed.precision.autocast():
                loss = task.loss(placed.model, batch)
            torch.autograd.backward(loss)
        if not seen:
            seen["loss"] = loss.detach().float()
        gradients = {
            name: weight.grad
            for name, weight in placed.model.named_parameters()
            if weight.grad is not None
        }
        placed.model.zero_grad()
        if placed.precision.name == "fp32":
            seen |= gradients
        return seen

    with untouched(placed.model), placed.cores.in_use():
        placed.model.eval()
        batch = placed.batch(task, features, training=True)
        thorough = affordable >= THOROUGH * count
        _settle(placed, results, len(features), thorough, processes.largest)


def try_predicting(
    task: Task, placed: PlacedModel, features: Sequence[Feature], lengths: Array
) -> None:
    """Test a prediction with a few of the features, the longest first, unless it was tested before.

    The first outputs of the model are compared: for generation, the scores of the first token.
    """
    with placed.trying:
        if placed.tried or not features:
            return
        placed.tried = True
        if not placed.fast and placed.precision.name == "fp32":
            return
        count = min(MOST_ROWS, len(features), max(1, TOKENS // max(1, int(lengths[0]))))
        chosen = samples([features[0], *features[max(1, len(features) - count + 1) :]])

        def results() -> Results:
            seen: Results = {}
            with (
                _watched(placed.model, batch, seen, stop=True),
                placed.predicting(everywhere=True),
                torch.inference_mode(),
                placed.precision.autocast(),
            ):
                task.run(placed.model, batch)
            return seen

        with untouched(placed.model), placed.cores.in_use():
            batch = placed.batch(task, chosen)
            _settle(placed, results, len(chosen))


def recall(placed: PlacedModel, verdict: dict[str, Any] | None, *, anywhere: bool = False) -> None:
    """Use the verdict in a folder, if it was reached by these versions on this processor.

    That of a fit being resumed holds `anywhere`.
    """
    if verdict is None or not (anywhere or _circumstances(placed) == verdict["circumstances"]):
        return
    named = placed.precision.name
    if named not in (verdict["precision"], verdict["instead_of"]):
        return
    if named != verdict["precision"]:
        if placed.requested:
            return
        placed.precision = _in_fp32(placed.precision, f"the model cannot compute in {named}")
    placed.fast = placed.fast and verdict["fast"]
    placed.verdict, placed.tried = verdict, True


def _settle(
    placed: PlacedModel,
    results: Callable[[], Results],
    rows: int,
    thorough: bool = False,
    agreed: Callable[..., list[int]] = lambda *mine: list(mine),
) -> None:
    """Decide on the precision and the path; `results` computes as the model is placed.

    `agreed` combines what several processes found.
    """
    wanted, fast = placed.precision, placed.fast
    apart, problem = 0.0, ""

    def computed(fast: bool, precision: Precision) -> Results:
        before = placed.fast, placed.precision
        placed.fast, placed.precision = fast, precision
        try:
            return results()
        finally:
            placed.fast, placed.precision = before

    try:
        precision, expected = _expected(placed, computed)
        if fast:
            apart, problem = _apart(computed, precision, expected, thorough)
    except Exception as shortage:
        if not is_shortage(shortage):
            raise
        # The training or the prediction meets the shortage too, and handles it.
        precision, fast = wanted, False
    fallen, slow = agreed(precision.name != wanted.name, bool(problem))
    if fallen:
        placed.precision = _in_fp32(wanted, f"the model cannot compute in {wanted.name}")
    if slow:
        placed.fast = False
        notes.note(
            f"{type(placed.model).__name__} is computed by PyTorch and transformers alone, without "
            f"gft's fast path, which {problem or 'does not work in another process'}"
        )
    if fast:
        placed.verdict = {
            "fast": placed.fast,
            "precision": placed.precision.name,
            "instead_of": wanted.name if fallen else None,
            "rows": rows,
            "difference": apart,
            "why_not": problem or None,
            "circumstances": _circumstances(placed),
        }


def _expected(placed: PlacedModel, computed: Computed) -> tuple[Precision, Results]:
    """Return the precision in which the standard path can compute, and its results."""
    wanted = placed.precision
    try:
        return wanted, computed(False, wanted)
    except Exception as problem:
        if wanted.name == "fp32" or isinstance(problem, GftError) or is_shortage(problem):
            raise
        exact = _in_fp32(wanted, "")
        found = computed(False, exact)
        reason = f"{type(placed.model).__name__} cannot compute in {wanted.name} ({_line(problem)})"
        if placed.requested:
            raise UserError(
                f"--precision {wanted.name}: {reason}; use --precision fp32, or leave it out"
            ) from problem
        notes.note(f"{reason}: computing in fp32")
        return exact, found


def _apart(
    computed: Computed, precision: Precision, expected: Results, thorough: bool
) -> tuple[float, str]:
    """Return the relative difference of the fast path's results, and what is wrong with them.

    In half precision two correct computations round differently. So what differs there, and
    gradients, are compared in fp32, where only a mistake makes a difference above `EXACT`.
    """
    try:
        apart = _difference(computed(True, precision), expected)
        limit = EXACT if precision.name == "fp32" else ROUNDED
        if limit == ROUNDED and apart <= NONSENSE and (thorough or apart > ROUNDED):
            limit, exact = EXACT, _in_fp32(precision, "")
            expected = computed(False, exact)
            apart = _difference(computed(True, exact), expected)
    except Exception as problem:
        if isinstance(problem, GftError) or is_shortage(problem):
            raise
        return float("inf"), f"fails ({_line(problem)})"
    if apart <= limit:
        return apart, ""
    return apart, f"gives different results (relative difference {apart:.1g})"


def _difference(found: Results, expected: Results) -> float:
    """Return the norm of the difference relative to that expected: of outputs, or of gradients.

    0 where what is expected is not finite itself.
    """
    outputs = {name for name in expected if name == "loss" or name.endswith("logits")}
    apart = 0.0
    for names in (outputs, expected.keys() - outputs):
        if names - found.keys():
            return float("inf")
        norm = _norm([expected[name] for name in names])
        if names and np.isfinite(norm):
            off = _norm([found[name] - expected[name] for name in names])
            apart = max(apart, off / norm if norm else off)
            if np.isnan(off):
                return float("inf")
    return apart


def _norm(tensors: Sequence[torch.Tensor]) -> float:
    return float(torch.stack([one.float().norm() for one in tensors]).norm()) if tensors else 0.0


class _SeenEnough(Exception):
    """Ends a prediction once the model has returned its first outputs."""


@contextmanager
def _watched(
    model: torch.nn.Module, batch: dict[str, torch.Tensor], seen: Results, stop: bool = False
) -> Iterator[None]:
    """Put the logits of the model's first call into `seen`, without those of padding."""
    mask = batch.get("attention_mask")

    def look(module: Any, inputs: Any, outputs: Any) -> None:
        for name, logits in outputs.items() if isinstance(outputs, dict) and not seen else ():
            if not name.endswith("logits") or not isinstance(logits, torch.Tensor):
                continue
            if mask is not None and logits.shape[:2] == mask.shape:
                seen[name] = logits.detach()[mask.bool()].float()
            elif logits.ndim == 2 or logits.shape[1] == 1:
                seen[name] = logits.detach().float()
        if stop:
            raise _SeenEnough

    try:
        with model.register_forward_hook(look):
            yield
    except _SeenEnough:
        pass


def _in_fp32(precision: Precision, reason: str) -> Precision:
    return replace(precision, name="fp32", reason=reason)


def _line(problem: BaseException) -> str:
    """Return an exception as one line."""
    return f"{type(problem).__name__}: {str(problem).strip().partition(chr(10))[0]}"


def _circumstances(placed: PlacedModel) -> dict[str, str]:
    """Return the conditions of a verdict: the processor and the versions of packages."""
    device = placed.precision.device
    on = torch.cuda.get_device_name(device) if device.type == "cuda" else processor_name()
    return {"processor": on, **versions_of(DECIDING)}
