"""Who may send requests: the address to listen on, host names of the server, and a token."""

from __future__ import annotations

import errno
import hmac
import ipaddress
import os
import re
import socket
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gft import notes
from gft.errors import UserError, counted, listed
from gft.storage.paths import expanded

VARIABLE = "GFT_SERVE_TOKEN"
SHORTEST = 16
ANY = "*"
_HOST = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::[0-9]*)?")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Access:
    """What a request needs: one of the `hosts` in its Host header, and the token if there is one.

    `numbers` allows any IP address as a host: DNS rebinding cannot forge those.
    """

    hosts: frozenset[str]
    token: str | None = None
    numbers: bool = False

    def knows_host(self, header: str) -> bool:
        """Say whether a Host header names this server; its port is ignored."""
        if ANY in self.hosts:
            return True
        name = _without_port(header).lower().rstrip(".")
        return name in self.hosts or (self.numbers and _is_number(name))

    def knows_token(self, header: str) -> bool:
        """Say whether an Authorization header holds the token, in constant time."""
        if self.token is None:
            return True
        scheme, _, given = header.partition(" ")
        right = hmac.compare_digest(given.strip().encode(), self.token.encode())
        return scheme.lower() == "bearer" and right


def access_of(host: str, address: str, token: str | None, allowed: Collection[str]) -> Access:
    """Return who may send requests to a server on an `address`, which the user calls `host`.

    Raises `UserError` where other machines could send requests without a token.
    """
    number = ipaddress.ip_address(address.partition("%")[0])
    hosts = {host.lower(), address.lower(), *_LOOPBACK, *(name.lower() for name in allowed)}
    if number.is_loopback:
        return Access(frozenset(hosts), token)
    if token is None:
        raise UserError(
            f"--host {host}: anyone who reaches this address could send requests, so a token is "
            f"required: put one into a file and give --token_file FILE, or into {VARIABLE}"
        )
    hosts |= {socket.gethostname().lower()}
    return Access(frozenset(hosts), token, numbers=number.is_unspecified)


def token_in(file: str | None) -> str | None:
    """Return the token in a file, or in the environment; None where there is none.

    Raises `UserError` for a file that cannot be read, and for a token that is too weak.
    """
    if file is None:
        found, where = os.environ.get(VARIABLE, ""), VARIABLE
        if not found:
            return None
    else:
        path, where = expanded(file), f"--token_file {file}"
        try:
            found = path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
            raise UserError(f"{where} cannot be read: {why}") from None
    wrong = _weakness(found)
    if wrong:
        raise UserError(
            f"{where}: expected a token of {SHORTEST} characters or more, without spaces, found "
            f"{wrong}; python -c 'import secrets; print(secrets.token_urlsafe(32))' prints one"
        )
    if file is not None:
        _warn_of_readers(path)
    return found


def _weakness(token: str) -> str | None:
    """Return what is wrong with a token, without showing any of it; None if it will do."""
    if not token.strip():
        return "nothing"
    if any(sign.isspace() for sign in token):
        return "several lines" if "\n" in token.strip() else "whitespace in it"
    if not token.isascii():
        return "characters that are not ASCII"
    return counted(len(token), "character") if len(token) < SHORTEST else None


def _warn_of_readers(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        notes.warn(f"{path} can be read by others on this machine; run chmod 600 on it")


def bound(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address, which does not listen yet. Raises `UserError`."""
    try:
        family, socket_type, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, socket_type, number)
    except (OSError, UnicodeError) as problem:
        raise UserError(f"--host {host}: {getattr(problem, 'strerror', problem)}") from None
    if os.name == "posix":
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
    except OSError as problem:
        found.close()
        if problem.errno == errno.EADDRNOTAVAIL:
            raise UserError(
                f"--host {host}: this machine does not have that address; 0.0.0.0 listens on "
                "every address that it has"
            ) from None
        raise UserError(
            f"--port {port} of {host} is not available: {problem.strerror}; "
            "--port 0 takes a free one"
        ) from None
    return found


def _without_port(header: str) -> str:
    """Return the name in a Host header: `[::1]:80` is `::1`; empty where the port is invalid."""
    found = _HOST.fullmatch(header)
    return found[1].strip("[]") if found else ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def hosts_text(access: Access) -> str:
    """Return the known host names, for a message."""
    return listed(sorted(access.hosts), 6)
