"""Kinds of input: decided once, by task or function, and checked in every split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

import gft
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.inputs import kind
from gft.inputs.category import CATEGORY
from gft.inputs.images import IMAGE
from gft.inputs.kind import input_kinds, kinds_of, wrong_columns
from gft.inputs.number import LOG, LOG1P, NUMBER
from gft.inputs.sound import SOUND
from gft.inputs.text import PROSE, TEXT, Text
from gft.inputs.words import WORDS
from gft.language.equation import EVERYTHING, Equation, Term
from gft.registry import tasks


def data(**splits: dict[str, Any]) -> DataSet:
    return DataSet("d", {name: Rows(pa.table(columns)) for name, columns in splits.items()})


def test_gfts_own_are_found_as_a_strangers_are() -> None:
    covariates = {"num": NUMBER, "log": LOG, "log1p": LOG1P, "cat": CATEGORY, "factor": CATEGORY}
    others = {"text": TEXT, "words": WORDS, "image": IMAGE, "sound": SOUND}
    assert input_kinds() == others | covariates


def test_the_function_decides_else_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Reversed(Text):
        def read(self, cells: Any) -> list[Any]:
            return [text[::-1] for text in super().read(cells)]

    own = Reversed()
    monkeypatch.setattr(kind, "input_kinds", lambda: {"reversed": own, "image": IMAGE})
    terms = (Term("a"), Term("b", "reversed"), EVERYTHING)
    assert kinds_of(terms, (TEXT,), "classify") == (TEXT, own)
    equation = Equation("classify", ("y",), terms[:2])
    rows = {"a": ["up", "so"], "b": ["up", "so"], "y": ["p", "q"]}
    given = data(train=rows)
    task = tasks()["classify"].bind(equation, given, given.splits)
    assert task.read(rows) == [["up", "so"], ["pu", "os"]]
    with pytest.raises(UserError, match=r"classify takes text, not image\(a\)"):
        kinds_of((Term("a", "image"),), (TEXT,), "classify")
    with pytest.raises(UserError, match=r"no function 'revered'.*did you mean 'reversed'"):
        kinds_of((Term("a", "revered"),), (TEXT,), "classify")


@pytest.mark.parametrize(
    ("of", "cell", "told"),
    [
        (TEXT, ["a"], "holds list values; t needs text"),
        (TEXT, {"a": 1}, "holds objects with the fields a; t needs text"),
        (TEXT, b"a", "holds file values; t needs text"),
        (TEXT, 1, None),
        (PROSE, 1, "holds integer values; t needs text"),
        (WORDS, 1, "holds integer values; t needs a list of words"),
        (WORDS, [["a"]], "holds lists of list values; t needs words"),
        (WORDS, ["a"], None),
        (IMAGE, 1.5, "holds float values; t needs images: names of files"),
        (IMAGE, b"a", None),
        (SOUND, ["a"], "holds list values; t needs sounds: names of files"),
    ],
)
def test_each_kind_knows_its_columns(of: kind.InputKind, cell: Any, told: str | None) -> None:
    found = wrong_columns(["x"], [of], data(train={"x": [cell]}), {}, "t")
    assert found == [] if told is None else told in found[0]


def test_every_split_that_is_used_is_checked() -> None:
    given = data(train={"x": ["a"]}, val={"x": [["a"]]}, test={"y": ["a"]})
    used = {"train": given.splits["train"], "val": given.splits["val"]}
    assert wrong_columns(["x"], [TEXT], given, used, "t") == [
        "column 'x' of val holds list values; t needs text"
    ]
    used = {"train": given.splits["train"], "test": given.splits["test"]}
    assert wrong_columns(["x"], [TEXT], given, used, "t") == [
        "split test of d has no column 'x'; it has y"
    ]
    assert "no column 'z' in d" in wrong_columns(["z"], [TEXT], given, used, "t")[0]


def write(folder: Path, **splits: str) -> str:
    folder.mkdir()
    for split, line in splits.items():
        (folder / f"{split}.jsonl").write_text(line * 12)
    return f"C:{folder}"


OBJECTS = '{"text": {"a": "b"}, "y": "p"}\n{"text": {"a": "c"}, "y": "q"}\n'
PLAIN = '{"text": "a b", "y": "p"}\n{"text": "b", "y": "q"}\n'


def test_functions_of_formulas_are_told_what_to_write() -> None:
    for name, told in {
        "scale": "write num(a)",
        "ordered": "write cat(a)",
        "log10": "write log(a)",
        "sqrt": "compute a new column in the data first",
        "offset": "there are no offsets",
    }.items():
        assert told in kind.no_function(Term("a", name))


def test_all_functions_pass_the_check(tiny: Path, tmp_path: Path) -> None:
    spec = write(tmp_path / "odd", train=PLAIN, val=PLAIN, test=OBJECTS)
    words: dict[str, Any] = {"data": spec, "eqn": "classify: y ~ text"}
    with pytest.raises(UserError, match="'text' of test holds objects with the fields a; classify"):
        gft.fit(model=f"C:{tiny}", output_dir=str(tmp_path / "no"), **words)
    out = tmp_path / "out"
    plain: dict[str, Any] = {**words, "splits": "train,val,val"}
    fit = gft.fit(model=f"C:{tiny}", output_dir=str(out), num_train_epochs=1, **plain)
    with pytest.raises(UserError, match="'text' of test holds objects with the fields a; classify"):
        gft.evaluate(model=f"C:{out}", split="test", **words)
    with pytest.raises(UserError, match="'text' of data holds objects with the fields a; classify"):
        fit.predict({"text": [{"a": "b"}]})
    assert fit.predict({"text": [["a", "b"], ["b"]]}) == fit.predict(["a b", "b"])


@dataclass(frozen=True)
class Unlike(kind.InputKind):
    """A kind that is like none of gft's."""

    what: ClassVar[str] = "spectra"
    needs: ClassVar[str] = "spectra"
    takes: ClassVar[tuple[str, ...]] = ("list",)
    length_of: ClassVar[str] = "bins"
    unit: ClassVar[str] = "bins"


def test_what_a_kind_does_not_say_has_a_default() -> None:
    own = Unlike()
    assert own.read(([1.0], [2.0])) == [[1.0], [2.0]]
    assert (own.shown([1.0, 2.0]), own.as_json(None)) == ("1.0 2.0", "")
    assert own.located(Path()) == own == own.aligned([TEXT])
    rows = Rows(pa.table({"x": [[1.0]]}))
    assert own.measure({"train": rows}, "x").rows == {"train": rows}
