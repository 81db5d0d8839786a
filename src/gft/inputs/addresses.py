"""Images and sounds at addresses of the web, fetched with care.

An address may come from anybody. What is reached is a public host alone, whatever its name resolves
to and wherever it redirects, so that nobody can have a machine's own services read (server-side
request forgery).
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

from gft import notes
from gft.errors import UserError

MOST_BYTES = 20_000_000
SECONDS = 10.0
"""How long an address may take, with its redirects."""
REDIRECTS = 3
KEPT = 64
"""So many files are kept: a file is looked at before it is read."""
_CHUNK = 65_536
_ELSEWHERE = (301, 302, 303, 307, 308)


class FetchedFile:
    """The file at an address, in memory."""

    has_bytes = True

    def __init__(self, address: str, content: bytes) -> None:
        self.path = address
        self._content = content

    def read(self) -> bytes:
        """Return the bytes of the file."""
        return self._content

    def __str__(self) -> str:
        return self.path


def is_address(value: object) -> bool:
    """Say whether a cell is an address of the web."""
    return isinstance(value, str) and value[:8].lower().startswith(("http://", "https://"))


@lru_cache(KEPT)
def fetch(address: str) -> FetchedFile:
    """Return the file at an address. Raises `UserError` that says why it is not fetched.

    https alone, from public hosts, at most `REDIRECTS` redirects, `MOST_BYTES` bytes and `SECONDS`
    seconds. The hosts that are asked are noted.
    """
    until = time.monotonic() + SECONDS
    at = address
    try:
        for _ in range(REDIRECTS + 1):
            status, following, content = _asked(_parts(at), until)
            if status not in _ELSEWHERE or not following:
                break
            at = urljoin(at, following)
        else:
            raise UserError(f"more than {REDIRECTS} redirects")
        if status != 200:
            raise UserError(f"the host answers {status}")
    except UserError as problem:
        raise UserError(f"{address} cannot be fetched: {problem}") from None
    except TimeoutError:
        raise UserError(f"{address} cannot be fetched: no answer within {SECONDS:g} s") from None
    except (OSError, http.client.HTTPException, ValueError) as problem:
        reason = " ".join(f"{problem}".split()) or type(problem).__name__
        raise UserError(f"{address} cannot be fetched: {reason}") from None
    return FetchedFile(address, content)


def _parts(address: str) -> SplitResult:
    parts = urlsplit(address)
    if parts.scheme.lower() != "https":
        raise UserError(f"expected an https address, found {parts.scheme or 'no scheme'}")
    if not parts.hostname:
        raise UserError("it names no host")
    if parts.username or parts.password:
        raise UserError("it contains a user name")
    return parts


def _asked(parts: SplitResult, until: float) -> tuple[int, str | None, bytes]:
    """Return status, the address that is redirected to, and the bytes of an answer."""
    host, port = str(parts.hostname), parts.port or 443
    connection = connect(host, port, _address_of(host, port), _left(until))
    notes.note(f"fetching from {host}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        answer = connection.getresponse()
        if answer.status in _ELSEWHERE:
            return answer.status, answer.headers.get("Location"), b""
        return answer.status, None, _content(connection, answer, until)
    finally:
        connection.close()


def _content(
    connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, until: float
) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        if connection.sock is not None:
            connection.sock.settimeout(_left(until))
        _left(until)
        part = answer.read1(_CHUNK)
        if not part:
            return b"".join(parts)
        size += len(part)
        if size > MOST_BYTES:
            raise UserError(f"it is larger than {MOST_BYTES // 1_000_000} MB")
        parts.append(part)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _address_of(host: str, port: int) -> str:
    """Return the number that a host's name resolves to. Raises `UserError` if one is not public."""
    addresses = resolve(host, port)
    private = [address for address in addresses if not is_public(address)]
    if private or not addresses:
        raise UserError(f"{host} is not a public host ({', '.join(private)})")
    return addresses[0]


def resolve(host: str, port: int) -> list[str]:
    """Return the numbers that a host's name stands for. Raises `OSError` if there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Say whether a number is a host's on the open internet, and of no network inside of it."""
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo or (None, None))[1]
        if number in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        if inner is not None:
            number = inner
    return number.is_global and not number.is_multicast


def connect(host: str, port: int, address: str, seconds: float) -> http.client.HTTPConnection:
    """Return a connection to the very number that was looked at, as the host of that name."""
    connection = http.client.HTTPSConnection(host, port, timeout=seconds)
    plain = socket.create_connection((address, port), seconds)
    connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    return connection
