"""What a fit predicts for each row of val and test, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gft.data.partition import Partition
from gft.results.measured import Outcome

MOST_COLUMNS = 1_000


def write_predictions(file: Path, outcome: Outcome, partition: Partition) -> None:
    """Write one row per predicted row, with its place as `Partition.write` names it.

    Columns are role, split, row, fold, gold (null where there is no label), prediction and scores:
    one of each label, of very many only the largest. Nothing is written where nothing was
    predicted.
    """
    import pyarrow as pa
    import pyarrow.parquet

    task, tables = outcome.task, []
    for role, (golds, values, scores) in outcome.results.items():
        count = len(golds)
        columns: dict[str, Any] = {
            "role": pa.repeat(pa.scalar(role), count),
            "split": pa.repeat(pa.scalar(partition.parts[role].split), count),
            "row": pa.array(outcome.splits[role].numbers(), pa.int64()),
            "fold": pa.nulls(count, pa.int32()),
            "gold": pa.array([None if gold is None else task.value(gold, None) for gold in golds]),
            "prediction": pa.array([task.value(value, None) for value in values]),
        }
        if isinstance(scores, np.ndarray) and len(task.labels) > MOST_COLUMNS:
            columns["score"] = pa.array(scores.max(1))
        elif isinstance(scores, np.ndarray):
            for number, label in enumerate(task.labels):
                columns[f"score_{label}"] = pa.array(scores[:, number])
        elif scores and getattr(scores[0], "ndim", 0) == 2:
            columns["score"] = pa.array([one.max(-1) for one in scores], pa.list_(pa.float32()))
        tables.append(pa.table(columns))
    if tables:
        pyarrow.parquet.write_table(pa.concat_tables(tables, promote_options="default"), file)
