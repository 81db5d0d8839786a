"""The interface as OpenAPI describes it: every model with its own columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gft.serving.limits import Limits
from gft.serving.models import BEST, EVERY_SCORE
from gft.serving.requests import JSON, LINES, ROWS

ERRORS = {
    "400": "the body is not JSON",
    "401": "the token is missing or wrong",
    "404": "there is no such model",
    "408": "the request did not arrive in time",
    "413": "too many rows, or bytes",
    "415": "the body is of another type",
    "422": "a row lacks a column, or a cell is of another type",
    "503": "too many rows wait, or took too long; Retry-After says when to retry",
}
_ERROR = {"$ref": "#/components/schemas/Error"}
_SCORES = {
    EVERY_SCORE: {"type": "boolean", "description": "every label with its score"},
    BEST: {"type": "integer", "minimum": 1, "description": "the number of best labels to return"},
}


def described(
    models: Sequence[Mapping[str, Any]], limits: Limits, root: str, token: bool, version: str
) -> dict[str, Any]:
    """Return the description of a server as JSON; `root` is the path it is mounted at."""
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Models fitted with gft",
            "version": version,
            "description": f"A request has at most {limits.rows:,} rows and "
            f"{limits.bytes:,} bytes, and takes at most {limits.seconds:g} seconds.",
        },
        "servers": [{"url": root or "/"}],
        "paths": {
            **{f"/v1/models/{one['name']}/predict": {"post": _predict(one)} for one in models},
            "/v1/models": {"get": _get("The models, with their columns and labels.", JSON)},
            "/health": {"get": _get("Whether requests are accepted.", JSON)},
            "/metrics": {"get": _get("Metrics in Prometheus's format.", "text/plain")},
        },
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {"error": {"type": "string", "description": "one line"}},
                }
            }
        },
    }
    if token:
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
    return found


def _get(summary: str, media_type: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {"200": {"description": "", "content": {media_type: {}}}},
    }


def _predict(model: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(model["columns"])
    scores = {name: _SCORES[name] for name in model["scores"]}
    row = {"type": "object", "required": list(columns), "properties": columns}
    every = {ROWS: {"type": "array", "items": row}, **scores}
    body = {"type": "object", "required": [ROWS], "properties": every}
    answer = {"type": "object", "required": [model["answer"]], "properties": _answer(model)}
    answers = {
        "type": "object",
        "required": ["predictions"],
        "properties": {"predictions": {"type": "array", "items": answer}},
    }
    return {
        "summary": model["equation"] or model["task"],
        "description": f"Predictions of {model['name']}, one per row, in the order of the rows. "
        f"In {LINES[0]}, the body has one row per line, and so does the response.",
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in scores.items()
        ],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": body}, LINES[0]: {"schema": row}},
        },
        "responses": {
            "200": {
                "description": "The predictions.",
                "content": {JSON: {"schema": answers}, LINES[0]: {"schema": answer}},
            },
            **{
                status: {"description": reason, "content": {JSON: {"schema": _ERROR}}}
                for status, reason in ERRORS.items()
            },
        },
    }


def _answer(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a prediction."""
    return {
        model["answer"]: model["answer_schema"],
        "score": {"type": "number", "description": "the probability, 0 to 1"},
        **(
            {"scores": {"description": f"with {EVERY_SCORE} or {BEST}: by label, best first"}}
            if model["scores"]
            else {}
        ),
        "notes": {
            "type": "array",
            "items": {"type": "string"},
            "description": "only for rows with cells that train does not have, such as new levels",
        },
    }
