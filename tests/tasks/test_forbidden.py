"""A model's own settings of generation, held against what it is to learn to write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gft.tasks.forbidden import Compared
from hub import writers

Gft = Callable[..., Any]


@pytest.mark.parametrize(
    ("setting", "allowed", "forbidden"),
    [
        ({"min_length": 4}, [7, 8, 9, 2], [7, 8, 2]),
        ({"min_new_tokens": 3}, [7, 8, 9, 2], [7, 8, 2]),
        ({"no_repeat_ngram_size": 2}, [7, 8, 7, 9, 2], [7, 8, 7, 8, 2]),
        ({"encoder_no_repeat_ngram_size": 2}, [6, 5, 2], [5, 6, 2]),
        ({"bad_words_ids": [[7, 8]]}, [8, 7, 2], [6, 7, 8, 2]),
        ({"suppress_tokens": [9]}, [7, 2], [7, 9, 2]),
        ({"begin_suppress_tokens": [9]}, [7, 9, 2], [9, 7, 2]),
        ({"forced_bos_token_id": 0}, [0, 7, 2], [7, 2]),
    ],
)
def test_each_setting(setting: dict[str, Any], allowed: list[int], forbidden: list[int]) -> None:
    compared = Compared({"num_beams": 4, **setting})
    assert compared
    compared.add(allowed, [5, 6])
    assert not compared.changed() and not compared.notes()
    compared.add(forbidden, [5, 6])
    [name] = setting
    assert list(compared.changed()) == [name] and not compared.changed()[name]
    [note] = compared.notes()
    assert note.startswith(f"the model's own {name}, ") and "1 of 2 texts of train" in note
    assert not Compared(setting, [name])


def test_a_fit_leaves_them_out_and_arguments_stay(gft: Gft, tmp_path: Path) -> None:
    folder = writers.bart(tmp_path / "bart")
    file = folder / "generation_config.json"
    own = {"min_length": 20, "no_repeat_ngram_size": 1, "suppress_tokens": [15], "temperature": 0.7}
    file.write_text(json.dumps(json.loads(file.read_text()) | own))
    table = tmp_path / "back.csv"
    table.write_text("source,target\n" + "".join(f"{n},{n}{n}\n" for n in range(10, 40)))
    out = tmp_path / "out"
    ran = gft("fit", "--model", f"C:{folder}", "--data", f"C:{table}", "--eqn",
              "generate: target ~ source", "--output_dir", out, "--num_train_epochs", 1,
              "--max_new_tokens", 6, "--repetition_penalty", 1.5)  # fmt: skip
    assert ran.status == 0, ran.err
    assert "note: the model's own min_length, 20, is ignored: it would forbid " in ran.err
    assert "the model's own no_repeat_ngram_size, 1, is ignored" in ran.err
    assert "suppress_tokens" not in ran.err
    kept = json.loads((out / "generation_config.json").read_text())
    assert not kept.get("min_length") and not kept.get("no_repeat_ngram_size")
    assert kept["suppress_tokens"] == [15]
    assert json.loads((out / "gft.json").read_text())["task"]["repetition_penalty"] == 1.5


def test_arguments_take_the_place_of_the_model_s_own() -> None:
    from gft.language.program import Options
    from gft.tasks.generate import Generate

    class Writer:
        """What a task asks of a model that writes."""

        config = generation_config = SimpleNamespace(num_beams=2)

        def generate(self, **asked: Any) -> dict[str, Any]:
            return asked

    def asked(**given: Any) -> dict[str, Any]:
        task = Generate(("a",), ("b",)).configured(Options(given))
        made = task.with_processor(object(), lambda: {"length_penalty": 2.0})
        saved = Generate.restore(json.loads(json.dumps(made.saved())))
        found: dict[str, Any] = saved.generated(Writer(), {}, 1)  # type: ignore[attr-defined]
        return found

    usual = asked()
    assert usual["length_penalty"] == 2.0 and usual["num_beams"] == 2
    assert not {"min_new_tokens", "no_repeat_ngram_size", "repetition_penalty"} & usual.keys()
    given = {"min_new_tokens": 0, "no_repeat_ngram_size": 3, "repetition_penalty": 1.2}
    more = asked(length_penalty=0.5, **given)
    assert more == usual | given | {"length_penalty": 0.5}
    assert "length_penalty" not in asked(num_beams=1, length_penalty=0.5)
