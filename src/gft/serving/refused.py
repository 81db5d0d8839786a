"""A refused request: the HTTP status, and one line that says why."""

from __future__ import annotations

from collections.abc import Mapping

from gft.errors import brief
from gft.visible import visible


class Refused(Exception):
    """The reason why a request is refused; `headers` go with the answer."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = " ".join(visible(brief(message)).split())
        self.headers = dict(headers or {})
