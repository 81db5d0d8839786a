"""`gft.json`, the record of a fit in its folder: read, and checked for damage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gft.errors import Damaged, UserError, listed
from gft.language.json_text import parsed_json
from gft.older_keys import record_with_todays_keys
from gft.storage.manifest import check_file, read_manifest

RECORD = "gft.json"
FORMAT = 1
_KINDS: Mapping[str, type] = {
    "program": dict, "identity": dict, "data": dict, "model": dict, "task": dict, "files": list,
}  # fmt: skip


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return a fitted folder's `gft.json`, None where there is none.

    Raises `UserError` for one that is none, and `Damaged` if it is not what a fit wrote.
    """
    file = folder / RECORD
    try:
        record: Any = parsed_json(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        manifest = read_manifest(folder)
        if manifest is not None and RECORD in manifest.files:
            raise Damaged(f"{file} is missing: run the same gft_fit again") from None
        return None
    except OSError as problem:
        raise UserError(f"{file} cannot be read: {problem.strerror}") from None
    except ValueError as problem:
        raise UserError(f"{file} is broken: {problem}") from None
    if not isinstance(record, dict) or record.get("gft_format") != FORMAT:
        raise UserError(f"{file} was written by another version of gft")
    missing = [name for name in ("program", "data", "task") if name not in record]
    if missing:
        raise UserError(f"{file} is broken: it lacks {listed(missing)}")
    wrong = [
        name for name, kind in _KINDS.items() if not isinstance(record.get(name, kind()), kind)
    ]
    if wrong:
        raise UserError(f"{file} is broken: its {listed(wrong)} cannot be read")
    check_file(file)
    return record_with_todays_keys(record)
