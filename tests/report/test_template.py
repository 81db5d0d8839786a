"""Templates: what is escaped in them."""

from __future__ import annotations

from pathlib import Path

from gft.report import template


def test_html_and_markdown_are_escaped(tmp_path: Path) -> None:
    for ending in ("html", "md"):
        text = "{{ name }}: {{ metric | limits }}, {{ count | grouped }}"
        (tmp_path / f"x.{ending}").write_text(text, encoding="utf-8")
    values = {"name": "<a & b>", "metric": {"low": 0.5, "high": 1.0}, "count": 12345}
    assert (
        template.rendered("x.html", values, tmp_path)
        == "&lt;a &amp; b&gt;: 0.5000 to 1.0000, 12,345\n"
    )
    assert (
        template.rendered("x.md", values, tmp_path)
        == "&lt;a &amp; b&gt;: 0.5000 to 1.0000, 12,345\n"
    )
