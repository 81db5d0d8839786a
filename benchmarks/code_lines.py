"""How many lines of code each room of gft has: no blanks, no comments, no docstrings.

    python benchmarks/code_lines.py            # src/gft of this repository
    python benchmarks/code_lines.py FOLDER     # any other, such as src/gft of another version

A room is a folder directly under the one counted; files outside a room stand together as `(files)`.
A line counts if any part of a statement, or of an expression over several lines, stands on it.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

UNCOUNTED = (
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
)  # fmt: skip
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def main() -> None:
    """Print files and lines of code of each room, and their sums."""
    root = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parents[1] / "src" / "gft"
    lines: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for path in sorted(root.rglob("*.py")):
        inner = path.relative_to(root).parts
        room = inner[0] if len(inner) > 1 else "(files)"
        files[room] += 1
        lines[room] += len(code_lines(path.read_text(encoding="utf-8")))
    print(f"{'room':<14}{'files':>6}{'lines':>8}")
    for room in sorted(lines):
        print(f"{room:<14}{files[room]:>6}{lines[room]:>8}")
    print(f"{'all':<14}{files.total():>6}{lines.total():>8}")


def code_lines(source: str) -> set[int]:
    """Return the numbers of the lines that hold code."""
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in UNCOUNTED:
            found.update(range(token.start[0], token.end[0] + 1))
    return found - documentation(source)


def documentation(source: str) -> set[int]:
    """Return the numbers of the lines of docstrings, those below assignments included."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED):
            for statement in node.body:
                if isinstance(statement, ast.Expr) and is_text(statement.value):
                    found.update(range(statement.lineno, (statement.end_lineno or 0) + 1))
    return found


def is_text(node: ast.expr) -> bool:
    """Return whether an expression is nothing but a string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


if __name__ == "__main__":
    main()
