"""Specifications: `L:glue,qqp` is supplier L, key `glue`, configuration `qqp`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gft.errors import UserError, no_such

CONTAINS = "__contains__"
INFER = "__infer__"
"""Keys that gft_summary takes for a search: what has this in its name, what fits the rest."""

_PREFIX = re.compile(r"([A-Za-z]+):(?!\\)(.*)", re.DOTALL)
_PATH = re.compile(r"(\./|\.\./|/|~|[A-Za-z]:[\\/])")
_PACKED = r"(\.(gz|bz2|xz|zst|zip))?"
_DATA_FILE = re.compile(
    r"\.((csv|tsv|jsonl?|ndjson|parquet|arrow|feather|xls[xmb]?|ods|z?sav|por|dta|sas7bdat|xpt|rds)"
    rf"{_PACKED}|zip)$",
    re.IGNORECASE,
)
_SHEET = re.compile(rf"(?P<key>.+?\.(xls[xm]?|ods){_PACKED})(,(?P<sheet>.+))?", re.IGNORECASE)
"""A workbook, and one of its sheets after a comma."""


@dataclass(frozen=True)
class Spec:
    """Where a model, a data set or a metric comes from.

    `supplier` is the supplier's letter; `key` a name or a path; `config` what follows the first
    comma, of a workbook the sheet; `revision` what follows `@` in a name. `bare` says that no
    supplier was named, and that what exists on disk may be meant. A path is `literal` where a file
    names it and not the user: `~` and `$VARIABLES` in it stand for themselves.
    """

    supplier: str
    key: str
    config: str | None = None
    revision: str | None = None
    bare: bool = field(default=False, compare=False, repr=False)
    literal: bool = field(default=False, compare=False, repr=False)

    def __str__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        config = f",{self.config}" if self.config else ""
        return f"{self.supplier}:{self.key}{revision}{config}"

    @property
    def is_path(self) -> bool:
        """Whether the key can only be a path of the local file system."""
        return bool(_PATH.match(self.key))

    @property
    def is_search(self) -> bool:
        """Whether this is a search for names, and no name."""
        return self.key.startswith((CONTAINS, INFER))


@dataclass(frozen=True)
class Letters:
    """The letters of suppliers, `by_name` for every spelling of one, lower-case.

    `usual` is the letter of a specification without one, and `of_paths` of one that can only be a
    path; all that follows that letter is a path.
    """

    by_name: Mapping[str, str]
    usual: str
    of_paths: str


def parse_spec(text: str, letters: Letters) -> Spec:
    """Return the specification that `text` spells. Raises `UserError`."""
    bare = False
    found = _PREFIX.fullmatch(text.strip())
    drive = found and len(found[1]) == 1 and found[1].lower() not in letters.by_name
    if found and not (drive and "/" in found[2]):
        name, rest = found[1], found[2]
        letter = letters.by_name.get(name.lower())
        if letter is None and name.lower() in ("http", "https"):
            raise UserError(
                f"{text} is an address; give what is on a hub by its name, such as "
                f"{letters.usual}:OWNER/NAME, and a file by its path, {letters.of_paths}:PATH"
            )
        if letter is None:
            raise UserError(no_such("supplier", name, sorted(set(letters.by_name.values()))))
    else:
        rest = text.strip()
        is_path = _PATH.match(rest) or _DATA_FILE.search(rest) or _SHEET.fullmatch(rest)
        letter, bare = (letters.of_paths, False) if is_path else (letters.usual, True)
    if not rest:
        raise UserError(f"{text!r} names no key: write it as {letter}:NAME")
    if letter == letters.of_paths or _PATH.match(rest):
        book = _SHEET.fullmatch(rest)
        return Spec(letter, book["key"], book["sheet"]) if book else Spec(letter, rest)
    key, _, config = rest.partition(",")
    key, _, revision = key.partition("@")
    if not key:
        raise UserError(f"{text!r} names no key: write it as {letter}:NAME")
    return Spec(letter, key.strip(), config.strip() or None, revision.strip() or None, bare)
