"""The web pages: one to try the models, one that describes the API."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse, Response

from gft.report.template import rendered

HERE = Path(__file__).parent


def start_page(models: Sequence[Mapping[str, Any]], locked: bool) -> Response:
    """Return the page on which the models can be tried; a `locked` one asks for the token."""
    return _page("start.html", {"models": _as_script(models), "locked": locked}, locked)


def docs_page(description: Mapping[str, Any], address: str) -> Response:
    """Return the page that describes the interface of a server at an address."""
    return _page("docs.html", {"api": description, "address": address, "example": _example_text})


def _page(name: str, values: Mapping[str, Any], locked: bool = False) -> Response:
    """Return a page that loads nothing, runs only its own script, and calls only this server."""
    nonce = secrets.token_urlsafe(16)
    allowed = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "connect-src 'self'; img-src data: blob:; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    page = rendered(name, {**values, "nonce": nonce}, HERE)
    return HTMLResponse(page, 401 if locked else 200, {"Content-Security-Policy": allowed})


def _as_script(value: Any) -> str:
    """Return JSON that is safe inside a script element."""
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _example_text(schema: Mapping[str, Any]) -> str:
    """Return an example body for a shell: JSON in single quotes, its columns in their order."""
    return json.dumps(_example(schema), ensure_ascii=False).replace("'", "'\\''")


def _example(schema: Mapping[str, Any]) -> Any:
    """Return an example value of a schema."""
    if "oneOf" in schema or "anyOf" in schema:
        return _example((schema.get("oneOf") or schema["anyOf"])[0])
    if schema.get("contentEncoding"):
        return "iVBORw0KGgo..."
    if schema.get("type") == "object":
        return {name: _example(schema["properties"][name]) for name in schema["required"]}
    if schema.get("type") == "array":
        return [_example(schema.get("items", {}))]
    json_type = schema.get("type")
    json_type = json_type[0] if isinstance(json_type, list) else json_type
    examples = {"number": 1.5, "integer": 1, "boolean": True, "string": "..."}
    return (schema.get("enum") or [examples.get(str(json_type), "...")])[0]
