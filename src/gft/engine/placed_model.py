"""A loaded model in place: the only door to `engine/cpu/`, all of which is switched off at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from threading import Lock
from typing import Any, TypeVar

from gft.engine.cpu.attention import our_attention
from gft.engine.cpu.casts import Casts
from gft.engine.cpu.cores import AT_ONCE, Cores
from gft.engine.cpu.dropout import DROPOUT
from gft.engine.cpu.encoder import unpadded_encoder
from gft.engine.cpu.heap import freed_memory_kept
from gft.engine.cpu.shapes import round_length, round_rows
from gft.engine.cpu.split_batch import SplitBatch, split_batch_of
from gft.engine.options import Computing, HandedOn
from gft.engine.precision import Precision, choose_precision
from gft.language.program import Options
from gft.suppliers.protocol import Loaded
from gft.tasks.protocol import Batch, Feature, Task

__all__ = ["Cores", "PlacedModel", "SplitBatch", "place_model"]

B = TypeVar("B")
R = TypeVar("R")


class PlacedModel:
    """A model where it computes: on which device and cores, in which precision, how fast.

    `fast` says whether it takes the fast path: our attention and dropout, no padding between
    attentions, batches in halves or side by side, weights cast once, round shapes, memory that is
    kept. Without it everything is the library's own. `asked` says whether the user named the
    precision, `trained` whether weights change (else they are cast once). A trial
    (`engine/trial.py`) may change `fast` and `precision`; it sets `tried`, and `verdict` to what
    a folder keeps of it. `by_length` says whether rows of one length alone may go together, None
    until that was tried (`engine/padding.py`).
    """

    def __init__(
        self,
        loaded: Loaded,
        precision: Precision,
        *,
        fast: bool = True,
        cores: int | None = None,
        asked: bool = False,
        trained: bool = True,
    ) -> None:
        precision.place(loaded.model)
        self.loaded = loaded
        self.model: Any = loaded.model
        self.precision = precision
        self.fast = fast
        self.asked = asked
        self.trained = trained
        self.cores = Cores(cores)
        self.tried = False
        self.trying = Lock()
        self.by_length: bool | None = None
        self._kinds: list[tuple[Any, Any]] = [
            (module, module.attention_type)
            for module in loaded.model.modules()
            if hasattr(module, "set_attention_type")
        ]
        self.verdict: dict[str, Any] | None = None
        self._split_batch: SplitBatch | None = None
        self._split_tried = False
        self._casts: Casts | None = None

    @property
    def on_cpu(self) -> bool:
        """Whether the model is on a CPU."""
        return self.precision.device.type == "cpu"

    @property
    def changes(self) -> bool:
        """Whether the model takes another kind of attention for good at a short text: BigBird."""
        return bool(self._kinds)

    def restore(self) -> None:
        """Give the model the kind of attention again that it came with."""
        for module, kind in self._kinds:
            if module.attention_type != kind:
                module.set_attention_type(kind)

    def batch(self, task: Task, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return features as a batch on the model's device, in training as chance has them."""
        if training:
            features = [task.drawn(self.loaded.processor, feature) for feature in features]
        batch = task.collate(self.loaded.processor, features, training=training)
        return {name: tensor.to(self.precision.device) for name, tensor in batch.items()}

    @contextmanager
    def training(
        self, split_batch: SplitBatch | None = None, everywhere: bool = False
    ) -> Iterator[None]:
        """Train within: with `split_batch` both of a batch at once.

        `everywhere` takes our attention also where the library's is as fast.
        """
        with ExitStack() as stack:
            if self.fast:
                if self.on_cpu:
                    stack.enter_context(DROPOUT.installed())
                self._enter(stack, everywhere)
                if split_batch is not None:
                    stack.enter_context(split_batch.at_once())
            yield

    @contextmanager
    def predicting(self, everywhere: bool = False) -> Iterator[None]:
        """Predict within."""
        with ExitStack() as stack:
            if self.fast:
                self._enter(stack, everywhere)
                if self.on_cpu and not self.trained and self.precision.name != "fp32":
                    self._casts = self._casts or Casts(self.model, self.precision.dtype())
                    stack.enter_context(self._casts.in_use())
            yield

    def _enter(self, stack: ExitStack, everywhere: bool) -> None:
        stack.enter_context(unpadded_encoder(self.model))
        if self.on_cpu:
            stack.enter_context(our_attention(everywhere))

    def split_batch(self, task: Task, features: Sequence[Feature]) -> SplitBatch | None:
        """Return what computes a training's batches in halves, None where they stay whole.

        Tried once, with a few of the features.
        """
        if not (self.fast and self.on_cpu):
            return None
        if not self._split_tried:

            def loss(rows: int) -> None:
                batch = self.batch(task, features[:rows], training=True)
                with self.training(), self.precision.autocast():
                    task.loss(self.model, batch)

            before = self.model.training
            self.model.train()
            self._split_batch = split_batch_of(self.model, self.cores, len(features), loss)
            self._split_tried = True
            self.model.train(before)
        return self._split_batch

    @contextmanager
    def working(self) -> Iterator[None]:
        """Train on these cores within, with memory that is kept from step to step."""
        with ExitStack() as stack:
            stack.enter_context(self.cores.in_use())
            if self.fast and self.on_cpu:
                stack.enter_context(freed_memory_kept())
            yield

    @property
    def side_by_side(self) -> bool:
        """Whether batches are predicted several at once, a core for each.

        Whoever generates keeps a state beside the weights, and has all cores.
        """
        generates = bool(getattr(self.model, "can_generate", bool)())
        return self.fast and self.on_cpu and not generates and not self.changes

    def each(
        self,
        run: Callable[[B], R],
        batches: Sequence[B],
        within: Callable[[], AbstractContextManager[object]],
    ) -> list[R]:
        """Return what `run` returns for each batch, in their order, computed within a context."""
        at_once = AT_ONCE if self.side_by_side else 1
        return self.cores.side_by_side(run, batches, within, at_once)

    def rows(self, count: int) -> int:
        """Return how many rows a batch has that is to have `count`: a round number."""
        return round_rows(count) if self.fast else count

    def length(self, count: int) -> int:
        """Return how many tokens are computed for a row of `count`: a round number."""
        return round_length(count) if self.fast else count


def place_model(loaded: Loaded, options: Options, *, trained: bool = True) -> PlacedModel:
    """Put a model where and how the options say that it computes.

    `trained` says whether its weights are to change.
    """
    asked = options.of(Computing)
    return PlacedModel(
        loaded,
        choose_precision(asked.precision, asked.use_cpu),
        # A compiler follows the library's own way, not threads and weights that are lent.
        fast=asked.fast_cpu and not options.of(HandedOn).torch_compile,
        cores=asked.cores,
        asked=asked.precision != "auto",
        trained=trained,
    )
