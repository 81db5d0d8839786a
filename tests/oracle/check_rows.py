"""The rows of data sets, and the order of their labels, from the same files in the cache."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from asked import Case, Oracle, said
from paddle_files import files_of

from gft.data.table import DataSet
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.paddle import table as paddle_table
from gft.suppliers.paddle.data import paddle_data
from hub.mirror import Mirror
from hub.paddle import DataStore


def rows(oracle: Oracle, folder: Path) -> Iterator[Case]:
    """The rows of data sets, and the order of their labels, from the same files in the cache."""
    cache = oracle.home / "datasets"
    store = DataStore(Mirror(), oracle.home)  # nobody is to be asked
    plan = []
    for key, configs in store.table["data sets"].items():
        files: dict[str, str] = {}
        for config, entry in configs.items():
            for path, text in files_of(entry).items():
                # Languages stand in one file, one after the other.
                more = (
                    text.partition("\n")[2]
                    if "where" in next(reversed(entry["splits"].values()))
                    else ""
                )
                files[path] = files[path] + more if path in files else text
            plan.append([key, config or None, list(entry["splits"])])
        for path, text in files.items():
            (cache / path).parent.mkdir(parents=True, exist_ok=True)
            (cache / path).write_text(text, encoding="utf-8")
        for config in configs:
            store.know(f"{key},{config}", files)
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    theirs = oracle.ask("rows", folder / "plan.json")
    paddle_table.TABLE = store.copy
    os.environ["PPNLP_HOME"] = str(oracle.home)
    for key, config, splits in plan:
        name = f"{key},{config}" if config else key
        data = paddle_data(Spec("P", key, config), Options({}))
        wrong, count = [], 0
        for split in splits:
            said_there = theirs[f"{key},{config or ''}:{split}"]
            wrong += differences(data, split, said_there)
            count += len(said_there.get("rows", ()))
        yield said(name, float(len(wrong)), f"{count} rows; {'; '.join(wrong[:3])}".rstrip("; "))


def differences(data: DataSet, split: str, theirs: dict[str, Any]) -> list[str]:
    """Return what is not the same in a split."""
    if "error" in theirs:
        return [f"{split}: {theirs['error'][:160]}"]
    found, labels = data.splits[split], theirs["labels"]
    names = list(found.columns)
    classes = {name: found.columns[name].classes for name in names}
    ours = [
        dict(zip(names, values, strict=True))
        for part in found.batches(names, 100)
        for values in zip(*part.values(), strict=True)
    ]
    # PaddleNLP ends CoNLL's files with a sentence of no words.
    rows = [row for row in theirs["rows"] if any(row.values())]
    if len(ours) != len(rows):
        return [f"{split}: {len(ours)} rows and not {len(rows)}"]
    wrong = [
        f"{split}: classes {listed[:6]} and not {labels}"
        for listed in classes.values()
        if listed and list(listed) not in (labels, *(labels or []))
    ]
    for number, (one, other) in enumerate(zip(ours, rows, strict=True)):
        for column, value in other.items():
            mine, its = alike(one.get(column), value, classes.get(column), column, labels)
            if mine != its:
                wrong.append(f"{split} {number}: {column} {mine!r} and not {its!r}")
        if more := [column for column in one if column not in other]:
            wrong.append(f"{split} {number}: {more} besides")
    return wrong


def alike(
    mine: Any, its: Any, classes: tuple[str, ...] | None, column: str, labels: list[Any] | None
) -> tuple[Any, Any]:
    """Return our value and PaddleNLP's as the same kind of thing: labels by name or by number."""
    if classes and isinstance(its, list) and isinstance(its[0], str):
        return [classes[n] for n in mine], its  # CoNLL's tags stay names there
    if labels and not classes and column in ("label", "labels"):
        # The order of these labels is not in our table: they meet by name.
        return mine, [labels[n] for n in its] if isinstance(its, list) else labels[its]
    return mine, None if its == "" and mine is None else its
