"""The train split as a data loader reads it, and the batches that it makes of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import Dataset

from gft.engine.features import FeatureStore, of_one_length
from gft.engine.memory import PARTS
from gft.engine.rounding import Rounding
from gft.engine.sampler import filler
from gft.engine.seeds import seed_processor
from gft.tasks.protocol import Batch, Feature, Task

FILLER = "filler"
"""Key of a batch that does not count: its process had no row of the step."""


class Training(Dataset[tuple[int, Feature]]):
    """The train split as the data loader needs it: each feature with its index.

    An index below 0 is that of a filler, as the sampler yields them.
    """

    def __init__(self, store: FeatureStore, loaded_apart: bool) -> None:
        """Keep the features; `loaded_apart` says whether other processes make the batches."""
        self.store = store
        self._epoch = torch.zeros(1, dtype=torch.int64)
        if loaded_apart:  # Persistent workers have to see when the next epoch begins.
            self._epoch.share_memory_()  # type: ignore[no-untyped-call]

    @property
    def epoch(self) -> int:
        """The epoch whose batches are made."""
        return int(self._epoch)

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return len(self.store)

    def __getitem__(self, row: int) -> tuple[int, Feature]:
        return row, self.store[row if row >= 0 else filler(row)]


@dataclass(frozen=True)
class Collate:
    """Makes batches; what is random in a row depends only on seed, epoch and the row.

    So a resumed training sees the batches of an uninterrupted one, and another division of a
    step's rows the same rows. Where a task draws for a batch as a whole, it depends on seed, epoch
    and the first row.
    """

    task: Task
    processor: Any
    training: Training
    seed: int
    by_length: bool = False
    """Whether a batch is divided into `PARTS`, each of rows of one length."""
    rounding: Rounding | None = None
    """How rows are padded to few different lengths, None where they are not."""

    def __call__(self, numbered: list[tuple[int, Feature]]) -> Batch:
        """Return the batch of features, without fillers unless there is nothing else."""
        rows = [one for one in numbered if one[0] >= 0]
        with torch.random.fork_rng(devices=[]):
            features = [self._drawn(*one) for one in rows or numbered[:1]]
            self._seed(numbered[0][0])
            return self._collated(features, {} if rows else {FILLER: torch.ones(1)})

    def _collated(self, features: list[Feature], more: Batch) -> Batch:
        if not self.by_length:
            batch = self.task.collate(self.processor, features, training=True)
            return (self.rounding.rounded(batch) if self.rounding else batch) | more
        parts: Any = [
            self.task.collate(self.processor, some, training=True) | more
            for some in of_one_length(features, self.task.length_of)
        ]
        return {PARTS: parts}

    def _drawn(self, row: int, feature: Feature) -> Feature:
        self._seed(row)
        return self.task.drawn(self.processor, feature)

    def _seed(self, row: int) -> None:
        seed = (self.seed * 1_000_003 + self.training.epoch) * 2**31 + row
        seed_processor(seed % 2**63)
