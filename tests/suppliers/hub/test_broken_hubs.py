"""Hubs that answer with something else than a hub does: one true line, or what the cache has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from suppliers.conftest import Client

HTML = b"<!doctype html><html><body>Please log in to the network.</body></html>"
NO_ANSWERS: dict[str, Any] = {
    "a page": HTML, "nothing": b"", "half": b'{"id": "tiny/be', "a list": [], "null": None,
    "an empty object": {}, "no commit": {"id": "tiny/bert-tiny", "siblings": None},
    "other types": {"id": 3, "sha": [], "siblings": "x"},
    "strange files": {"id": "tiny/bert-tiny", "sha": "a" * 40, "siblings": [1, 2]},
}  # fmt: skip
FILES = (".json", ".txt", ".safetensors", ".parquet")
THINGS = (("load", "H:bert-tiny", {"request": {}}), ("data", "H:colours,red", {}),
          ("data", "H:scripted,one", {}))  # fmt: skip


@pytest.fixture(scope="module")
def warm(small_hub: Any, client: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client that has fetched all of `THINGS`."""
    process = Client(small_hub.url, tmp_path_factory.mktemp("warm"))
    for function, spec, more in THINGS:
        assert process.ask(function, spec=spec, **more).error is None
    process.get("hurry")
    yield process
    process.close()


@pytest.fixture(scope="module")
def cold(small_hub: Any, client: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client that has fetched nothing; what it is refused in one test it has in none."""
    process = Client(small_hub.url, tmp_path_factory.mktemp("cold"))
    process.get("hurry")
    yield process
    process.close()


@pytest.fixture
def answer(small_hub: Any) -> Iterator[Callable[..., None]]:
    """Have the hub answer with something else where a path begins or ends so."""

    def instead(status: int, body: Any, begin: str = "/", ends: tuple[str, ...] = ("",)) -> None:
        small_hub.stands_for = lambda path: (
            (status, body) if path.startswith(begin) and path.endswith(ends) else None
        )

    yield instead
    small_hub.stands_for = lambda path: None
    small_hub.seconds_a_byte = 0.0


def refused(client: Client, function: str, spec: str, more: dict[str, Any]) -> str:
    """Return the one line of a failure; nothing but notes of ours may be said beside it."""
    failed = client.ask(function, spec=spec, **more)
    assert failed.kind == "GftError" and "\n" not in str(failed.error), failed.error
    assert all(line.startswith("gft: note: ") for line in str(failed.stderr).splitlines())
    return str(failed.error)


def test_no_answer_of_a_hub(
    cold: Client, warm: Client, small_hub: Any, answer: Callable[..., None]
) -> None:
    for body in NO_ANSWERS.values():
        answer(200, body, "/api/")
        for function, spec, more in THINGS:
            told = refused(cold, function, spec, more)
            assert f"the server at {small_hub.url} is not a hub" in told
            assert "is not in the cache" in told
            assert warm.ask(function, spec=spec, **more).error is None


def test_a_page_in_the_place_of_files(
    cold: Client, warm: Client, answer: Callable[..., None]
) -> None:
    answer(200, HTML, ends=FILES)
    for function, spec, more in THINGS:
        assert "is not a hub" in refused(cold, function, spec, more)
        assert warm.ask(function, spec=spec, **more).error is None


def test_files_that_a_hub_cannot_give(
    cold: Client, warm: Client, answer: Callable[..., None]
) -> None:
    answer(500, b"", ends=FILES)
    for function, spec, more in THINGS:
        assert "answers 500" in refused(cold, function, spec, more)
        assert warm.ask(function, spec=spec, **more).error is None


def test_a_page_that_refuses(cold: Client, warm: Client, answer: Callable[..., None]) -> None:
    """A proxy's: what the hub itself refuses it refuses in JSON."""
    for status in (403, 404):
        for begin, ends in (("/api/", ("",)), ("/", FILES)):
            answer(status, HTML, begin, ends)
            for function, spec, more in THINGS:
                assert "is not a hub" in refused(cold, function, spec, more)
                assert warm.ask(function, spec=spec, **more).error is None


def test_files_of_another_size(cold: Client, small_hub: Any) -> None:
    small_hub.altered = {"0000.parquet": lambda data: data[:-20]}
    try:
        told = refused(cold, "data", "H:scripted,one", {})
    finally:
        small_hub.altered = {}
    assert told.startswith("data set 'small/scripted': a file came with another size than the hub")


def test_data_whose_files_are_refused(cold: Client, answer: Callable[..., None]) -> None:
    """`datasets` calls them missing."""
    answer(403, {"error": "no"}, ends=(".md", ".parquet"))
    failed = cold.fail("data", spec="H:colours,red")
    assert failed.status == 2 and "the hub refuses access to data set" in str(failed.error)


def test_a_hub_that_was_known_and_files_that_are_not(
    cold: Client, small_hub: Any, answer: Callable[..., None]
) -> None:
    cold.get("model", spec="H:bert-tiny")
    answer(503, b"")
    told = refused(cold, "load", "H:bert-tiny", {"request": {}})
    assert f"the hub at {small_hub.url} answers 503, and " in told
    assert " of model 'tiny/bert-tiny' is not in the cache" in told


def test_what_a_hub_lists_and_does_not_show(cold: Client, answer: Callable[..., None]) -> None:
    answer(401, {"error": "no"}, "/api/models/tiny/terms")
    failed = cold.fail("model", spec="H:tiny/terms")
    assert failed.status == 2
    assert "the hub lists the model 'tiny/terms' and does not show it" in str(failed.error)
    assert "did you mean" not in str(failed.error)


def test_a_byte_now_and_then_is_no_progress(
    cold: Client, small_hub: Any, answer: Callable[..., None]
) -> None:
    cold.get("patience", seconds=0.4)
    small_hub.seconds_a_byte = 0.1
    failed = cold.fail("model", spec="H:tiny/flax-only")
    cold.get("patience", seconds=20.0)
    assert "bytes came in" in str(failed.error) and "is not in the cache" in str(failed.error)
