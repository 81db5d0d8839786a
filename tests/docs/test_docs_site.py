"""The site builds strictly, and asks nothing of any other machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pages import DOCS, ROOT

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}


class Asked(HTMLParser):
    """The addresses that a browser asks when it shows a page, and the links of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        place = LOADS.get(tag, "href" if tag == "link" else "")
        if place and given.get(place):
            self.loaded.append(str(given[place]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    offline = dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(folder)],
        cwd=ROOT, env={**os.environ, **offline, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_every_page_is_there(site: Path) -> None:
    made = {path.relative_to(site).with_suffix(".md") for path in site.rglob("*.html")}
    there = {path.relative_to(DOCS) for path in DOCS.rglob("*.md")}
    assert made == there | {Path("404.md")}


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        asked = Asked(path.read_text(encoding="utf-8"))
        far = [one for one in asked.loaded if re.match(r"(https?:)?//", one)]
        assert far == [], path
        for one in asked.loaded if path.name != "404.html" else ():
            assert (path.parent / one.partition("?")[0]).exists(), f"{path}: {one}"
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", path.read_text(encoding="utf-8")), path


def test_links_are_pages_so_that_it_can_be_read_from_disk(site: Path) -> None:
    for path in site.rglob("*.html"):
        if path.name == "404.html":
            continue
        for link in Asked(path.read_text(encoding="utf-8")).links:
            if not re.match(r"https?://|#", link):
                assert (path.parent / link.partition("#")[0]).is_file(), f"{path}: {link}"


def test_search_works_from_disk(site: Path) -> None:
    script = (site / "search/search_index.js").read_text(encoding="utf-8")
    index = json.loads(script.removeprefix("var __index = ").rstrip(";"))
    found = {one["location"] for one in index["docs"]}
    assert "arguments/all.html#early_stopping_patience" in found
    assert "tasks/classify_tokens.html" in found
    assert "assets/iframe-worker.js" in (site / "index.html").read_text(encoding="utf-8")
