from __future__ import annotations

import pytest

from gft.errors import UserError
from gft.language.spec import Letters, Spec, parse_spec

NAMES = Letters(
    {"h": "H", "huggingface": "H", "p": "P", "paddlenlp": "P", "c": "C", "custom": "C"},
    usual="H", of_paths="C",
)  # fmt: skip
GOOD = {
    "H:glue,qqp": Spec("H", "glue", "qqp"),
    "glue,qqp": Spec("H", "glue", "qqp"),
    "HuggingFace:a/b@v2,c": Spec("H", "a/b", "c", "v2"),
    "P:bert-base-cased": Spec("P", "bert-base-cased"),
    "H:/abs/dir,with@signs": Spec("H", "/abs/dir,with@signs"),
    "./x.csv": Spec("C", "./x.csv"),
    "~/data": Spec("C", "~/data"),
    "x.csv": Spec("C", "x.csv"),
    "x.jsonl.gz": Spec("C", "x.jsonl.gz"),
    "x.ndjson": Spec("C", "x.ndjson"),
    "C:$dir/x,y": Spec("C", "$dir/x,y"),
    "C:\\data\\x.csv": Spec("C", "C:\\data\\x.csv"),
    "D:\\data\\x.csv": Spec("C", "D:\\data\\x.csv"),
    "C:C:\\data\\x.csv": Spec("C", "C:\\data\\x.csv"),
    "C:D:/data/x.csv": Spec("C", "D:/data/x.csv"),
    "films.zip": Spec("C", "films.zip"),
    "D:/data/folder": Spec("C", "D:/data/folder"),
    "c:folder": Spec("C", "folder"),
    "x.xlsx,Sheet 2, old": Spec("C", "x.xlsx", "Sheet 2, old"),
    "C:a,b.ods": Spec("C", "a,b.ods"),
    "C:a,b.xlsx.gz,c.d": Spec("C", "a,b.xlsx.gz", "c.d"),
    "survey.sav": Spec("C", "survey.sav"),
    "answers.RDS": Spec("C", "answers.RDS"),
    " H: glue , qqp ": Spec("H", "glue", "qqp"),
}


@pytest.mark.parametrize("text", GOOD)
def test_what_it_says(text: str) -> None:
    assert parse_spec(text, NAMES) == GOOD[text]


@pytest.mark.parametrize("text", GOOD)
def test_its_text_says_the_same(text: str) -> None:
    spec = parse_spec(text, NAMES)
    assert parse_spec(str(spec), NAMES) == spec


def test_an_unknown_supplier_says_which_there_are() -> None:
    with pytest.raises(UserError, match="is an address; give what is on a hub by its name"):
        parse_spec("https://hub.example/me/x", NAMES)
    with pytest.raises(UserError, match="no supplier 'Q'; available: C, H and P"):
        parse_spec("Q:x", NAMES)


@pytest.mark.parametrize("text", ["H:", "Q:x", "H:,qqp", ""])
def test_mistakes(text: str) -> None:
    with pytest.raises(UserError):
        parse_spec(text, NAMES)
