"""`push`: push a fit to a hub, after a list of what leaves the machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from gft import notes
from gft.errors import GftError, UserError, counted
from gft.folder import CARD, METRICS
from gft.language.program import Options
from gft.language.spec import Spec
from gft.publishing.card import UNKNOWN, pushed_card
from gft.publishing.files import Sent, check_private, disclosed, is_sent, sent_files
from gft.publishing.graphs import public_listing
from gft.publishing.options import Pushing
from gft.publishing.record import public_record
from gft.record_file import RECORD
from gft.results.fitted import read_metrics
from gft.suppliers.cards import front_matter
from gft.suppliers.installed import parse, supplier_of
from gft.tasks.protocol import Task

MEGABYTE = 1_000_000


def push(folder: Path, record: Mapping[str, Any], task: Task, name: str, options: Options) -> str:
    """Push a fit's folder to a repository on a hub; return its address.

    What leaves is listed first, and has to be confirmed on a terminal or with `--yes`. Raises
    `UserError` without a confirmation, and for what must not leave the machine.
    """
    pushing, spec = options.of(Pushing), parse(name)
    if spec.is_path or spec.config or spec.revision:
        raise UserError(f"{name}: expected the name of a repository on a hub, such as H:NAME/MODEL")
    supplier = supplier_of(spec)
    known = supplier.visibility(spec, options)
    if known == "public" and not pushing.public:
        raise UserError(
            f"{spec} already exists and is public, so anyone would see what is pushed; confirm it "
            "with --public"
        )
    if known == "private" and pushing.public:
        notes.note(f"{spec} already exists and is private: it stays private")
    sent = _everything(folder, record, task, spec, options)
    check_private(sent, {f"{Path.home()}/": "your home", f"{folder.resolve()}": "its folder"})
    private = known == "private" or not pushing.public
    for line in _shown(sent, spec, private, known is not None):
        notes.say(line)
    _confirm(pushing.yes)
    files = {one.name: one.content for one in sent}
    return supplier.publish(spec, files, is_sent, private, options)


def _everything(
    folder: Path, record: Mapping[str, Any], task: Task, spec: Spec, options: Options
) -> list[Sent]:
    """Return every file that is pushed, with its content."""
    pushing = options.of(Pushing)
    metrics = read_metrics(folder) if (folder / METRICS).is_file() else {}
    metrics = {"splits": {}, "figure_of_merit": record["figure_of_merit"], **metrics}
    shown = public_record(record)
    sent = sent_files(folder, record, pushing.also or ())
    base = {name: one for name, one in _base(record, options).items() if one}
    if pushing.license:
        base["license"] = pushing.license
    if pushing.language:
        base["language"] = list(pushing.language)
    of_base = " of the base model" if "steps" in record["training"] else ""
    if "license" not in base:
        notes.note(
            f"the licence{of_base} is not known, so the card says {UNKNOWN}; set it with --license"
        )
    tags: tuple[str, ...] = ()
    with suppress(UserError):  # A hub need not have a tag for every task.
        tags = supplier_of(spec).tags_of_task((task.name, *task.aliases))
    card = pushed_card(shown, metrics, spec, base, task, tags)
    shown |= public_listing(record, sent)
    shown["files"] = sorted([*(one.name for one in sent), CARD, RECORD])
    text = json.dumps(shown, indent=1, ensure_ascii=False)
    return [*sent, Sent(CARD, card.encode()), Sent(RECORD, f"{text}\n".encode())]


def _base(record: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return the licence and the languages of the base model, from its own card."""
    model = record["model"]
    if model.get("repository"):
        spec = replace(parse(str(model["spec"])), key=model["repository"], config=None)
        try:
            return supplier_of(spec).model(spec, options).card()
        except GftError as problem:
            notes.note(f"the card of {spec} cannot be read: {problem.messages[0]}")
            return {}
    path = model.get("path")
    return front_matter(Path(path) / CARD) if path else {}


def _shown(sent: list[Sent], spec: Spec, private: bool, there: bool) -> list[str]:
    """Return the lines to show before anything leaves the machine."""
    whole = sum(one.size for one in sent)
    where = "which already exists" if there else "a new repository"
    lines = [
        f"{counted(len(sent), 'file')}, {whole / MEGABYTE:,.1f} MB, to {spec}, {where}, "
        f"{'private' if private else 'PUBLIC: anyone can see it'}:"
    ]
    width = max(len(one.name) for one in sent)
    lines += [f"  {one.name:<{width}}  {one.size:>13,} bytes" for one in sent]
    return [*lines, *disclosed(sent)]


def _confirm(confirmed: bool) -> None:
    """Ask on a terminal whether to push. Raises `UserError` for no, and without a terminal."""
    if confirmed:
        return
    if sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty():
        raise UserError("nothing was pushed: there is no terminal to confirm on; use --yes")
    print("push it? [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer:  # Ctrl-D ends no line.
        print(file=sys.stderr)
    if answer.strip().lower() not in ("y", "yes"):
        raise UserError("nothing was pushed")
