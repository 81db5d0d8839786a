"""What a terminal would obey is shown, not sent; Markdown and spreadsheets get text as text."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gft.data.spreadsheet import guarded, unguarded
from gft.report.card import fence_of
from gft.report.template import Verbatim, in_markdown
from gft.visible import Terminal, visible

HOSTILE = "\x1b]0;title\x07\x1b[2Kgood\r\x9b1mbad\u202egpj.exe"


def test_commands_to_a_terminal_become_escapes() -> None:
    assert visible(HOSTILE) == r"\x1b]0;title\x07\x1b[2Kgood\r\x9b1mbad\u202egpj.exe"
    kept = "naïve\tÅse\n中文 😀 שלום\u200f و\u200c!"
    assert visible(kept) == kept
    assert visible("\ud800") == r"\ud800"


def test_a_terminal_keeps_bold_alone() -> None:
    out = io.StringIO()
    Terminal(cast(Any, out)).writelines(["\x1b[1mrow\x1b[0m \x1b[31mred\n", "two\n"])
    assert out.getvalue() == "\x1b[1mrow\x1b[0m \\x1b[31mred\ntwo\n"


def test_errors_show_what_a_name_holds(tmp_path: Path, gft: Callable[..., Any]) -> None:
    (tmp_path / "x.csv").write_text("text,a\x1b[2J\ngood,1\nbad,2\n")
    ran = gft("summary", "--data", f"C:{tmp_path / 'x.csv'}", "--eqn", "classify: b ~ text")
    assert ran.status == 2 and "\x1b" not in ran.err and r"a\x1b[2J" in ran.err


def test_markdown_shows_names_as_they_are() -> None:
    assert in_markdown("a|b <script> `x` [l](u)\nnext") == (
        r"a\|b &lt;script&gt; \`x\` \[l\](u) next"
    )
    assert in_markdown(Verbatim("a|b")) == "a|b" and in_markdown(3) == 3
    assert fence_of("plain") == "```" and fence_of("'x\n````\n'") == "`````"


@pytest.mark.parametrize(
    "text", ["=1+1", "+4", "-2", "@SUM(A1)", "\tx", "\r=1", "\n=1", "'=1", "''@", "\uff1d1"]
)
def test_formulas_are_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@given(st.text("'=+-@\t\rab"))
def test_a_guarded_text_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
