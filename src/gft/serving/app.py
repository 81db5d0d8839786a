"""The application: models that answer requests, to be served, or mounted in another one."""

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
from gft.serving.requests import JSON, LINES, Asked, asked_in, cells_of, options_of

GONE = 499
"""The status, in the log and the counters alone, of a request whose client does not wait."""
PARSED_APART = 50_000
"""Bytes of a body that is parsed in a thread of its own, so that others are not kept waiting."""


@dataclass
class Service:
    """The models with what answers for them; `close` ends its threads after what they began."""

    models: Models
    access: Access
    limits: Limits
    course: Course

    def __post_init__(self) -> None:
        self.counters = Counters()
        self.batches = RowQueue(self.limits.waiting, self.counters)
        self.parser = ThreadPoolExecutor(1, "gft-parse")
        self.models.watch(self.counters.taken_over)

    def close(self) -> None:
        """Take no more rows, and look at the folders no more."""
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
        """Answer with the page for people."""
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
        """Say that requests are taken, or that they are not any more."""
        if self.course.stopping:
            return in_json(503, {"status": "stopping"})
        return in_json(200, {"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """Answer with what was counted."""
        return Response(self.counters.text(self.batches.waiting), media_type=TEXT)

    async def every_model(self, request: Request) -> Response:
        """Answer with what there is to know of the models."""
        return in_json(200, {"models": self._facts()})

    async def one_model(self, request: Request) -> Response:
        """Answer with what there is to know of one model."""
        return in_json(200, self._named(request).facts)

    async def predict(self, request: Request) -> Response:
        """Answer with the predictions of some rows."""
        told: Handled = request.state.told
        loop, status = asyncio.get_running_loop(), 500
        began = loop.time()
        try:
            served = self._named(request)
            told.model = served.name
            response = await self._predicted(request, served, told)
            status = response.status_code
            return response
        except Refused as problem:
            status = problem.status
            raise
        except asyncio.CancelledError:  # It took too long, and the guard says so.
            status = 503 if told.arrived else 408
            raise
        finally:
            self.counters.request(told.model, status, loop.time() - began)

    async def _predicted(self, request: Request, served: Served, told: Handled) -> Response:
        kind = content_type(request.headers)
        if kind not in (JSON, *LINES):
            raise Refused(
                415,
                f"expected a body of the type {JSON}, or {LINES[0]} (a row a line), found "
                f"{kind or 'no Content-Type'}",
            )
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refused(415, "a body is taken as it is, without a Content-Encoding")
        with self.limits.holding() as body:
            asked = await self._asked(request, body, kind in LINES)
            told.arrived, told.rows = True, len(asked.rows)
            jobs = await self._jobs(asked, served)
        self.batches.add(jobs)
        parts = [asyncio.wrap_future(job.answers) for job in jobs]
        nobody_waits = partial(self.batches.forget, jobs)
        if _wants_lines(request.headers.get("accept", ""), kind in LINES):
            return StreamingResponse(_lines(parts, nobody_waits), media_type=LINES[0])
        try:
            found = await _unless_gone(request, asyncio.gather(*parts))
        finally:
            nobody_waits()
        return in_json(200, {"predictions": [answer for part in found for answer in part]})

    async def _asked(self, request: Request, body: Body, lines: bool) -> Asked:
        content, most = await body.read(request), self.limits.rows
        if len(content) < PARSED_APART:
            return asked_in(content, lines, request.query_params, most)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self.parser, asked_in, content, lines, request.query_params, most
        )

    async def _jobs(self, asked: Asked, served: Served) -> list[Job]:
        """Return the rows of a request in parts that are predicted at once."""
        options = options_of(asked, served)
        columns = cells_of(asked.rows, served.task)
        return [
            Job(
                served,
                {name: cells[start : start + LARGEST] for name, cells in columns.items()},
                min(LARGEST, len(asked.rows) - start),
                start + 1,
                options,
            )
            for start in range(0, len(asked.rows), LARGEST)
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
        raise Refused(GONE, "the connection was closed before the answer was there")
    finally:
        gone.cancel()
        answers.cancel()


async def _gone(request: Request) -> None:
    """Return when the client has closed the connection; its body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _wants_lines(accept: str, given: bool) -> bool:
    """Say whether an answer is lines: where they are asked for, or given and nothing is asked."""
    kinds = [one.partition(";")[0].strip().lower() for one in accept.split(",")]
    if any(kind in LINES for kind in kinds):
        return True
    return given and JSON not in kinds


async def _not_found(request: Request, problem: Exception) -> Response:
    """Answer where there is no such page, or no such method."""
    assert isinstance(problem, HTTPException)
    status, path = problem.status_code, request.url.path
    if status == 404:
        pages = ("/", "/docs", "/health", "/metrics", "/v1/models", "/v1/models/NAME/predict")
        return refusal(Refused(404, no_such("page", path, pages)))
    headers = problem.headers or {}
    if status == 405:
        told = f"{request.method} is not taken here; {headers.get('Allow', '')} is"
        return refusal(Refused(405, told, headers))
    return refusal(Refused(status, problem.detail, headers))


async def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Refused)
    return refusal(problem)
