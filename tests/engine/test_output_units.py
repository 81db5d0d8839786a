"""The last layer of a regression is trained in the units of what it predicts."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from transformers import AutoTokenizer, BertForSequenceClassification

import gft
from gft.engine.output_units import begin_in_units, end_units, in_data_units
from gft.engine.precision import last_layers
from gft.metrics.protocol import Array

NEW = ("classifier.weight", "classifier.bias")
WORDS = ["plane", "ship", "train", "car"]


def net(tiny: Path, outputs: int = 1) -> BertForSequenceClassification:
    torch.manual_seed(1)
    return BertForSequenceClassification.from_pretrained(tiny, num_labels=outputs).eval()


def outputs_of(model: torch.nn.Module) -> torch.Tensor:
    ids = torch.tensor([[2, 7, 9, 3], [2, 8, 6, 3]])
    with torch.no_grad():
        return model(input_ids=ids)["logits"]


def test_a_new_head_starts_at_the_mean_and_counts_in_units(tiny: Path) -> None:
    model = net(tiny, 2)
    around_0 = outputs_of(model)
    begin_in_units(model, NEW, [1990.0, 0.03], [9.0, 0.001])
    units = torch.tensor([8.0, 2.0**-10])
    torch.testing.assert_close(outputs_of(model), torch.tensor([1990.0, 0.03]) + around_0 * units)


def test_what_is_written_gives_the_same_numbers_and_comes_back_to_the_bit(tiny: Path) -> None:
    model = net(tiny)
    begin_in_units(model, NEW, [5e4], [2e4])
    [layer] = last_layers(model)
    trained, numbers = layer.weight.clone(), outputs_of(model)
    with in_data_units(model):
        written = {name: weight.clone() for name, weight in model.state_dict().items()}
    assert torch.equal(layer.weight, trained)
    plain = net(tiny)
    plain.load_state_dict(written)
    torch.testing.assert_close(outputs_of(plain), numbers)
    end_units(model)
    assert torch.equal(outputs_of(model), outputs_of(plain))
    assert written.keys() == model.state_dict().keys()


@pytest.mark.parametrize("spread", [1e-42, 3e38])
def test_a_unit_is_within_what_weights_can_hold(tiny: Path, spread: float) -> None:
    model = net(tiny)
    begin_in_units(model, NEW, [0.0], [spread])
    assert torch.isfinite(outputs_of(model)).all()
    with in_data_units(model):
        pass
    assert torch.isfinite(outputs_of(model)).all()


def test_a_trained_head_stays_as_it_is(tiny: Path) -> None:
    model = net(tiny)
    before = outputs_of(model)
    begin_in_units(model, (), [5e4], [2e4])
    torch.testing.assert_close(outputs_of(model), before)
    end_units(model)
    assert torch.equal(outputs_of(model), before)


def test_logits_of_classes_have_no_units(tiny: Path) -> None:
    model = net(tiny)
    begin_in_units(model, NEW, [0.0], [1.0])
    assert not last_layers(model)[0]._forward_hooks


def test_a_copy_keeps_its_units(tiny: Path) -> None:
    """As LoRA copies the head that it trains whole."""
    model = net(tiny)
    begin_in_units(model, NEW, [50.0], [20.0])
    other = copy.deepcopy(model)
    with in_data_units(other):
        pass
    assert torch.equal(outputs_of(other), outputs_of(model))


class Fitted(NamedTuple):
    """Where a fit is, and its predictions and R² on test."""

    folder: Path
    predictions: Array
    r2: float


def fit(tiny: Path, folder: Path, factor: float = 1.0, **more: Any) -> Fitted:
    """Return a fit of prices to three words, the prices multiplied by a factor."""
    rng = np.random.default_rng(0)
    words = rng.integers(len(WORDS), size=(160, 3))
    prices = 40.0 + words.sum(1) * 2 + rng.normal(size=160).round(2)
    texts = [" ".join(WORDS[one] for one in row) for row in words]
    ends = {"train": (0, 120), "val": (120, 140), "test": (140, 160)}
    gft.fit(
        model=f"C:{tiny}",
        data={
            split: {"text": texts[start:end], "price": (prices[start:end] * factor).tolist()}
            for split, (start, end) in ends.items()
        },
        eqn="regress: price ~ text",
        output_dir=str(folder),
        learning_rate=2e-3,
        per_device_train_batch_size=8,
        precision="fp32",
        figure_of_merit="r2",
        **{"num_train_epochs": 6, **more},
    )
    rows = pq.read_table(folder / "predictions.parquet").to_pylist()
    metrics = json.loads((folder / "metrics.json").read_text())
    r2 = metrics["splits"]["test"]["metrics"]["r2"]["value"]
    return Fitted(folder, np.array([row["prediction"] for row in rows]), r2)


@pytest.fixture(scope="module")
def fits(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[float, Fitted]:
    """Fits by the factor of their prices."""
    return {
        factor: fit(tiny, tmp_path_factory.mktemp("fit") / "out", factor)
        for factor in (1.0, 2.0**14, 2.0**-14)
    }


def test_a_regression_learns_the_same_whatever_its_numbers_are_measured_in(
    fits: dict[float, Fitted],
) -> None:
    assert fits[1.0].r2 > 0.5
    for factor in (2.0**14, 2.0**-14):
        np.testing.assert_allclose(
            fits[factor].predictions / factor, fits[1.0].predictions, rtol=1e-5
        )


def test_transformers_alone_gives_the_same_numbers(fits: dict[float, Fitted]) -> None:
    folder = fits[2.0**14].folder
    [ours] = gft.predict(model=f"C:{folder}", data=["plane car ship"], precision="fp32")
    model = BertForSequenceClassification.from_pretrained(folder).eval()
    batch = AutoTokenizer.from_pretrained(folder)("plane car ship", return_tensors="pt")
    with torch.no_grad():
        assert ours == [pytest.approx(float(model(**batch).logits), rel=1e-5)]


def stop_at(step: int) -> Callable[[object], None]:
    """Return a subscriber that stops the training at a step."""

    def watch(event: object) -> None:
        if isinstance(event, gft.events.Step) and event.step == step:
            raise gft.events.Stop

    return watch


@pytest.mark.parametrize("peft", ["none", "lora"])
def test_a_fit_that_is_resumed_ends_with_the_same_weights(
    tiny: Path, tmp_path: Path, peft: str
) -> None:
    short: dict[str, Any] = {"factor": 1000.0, "num_train_epochs": 2, "peft": peft}
    whole = fit(tiny, tmp_path / "whole", **short)
    with pytest.raises(gft.Interrupted):
        fit(tiny, tmp_path / "parts", watch=stop_at(20), **short)
    parts = fit(tiny, tmp_path / "parts", **short)
    assert np.array_equal(whole.predictions, parts.predictions)
