"""Tokenizers of P: models against PaddleNLP's own, and as they are written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gft.errors import UserError
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest
from gft.suppliers.paddle.supplier import Paddle
from hub.paddle import SAID, WRITTEN, copied, head_of

KINDS = {
    "BertTokenizer": "bert_sequence",
    "BertTokenizer, cased": "bert_sequence",
    "ErnieTokenizer": "ernie_sequence",
    "ErnieGramTokenizer": "ernie_gram_sequence",
    "SkepTokenizer": "skep_sequence",
    "TinyBertTokenizer": "tinybert_sequence",
    "ElectraTokenizer": "electra_sequence",
    "RobertaBPETokenizer": "roberta_tokens_pairs",
    "BartTokenizer": "bart_sequence",
}
"""PaddleNLP's class, and a model that has it."""


def tokenizer(folder: Path, **given: Any) -> Any:
    return Paddle().model(Spec("P", str(folder)), Options(given)).processor()


def rewritten(folder: Path, out: Path) -> Path:
    source = Paddle().model(Spec("P", str(folder)), Options({}))
    loaded = source.load(ModelRequest(head_of(folder.name)))
    out.mkdir()
    source.write(loaded, out)
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_those_of_paddlenlp(kind: str, tmp_path: Path) -> None:
    folder = copied(KINDS[kind], tmp_path / KINDS[kind])
    if kind.endswith("cased"):
        (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    out = rewritten(folder, tmp_path / "out")
    said = SAID["tokenizers"][kind]
    for place in (folder, out, out / "paddle"):
        read = tokenizer(place)
        assert [read(text)["input_ids"] for text in said["texts"]] == said["alone"]
        assert read("the movie is good!", "badly, the rain")["input_ids"] == said["pair"]
    settings = json.loads((out / "paddle" / "tokenizer_config.json").read_text())
    assert settings["tokenizer_class"] == kind.partition(",")[0]
    own = "vocab.txt" if (folder / "vocab.txt").is_file() else "vocab.json"
    assert (out / "paddle" / own).read_bytes() == (folder / own).read_bytes()


def test_ernies_vocabulary_with_numbers(tmp_path: Path) -> None:
    folder = copied("ernie_sequence", tmp_path / "ernie_sequence")
    lines = (folder / "vocab.txt").read_text().splitlines()
    (folder / "vocab.txt").write_text("".join(f"{one}\t{n}\n" for n, one in enumerate(lines)))
    assert tokenizer(folder)("the movie")["input_ids"] == [2, 9, 10, 3]


def test_special_and_added_tokens(tmp_path: Path) -> None:
    folder = copied("bert_sequence", tmp_path / "bert_sequence")
    special = {"unk_token": {"content": "rain"}, "sep_token": "[SEP]"}
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    (folder / "added_tokens.json").write_text('{"xyz": 32, "uvw": 33}')
    read = tokenizer(folder)
    assert read("nothing uvw xyz")["input_ids"] == [2, 14, 33, 32, 3]


def test_the_models_length(tmp_path: Path) -> None:
    assert tokenizer(copied("bert_sequence", tmp_path / "bert")).model_max_length == 24
    # RoBERTa's positions begin after the padding's.
    assert tokenizer(copied("roberta_tokens_pairs", tmp_path / "pairs")).model_max_length == 22


def test_a_tokenizer_that_is_named(tmp_path: Path, tiny: Path) -> None:
    folder = copied("bert_sequence", tmp_path / "bert_sequence")
    (folder / "vocab.txt").unlink()
    read = tokenizer(folder, tokenizer_name_or_path=f"C:{tiny}")
    assert len(read) > 32
    other = copied("ernie_sequence", tmp_path / "ernie")
    read = tokenizer(folder, tokenizer_name_or_path=f"P:{other}")
    assert read("the movie")["input_ids"] == [2, 9, 10, 3]


MISTAKES = {
    "broken": ({"vocab.json": "{", "merges.txt": "a b\n"}, "vocab.json cannot be read"),
    "sentence pieces": ({"spiece.model": "x"}, "spiece.model is of a type that is not read"),
    "bytes": ({"vocab.txt": b"\xff\xfe"}, "vocab.txt cannot be read"),
    "settings": (
        {"vocab.txt": "[PAD]\n", "tokenizer_config.json": "x"},
        "tokenizer_config.json cannot be read",
    ),
    "english skep": (
        {"vocab.txt": "a\n", "tokenizer_config.json": '{"use_bpe_encoder": true}'},
        "skep_ernie_2.0_large_en reads English too",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes(case: str, tmp_path: Path) -> None:
    files, expected = MISTAKES[case]
    shutil.copytree(WRITTEN / "bert_sequence", tmp_path / "bert")
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "bert" / name).write_bytes(data)
    with pytest.raises(UserError) as caught:
        tokenizer(tmp_path / "bert")
    [message] = caught.value.messages
    assert expected in message
    assert "\n" not in message
