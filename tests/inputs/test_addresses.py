"""Addresses of the web: public hosts alone, and bounded in every way."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gft.errors import UserError
from gft.inputs import addresses
from gft.inputs.files import source_of

HOSTS = {"pictures.example": "198.51.100.1", "inner.example": "10.0.0.7"}


class Answers(BaseHTTPRequestHandler):
    def log_message(self, *args: Any) -> None: ...

    def do_GET(self) -> None:
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "to":
            self.send_response(302)
            self.send_header("Location", rest.replace("=", ":"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(404 if kind == "missing" else 200)
        self.end_headers()
        for _ in range(300 if kind == "large" else 30 if kind == "slow" else 1):
            try:
                self.wfile.write(b"x" * 100_000 if kind == "large" else b"picture")
            except OSError:
                return
            if kind == "slow":
                time.sleep(0.05)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two hosts, of which one is inside a network; whoever connects reaches a server here."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def resolve(host: str, port: int) -> list[str]:
        if host not in HOSTS:
            raise socket.gaierror(-2, "Name or service not known")
        return [HOSTS[host]]

    def connect(host: str, port: int, place: str, seconds: float) -> http.client.HTTPConnection:
        assert place == HOSTS[host]
        return http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=seconds)

    monkeypatch.setattr(addresses, "is_public", lambda place: not place.startswith("10."))
    monkeypatch.setattr(addresses, "resolve", resolve)
    monkeypatch.setattr(addresses, "connect", connect)
    addresses.fetch.cache_clear()
    yield
    server.shutdown()
    server.server_close()


def refused(address: str) -> str:
    with pytest.raises(UserError) as caught:
        addresses.fetch(address)
    [message] = caught.value.messages
    assert message.startswith(f"{address} cannot be fetched: ")
    return message


def test_a_file_is_fetched_if_it_is_asked_for(web: None, capsys: Any) -> None:
    found = source_of("https://pictures.example/cat.png", (), fetches=True)
    assert found.read() == b"picture" and str(found) == "https://pictures.example/cat.png"
    assert "note: fetching from pictures.example" in capsys.readouterr().err
    with pytest.raises(UserError, match="is an address; gft_predict fetches it with --fetch_urls"):
        source_of("https://pictures.example/cat.png", ())


def test_what_is_not_fetched(web: None, monkeypatch: pytest.MonkeyPatch) -> None:
    at = "https://pictures.example"
    assert "expected an https address, found http" in refused("http://pictures.example/cat.png")
    assert "inner.example is not a public host (10.0.0.7)" in refused("https://inner.example/")
    assert "Name or service not known" in refused("https://nowhere.example/")
    assert "the host answers 404" in refused(f"{at}/missing")
    assert "a user name" in refused("https://me:secret@pictures.example/")
    assert "larger than 20 MB" in refused(f"{at}/large")
    monkeypatch.setattr(addresses, "SECONDS", 0.3)
    assert "no answer within 0.3 s" in refused(f"{at}/slow")


def test_redirects_are_looked_at_like_addresses(web: None) -> None:
    at = "https://pictures.example"
    assert addresses.fetch(f"{at}/to/https=//pictures.example/x").read() == b"picture"
    assert addresses.fetch(f"{at}/to//to//to//x").read() == b"picture"
    assert "more than 3 redirects" in refused(f"{at}/to//to//to//to//x")
    assert "not a public host" in refused(f"{at}/to/https=//inner.example/")
    assert "expected an https address, found http" in refused(f"{at}/to/http=//pictures.example/")
    assert "expected an https address, found file" in refused(f"{at}/to/file=///etc/passwd")


@pytest.mark.parametrize(
    ("place", "public"),
    [("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True), ("127.0.0.1", False),
     ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False),
     ("0.0.0.0", False), ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
     ("::1", False), ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:127.0.0.1", False),
     ("2002:7f00:1::", False), ("64:ff9b::a00:1", False), ("::", False)],
)  # fmt: skip
def test_public_hosts(place: str, public: bool) -> None:
    assert addresses.is_public(place) is public


def test_the_connection_goes_to_the_number_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    class Context:
        def wrap_socket(self, plain: Any, server_hostname: str) -> Any:
            asked.append(server_hostname)
            return plain

    monkeypatch.setattr(addresses.socket, "create_connection", lambda place, _: asked.append(place))
    monkeypatch.setattr(addresses.ssl, "create_default_context", Context)
    addresses.connect("pictures.example", 443, "198.51.100.1", 1.0)
    assert asked == [("198.51.100.1", 443), "pictures.example"]
