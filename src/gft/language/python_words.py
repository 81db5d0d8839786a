"""Notes and errors in Python's words: `split="val"` where a command line has `--split val`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gft.language.argument import Table

FUNCTIONS = {
    "fit": "gft.fit",
    "predict": "gft.predict",
    "serve": "gft.serve",
    "push": "Fit.push",
    "eval": "gft.evaluate",
    "summary": "gft.summary",
    "cat_data": "gft.load_data",
    "init": "gft.suggest",
}
"""What the commands are called in Python."""
_SPOKEN = re.compile(r"`gft_[^`\n]*`|\bgft_([a-z_]+)\b|(?<![\w-])--([a-z]\w*)")
"""What is between back-quotes is meant for a shell, whoever reads it."""
_OPTION = re.compile(r" --([a-z]\w*)")
_VALUE = re.compile(r"[ =]('[^'\n]*'|\"[^\"\n]*\"|[^\s()]+)")
_MARKED = re.compile(r"[\w%~^-]*[A-Z0-9_=:/.,;|*\\@][\S]*")
"""A word that is a value and none of a sentence's: it has capitals, digits or marks inside."""


@dataclass(frozen=True)
class PythonWords:
    """How Python calls the arguments of a table.

    `known` are plain words that are values of an argument, beside its choices: a sentence may go
    on after it with any other word.
    """

    table: Table
    known: Mapping[str, Collection[str]]

    def knowing(self, given: Mapping[str, Any]) -> PythonWords:
        """Return these, with the values that arguments were given, which may be any words."""
        known = {name: {*words} for name, words in self.known.items()}
        for name, value in given.items():
            known.setdefault(name, set()).update(
                map(str, value if isinstance(value, list | tuple) else [value])
                if isinstance(value, str | Path | list | tuple)
                else ()
            )
        return replace(self, known=known)

    def spoken(self, text: str, speaker: str = "gft.fit") -> str:
        """Return a message to a user of commands, worded for a user of `speaker`."""
        found, position = [], 0
        while (match := _SPOKEN.search(text, position)) is not None:
            command, name = match.groups()
            found.append(text[position : match.start()])
            position = match.end()
            if name is not None:
                worded, position = self._argument(name, text, position, speaker)
                found.append(worded)
            elif command is not None and command in FUNCTIONS:
                arguments, position = self._arguments(text, position, speaker)
                called = f"({', '.join(arguments)})" if arguments else ""
                found.append(FUNCTIONS[command] + called)
            else:
                found.append(match[0])
        return "".join([*found, text[position:]])

    def _arguments(self, text: str, position: int, speaker: str) -> tuple[list[str], int]:
        """Return the arguments that a command is given from a position on, and where they end."""
        found = []
        while (match := _OPTION.match(text, position)) is not None:
            worded, position = self._argument(match[1], text, match.end(), speaker)
            found.append(worded)
        return found, position

    def _argument(self, name: str, text: str, position: int, speaker: str) -> tuple[str, int]:
        """Return an argument, with its value if one follows it at a position, and where it ends."""
        if name == "help":
            return f"help({speaker})", position
        if name not in self.table:
            worded = text.endswith("unknown argument ", 0, position - len(name) - 2)
            return name if worded else f"--{name}", position
        kind = self.table[name].kind
        value, end = self._value(name, text, position)
        if kind == "flag":
            return f"{name}={'False' if value == 'false' else 'True'}", end
        if value is None:
            return (name if text.startswith(":", position) else f"{name}="), position
        bare = value == "..." or (kind in ("whole", "number") and "'" not in value)
        return f"{name}={value}" if bare else f'{name}="{value}"', end

    def _value(self, name: str, text: str, position: int) -> tuple[str | None, int]:
        """Return the value that follows an argument and where it ends, None where none does."""
        match = _VALUE.match(text, position)
        if match is None:
            return None, position
        written = match[1]
        if written[0] in "'\"" and written[0] == written[-1] and len(written) > 1:
            return written[1:-1], match.end()
        known = {*self.table[name].choices, *self.known.get(name, ())}
        if self.table[name].kind == "flag":
            known = {"true", "false"}
        word = written.rstrip(".,;:") if written.strip(".,;:|") else written
        follows = written.removeprefix(word)
        if written == "...":
            return written, match.end()
        alone = word == written and not re.search(r"\w", word)
        # A sentence that went on would do so with a space.
        ends = bool(follows) or match.end() == len(text) or text[match.end()] == ")"
        a_value = self.table[name].kind != "flag" and (alone or _MARKED.fullmatch(word) or ends)
        if word in known or a_value:
            return word, match.end() - len(follows)
        return None, position
