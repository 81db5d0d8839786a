"""The output folder: what gft owns in it, what state it is in, and how results get there.

Reading this module costs nothing: a fitted folder is described without any heavy import.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from gft.baselines.protocol import LINEAR
from gft.engine import checkpoints
from gft.errors import GftError, UserError, listed
from gft.language.json_text import parsed_json
from gft.record_file import RECORD, read_record
from gft.registry import arguments
from gft.storage.durable import sync_file, sync_folder, write_durably
from gft.storage.manifest import MANIFEST, check_file, check_model, read_manifest, seal
from gft.suppliers.installed import suppliers

METRICS = "metrics.json"
PREDICTIONS = "predictions.parquet"
PARTITION = "partition.parquet"
HISTORY = "history.csv"
LABEL_ERRORS = "label_errors.csv"
CORRECTIONS = "corrections.csv"
CARD = "README.md"
REPORT = "report.html"
PICTURES = ("learning", "loss", "merit", "rate", "confusion", "reliability", "lengths",
            *(f"residuals{n}" for n in range(4)))  # fmt: skip
"""The drawings of the report that may have a file `report-NAME.png` beside it."""
KEPT = LINEAR
"""The folder inside for the linear baseline, where it is kept."""
STAGE = ".gft-finishing"
_JOURNAL = "files.json"
_READY = "ready.json"
"""Its presence says that the stage is complete and on the disk: what is left is to move it."""

_RESERVED = (
    RECORD,
    MANIFEST,
    METRICS,
    PREDICTIONS,
    PARTITION,
    HISTORY,
    LABEL_ERRORS,
    CORRECTIONS,
    REPORT,
    *(f"report-{name}.png" for name in PICTURES),
    "config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "covariates.json",
    "covariates.safetensors",
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
        """Return `gft.json`, None where there is none. Raises `GftError` for a damaged one."""
        return read_record(self.path) if (self.path / RECORD).exists() else None

    @cached_property
    def last_checkpoint(self) -> Path | None:
        """The checkpoint to go on from, None where there is none.

        Raises `Damaged` if there are some and none is whole.
        """
        return checkpoints.last_whole(self.path)

    def recover(self) -> None:
        """Put in order what a kill or a power cut left half done; only for who holds the folder.

        Results that were complete are moved to where they belong, torn checkpoints are removed.
        """
        if self.path.is_dir():
            checkpoints.recover(self.path)
        if (self.path / STAGE / _READY).is_file():
            self._move_in()

    def state(self, identity: Mapping[str, Any], afresh: bool = False) -> State:
        """Return what the folder holds for this program; `afresh` means to clear it first.

        Raises `UserError` if it holds another program, or files that gft would write and did not,
        and `GftError` if what it holds is damaged, unless it is to be cleared.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"--output_dir {self.path} is a file; expected a folder")
        if not afresh:
            record = self._sound_record()
            if record is not None:
                self._must_be_same(record.get("identity", {}), identity)
                self._must_be_whole()
                return State.FINISHED
            if self.last_checkpoint is not None:
                program = checkpoints.program_of(self.last_checkpoint)
                self._must_be_same(program["identity"], identity)
        owned = self.owned()
        foreign = [name for name in self._taken() if name not in owned]
        if foreign:
            raise UserError(
                f"--output_dir {self.path} holds {listed(foreign)}, which gft did not write and "
                "would overwrite; give another folder"
            )
        return State.UNFINISHED if not afresh and self.last_checkpoint else State.FRESH

    def _sound_record(self) -> dict[str, Any] | None:
        """Return `gft.json`; what is wrong with it is raised with what to do."""
        with _fitted_again():
            return self.record()

    def _must_be_whole(self) -> None:
        with _fitted_again():
            check_model(self.path)
            if (self.path / METRICS).exists():
                check_file(self.path / METRICS)

    def _taken(self) -> list[str]:
        """Return the names that gft would write and that are there."""
        of_suppliers = (name for one in suppliers().values() for name in one.writes)
        return [name for name in (*_RESERVED, *of_suppliers) if _is_taken(self.path / name)]

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
        """Return the names of the files that gft wrote into the folder, such as `inner/x`.

        Where a list of them is damaged, they are what has one of gft's names: it would not have
        begun in a folder with such files of somebody else's.
        """
        names: set[str] = set()
        damaged = False
        for read in (self._recorded, self._journal, self._sealed):
            try:
                names |= read()
            except (GftError, OSError, ValueError, RecursionError):
                damaged = True
        if damaged:
            names |= set(self._taken())
        return {name for name in names if _is_inside(name) and not (self.path / name).is_dir()}

    def _recorded(self) -> set[str]:
        record = self.record()
        return set(map(str, record.get("files", ()))) if record else set()

    def _journal(self) -> set[str]:
        journal = self.path / STAGE / _JOURNAL
        if not journal.parent.exists():
            return set()
        names: Any = parsed_json(journal.read_text(encoding="utf-8"))
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("no list of names")
        return set(names)

    def _sealed(self) -> set[str]:
        manifest = read_manifest(self.path)
        return {MANIFEST, *manifest.files} if manifest else set()

    def replaced_bytes(self) -> int:
        """Return the size of what a fit into the folder replaces."""
        files = [self.path / name for name in self.owned()]
        for checkpoint in checkpoints.saved(self.path):
            files += checkpoint.rglob("*")
        return sum(path.stat().st_size for path in files if path.is_file())

    def clear(self) -> None:
        """Remove what gft left: its files and checkpoints, nothing else."""
        owned = sorted(self.owned() - {RECORD})
        if owned:
            # Without the record they would be nobody's, and with it a fit that is finished.
            (self.path / STAGE).mkdir(parents=True, exist_ok=True)
            self._write_journal(owned)
            sync_folder(self.path)
        (self.path / RECORD).unlink(missing_ok=True)
        for name in owned:
            (self.path / name).unlink(missing_ok=True)
        for inner in sorted({PurePosixPath(name).parent for name in owned} - {PurePosixPath()}):
            with suppress(OSError):  # Somebody else's files are in it.
                (self.path / inner).rmdir()
        sync_folder(self.path)
        self.drop_checkpoints()

    def drop_checkpoints(self) -> None:
        """Remove the checkpoints of a finished fit, and what finishing it left."""
        checkpoints.recover(self.path)
        checkpoints.drop(self.path)
        shutil.rmtree(self.path / STAGE, ignore_errors=True)

    def abandon(self) -> None:
        """Remove results that could not be finished; what says which files are gft's stays.

        In a finished folder `gft.json` says that. Those that are complete stay too: they are moved
        by the next fit.
        """
        if (self.path / STAGE / _READY).is_file():
            return
        self._empty_stage()
        if not self.owned() or self.record() is not None:
            shutil.rmtree(self.path / STAGE, ignore_errors=True)

    def _empty_stage(self) -> None:
        (self.path / STAGE / _READY).unlink(missing_ok=True)
        for path in (self.path / STAGE).glob("*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _JOURNAL:
                path.unlink(missing_ok=True)

    def stage(self) -> Path:
        """Return an empty folder inside, where results are written before they count."""
        stage = self.path / STAGE
        kept = self.owned() if self.record() is None else set()
        stage.mkdir(parents=True, exist_ok=True)
        self._write_journal(kept)  # Before the old one goes: its files would be nobody's.
        self._empty_stage()
        return stage

    def publish(self, record: Mapping[str, Any], model: Iterable[str]) -> None:
        """Move every staged file into the folder, `gft.json` last; then drop the checkpoints.

        `model` are the names of the files that a model is loaded from. A card of the user's own
        stays. When this returns, a power cut does not undo it. Raises `OSError`.
        """
        stage = self.path / STAGE
        owned = self.owned()
        files = staged_files(stage)
        if CARD in files and (self.path / CARD).exists() and CARD not in owned:
            files.remove(CARD)
            (stage / CARD).unlink()
        whole = {**record, "files": [*files, MANIFEST, RECORD]}
        (stage / RECORD).write_text(
            json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8"
        )
        if CARD in files:  # Not sealed: it is there to be written on.
            sync_file(stage / CARD)
        seal(stage, [name for name in (*files, RECORD) if name != CARD], model)
        self._write_journal(owned | {*files, MANIFEST})
        write_durably(stage / _READY, "{}")
        sync_folder(self.path)
        self._move_in()

    def _move_in(self) -> None:
        """Move what is in a complete stage to where it counts; begun before, it is ended."""
        stage = self.path / STAGE
        files = [name for name in staged_files(stage) if name not in (MANIFEST, RECORD)]
        last = [name for name in (MANIFEST, RECORD) if (stage / name).is_file()]
        for name in files:
            (self.path / name).parent.mkdir(exist_ok=True)
            (stage / name).replace(self.path / name)
        for inner in {(self.path / name).parent for name in files}:
            sync_folder(inner)
        for name in last:
            sync_folder(self.path)
            (stage / name).replace(self.path / name)
        sync_folder(self.path)
        self.drop_checkpoints()

    def _write_journal(self, names: Iterable[str]) -> None:
        journal = self.path / STAGE / _JOURNAL
        if journal.is_dir():
            shutil.rmtree(journal)
        write_durably(journal, json.dumps(sorted(names)))


def staged_files(stage: Path) -> list[str]:
    """Return the names of the files in a stage that are to be published, such as `inner/x`."""
    found = (path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file())
    return sorted(name for name in found if name not in (_JOURNAL, _READY))


def copy_results(
    fitted: Path, record: Mapping[str, Any], stage: Path, without: Collection[str]
) -> None:
    """Copy the files of a finished fit into a stage, but for some; `record` is its `gft.json`.

    Files that the user has deleted are not missed: those of the model were verified at loading.
    """
    for name in record["files"]:
        if name not in (RECORD, MANIFEST, *without) and (fitted / name).is_file():
            (stage / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(fitted / name, stage / name)


@contextmanager
def _fitted_again() -> Iterator[None]:
    """Say, where a finished folder is damaged, what makes it whole."""
    try:
        yield
    except GftError as problem:
        raise type(problem)(f"{problem}; --overwrite_output_dir fits it again") from None


def _is_taken(path: Path) -> bool:
    """Say whether there is a file, or one where its folder would be."""
    return path.exists() or path.parent.is_file()


def _is_inside(name: str) -> bool:
    """Say whether a name of a file, with at most one folder before it, stays where it belongs."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and len(path.parts) <= 2


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
