"""The arguments of the server."""

from __future__ import annotations

from gft.language.argument import SERVE, SERVING, Arguments, argument


# fmt: off
class Serving(Arguments):
    """Where the server listens, to whom it answers, and how much it takes."""

    host: str = argument("127.0.0.1", "the address to listen on; any but a loopback address needs a token", SERVING, SERVE, identity=False, common=True)
    port: int = argument(8000, "the port (0: a free one)", SERVING, SERVE, identity=False, common=True, least=0, most=65_535)
    token_file: str | None = argument(None, "a file with the token that requests need; else GFT_SERVE_TOKEN in the environment", SERVING, SERVE, identity=False, common=True)
    allowed_hosts: tuple[str, ...] | None = argument(None, "host names that requests may use (Host header) beside the server's address: models.example.org", SERVING, SERVE, identity=False, common=True)
    max_rows: int = argument(1000, "the largest number of rows in a request", SERVING, SERVE, identity=False, common=True, least=1)
    max_megabytes: float = argument(10.0, "the largest size of a request's body, in megabytes", SERVING, SERVE, identity=False, common=True, above=0)
    max_seconds: float = argument(30.0, "the time limit for a request, in seconds: to arrive, to be answered, and to be read", SERVING, SERVE, identity=False, common=True, above=0)
    max_waiting: int = argument(10_000, "the largest number of waiting rows; further requests are refused (503)", SERVING, SERVE, identity=False, common=True, least=1)
