"""What comes from the hub has the bytes that the hub names, or it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from suppliers.conftest import Client


def flipped(data: bytes) -> bytes:
    return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]


@pytest.fixture(scope="module")
def process(
    small_hub: Any, client: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A client with a cache of its own."""
    made = Client(small_hub.url, tmp_path_factory.mktemp("home"))
    yield made
    made.close()


@pytest.fixture
def alone(process: Client, small_hub: Any, request: pytest.FixtureRequest) -> Iterator[Client]:
    """The client; for each test there is a model `H:own/N` and data that it has not fetched."""
    name = f"own/{abs(hash(request.node.name)):x}"
    small_hub.repos["models"][name] = small_hub.repos["models"]["tiny/bert-tiny"]
    small_hub.repos["datasets"][name] = small_hub.repos["datasets"]["small/colours"]
    process.own = f"H:{name}"  # type: ignore[attr-defined]
    yield process
    small_hub.altered.clear()
    for kind in ("models", "datasets"):
        del small_hub.repos[kind][name]


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_changed_on_the_way_is_refused_and_not_kept(alone: Any, small_hub: Any, name: str) -> None:
    small_hub.altered[name] = flipped
    failed = alone.fail("load", spec=alone.own, request={})
    assert failed.kind == "GftError"
    assert f"{name} does not match the hub's hash" in str(failed.error)
    assert "and is not kept" in str(failed.error)
    small_hub.altered.clear()
    assert alone.ask("load", spec=alone.own, request={}).error is None


def test_a_damaged_cache_is_named(alone: Any, small_hub: Any) -> None:
    before = set(alone.home.rglob("model.safetensors"))
    assert alone.ask("load", spec=alone.own, request={}).error is None
    [weights] = set(alone.home.rglob("model.safetensors")) - before
    blob = weights.resolve()
    blob.write_bytes(flipped(blob.read_bytes()))
    failed = alone.fail("load", spec=alone.own, request={})
    assert "the copy in the cache is damaged" in str(failed.error)
    assert f"delete {blob} to download it again" in str(failed.error)
    blob.unlink()
    assert alone.ask("load", spec=alone.own, request={}).error is None


@pytest.mark.parametrize("change", [flipped, lambda data: data[:10] + b"?" * (len(data) - 10)])
def test_data_changed_on_the_way(alone: Any, small_hub: Any, change: Any) -> None:
    small_hub.altered["train-00000-of-00001.parquet"] = change
    failed = alone.fail("data", spec=f"{alone.own},red")
    assert "train-00000-of-00001.parquet does not match" in str(failed.error)
    small_hub.altered.clear()
    assert alone.get("data", spec=f"{alone.own},red")["splits"] == {"train": 6, "test": 4}
