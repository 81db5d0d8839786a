"""The arguments of where things come from."""

from __future__ import annotations

from gft.language.argument import (
    DATA,
    RUNS_MODEL,
    SEARCH,
    SUMMARY,
    SUPPLY,
    TAKES_DATA,
    Arguments,
    argument,
)


# fmt: off
class Downloading(Arguments):
    """How files are asked for, and where they are kept."""

    cache_dir: str | None = argument(None, "folder for downloads", SUPPLY, identity=False)
    overwrite_cache: bool = argument(False, "read the data again", SUPPLY, TAKES_DATA, identity=False)
    hub_token: str | None = argument(None, "token for the hub (better: 'hf auth login')", SUPPLY, identity=False)


class FilesOfText(Arguments):
    """How files of one's own are written."""

    encoding: str | None = argument(None, "what files of text are encoded in, such as cp1252, cp1251, gb18030 or utf-16 (UTF-8 where nothing is said)", DATA, TAKES_DATA)


class Tokenizing(Arguments):
    """Whose tokenizer a model without one gets."""

    base_model: str | None = argument(None, "whose tokenizer to take if the model has none; H:__one_of__a,b: the one in its name", SUPPLY, RUNS_MODEL)


class Searching(Arguments):
    """How much a search tells."""

    topn: int = argument(20, "so many of what a search finds, those with the most downloads; where the output is no terminal, tab-separated: name, downloads, likes, tags (with commas), a model's task", SEARCH, SUMMARY, identity=False, common=True, least=1)
    fast_mode: bool = argument(False, "only the names that a search finds, with one request", SEARCH, SUMMARY, identity=False, common=True)
