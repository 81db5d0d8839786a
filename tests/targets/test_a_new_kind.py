"""A kind of target that gft has never heard of goes through a whole fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import gft as gft_package
from gft.baselines.protocol import Baseline, Sample
from gft.metrics.protocol import Array, Measure, Metric, Scored
from gft.registered import entries
from gft.targets.protocol import Noticed, Plot, Predicted, Target, Worst, largest
from gft.tasks.regress import Regress

Gft = Callable[..., Any]


def apart(scored: Scored) -> Array:
    """Return how many degrees gold and predicted direction are apart, 0 to 180."""
    off = np.abs(scored.gold - scored.prediction)[:, 0] % 360
    return np.minimum(off, 360 - off)


@dataclass(frozen=True)
class MeanAngle:
    """The mean angle between gold and predicted direction, in degrees."""

    name: str = "mean_angle"
    target: str = "directions"

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        return (Measure(self.name, greater_is_better=False),)

    def rows(self, scored: Scored) -> Array:
        return apart(scored)[:, None]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        return (weights @ statistics).T / weights.sum(1)


class Directions(Target):
    """Directions in degrees, where 359 is next to 1."""

    name: ClassVar[str] = "directions"
    numeric: ClassVar[bool] = True
    worst: ClassVar[Worst] = Worst("Widest angles", which="that look elsewhere", remark="degrees")
    plots: ClassVar[tuple[Plot, ...]] = ("residuals",)

    def metric_names(self) -> tuple[str, ...]:
        return ("mean_angle",)

    def metric(self, name: str, config: str | None) -> Metric | None:
        return MeanAngle() if (name, config) == ("mean_angle", None) else None

    def handed(self, value: Any, label: Callable[[int], Any]) -> Any:
        return round(float(value[0])) % 360

    def specimens(self, count: int) -> Sequence[Any]:
        return [[0.0], [90.0]]

    def described(self, golds: Sequence[Any], labels: tuple[str, ...]) -> dict[str, Any]:
        return {"north": sum(abs(gold[0] - 180) > 90 for gold in golds)}

    def baselines(
        self, golds: Sequence[Any], labels: tuple[str, ...], sample: Sample | None
    ) -> list[Baseline]:
        turn = np.deg2rad(np.asarray(golds, dtype=np.float64)[:, 0])
        mean = np.rad2deg(np.arctan2(np.sin(turn).sum(), np.cos(turn).sum())) % 360

        def predict(rows: Any, golds: Sequence[Any]) -> tuple[Any, None]:
            return np.full((len(golds), 1), mean), None

        return [Baseline("mean direction", f"always {mean:.0f} degrees", len(golds), predict)]

    def errors(
        self, scored: Scored, predicted: Predicted, metric: Metric, most: int
    ) -> list[Noticed]:
        off = apart(scored)
        return [Noticed(n, f"{off[n]:.0f}") for n in largest(off, most)]


@dataclass(frozen=True)
class Steer(Regress):
    """Predict a direction."""

    name: ClassVar[str] = "steer"
    aliases: ClassVar[tuple[str, ...]] = ()
    target: ClassVar[Target] = Directions()
    metrics: ClassVar[tuple[str, ...]] = ("mean_angle",)


@pytest.fixture
def winds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rows whose mark says a direction, all of them about north."""
    entry = EntryPoint("steer", f"{__name__}:Steer", "gft.tasks")
    monkeypatch.setitem(entries("gft.tasks"), "steer", entry)
    for split, count in (("train", 64), ("val", 16), ("test", 16)):
        rows = [f"river mark{n % 2},{[350, 10][n % 2] + n % 3}" for n in range(count)]
        (tmp_path / f"winds.{split}").write_text("\n".join(["text,wind", *rows]) + "\n")
    return tmp_path / "winds"


def test_a_whole_fit(tiny: Path, winds: Path, gft: Gft, tmp_path: Path) -> None:
    out = tmp_path / "out"
    gft_package.fit(model=f"C:{tiny}", data=f"C:{winds}", eqn="steer: wind ~ text",
                    output_dir=str(out), num_train_epochs=1)  # fmt: skip
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["figure_of_merit"] == "mean_angle"
    [score] = metrics["splits"]["test"]["metrics"]
    assert score == "mean_angle"
    assert not {"classes", "calibration"} & metrics["splits"]["test"].keys()
    assert metrics["golds"]["train"] == {"north": 64}
    [baseline] = metrics["baselines"].items()
    assert baseline[0] == "mean direction"
    assert baseline[1]["splits"]["test"]["metrics"]["mean_angle"] < 15  # 359 is next to 1.
    html = (out / "report.html").read_text()
    assert "Widest angles" in html and "The 16 rows of test that look elsewhere." in html
    assert "Residuals of wind on test" in html and "Possible label errors" not in html
    assert "mean direction" in (out / "README.md").read_text()

    mine = tmp_path / "mine.py"
    code = "return {'east': sum(one < 180 for one in references) / len(references)}"
    mine.write_text(f"def compute(predictions, references): {code}\n")
    ran = gft("eval", "--model", f"C:{out}", "--metric", "H:mean_angle", f"C:{mine}",
              "--format", "json")  # fmt: skip
    assert ran.status == 0, ran.err
    scores = json.loads(ran.out)["metrics"]
    assert list(scores) == ["mean_angle", "east"] and scores["east"]["value"] == 0.5
    ran = gft("eval", "--model", f"C:{out}", "--metric", "H:accuracy")
    assert "metric accuracy measures classes; this task has mean_angle" in ran.err


def test_problems_of_its_data(winds: Path, gft: Gft) -> None:
    """Directions that recur are no uneven or rare classes."""
    ran = gft("summary", "--data", f"C:{winds}", "--eqn", "steer: wind ~ text")
    assert ran.status == 0, ran.err
    assert "fewer than" not in ran.out and "has labels that" not in ran.out


def test_a_kind_takes_the_metrics_of_its_parents() -> None:
    from gft.language.spec import Spec
    from gft.metrics.table import choose_metrics
    from gft.targets.numbers import Numbers

    class LogNumbers(Numbers):
        """Numbers whose logarithm is predicted."""

        name: ClassVar[str] = "numbers on a log scale"

    target = LogNumbers()
    assert target.names() == ("numbers on a log scale", "numbers")
    assert target.metric_names() == Numbers().metric_names()
    [metric] = choose_metrics([Spec("H", "rmse")], (), target)
    assert metric.target == "numbers"
