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

    encoding: str | None = argument(None, "encoding of text files, such as cp1252, cp1251, gb18030 or utf-16 (UTF-8)", DATA, TAKES_DATA)


class Tokenizing(Arguments):
    """Whose tokenizer a model without one gets."""

    base_model: str | None = argument(None, "the model whose tokenizer to use if the model has none; H:__one_of__a,b: the one in its name", SUPPLY, RUNS_MODEL)


class Searching(Arguments):
    """How much a search tells."""

    topn: int = argument(20, "number of search results, most downloaded first; where the output is not a terminal, tab-separated: name, downloads, likes, tags (with commas), a model's task", SEARCH, SUMMARY, identity=False, common=True, least=1)
    fast_mode: bool = argument(False, "list names only, with a single request", SEARCH, SUMMARY, identity=False, common=True)
