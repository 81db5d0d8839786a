"""Programs that tag words, find answers and recognise speech, as their authors wrote them.

Of the case restorations, which differ in their data alone, one is run. What predict writes is
scored by other means, and every metric has to be that.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import make_cased
from hub import media
from hub.server import Hub
from metrics_of_rows import metrics_of
from programs import Row, table

Gft = Callable[..., Any]
TASKS = ("classify_tokens", "classify_spans", "ctc")
PROGRAMS = {
    Path(row["path"]).stem: row
    for row in table("fit_examples")
    if row["eqn"].partition(":")[0] in TASKS
    and row["model"].startswith("H:")
    and not row["data"].startswith("P:")
}
RUN = [name for name in PROGRAMS if not name.endswith((".imdb", ".yelp_review_full"))]
OPTIONS = ("model", "data", "metric", "splits", "eqn", "output_dir")


def words_of(row: Row, out: Path) -> list[str]:
    """Return the words of a program as the shell would hand them over."""
    words = [word for name in OPTIONS if row[name] for word in (f"--{name}", row[name])]
    words += shlex.split(row["arguments"])
    return [word.replace("$1", str(out)) for word in words]


@pytest.mark.parametrize("name", RUN)
def test_metrics_are_those_of_the_rows(name: str, hub: Hub, gft: Gft, tmp_path: Path) -> None:
    row, out = PROGRAMS[name], tmp_path / "out"
    if row["first"]:
        _, script, *words = shlex.split(row["first"].replace("$1", str(out)).partition(" > ")[0])
        assert script == "$gft/datasets/make_cased.py"
        assert make_cased.main(words) == 0
    ran = gft("fit", *words_of(row, out))
    assert ran.status == 0, ran.err
    record = json.loads((out / "gft.json").read_text())
    assert record["task"]["name"] == row["eqn"].partition(":")[0]
    if record["task"]["name"] == "ctc":
        assert record["figure_of_merit"] == "wer"
        _check_vocabulary(out)
    if record["task"]["name"] == "classify_spans":
        assert record["task"]["negative"] is ("v2" in row["data"])
        assert record["data"]["test_is_optimistic"] is True

    data = ("--model", f"C:{out}", "--data", row["data"].replace("$1", str(out)))
    data += ("--split", record["data"]["splits"]["test"])
    ran = gft("predict", *data, "--format", "jsonl")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert len(rows) == record["data"]["rows"]["test"]
    expected = metrics_of(row, rows)
    kept = json.loads((out / "metrics.json").read_text())["splits"]["test"]["metrics"]
    ran = gft("eval", *data, *(("--metric", row["metric"]) if row["metric"] else ()),
              "--format", "json")  # fmt: skip
    for found in (kept, json.loads(ran.out)["metrics"]):
        values = {score: one["value"] for score, one in found.items()}
        assert {score: values[score] for score in expected} == pytest.approx(
            expected, rel=1e-12, abs=0
        )


def _check_vocabulary(out: Path) -> None:
    """Look at what a recogniser without a vocabulary got from the train split."""
    from transformers import AutoModelForCTC, AutoProcessor

    letters = set("".join(media.WORDS)) - {" "} | {"0", "1"}
    vocabulary = json.loads((out / "vocab.json").read_text())
    assert set(vocabulary) == {"[PAD]", "[UNK]", "|"} | letters
    config = AutoModelForCTC.from_pretrained(out).config
    assert (config.vocab_size, config.layerdrop) == (len(vocabulary), 0.0)
    assert len(AutoProcessor.from_pretrained(out).tokenizer) == len(vocabulary)
