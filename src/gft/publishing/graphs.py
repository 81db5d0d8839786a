"""The graphs of a pushed fit, listed with the hashes of the pushed files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from gft.graphs.kept import LISTED, kept_guide
from gft.language.json_text import parsed_json

if TYPE_CHECKING:
    from gft.publishing.files import Sent

_OF_MACHINE = ("machine", "speeds")
"""Keys of a comparison that describe the machine that it was made on."""


def has_graphs(folder: Path, record: Mapping[str, Any]) -> bool:
    """Say whether a fit has graphs made of its present weights; a note says why not."""
    return kept_guide(folder, record) is not None


def public_guide(file: Path) -> bytes:
    """Return a `predict.json` without the machine, its speeds, and the path of the data."""
    guide: Any = parsed_json(file.read_text(encoding="utf-8"))
    guide["graphs"] = {name: _public(one) for name, one in guide["graphs"].items()}
    return json.dumps(guide, indent=1, ensure_ascii=False).encode()


def public_listing(record: Mapping[str, Any], sent: Sequence[Sent]) -> dict[str, Any]:
    """Return the part of a public record that lists graphs, empty where none is pushed.

    Files that are changed for the push, such as `config.json`, are listed as they are pushed.
    """
    listed, contents = record.get(LISTED), {one.name: one for one in sent}
    if not listed or not all(name in contents for name in listed["files"]):
        return {}
    files, made_of = (
        {name: _stamp(contents[name], one) for name, one in listed[part].items()
         if name in contents}
        for part in ("files", "made_of")
    )  # fmt: skip
    graphs = {name: _public(one) for name, one in listed["graphs"].items()}
    return {LISTED: {"files": files, "made_of": made_of, "graphs": graphs}}


def _public(found: Mapping[str, Any]) -> dict[str, Any]:
    public = {name: one for name, one in found.items() if name not in _OF_MACHINE}
    if "data" in public:
        public["data"] = PurePath(str(public["data"])).name
    return public | {"machine": "", "speeds": []}


def _stamp(sent: Sent, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the size and the hash of a file, without its time, which a copy does not share."""
    if isinstance(sent.content, Path):
        return {"bytes": known["bytes"], "sha256": known["sha256"]}
    return {"bytes": len(sent.content), "sha256": hashlib.sha256(sent.content).hexdigest()}
