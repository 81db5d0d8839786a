"""Languages of models that translate between many, from the source to the first token written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.language.program import Options
from gft.tasks.generate import Generate
from hub import translators, writers

Gft = Callable[..., Any]
KINDS = {
    "nllb": ("eng_Latn", "fra_Latn"),
    "mbart": ("en_XX", "ro_RO"),
    "mbart50": ("en_XX", "fr_XX"),
}


def read(folder: Path) -> tuple[Any, dict[str, Any]]:
    from transformers import AutoTokenizer

    settings = json.loads((folder / "generation_config.json").read_text())
    return AutoTokenizer.from_pretrained(folder), settings


def met(folder: Path, **given: str) -> tuple[Any, Generate]:
    tokenizer, settings = read(folder)
    task = Generate(("a",), ("b",)).configured(Options(given))
    return tokenizer, task.with_processor(tokenizer, lambda: settings)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_and_what_comes_first(kind: str, tmp_path: Path) -> None:
    source, target = KINDS[kind]
    folder = getattr(translators, kind)(tmp_path)
    tokenizer, task = met(folder, source_lang=source, target_lang=target)
    [one] = task.encode(tokenizer, {"a": ["ab"]}, 32, ["cd"]).features
    asked = tokenizer.convert_ids_to_tokens(one["input_ids"])
    label = tokenizer.convert_ids_to_tokens(one["labels"])
    assert source in asked and target not in asked
    code = tokenizer.convert_tokens_to_ids(target)
    if kind == "mbart":
        assert (label[-2:], task.begins) == (["</s>", target], {"decoder_start_token_id": code})
    else:
        assert (label[0], label[-1]) == (target, "</s>")
        assert task.begins == {"forced_bos_token_id": code}
    [cut] = task.encode(tokenizer, {"a": ["ab"]}, 5, ["cdefghijk"]).features
    assert len(cut["labels"]) == 5 and cut["labels"][-1] == one["labels"][-1]
    assert 2 in cut["labels"]


def test_what_is_not_said(tmp_path: Path) -> None:
    folder = translators.nllb(tmp_path / "nllb")
    with pytest.raises(
        Exception, match=r"give --source_lang and --target_lang; it knows deu_Latn, "
    ):
        met(folder)
    with pytest.raises(Exception, match=r"many languages: give --target_lang;"):
        met(folder, source_lang="eng_Latn")
    with pytest.raises(Exception, match=r"no --target_lang 'fr'.*eng_Latn"):
        met(folder, source_lang="eng_Latn", target_lang="fr")
    with pytest.raises(Exception, match=r"--target_lang fr: this model's tokenizer has no lang"):
        met(writers.bart(tmp_path / "bart"), target_lang="fr")
    pair = translators.mbart(tmp_path / "pair", src_lang="en_XX", tgt_lang="ro_RO")
    assert met(pair)[1].target_lang == "ro_RO"
    assert met(pair, target_lang="de_DE")[1].target_lang == "de_DE"


def test_a_fitted_folder_knows_its_languages(gft: Gft, tmp_path: Path) -> None:
    from transformers import AutoModelForSeq2SeqLM

    folder = translators.nllb(tmp_path / "nllb")
    table = tmp_path / "words.csv"
    table.write_text("en,fr\n" + "".join(f"a{n},b{n}\n" for n in range(12)))
    out = tmp_path / "out"
    asked = ("fit", "--model", f"C:{folder}", "--data", f"C:{table}", "--eqn", "generate: fr ~ en",
             "--output_dir", out, "--num_train_epochs", 1, "--max_new_tokens", 4)  # fmt: skip
    ran = gft(*asked)
    assert ran.status == 2 and "give --source_lang and --target_lang" in ran.errors[0]
    ran = gft(*asked, "--source_lang", "eng_Latn", "--target_lang", "deu_Latn")
    assert ran.status == 0, ran.err
    kept = json.loads((out / "gft.json").read_text())["task"]
    assert (kept["source_lang"], kept["target_lang"]) == ("eng_Latn", "deu_Latn")
    tokenizer, settings = read(out)
    code = tokenizer.convert_tokens_to_ids("deu_Latn")
    assert settings["forced_bos_token_id"] == code
    ran = gft("predict", "--model", f"C:{out}", "--data", f"C:{table}", "--format", "jsonl")
    assert ran.status == 0, ran.err
    tokenizer.src_lang = "eng_Latn"
    model = AutoModelForSeq2SeqLM.from_pretrained(out)
    ids = model.generate(**tokenizer(["a0"], return_tensors="pt"), max_new_tokens=4)
    assert ids[0, 1] == code
    text = tokenizer.decode(ids[0], skip_special_tokens=True).strip()
    assert json.loads(ran.out.splitlines()[0])["prediction"] == text
