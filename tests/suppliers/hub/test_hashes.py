"""What comes from the hub has the bytes that the hub names, or it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suppliers.conftest import Client


def flipped(data: bytes) -> bytes:
    return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]


@pytest.fixture
def alone(small_hub: Any, client: Any, tmp_path: Path) -> Iterator[Client]:
    """A client with an empty cache of its own."""
    process = Client(small_hub.url, tmp_path / "home")
    yield process
    small_hub.altered.clear()
    process.close()


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_changed_on_the_way_is_refused_and_not_kept(
    alone: Client, small_hub: Any, name: str
) -> None:
    small_hub.altered[name] = flipped
    failed = alone.fail("load", spec="H:bert-tiny", request={})
    assert failed.kind == "GftError"
    assert f"{name} does not have the bytes that the hub names" in str(failed.error)
    assert "it is not kept" in str(failed.error)
    small_hub.altered.clear()
    assert alone.ask("load", spec="H:bert-tiny", request={}).error is None


def test_a_damaged_cache_is_named(alone: Client, tmp_path: Path) -> None:
    assert alone.ask("load", spec="H:bert-tiny", request={}).error is None
    [weights] = (tmp_path / "home").rglob("model.safetensors")
    blob = weights.resolve()
    blob.write_bytes(flipped(blob.read_bytes()))
    failed = alone.fail("load", spec="H:bert-tiny", request={})
    assert "the copy in the cache is damaged" in str(failed.error)
    assert f"delete {blob}, and it is fetched again" in str(failed.error)
    blob.unlink()
    assert alone.ask("load", spec="H:bert-tiny", request={}).error is None


@pytest.mark.parametrize("change", [flipped, lambda data: data[:10] + b"?" * (len(data) - 10)])
def test_data_changed_on_the_way(alone: Client, small_hub: Any, change: Any) -> None:
    small_hub.altered["train-00000-of-00001.parquet"] = change
    failed = alone.fail("data", spec="H:colours,red")
    assert "train-00000-of-00001.parquet does not have the bytes" in str(failed.error)
    small_hub.altered.clear()
    assert alone.get("data", spec="H:colours,red")["splits"] == {"train": 6, "test": 4}
