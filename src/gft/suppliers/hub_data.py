"""Data sets of the hub, through `datasets`; of old scripts, through their Parquet conversion."""

from __future__ import annotations

import json
import re
from typing import Any

from gft import notes
from gft.data.memory import from_datasets
from gft.data.table import DataSet, Rows
from gft.errors import GftError, UserError, listed, no_such
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.hub import Repository, find_repository, hub_errors

CONVERTED = "refs/convert/parquet"
_DATA_FILE = re.compile(
    r"\.(parquet|csv|tsv|jsonl?|arrow|txt|zip|tar|gz|zst|bz2|xz|jpe?g|png|wav|flac|mp3)$", re.I
)
_CONVERTED_FILE = re.compile(r"(?P<config>[^/]+)/(?P<split>[^/]+)/\d+\.parquet")


def hub_data(spec: Spec, options: Options) -> DataSet:
    """Return a data set of the hub. Raises `UserError` or `GftError` in one line."""
    repository = find_repository("dataset", spec.key, spec.revision)
    splits, config = _load(repository, spec, options)
    origin = {
        "supplier": "H",
        "repository": repository.name,
        "commit": repository.commit,
        "config": config,
    }
    name = f"{spec.key},{spec.config}" if spec.config else spec.key
    return DataSet(name, splits, origin)


def _load(repository: Repository, spec: Spec, options: Options) -> tuple[dict[str, Rows], str | None]:
    if not any(_DATA_FILE.search(name) for name in repository.files) and any(
        name.endswith(".py") for name in repository.files
    ):
        return _converted(repository, spec, options)
    import datasets

    datasets.utils.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    with hub_errors(f"data {spec}"):
        try:
            config = _config(repository, spec)
            loaded = datasets.load_dataset(
                f"hf://datasets/{repository.name}" if not _offline() else repository.name,
                config,
                revision=repository.commit,
                cache_dir=options.cache_dir,
                token=options.hub_token,
                download_mode="force_redownload" if options.overwrite_cache else None,
            )
        except (ValueError, datasets.exceptions.DatasetNotFoundError) as problem:
            if _offline():
                raise GftError(
                    f"data {spec} is not in the cache, and HF_HUB_OFFLINE is set"
                ) from None
            raise UserError(f"data {spec}: {str(problem).splitlines()[0]}") from None
        except datasets.exceptions.DatasetGenerationError as problem:
            raise GftError(f"data {spec}: {problem.__cause__ or problem}") from None
    return {str(name): from_datasets(split) for name, split in loaded.items()}, config


def _offline() -> bool:
    import huggingface_hub

    return bool(huggingface_hub.is_offline_mode())


def _config(repository: Repository, spec: Spec) -> str | None:
    """Return the configuration to load. Raises `UserError` naming those that exist."""
    import datasets

    if _offline():
        return spec.config
    at = {"revision": repository.commit}
    names = datasets.get_dataset_config_names(f"hf://datasets/{repository.name}", **at)
    if spec.config is not None:
        if spec.config not in names:
            raise UserError(no_such("configuration", spec.config, names, f"H:{spec.key}"))
        return spec.config
    if len(names) == 1:
        return str(names[0])
    default = datasets.get_dataset_default_config_name(f"hf://datasets/{repository.name}", **at)
    if default is None:
        raise UserError(_which_config(spec, names))
    return str(default)


def _which_config(spec: Spec, names: list[str]) -> str:
    return f"H:{spec.key} has several configurations: {listed(names)}; write H:{spec.key},{names[0]}"


def _converted(
    repository: Repository, spec: Spec, options: Options
) -> tuple[dict[str, Rows], str]:
    """Return a data set that is only a loading script, from its Parquet conversion."""
    try:
        branch = find_repository("dataset", repository.name, CONVERTED)
    except UserError:
        raise UserError(
            f"H:{spec.key} is a loading script without a Parquet conversion, which today's "
            "libraries no longer run; download its files as its page says and give them as "
            "C:PATH, with PATH.train, PATH.val and PATH.test"
        ) from None
    found: dict[str, dict[str, list[str]]] = {}
    for file in sorted(branch.files):
        parts = _CONVERTED_FILE.fullmatch(file)
        if parts:
            found.setdefault(parts["config"], {}).setdefault(parts["split"], []).append(file)
    config = spec.config or (next(iter(found)) if len(found) == 1 else "default")
    if config not in found:
        names = list(found)
        raise UserError(
            no_such("configuration", config, names, f"H:{spec.key}")
            if spec.config
            else _which_config(spec, names)
        )
    splits = {}
    for split, files in found[config].items():
        name = split.removeprefix("partial-")
        if name != split:
            notes.note(f"H:{spec.key}: {name} is partial: the hub converted only its beginning")
        splits[name] = _read_parquet(branch, files, spec, options)
    return splits, config


def _read_parquet(branch: Repository, files: list[str], spec: Spec, options: Options) -> Rows:
    import huggingface_hub
    import pyarrow as pa
    import pyarrow.parquet

    tables = []
    for file in files:
        with hub_errors(f"data {spec}"):
            path = huggingface_hub.hf_hub_download(
                branch.name,
                file,
                repo_type="dataset",
                revision=branch.commit,
                cache_dir=options.cache_dir,
                token=options.hub_token,
            )
        tables.append(pyarrow.parquet.read_table(path, memory_map=True))
    table = pa.concat_tables(tables)
    return Rows(table.replace_schema_metadata(None), _class_names(table.schema.metadata or {}))


def _class_names(metadata: dict[bytes, bytes]) -> dict[str, tuple[str, ...]]:
    """Return the names of classes out of what `datasets` writes beside an Arrow schema."""
    features: dict[str, Any] = (
        json.loads(metadata.get(b"huggingface", b"{}")).get("info", {}).get("features", {})
    )
    classes = {}
    for name, feature in features.items():
        inner = feature.get("feature", feature) if isinstance(feature, dict) else feature
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inner, dict) and inner.get("_type") == "ClassLabel":
            classes[name] = tuple(inner["names"])
    return classes
