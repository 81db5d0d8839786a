"""However arguments are written, the words of a command line and Python's keywords say the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gft.errors import UserError
from gft.language.argument import FUNCTIONS, Argument
from gft.language.command_line import normalize, parse_command_line
from gft.registry import arguments

TABLE = arguments()
PLAIN = [one for one in TABLE.values() if one.kind not in ("json", "flag or text")]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FUNCTION = st.sampled_from(FUNCTIONS)


def never_read(_: str) -> dict[str, Any]:
    raise AssertionError("no file is named")


def value(argument: Argument) -> st.SearchStrategy[Any]:
    """Values of an argument's kind, most of them in its range."""
    least = argument.least if argument.least is not None else argument.above
    low, high = (0 if least is None else least), argument.most
    match argument.kind:
        case "flag":
            return st.booleans()
        case "whole":
            return st.integers(int(low), None if high is None else int(high))
        case "number":
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case "texts":
            return st.lists(TEXTS.filter(lambda text: text[0] != "-"), min_size=1, max_size=3)
        case _:
            return st.sampled_from(argument.choices) if argument.choices else TEXTS


@st.composite
def written(draw: st.DrawFn) -> tuple[list[str], dict[str, Any]]:
    """Words of a command line, and the same as keyword arguments."""
    words: list[str] = []
    said: dict[str, Any] = {}
    for argument in draw(st.lists(st.sampled_from(PLAIN), max_size=5, unique=True)):
        found = said[argument.name] = draw(value(argument))
        name = draw(st.sampled_from([argument.name, argument.name.replace("_", "-")]))
        if argument.kind == "texts":
            words += [f"--{name}", *found]
        elif found is True and draw(st.booleans()):
            words.append(f"--{name}=true")
        else:
            words.append(f"--{name}={found}")
    return words, said


def outcome(parse: Any) -> tuple[Any, ...]:
    try:
        return ("parsed", parse().given)
    except UserError as mistake:
        return ("mistakes", set(mistake.messages))


@given(FUNCTION, written())
def test_words_and_keywords_say_the_same(
    function: str, both: tuple[list[str], dict[str, Any]]
) -> None:
    words, said = both
    by_words = outcome(lambda: parse_command_line(function, words, TABLE, never_read))
    by_keywords = outcome(lambda: normalize(function, said, TABLE))
    assert by_words[0] == by_keywords[0]
    if by_words[0] == "parsed":
        assert by_words == by_keywords


NAMES = st.sampled_from([*TABLE, "nope", "max_seq_length", "warmup_ratio", "debug"])
WORDS = st.lists(
    NAMES.map("--{}".format) | st.sampled_from(["-m", "-", "--", "-1", "=", "--=", "true"]) | TEXTS,
    max_size=8,
).filter(lambda words: not (words and words[0].endswith((".json", ".yml", ".yaml"))))


@given(FUNCTION, WORDS)
def test_any_words_are_parsed_or_mistaken(function: str, words: list[str]) -> None:
    kind, found = outcome(lambda: parse_command_line(function, words, TABLE, never_read))
    assert found or kind == "parsed"
    assert all(name in TABLE for name in (found if kind == "parsed" else ()))
