"""The arguments of the server."""

from __future__ import annotations

from gft.language.argument import SERVE, SERVING, Arguments, argument


# fmt: off
class Serving(Arguments):
    """Where the server listens, to whom it answers, and how much it takes."""

    host: str = argument("127.0.0.1", "the address that is listened on; another than a loopback one needs a token", SERVING, SERVE, identity=False, common=True)
    port: int = argument(8000, "the port (0: a free one)", SERVING, SERVE, identity=False, common=True, least=0, most=65_535)
    token_file: str | None = argument(None, "a file that holds the token which requests have to bring; else GFT_SERVE_TOKEN in the environment", SERVING, SERVE, identity=False, common=True)
    allowed_hosts: tuple[str, ...] | None = argument(None, "names by which the server may be asked (Host header) beside its address: models.example.org", SERVING, SERVE, identity=False, common=True)
    max_rows: int = argument(1000, "rows of a request at most", SERVING, SERVE, identity=False, common=True, least=1)
    max_megabytes: float = argument(10.0, "megabytes of a request's body at most", SERVING, SERVE, identity=False, common=True, above=0)
    max_seconds: float = argument(30.0, "seconds for a request at most: to arrive, to be answered, and to be read", SERVING, SERVE, identity=False, common=True, above=0)
    max_waiting: int = argument(10_000, "rows that wait at most; a request beyond them is told to come again (503)", SERVING, SERVE, identity=False, common=True, least=1)
