"""A model placed on a device: the only user of `engine/cpu/`, all of which can be switched off."""

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
    """A model with its device, cores and precision, and whether it takes the fast path.

    `fast` turns the fast path on: gft's attention and dropout, the unpadded encoder, batches split
    or side by side, weights cast once, round shapes, memory that is kept. Without it everything is
    computed by PyTorch and transformers alone. `requested` says whether the user set the
    precision, `trained` whether weights change (otherwise they are cast once). A trial
    (`engine/trial.py`) may change `fast` and `precision`; it sets `tried`, and `verdict` to what a
    folder keeps of it. `by_length` says whether a batch must have rows of one length only, None
    until that was tested (`engine/padding.py`). `every_position` says whether the last hidden
    states are needed beyond the first position.
    """

    def __init__(
        self,
        loaded: Loaded,
        precision: Precision,
        *,
        fast: bool = True,
        cores: int | None = None,
        requested: bool = False,
        trained: bool = True,
    ) -> None:
        precision.place(loaded.model)
        self.loaded = loaded
        self.model: Any = loaded.model
        self.precision = precision
        self.fast = fast
        self.every_position = False
        self.requested = requested
        self.trained = trained
        self.cores = Cores(cores)
        self.tried = False
        self.trying = Lock()
        self.by_length: bool | None = None
        self._attention_types: list[tuple[Any, Any]] = [
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
        """Whether a short text changes the model's attention type for good (BigBird)."""
        return bool(self._attention_types)

    def restore(self) -> None:
        """Restore the attention type that the model was loaded with."""
        for module, attention_type in self._attention_types:
            if module.attention_type != attention_type:
                module.set_attention_type(attention_type)

    def batch(self, task: Task, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return features as a batch on the model's device; in training with random changes."""
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
        stack.enter_context(unpadded_encoder(self.model, self.every_position))
        if self.on_cpu:
            stack.enter_context(our_attention(everywhere))

    def split_batch(self, task: Task, features: Sequence[Feature]) -> SplitBatch | None:
        """Return what splits the batches of a training, None where they stay whole.

        Tested once, with a few of the features.
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
        """Train on these cores within, and keep freed memory from step to step."""
        with ExitStack() as stack:
            stack.enter_context(self.cores.in_use())
            if self.fast and self.on_cpu:
                stack.enter_context(freed_memory_kept())
            yield

    @property
    def side_by_side(self) -> bool:
        """Whether several batches are predicted at once, one on each core.

        A model that generates keeps state beside the weights, and uses all cores for a batch.
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
        """Return the round number of rows to which a batch of `count` is filled up."""
        return round_rows(count) if self.fast else count

    def length(self, count: int) -> int:
        """Return the round number of tokens to which a row of `count` is padded."""
        return round_length(count) if self.fast else count


def place_model(loaded: Loaded, options: Options, *, trained: bool = True) -> PlacedModel:
    """Return a model on the device, and in the precision, that the options set.

    `trained` says whether its weights will change.
    """
    computing = options.of(Computing)
    return PlacedModel(
        loaded,
        choose_precision(computing.precision, computing.use_cpu),
        # A compiler can follow the standard path, but not threads and weights that are lent.
        fast=computing.fast_cpu and not options.of(HandedOn).torch_compile,
        cores=computing.cores,
        requested=computing.precision != "auto",
        trained=trained,
    )
