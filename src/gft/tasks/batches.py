"""What a task does with a model: features of rows, batches of features, the loss, outputs."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gft.inputs.features import (
    COVARIATES,
    Batch,
    Cells,
    Encoded,
    Feature,
    MakeBatch,
    rows_of,
    stacked,
)
from gft.inputs.text import encode_texts, pad
from gft.metrics.protocol import Array
from gft.tasks.columns import TaskColumns
from gft.tasks.effects import with_effects

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class TaskBatches(TaskColumns):
    """The part of `Task` between rows and a model's outputs; the model is seen nowhere else."""

    def read(self, rows: Cells) -> list[list[Any]]:
        """Return the columns on the right as the model's processor is given them: no covariates."""
        return [kind.read(rows[name]) for name, kind in self.texts.items()]

    def read_covariates(self, rows: Cells) -> dict[str, list[Any]]:
        """Return the cells of covariates by column: numbers, levels as text, None for nothing."""
        pairs = zip(self.inputs, self.input_kinds, strict=True)
        return {name: kind.read(rows[name]) for name, kind in pairs if kind.is_covariate}

    def unknown_cells(self, rows: Cells) -> dict[str, Counter[str]]:
        """Return what covariates of rows have that train has not, counted, by column."""
        if self.covariates is None:
            return {}
        return self.covariates.unknown(self.read_covariates(rows))

    def with_covariates(self, encoded: Encoded, rows: Cells) -> Encoded:
        """Return the features of rows, each with the numbers of its row's covariates, if any."""
        if self.covariates is None:
            return encoded
        numbers = self.covariates.of(self.read_covariates(rows))
        for feature, row in zip(encoded.features, numbers, strict=True):
            feature[COVARIATES] = row
        return encoded

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return the features of rows; texts longer than `max_length` tokens are truncated.

        With `golds`, one a row, every feature has its `labels`.
        """
        encoded = encode_texts(processor, self.read(rows), max_length, golds)
        return self.with_covariates(encoded, rows)

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return a batch, padded to its longest feature; with `labels` if the features have them.

        `training` says that the features come from `drawn`.
        """
        batch = self.batch_of(processor, features, training)
        if "labels" in features[0]:
            batch["labels"] = self.label_tensor([feature["labels"] for feature in features])
        if COVARIATES in features[0]:
            batch[COVARIATES] = stacked(features)
        return batch

    def drawn(self, processor: Any, feature: Feature) -> Feature:
        """Return a feature as it is drawn at random for training: masked, or a part of it.

        torch's generator draws, which is seeded for each row: which rows are in a batch with it
        changes nothing.
        """
        return feature

    def batch_of(self, processor: Any, features: Sequence[Feature], training: bool) -> Batch:
        """Return a batch without labels: token tensors of shape (rows, longest)."""
        return pad(processor, features)

    def label_tensor(self, labels: Sequence[Any]) -> torch.Tensor:
        """Return the labels of features as `loss` takes them; by default numbers of classes."""
        import torch

        return torch.tensor([int(label) for label in labels])

    @abstractmethod
    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Run the model on a training batch and return the mean loss, a scalar.

        0, with a gradient of 0, where the batch has nothing that counts.
        """

    def middles_and_spreads(self, golds: Sequence[Any]) -> tuple[list[float], list[float]]:
        """Return where a model's outputs lie for rows with these gold values, and how far apart.

        One number for each output: 0 and 1 for logits, whose unit is always the same.
        """
        return [0.0] * len(self.labels), [1.0] * len(self.labels)

    def first_weights(
        self, numbers: Array, golds: Sequence[Any], states: Array | None = None
    ) -> Array:
        """Return what the weights of covariates begin with: float32, shape (outputs, columns).

        `numbers` are those that the covariates of rows are, shape (rows, columns), `golds` the
        rows' gold values, and `states` what the net makes of their texts (`components`), None
        where that is not known.
        """
        raise NotImplementedError(f"{self.name} takes no covariates")

    def _widths(self) -> tuple[int, ...]:
        """Return how many columns of numbers each term of the covariates has."""
        assert self.covariates is not None
        return self.covariates.fitted_design.widths

    def weight(self, batch: Batch) -> torch.Tensor | None:
        """Return what `loss` divides by for a training batch, a scalar: here its rows.

        A step adds up the losses of batches by their weights, so that it learns the same however
        its rows are divided. A task whose loss is a mean over tokens, or that weighs classes,
        returns their sum; None says that `loss` is a sum itself.
        """
        import torch

        return torch.tensor(float(rows_of(batch)))

    def run(self, model: Any, batch: Batch) -> Any:
        """Run the model on a batch without labels and return its outputs."""
        return with_effects(model(**batch), batch)

    def run_features(self, model: Any, features: Sequence[Feature], batch_of: MakeBatch) -> Any:
        """Return the model's outputs for features to predict; `batch_of` makes a batch of some."""
        return self.run(model, batch_of(features))

    def run_with_labels(self, model: Any, batch: Batch) -> tuple[Any, Any]:
        """Run the model on a batch but for its labels; return the outputs and the labels."""
        inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
        return self.run(model, inputs), batch["labels"]

    @property
    def shortened_by(self) -> str:
        """The argument with which less of a row is read, and less memory taken."""
        return "--max_length"

    def too_long(self, max_length: int) -> str:
        """Return what rows are of which some tokens are not read, for a note."""
        return f"longer than {max_length} tokens and truncated there"
