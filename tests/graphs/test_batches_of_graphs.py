"""How rows are divided into batches for a runtime of graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gft.graphs.predictor import batches_by_length
from gft.graphs.runtimes import OnnxRuntime, OpenVino


def sizes(
    kind: Any, lengths: list[int], cores: int = 2, batch_size: int | None = None
) -> list[int]:
    runtime = kind.__new__(kind)
    runtime.cores = cores
    order = np.argsort(-np.array(lengths), kind="stable")
    batches = batches_by_length(order, np.array(lengths), runtime, batch_size)
    assert [row for batch in batches for row in batch] == order.tolist()
    return [len(batch) for batch in batches]


@pytest.mark.parametrize(
    ("kind", "lengths", "expected"),
    [
        (OnnxRuntime, [32] * 70, [16, 16, 16, 16, 6]),
        (OpenVino, [32] * 70, [32, 32, 6]),
        # Each core has a batch: 32 rows are not one batch for one of them.
        (OpenVino, [32] * 32, [16, 16]),
        (OpenVino, [32] * 44, [22, 22]),
        (OnnxRuntime, [2] * 70, [32, 32, 6]),
        (OpenVino, [2] * 2000, [64] * 31 + [16]),
        (OpenVino, [2000, 2000, 500], [1, 1, 1]),
        (OpenVino, [32], [1]),
    ],
)
def test_tokens_of_a_batch(kind: Any, lengths: list[int], expected: list[int]) -> None:
    assert sizes(kind, lengths) == expected


def test_the_number_of_rows_that_was_requested() -> None:
    assert sizes(OpenVino, [32] * 10, batch_size=4) == [4, 4, 2]
    assert sizes(OpenVino, [32] * 64, cores=1) == [32, 32]
