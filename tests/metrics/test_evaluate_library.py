"""What is not built in is asked of the library evaluate, only if the user says so."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.server import Hub

PAGE = "/spaces/evaluate-metric/halfright/resolve/main/halfright.py"
CODE = """
import datasets
import evaluate


class HalfRight(evaluate.Metric):
    def _info(self):
        whole = datasets.Value("int32")
        return evaluate.MetricInfo(
            description="", citation="", inputs_description="",
            features=datasets.Features({"predictions": whole, "references": whole}),
        )

    def _compute(self, predictions, references):
        right = sum(a == b for a, b in zip(predictions, references))
        return {"halfright": right / len(references) / 2}
"""


def test_only_with_leave(
    hub: Hub, tiny: Path, colours: Path, tmp_path: Path, gft: Callable[..., Any]
) -> None:
    hub.pages[PAGE] = CODE.encode()
    given = [
        "--model",
        f"C:{tiny}",
        "--data",
        f"C:{colours}",
        "--eqn",
        "classify: colour ~ text",
        "--output_dir",
        tmp_path / "out",
        "--num_train_epochs",
        "1",
        "--metric",
        "H:halfright",
        "H:accuracy",
    ]
    hub.requests.clear()
    ran = gft("fit", *given)
    assert ran.status == 2 and "no metric 'H:halfright'" in ran.errors[0]
    assert "--trust_remote_code" in ran.errors[0] and not hub.requests
    ran = gft("fit", *given, "--trust_remote_code")
    assert ran.status == 0, ran.err
    scores = json.loads((tmp_path / "out" / "metrics.json").read_text())["splits"]["test"][
        "metrics"
    ]
    assert scores["halfright"]["value"] == pytest.approx(scores["accuracy"]["value"] / 2)


def test_a_metric_that_nobody_has(
    hub: Hub, tiny: Path, colours: Path, gft: Callable[..., Any]
) -> None:
    ran = gft(
        "fit",
        "--model",
        f"C:{tiny}",
        "--data",
        f"C:{colours}",
        "--eqn",
        "classify: colour ~ text",
        "--metric",
        "H:nothing",
        "--trust_remote_code",
    )
    assert ran.status == 2 and "metric H:nothing: evaluate cannot load it" in ran.errors[0]


def test_without_the_library(
    tiny: Path, colours: Path, gft: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "evaluate", None)
    ran = gft(
        "fit",
        "--model",
        f"C:{tiny}",
        "--data",
        f"C:{colours}",
        "--eqn",
        "classify: colour ~ text",
        "--metric",
        "H:nothing",
        "--trust_remote_code",
    )
    assert ran.status == 2 and "pip install 'gft[evaluate]'" in ran.errors[0]
