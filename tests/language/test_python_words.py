"""Whatever names an argument says it as Python does, to whoever called from Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import gft
from gft import events
from gft.calling import python_words
from gft.errors import UserError
from gft.registry import arguments

SOURCE = Path(next(iter(gft.__path__)))
VALUE = "V7"
"""What stands in a message for what is known only when it is said."""
OF_SHELLS = ("commands", "options.py", "help.py", "report")
"""Files of texts that Python users do not see as notes or errors."""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("name one: --split val", 'name one: split="val"'),
        ("--split val is fairer", 'split="val" is fairer'),
        ("it is dev; --split names another one", "it is dev; split= names another one"),
        ("--max_length 512: the model takes", "max_length=512: the model takes"),
        ("a smaller --max_length, or --peft lora", 'a smaller max_length=, or peft="lora"'),
        ("say so: --splits TRAIN,VAL,TEST", 'say so: splits="TRAIN,VAL,TEST"'),
        ("--overwrite_output_dir to start afresh", "overwrite_output_dir=True to start afresh"),
        ("--fast_cpu false leaves it", "fast_cpu=False leaves it"),
        ("--eqn 'classify: a ~ b'", 'eqn="classify: a ~ b"'),
        ("say --decimal , (a comma) or --decimal .", 'say decimal="," (a comma) or decimal="."'),
        ("give --label_delimiter ';' if", 'give label_delimiter=";" if'),
        ("--group: no column 'x'", "group: no column 'x'"),
        ("gft_eval needs --eqn", "gft.evaluate needs eqn="),
        ("fit it first: gft_fit --model ...", "fit it first: gft.fit(model=...)"),
        ("gft_summary --model H:x --topn 3 lists", 'gft.summary(model="H:x", topn=3) lists'),
        ("unknown argument --nope; see --help", "unknown argument nope; see help(gft.fit)"),
        ("what `gft_fit --model x` does", "what `gft_fit --model x` does"),
        ("a -- b, --no-such and x--model y", "a -- b, --no-such and x--model y"),
        ("--output_dir runs belongs to", "output_dir= runs belongs to"),
    ],
)  # fmt: skip
def test_a_message(written: str, said: str) -> None:
    assert python_words().spoken(written) == said


def test_what_was_given_is_a_value_whatever_it_is_called() -> None:
    words = python_words().knowing({"output_dir": "runs", "keep": ["id"], "data": object()})
    assert words.spoken("--output_dir runs belongs to") == 'output_dir="runs" belongs to'


def messages() -> dict[str, str]:
    """Return every text in the code that names an argument, by where it is."""
    found = {}
    for file in sorted(SOURCE.rglob("*.py")):
        if set(OF_SHELLS) & set(file.relative_to(SOURCE).parts):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
                  for part in ast.walk(node) if part is not node}  # fmt: skip
        about = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = None if id(node) in within | about else text_of(node)
            if text and re.search(r"(?<![\w-])--[a-z]", text):
                found[f"{file.name}:{node.lineno}"] = text
    return found


def text_of(node: Any) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = [
        part.value if isinstance(part, ast.Constant)
        else repr(VALUE) if part.conversion == ord("r") else VALUE
        for part in node.values
    ]  # fmt: skip
    return "".join(map(str, parts))


def test_every_message_that_names_an_argument() -> None:
    """No argument keeps its dashes, and every value that is put into a message is one."""
    texts, known = messages(), {*arguments()}
    assert len(texts) > 120
    for place, text in texts.items():
        said = python_words().spoken(text)
        open_ones = re.sub(r"`[^`]*`", "", said)
        left = [name for name in re.findall(r"(?<![\w-])--([a-z]\w*)", open_ones) if name in known]
        assert not left, (place, said)
        assert f"= {VALUE}" not in said and f"= '{VALUE}" not in said, (place, said)
        for name, value in re.findall(r'(\w+)="([a-z]+)"', said):
            # A word of the sentence must not be taken for a value.
            values = {*arguments()[name].choices, *python_words().known.get(name, ())}
            assert value in values or text.rstrip().endswith(value) or f"{value};" in text or (
                f"{value}:" in text or f"'{value}'" in text
            ), (place, said)  # fmt: skip


def test_notes_and_errors_speak_python_from_python_and_no_other_language_in_a_shell(
    colours: Path, gft: Any, tmp_path: Path
) -> None:
    import gft as python

    told: list[str] = []

    def watch(event: events.Event) -> None:
        if isinstance(event, events.Message):
            told.append(event.text)

    with events.to(watch):
        python.summary(data=f"C:{colours}", topn=3)
        python.summary(data=f"C:{colours}", strict=True)
    assert 'topn= has no effect without a search (model="H:__contains__WORD")' in told
    assert any(text.startswith("strict=True has no effect without data=") for text in told)
    ran = gft("summary", "--data", f"C:{colours}", "--topn", "3")
    assert "note: --topn has no effect without a search (--model H:__contains__WORD)" in ran.err

    with pytest.raises(UserError) as caught:
        python.evaluate(data=f"C:{colours}", modle="x")
    assert caught.value.messages == ("unknown argument modle; did you mean model=?",)
    data = {"a": {"text": ["river"], "y": ["1"]}, "b": {"text": ["stone"], "y": ["2"]}}
    with pytest.raises(UserError, match=r'no split called train.*: splits="TRAIN,VAL,TEST"'):
        python.plan(model="H:x", data=data, eqn="classify: y ~ text")


def test_a_function_that_calls_another_is_one_command(tmp_path: Path) -> None:
    import gft as python
    from hub import models

    told: list[str] = []
    model = models.bert(tmp_path / "m", ["calm", "hard"])
    (tmp_path / "d.csv").write_text("text,label\nriver,calm\n", "utf-8")
    with events.to(lambda event: told.append(f"{events.speaker()}: {event}")):
        assert len(python.predict(model=f"C:{model}", data=f"C:{tmp_path / 'd.csv'}")) == 1
    assert told and all(line.startswith("gft.predict: ") for line in told)
