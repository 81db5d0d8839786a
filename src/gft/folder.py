"""The output folder: what gft owns in it, what state it is in, and how results get there.

Reading this module costs nothing: a fitted folder is described without any heavy import.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any

from gft.engine import checkpoints
from gft.errors import UserError, listed
from gft.language.json_text import parsed_json
from gft.registry import arguments
from gft.suppliers.installed import suppliers

RECORD = "gft.json"
METRICS = "metrics.json"
PREDICTIONS = "predictions.parquet"
PARTITION = "partition.parquet"
HISTORY = "history.csv"
LABEL_ERRORS = "label_errors.csv"
CARD = "README.md"
REPORT = "report.html"
PICTURES = ("loss", "merit", "rate", "confusion", "reliability", "lengths",
            *(f"residuals{n}" for n in range(4)))  # fmt: skip
"""The drawings of the report that may have a file `report-NAME.png` beside it."""
STAGE = ".gft-finishing"
_JOURNAL = "files.json"
FORMAT = 1

_RESERVED = (
    RECORD,
    METRICS,
    PREDICTIONS,
    PARTITION,
    HISTORY,
    LABEL_ERRORS,
    REPORT,
    *(f"report-{name}.png" for name in PICTURES),
    "config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "adapter_config.json",
    "adapter_model.safetensors",
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)


class State(Enum):
    """What an output folder holds, seen from one program."""

    FRESH = "fresh"
    UNFINISHED = "unfinished"
    FINISHED = "finished"


class OutputFolder:
    """One folder that a program writes to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self) -> dict[str, Any] | None:
        """Return `gft.json`, None where there is none."""
        return read_record(self.path)

    def state(self, identity: Mapping[str, Any], afresh: bool = False) -> State:
        """Return what the folder holds for this program; `afresh` means to clear it first.

        Raises `UserError` if it holds another program, or files that gft would write and did not.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"--output_dir {self.path} is a file; expected a folder")
        checkpoints.recover(self.path)
        record = self.record()
        if record is not None and not afresh:
            self._must_be_same(record["identity"], identity)
            return State.FINISHED
        saved = checkpoints.whole(self.path)
        if saved and not afresh:
            self._must_be_same(checkpoints.program_of(saved[-1])["identity"], identity)
        of_suppliers = (name for one in suppliers().values() for name in one.writes)
        taken = [name for name in (*_RESERVED, *of_suppliers) if _is_taken(self.path / name)]
        foreign = [name for name in taken if name not in self.owned()]
        if foreign:
            raise UserError(
                f"--output_dir {self.path} holds {listed(foreign)}, which gft did not write and "
                "would overwrite; give another folder"
            )
        return State.UNFINISHED if saved and not afresh else State.FRESH

    def _must_be_same(self, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
        ours = json.loads(json.dumps(ours))
        # An argument that an older record does not have was not there, which is its default; one
        # that only the record has belongs to a package that is gone, so that nothing reads it.
        before, table = theirs.get("arguments", {}), arguments()
        known = ours.get("arguments", {})
        before = {name: before.get(name, table[name].default) for name in known}
        theirs = {**theirs, "arguments": before} if "arguments" in ours else theirs
        if theirs == ours:
            return
        raise UserError(
            f"--output_dir {self.path} belongs to another program ({differences(theirs, ours)}); "
            "give another folder, or --overwrite_output_dir to start afresh"
        )

    def owned(self) -> set[str]:
        """Return the names of the files that gft wrote into the folder, such as `inner/x`."""
        record = self.record()
        names = set(record["files"]) if record else set()
        journal = self.path / STAGE / _JOURNAL
        if journal.is_file():
            names |= set(json.loads(journal.read_text(encoding="utf-8")))
        return {name for name in names if _is_inside(name)}

    def clear(self) -> None:
        """Remove what gft left: its files and checkpoints, nothing else."""
        # The record last: without it the other files would be nobody's.
        owned = sorted(self.owned() - {RECORD})
        for name in owned:
            (self.path / name).unlink(missing_ok=True)
        for inner in sorted({PurePosixPath(name).parent for name in owned} - {PurePosixPath()}):
            with suppress(OSError):  # Somebody else's files are in it.
                (self.path / inner).rmdir()
        (self.path / RECORD).unlink(missing_ok=True)
        self.drop_checkpoints()

    def drop_checkpoints(self) -> None:
        """Remove the checkpoints of a finished fit, and what finishing it left."""
        checkpoints.recover(self.path)
        checkpoints.rotate(self.path, set())
        shutil.rmtree(self.path / STAGE, ignore_errors=True)

    def stage(self) -> Path:
        """Return an empty place in the folder where results are written before they count."""
        place = self.path / STAGE
        kept = self.owned() if self.record() is None else set()
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        if kept:
            self._write_journal(kept)
        return place

    def publish(self, record: Mapping[str, Any]) -> None:
        """Move every staged file into the folder, `gft.json` last; then drop the checkpoints.

        A card of the user's own stays.
        """
        place = self.path / STAGE
        owned = self.owned()
        staged = sorted(path for path in place.rglob("*") if path.is_file())
        files = [path.relative_to(place).as_posix() for path in staged]
        files = [name for name in files if name != _JOURNAL]
        if CARD in files and (self.path / CARD).exists() and CARD not in owned:
            files.remove(CARD)
            (place / CARD).unlink()
        self._write_journal(owned | set(files))
        for name in files:
            (self.path / name).parent.mkdir(exist_ok=True)
            (place / name).replace(self.path / name)
        whole = {**record, "files": [*files, RECORD]}
        last = place / RECORD
        last.write_text(json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8")
        last.replace(self.path / RECORD)
        self.drop_checkpoints()

    def _write_journal(self, names: Iterable[str]) -> None:
        beside = self.path / STAGE / f"{_JOURNAL}.partial"
        beside.write_text(json.dumps(sorted(names)), encoding="utf-8")
        beside.replace(self.path / STAGE / _JOURNAL)


def _is_taken(path: Path) -> bool:
    """Say whether there is a file, or one where its folder would be."""
    return path.exists() or path.parent.is_file()


def _is_inside(name: str) -> bool:
    """Say whether a name of a file, with at most one folder before it, stays where it belongs."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and len(path.parts) <= 2


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return a fitted folder's `gft.json`, None where there is none. Raises `UserError`."""
    try:
        record: Any = parsed_json((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as problem:
        raise UserError(f"{folder / RECORD} is broken: {problem}") from None
    if not isinstance(record, dict) or record.get("gft_format") != FORMAT:
        raise UserError(f"{folder / RECORD} was written by another version of gft")
    missing = [name for name in ("program", "data", "task") if name not in record]
    if missing:
        raise UserError(f"{folder / RECORD} is broken: it lacks {listed(missing)}")
    return record


def differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Return in what two programs differ, for a sentence."""
    names = [n for n in ("model", "data", "metric", "eqn", "splits", "task") if n in theirs]
    before, after = theirs.get("arguments", {}), ours.get("arguments", {})
    found = [
        f"{name} {old.get(name)}, now {new.get(name)}"
        for old, new, of in (
            (theirs, ours, names),
            (before, after, sorted(before.keys() | after.keys())),
        )
        for name in of
        if old.get(name) != new.get(name)
    ]
    return listed(found, 4) if found else "in its record"
