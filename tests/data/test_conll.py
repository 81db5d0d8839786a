"""Files of one word a line are sentences; files of cells stay what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gft import notes
from gft.data.files import read_data
from gft.errors import UserError

NER = "Mary NNP B-PER\nlives VBZ O\n# # O\n\nthe DT O\nfilm NN O\n"
UD = """# sent_id = 1
# text = Il va au marché
1\tIl\til\tPRON\t_\tPerson=3\t2\tnsubj\t_\t_
2\tva\taller\tVERB\t_\t_\t0\troot\t_\t_
3-4\tau\t_\t_\t_\t_\t_\t_\t_\t_
3\tà\tà\tADP\t_\t_\t5\tcase\t_\t_
4\tle\tle\tDET\t_\t_\t5\tdet\t_\t_
4.1\t_\t_\t_\t_\t_\t_\t_\t_\t_
5\t_\tmarché\tNOUN\t_\t_\t2\tobl\t_\t_

1\tOui\toui\tINTJ\t_\t_\t0\troot\t_\t_
"""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(notes, "note", lambda *texts: found.extend(filter(None, texts)))
    return found


def rows(path: Path, split: str = "train") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_data(path).splits[split].table.to_pylist()
    return found


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_words_with_their_tags(tmp_path: Path, told: list[str]) -> None:
    text = f"-DOCSTART- -X- O\n\n# id 7 en\n{NER}"
    expected = [
        {"tokens": ["Mary", "lives", "#"], "column_2": ["NNP", "VBZ", "#"],
         "tags": ["B-PER", "O", "O"]},
        {"tokens": ["the", "film"], "column_2": ["DT", "NN"], "tags": ["O", "O"]},
    ]  # fmt: skip
    assert rows(write(tmp_path, "x.conll", text)) == expected
    assert told[-1].endswith(
        "x.conll is read as CoNLL, one word per line: 2 sentences with the columns tokens, "
        "column_2 "
        "and tags"
    )
    assert rows(write(tmp_path, "x.bio", text.replace(" ", "\t"))) == expected
    assert rows(write(tmp_path, "x.iob", text.replace("\n", "\r\n"))) == expected
    for name in ("x.txt", "x.tsv", "eng.train"):
        assert rows(write(tmp_path, name, text)) == expected


def test_conll_u(tmp_path: Path, told: list[str]) -> None:
    [first, second] = rows(write(tmp_path, "x.conllu", UD))
    assert list(first) == ["form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps",
                           "misc"]  # fmt: skip
    assert first["form"] == ["Il", "va", "à", "le", "_"]
    assert first["upos"] == ["PRON", "VERB", "ADP", "DET", "NOUN"]
    assert first["feats"] == ["Person=3", None, None, None, None]
    assert second["form"] == ["Oui"]
    assert "(left out: 1 multi-word token and 1 empty node)" in told[-1]
    assert rows(write(tmp_path, "x.txt", UD))[0] == first


def test_a_no_break_space_may_stand_in_a_word(tmp_path: Path) -> None:
    text = "costs O\n10\u00a0000 B-NUM\n\nno O\nmore O\n"
    assert rows(write(tmp_path, "x.conll", text))[0]["tokens"] == ["costs", "10\u00a0000"]


def test_a_column_of_numbers_counts_the_words(tmp_path: Path) -> None:
    text = "#\thttp://example.org\n1\tMary\tB-PER\tO\n2\tlives\tO\tO\n\n1\tOh\tO\tO\n"
    first, _ = rows(write(tmp_path, "x.tsv", text))
    assert first == {"tokens": ["Mary", "lives"], "column_3": ["B-PER", "O"], "tags": ["O", "O"]}


@pytest.mark.parametrize("ending", ["conll", "txt"])
def test_a_folder_of_splits(tmp_path: Path, ending: str) -> None:
    for split in ("train", "dev", "test"):
        write(tmp_path, f"{split}.{ending}", NER)
    assert list(read_data(tmp_path).splits) == ["train", "dev", "test"]
    assert len(rows(tmp_path, "dev")) == 2


def test_notes_beside_files_of_data_are_none(tmp_path: Path) -> None:
    write(tmp_path, "train.csv", "a,b\nc,d\n")
    write(tmp_path, "train.txt", "what this is")
    assert rows(tmp_path) == [{"a": "c", "b": "d"}]


@pytest.mark.parametrize(
    "text",
    [
        "good film\tPOS\n\nbad film\tNEG\nso so\tPOS\n",
        "text\tlabel\nfine\tPOS\n\nbad\tNEG\nworse\tNEG\n",
        "WORD\tPARTY\n1\tSPD\n2\tSPD\n\n3\tCDU\n4\tCDU\n",
        "a\tO\nb\tO\n",
        "PARTY\tSTATE\nSPD\tNW\n\nCDU\tBY\n",
    ],
)
def test_tables_with_blank_lines_stay_tables(tmp_path: Path, text: str) -> None:
    header = text.partition("\n")[0].split("\t")
    assert list(rows(write(tmp_path, "x.tsv", text))[0]) == header


def test_prose_is_no_conll(tmp_path: Path) -> None:
    assert len(rows(write(tmp_path, "x.txt", "text\nHello world\n\nGood day\nTo you\n"))[0]) == 1


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"x.conll, line 2: found 1 field, expected 2 as in most"):
        rows(write(tmp_path, "x.conll", "a O\nb\nc O\nd O\n"))
    with pytest.raises(UserError, match="found one field per line; expected a word and its tag"):
        rows(write(tmp_path, "x.bio", "a\nb\n\nc\n"))
    with pytest.raises(UserError, match="holds no words"):
        rows(write(tmp_path, "x.bio", "\n"))
