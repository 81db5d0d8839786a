"""Data sets that were loading scripts: read from the hub's Parquet conversion, never run."""

from __future__ import annotations

import ast
import re

from gft import notes
from gft.data.memory import from_datasets
from gft.data.table import Rows
from gft.errors import GftError, UserError, first_line
from gft.language.options import Shared
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.hub.errors import NoRevision, no_config
from gft.suppliers.hub.repository import Repository, fetch, find_repository
from gft.suppliers.options import Downloading

BRANCH = "refs/convert/parquet"
PARTIAL = "partial-"

_FILE = re.compile(r"([^/]+)/([^/]+)/[^/]+\.parquet")
_URL = re.compile(r"https?://[^\s'\"<>\\)\]]+[^\s'\"<>\\)\].,;:]")


def is_script(repository: Repository) -> bool:
    """Whether `datasets` refuses a repository because it has a script of its own name."""
    return f"{repository.name.rpartition('/')[2]}.py" in repository.files


def converted(
    repository: Repository, spec: Spec, options: Options
) -> tuple[dict[str, Rows], str, str]:
    """Return splits, configuration, and the commit of the Parquet conversion they are from."""
    try:
        branch = find_repository("dataset", repository.name, BRANCH, options)
    except NoRevision:
        raise UserError(_by_hand(repository, spec, options)) from None
    found: dict[str, dict[str, list[str]]] = {}
    for file in sorted(branch.files):
        if parts := _FILE.fullmatch(file):
            found.setdefault(parts[1], {}).setdefault(parts[2], []).append(file)
    if not found:
        raise UserError(_by_hand(repository, spec, options))
    config = spec.config or (next(iter(found)) if len(found) == 1 else "default")
    if config not in found:
        raise UserError(no_config(spec, list(found)))
    splits = {}
    for name, files in found[config].items():
        split = name.removeprefix(PARTIAL)
        if split != name and split in found[config]:
            continue
        if split != name:
            notes.note(f"{spec}: the hub converted only a part of {split}")
        folder = fetch(branch, files, options)
        splits[split] = _read([str(folder / file) for file in files], spec, options)
    return splits, config, branch.commit


def _read(paths: list[str], spec: Spec, options: Options) -> Rows:
    """Return Parquet files as rows mapped from an Arrow file, with the names of their classes."""
    import datasets

    cache_dir = options.of(Downloading).cache_dir
    try:
        return from_datasets(datasets.Dataset.from_parquet(paths, cache_dir=cache_dir))
    except Exception as problem:
        why = first_line(problem.__cause__ or problem)
        raise GftError(f"{spec}: its Parquet files are unreadable: {why}") from problem


def _by_hand(repository: Repository, spec: Spec, options: Options) -> str:
    """Return the message for a script without a conversion: where its data is, how to give it."""
    script = f"{repository.name.rpartition('/')[2]}.py"
    try:
        text = (fetch(repository, [script], options) / script).read_text(encoding="utf-8")
    except (GftError, OSError, UnicodeDecodeError):
        text = ""
    where = where_from(text) or repository.card.get("homepage") or "the source that its page names"
    folder = options.of(Shared).data_dir or "FOLDER"
    return (
        f"H:{spec.key} is only a loading script, which is not run, and the hub has no Parquet "
        f"conversion of it: download the data by hand from {where} and give the files, "
        f"as FOLDER/NAME.train, NAME.val and NAME.test, with --data C:NAME --data_dir {folder}"
    )


def where_from(script: str) -> str | None:
    """Return the address that a loading script tells its users to download from, None if none.

    The script is read, not run: first its `manual_download_instructions`, then its `_HOMEPAGE`
    and its `_URL`.
    """
    try:
        tree = ast.parse(script)
    except (SyntaxError, ValueError):
        return None
    texts = {}
    homepage = ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    texts[target.id] = str(node.value.value)
        if isinstance(node, ast.FunctionDef) and node.name == "manual_download_instructions":
            homepage = ast.unparse(node)
    texts_with_url = (homepage, texts.get("_HOMEPAGE", ""), texts.get("_URL", ""))
    return next((found[0] for text in texts_with_url if (found := _URL.search(text))), None)
