"""The tokenizer of a graph gives what that of transformers gives, id for id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gft.errors import UserError
from gft.graphs.tokenizing import GraphTokenizer, settings_of, write_tokenizer
from gft.inputs.pairs import special_tokens_of_pair
from gft.inputs.text import encode_texts
from gft.inputs.windows import Windows, encode_windows
from gft.inputs.words import encode_words
from gft.tasks.spans import tokens_of

WORDS = [
    "river",
    "stone",
    "mark1",
    "market",
    "Zürich",
    "naïve",
    "row",
    "x y",
    "",
    "]",
    "日本",
    "\u200b",
]
TEXTS = ["", " ", "river", "river stone market row " * 30, "mark1, mark2!",
         "Zürich 日本 \u200b", "[SEP] [MASK]"]  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, GraphTokenizer]]:
    """Tokenizers of transformers, of BERT's kind and of RoBERTa's, each with that of a graph."""
    from tokenizers import Tokenizer, pre_tokenizers, trainers
    from tokenizers.models import BPE
    from tokenizers.processors import RobertaProcessing
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    from hub import models

    folder = tmp_path_factory.mktemp("tokenizers")
    bert = AutoTokenizer.from_pretrained(models.bert(folder / "bert"))
    bpe = Tokenizer(BPE(unk_token="<unk>"))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    bpe.train_from_iterator(
        [*TEXTS, *WORDS] * 3,
        trainers.BpeTrainer(vocab_size=400, special_tokens=special,
                            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
    )  # fmt: skip
    bpe.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    roberta = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", sep_token="</s>", cls_token="<s>",
        pad_token="<pad>", unk_token="<unk>", model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip
    found = []
    for n, one in enumerate((bert, roberta)):
        one("set to cut once", truncation=True, max_length=4, padding="max_length")
        write_tokenizer(one, folder / f"{n}.json")
        found.append((one, GraphTokenizer(folder / f"{n}.json", settings_of(one, "it"))))
    return found


@settings(max_examples=40)
@given(
    texts=st.lists(st.text(st.sampled_from("abZ ,.é日[]19\n\u200b"), max_size=60), min_size=1),
    longest=st.integers(5, 40),
)
def test_texts_and_pairs_are_the_same(both: Any, texts: list[str], longest: int) -> None:
    texts = [*texts, *TEXTS]
    for theirs, ours in both:
        for columns in ([texts], [texts, texts[::-1]], [texts, texts[::-1], texts]):
            assert encode_texts(ours, columns, longest) == encode_texts(theirs, columns, longest)


def test_words_windows_and_places_are_the_same(both: Any) -> None:
    rows = [WORDS, [], ["river"] * 50, [""]]
    for theirs, ours in both:
        assert encode_words(ours, rows, 12) == encode_words(theirs, rows, 12)
        assert tokens_of(ours, TEXTS) == tokens_of(theirs, TEXTS)
        assert special_tokens_of_pair(ours) == special_tokens_of_pair(theirs)
        for columns in ([TEXTS], [TEXTS, TEXTS[::-1]]):
            windows = encode_windows(ours, columns, 16, Windows(3))
            assert windows == encode_windows(theirs, columns, 16, Windows(3))
        assert ours.convert_ids_to_tokens(5) == theirs.convert_ids_to_tokens(5)


def test_texts_are_cut_on_the_side_that_the_tokenizer_cuts(both: Any, tmp_path: Path) -> None:
    theirs, _ = both[0]
    theirs.truncation_side = "left"
    try:
        write_tokenizer(theirs, tmp_path / "t.json")
        ours = GraphTokenizer(tmp_path / "t.json", settings_of(theirs, "it"))
        assert encode_texts(ours, [TEXTS], 9) == encode_texts(theirs, [TEXTS], 9)
        assert (
            ours(TEXTS[3], truncation=True, max_length=9)["input_ids"]
            != both[0][1](TEXTS[3], truncation=True, max_length=9)["input_ids"]
        )
    finally:
        theirs.truncation_side = "right"


def test_a_tokenizer_in_python_has_no_file() -> None:
    class Slow:
        pass

    with pytest.raises(UserError, match=r"C:x has no tokenizer.json: its tokenizer is a Slow"):
        settings_of(Slow(), "C:x")
