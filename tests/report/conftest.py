"""One fit, of hostile data, for every test of what is shown of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import gft as gft_package
from report.hostile import write


@pytest.fixture(scope="session")
def fitted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[int]]:
    base = tmp_path_factory.mktemp("hostile")
    wrong = write(base, swapped=12)
    gft_package.fit(model=f"C:{tiny}", data=f"C:{base}", eqn="classify: label ~ text",
                    output_dir=str(base / "out"), num_train_epochs=3,
                    learning_rate=3e-3)  # fmt: skip
    return base / "out", wrong
