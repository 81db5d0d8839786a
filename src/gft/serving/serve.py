"""`serve`: models that answer requests until the server is stopped; `app` to be mounted."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gft import notes
from gft.engine.interruption import HANG_UP
from gft.errors import Interrupted, UserError
from gft.language.options import Shared
from gft.language.program import Program
from gft.serving.access import Access, access_of, bound, token_in
from gft.serving.options import Serving

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from gft.serving.app import Service
    from gft.serving.guard import Course

NEEDED = ("starlette", "uvicorn")


PREPARED = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "128", "LRU_CACHE_CAPACITY": "128"}
"""The number of batch shapes for which oneDNN keeps prepared operators; its default is 1,024."""


def bound_memory() -> None:
    """Limit oneDNN's caches, unless the user sets them: requests have ever new batch shapes, so a
    server's memory would grow. Must run before torch computes."""
    for name, most in PREPARED.items():
        os.environ.setdefault(name, most)


def serve(program: Program, words: Sequence[str] = ()) -> None:
    """Answer requests until a signal comes; requests that have begun are still answered.

    Mistakes, the port included, are found before weights are read. Raises `UserError`.
    """
    _check_installed()
    from gft.serving.guard import Course
    from gft.serving.server import server_of

    bound_memory()
    serving = program.options.of(Serving)
    token = token_in(serving.token_file)
    found = bound(serving.host, serving.port)
    with found:
        address, port = found.getsockname()[:2]
        access = access_of(serving.host, address, token, serving.allowed_hosts or ())
        debug = program.options.of(Shared).debug
        service = _service(program, words, access, Course(logs=True, debug=debug))
        _say_where(service, f"[{address}]" if ":" in address else address, port)
        server = server_of(service)
        try:
            server.run(sockets=[found])
        except Interrupted as signal:
            # It is raised again once every request was answered; a hang-up does not wait for that.
            if signal.status - 128 == HANG_UP:
                raise
        notes.say("stopped; every request that had begun was answered")


def app(program: Program, words: Sequence[str] = ()) -> Starlette:
    """Return the application, its models loaded, to be mounted in another one. Raises `UserError`.

    It accepts only the host names of this machine and `--allowed_hosts` (`*`: any); a token is
    required if one is given.
    """
    _check_installed()
    from gft.serving.guard import Course

    serving = program.options.of(Serving)
    token, allowed = token_in(serving.token_file), serving.allowed_hosts or ()
    access = access_of("localhost", "127.0.0.1", token, allowed)
    return _service(program, words, access, Course(debug=program.options.of(Shared).debug)).app()


def _service(program: Program, words: Sequence[str], access: Access, course: Course) -> Service:
    from gft.serving.app import Service
    from gft.serving.limits import limits_of
    from gft.serving.models import Models

    models = Models(program, words)
    models.load()
    return Service(models, access, limits_of(program.options), course)


def _check_installed() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"the server needs {' and '.join(missing)}, which "
            f"{'are' if missing[1:] else 'is'} not installed: pip install 'gft[serve]'"
        )


def _say_where(service: Service, address: str, port: int) -> None:
    base = f"http://{address}:{port}"
    for served in service.models.by_name.values():
        about = served.facts["equation"] or served.task.name
        notes.say(f"{about} is served at {base}/v1/models/{served.name}/predict")
    notes.say(f"{base} has a page for people, {base}/docs describes the API; Ctrl-C stops")
