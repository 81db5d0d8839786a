"""The ASGI application: models that answer requests, served or mounted in another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gft import __version__
from gft.errors import no_such
from gft.functions.row_formats import as_json
from gft.serving.access import Access
from gft.serving.batches import LARGEST, Job, RowQueue
from gft.serving.counters import TEXT, Counters
from gft.serving.guard import Course, Guard, Handled, in_json, refusal
from gft.serving.limits import Body, Limits, content_type
from gft.serving.models import Models, Served
from gft.serving.openapi import described
from gft.serving.pages import docs_page, start_page
from gft.serving.refused import Refused
from gft.serving.requests import JSON, LINES, RowsRequest, cells_of, options_of, rows_request

GONE = 499
"""The status of a request whose client has gone; only the log and the counters show it."""
PARSED_APART = 50_000
"""Larger bodies, in bytes, are parsed in a thread of their own, so that others need not wait."""


@dataclass
class Service:
    """The models with the queue that answers requests; `close` ends its threads when idle."""

    models: Models
    access: Access
    limits: Limits
    course: Course

    def __post_init__(self) -> None:
        self.counters = Counters(self.models.names)
        self.batches = RowQueue(self.limits.waiting, self.counters)
        self.parser = ThreadPoolExecutor(1, "gft-parse")
        self.models.watch(self.counters.taken_over)

    def close(self) -> None:
        """Take no more rows, and stop watching the folders."""
        self.models.close()
        self.batches.close()
        self.parser.shutdown(wait=False)

    def app(self) -> Starlette:
        """Return the application; `app.state.service` is this object."""
        guard = Middleware(
            Guard, access=self.access, seconds=self.limits.seconds, course=self.course
        )
        app = Starlette(
            routes=[
                Route("/", self.start),
                Route("/health", self.health),
                Route("/metrics", self.metrics),
                Route("/docs", self.docs),
                Route("/openapi.json", self.openapi),
                Route("/v1/models", self.every_model),
                Route("/v1/models/{name}", self.one_model),
                Route("/v1/models/{name}/predict", self.predict, methods=["POST"]),
            ],
            middleware=[guard],
            exception_handlers={HTTPException: _not_found, Refused: _refused},
        )
        app.state.service = self
        return app

    async def start(self, request: Request) -> Response:
        """Answer with the page on which people try the models."""
        locked = getattr(request.state, "locked", False)
        return start_page([] if locked else self._facts(), locked)

    async def docs(self, request: Request) -> Response:
        """Answer with the description of the interface, for people."""
        root = request.scope.get("root_path", "")
        address = f"{request.url.scheme}://{request.url.netloc}{root}"
        return docs_page(self._openapi(request), address)

    async def openapi(self, request: Request) -> Response:
        """Answer with the description of the interface, for programs."""
        return in_json(200, self._openapi(request))

    async def health(self, request: Request) -> Response:
        """Say whether requests are accepted."""
        if self.course.stopping:
            return in_json(503, {"status": "stopping"})
        return in_json(200, {"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """Answer with the metrics."""
        return Response(self.counters.text(self.batches.waiting), media_type=TEXT)

    async def every_model(self, request: Request) -> Response:
        """Answer with the facts about every model."""
        return in_json(200, {"models": self._facts()})

    async def one_model(self, request: Request) -> Response:
        """Answer with the facts about one model."""
        return in_json(200, self._named(request).facts)

    async def predict(self, request: Request) -> Response:
        """Answer with the predictions of some rows."""
        handled: Handled = request.state.handled
        loop, status = asyncio.get_running_loop(), 500
        began = loop.time()
        try:
            served = self._named(request)
            handled.model = served.name
            response = await self._predicted(request, served, handled)
            status = response.status_code
            return response
        except Refused as problem:
            status = problem.status
            raise
        except asyncio.CancelledError:  # It took too long, and the guard says so.
            status = 503 if handled.arrived else 408
            raise
        finally:
            self.counters.request(handled.model, status, loop.time() - began)

    async def _predicted(self, request: Request, served: Served, handled: Handled) -> Response:
        body_type = content_type(request.headers)
        if body_type not in (JSON, *LINES):
            raise Refused(
                415,
                f"expected a body of the type {JSON}, or {LINES[0]} (one row per line), found "
                f"{body_type or 'no Content-Type'}",
            )
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refused(415, "expected an uncompressed body, found a Content-Encoding")
        with self.limits.holding() as body:
            wanted = await self._wanted(request, body, body_type in LINES)
            handled.arrived, handled.rows = True, len(wanted.rows)
            jobs = await self._jobs(wanted, served)
        self.batches.add(jobs)
        parts = [asyncio.wrap_future(job.answers) for job in jobs]
        nobody_waits = partial(self.batches.forget, jobs)
        if _wants_lines(request.headers.get("accept", ""), body_type in LINES):
            return StreamingResponse(_lines(parts, nobody_waits), media_type=LINES[0])
        try:
            found = await _unless_gone(request, asyncio.gather(*parts))
        finally:
            nobody_waits()
        return in_json(200, {"predictions": [answer for part in found for answer in part]})

    async def _wanted(self, request: Request, body: Body, lines: bool) -> RowsRequest:
        content, most = await body.read(request), self.limits.rows
        if len(content) < PARSED_APART:
            return rows_request(content, lines, request.query_params, most)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self.parser, rows_request, content, lines, request.query_params, most
        )

    async def _jobs(self, wanted: RowsRequest, served: Served) -> list[Job]:
        """Return the rows of a request in jobs of at most `LARGEST` rows."""
        options = options_of(wanted, served)
        columns = cells_of(wanted.rows, served.task)
        return [
            Job(
                served,
                {name: cells[start : start + LARGEST] for name, cells in columns.items()},
                min(LARGEST, len(wanted.rows) - start),
                start + 1,
                options,
            )
            for start in range(0, len(wanted.rows), LARGEST)
        ]

    def _named(self, request: Request) -> Served:
        name = request.path_params["name"]
        served = self.models.by_name.get(name)
        if served is None:
            raise Refused(404, no_such("model", name, self.models.by_name))
        return served

    def _facts(self) -> list[dict[str, Any]]:
        return [served.facts for served in self.models.by_name.values()]

    def _openapi(self, request: Request) -> dict[str, Any]:
        root = request.scope.get("root_path", "")
        token = self.access.token is not None
        return described(self._facts(), self.limits, root, token, __version__)


async def _lines(
    parts: Sequence[asyncio.Future[list[dict[str, Any]]]], ended: Callable[[], None]
) -> AsyncIterator[str]:
    """Yield a line of JSON for each row, as they are predicted; a failure is the last line."""
    try:
        for part in parts:
            try:
                answers = await part
            except Refused as problem:
                yield as_json({"error": problem.message}) + "\n"
                return
            yield "".join(f"{as_json(answer)}\n" for answer in answers)
    finally:
        ended()


async def _unless_gone(
    request: Request, answers: asyncio.Future[list[list[dict[str, Any]]]]
) -> list[list[dict[str, Any]]]:
    """Return the answers. Raises `Refused` once the client has closed the connection."""
    gone = asyncio.ensure_future(_gone(request))
    either: set[asyncio.Future[Any]] = {answers, gone}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if answers.done():
            return await answers
        raise Refused(GONE, "the connection was closed before the answer was ready")
    finally:
        gone.cancel()
        answers.cancel()


async def _gone(request: Request) -> None:
    """Return when the client has closed the connection; its body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _wants_lines(accept: str, given: bool) -> bool:
    """Say whether to answer in lines: the client accepts them, or sent lines without Accept."""
    types = [one.partition(";")[0].strip().lower() for one in accept.split(",")]
    if any(body_type in LINES for body_type in types):
        return True
    return given and JSON not in types


async def _not_found(request: Request, problem: Exception) -> Response:
    """Answer for an unknown page, or a method that is not allowed."""
    assert isinstance(problem, HTTPException)
    status, path = problem.status_code, request.url.path
    if status == 404:
        pages = ("/", "/docs", "/health", "/metrics", "/v1/models", "/v1/models/NAME/predict")
        return refusal(Refused(404, no_such("page", path, pages)))
    headers = problem.headers or {}
    if status == 405:
        message = f"{request.method} is not allowed here; expected {headers.get('Allow', '')}"
        return refusal(Refused(405, message, headers))
    return refusal(Refused(status, problem.detail, headers))


async def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Refused)
    return refusal(problem)
