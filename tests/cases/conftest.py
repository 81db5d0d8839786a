"""Small tables as people have them, rebuilt from public reports of what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ran import Ran

Written = Callable[..., Path]
Fitted = Callable[..., Ran]


@pytest.fixture
def table(tmp_path: Path) -> Written:
    """Write a file: lines as they are, objects a line each as JSON, or one thing as JSON."""

    def write(name: str, content: str | bytes | Iterable[Mapping[str, Any]]) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        elif isinstance(content, str):
            file.write_text(content, encoding="utf-8", newline="")
        elif file.suffix == ".jsonl":
            lines = [json.dumps(row, ensure_ascii=False) for row in content]
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        else:
            file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return file

    return write


@pytest.fixture
def fit(gft: Callable[..., Ran], tiny: Path, tmp_path: Path) -> Fitted:
    """Fit the tiny model for one epoch into `out` beside the table."""

    def fitted(data: object, equation: str, *words: object) -> Ran:
        return gft(
            "fit", "--model", f"C:{tiny}", "--data", data, "--eqn", equation,
            "--output_dir", tmp_path / "out", "--num_train_epochs", 1,
            "--overwrite_output_dir", *words,
        )  # fmt: skip

    return fitted


@pytest.fixture
def rows(gft: Callable[..., Ran]) -> Callable[..., list[dict[str, Any]]]:
    """Return the rows of a split as gft_cat_data writes them in JSON."""

    def read(data: object, equation: str | None = None, *words: object) -> list[dict[str, Any]]:
        told = ("--eqn", equation) if equation else ()
        done = gft("cat_data", "--data", data, *told, "--format", "jsonl", *words)
        assert done.status == 0, done.err
        return [json.loads(line) for line in done.out.splitlines()]

    return read


@pytest.fixture
def labels_in(tmp_path: Path) -> Callable[[], list[str]]:
    """Return the labels of the model in `out`, in order."""

    def read() -> list[str]:
        by_number = json.loads((tmp_path / "out/config.json").read_text())["id2label"]
        return [by_number[number] for number in sorted(by_number, key=int)]

    return read


@pytest.fixture
def equation_of(gft: Callable[..., Ran]) -> Callable[[object], str]:
    """Return the equation that gft_init suggests for a file."""

    def suggested(file: object) -> str:
        done = gft("init", file)
        assert done.status == 0, done.err
        [line] = [one for one in done.out.splitlines() if one.strip().startswith("--eqn")]
        return line.strip().removeprefix("--eqn").rstrip("\\").strip().strip("'")

    return suggested
