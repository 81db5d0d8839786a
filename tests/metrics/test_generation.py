"""Metrics of generated texts: sacrebleu's own, with intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sacrebleu

from gft.errors import UserError
from gft.language.spec import Spec
from gft.metrics.generation import common_length, find
from gft.metrics.intervals import point_values, values_with_intervals
from gft.metrics.perplexity import Perplexity
from gft.metrics.protocol import Metric, Scored
from gft.metrics.table import choose_metrics
from gft.targets.losses import Losses
from gft.targets.texts import Texts

GOLD = [
    "The cat sat on the mat, all day long.",
    "There is a house in New Orleans.",
    "Ein Käfer krabbelt über das Blatt.",
    "猫坐在垫子上。",
    "no",
    "One more sentence that is somewhat longer than the others, with commas.",
]
FOUND = [
    "The cat sat on a mat all day.",
    "A house is in New Orleans.",
    "Ein Käfer krabbelt auf dem Blatt.",
    "猫在垫子上。",
    "",
    "One more sentence that is somewhat longer than the others, with commas.",
]
SCORED = Scored(GOLD, FOUND, None, ())


def metric(name: str, config: str | None = None) -> Metric:
    found = find(name, config)
    assert found is not None
    return found


def test_bleu_and_chrf_are_sacrebleus() -> None:
    scores = point_values([metric("bleu"), metric("chrf")], SCORED)
    assert scores["bleu"] == pytest.approx(sacrebleu.corpus_bleu(FOUND, [GOLD]).score)
    assert scores["chrf"] == pytest.approx(sacrebleu.corpus_chrf(FOUND, [GOLD]).score)
    chinese = point_values([metric("bleu", "zh")], SCORED)["bleu"]
    expected = sacrebleu.corpus_bleu(FOUND, [GOLD], tokenize="zh").score
    assert chinese == pytest.approx(expected) and chinese != scores["bleu"]


@pytest.mark.parametrize("seed", range(5))
def test_drawn_rows_score_as_sacrebleu_scores_them(seed: int) -> None:
    drawn = np.random.default_rng(seed).integers(0, len(GOLD), len(GOLD))
    weights = np.bincount(drawn, minlength=len(GOLD))[None].astype(float)
    gold, found = [GOLD[n] for n in drawn], [FOUND[n] for n in drawn]
    for name, whole in (("bleu", sacrebleu.corpus_bleu), ("chrf", sacrebleu.corpus_chrf)):
        one = metric(name)
        assert one.reduce(one.rows(SCORED), weights)[0, 0] == pytest.approx(
            whole(found, [gold]).score
        )


def test_texts_without_anything_in_common_score_0() -> None:
    scored = Scored(["abc", "def"], ["", "xyz"], None, ())
    assert point_values([metric(name) for name in ("bleu", "chrf", "rougeL")], scored) == {
        "bleu": 0.0, "chrf": 0.0, "rougeL": 0.0,
    }  # fmt: skip


def test_the_sentences_of_a_summary_may_stand_in_another_order() -> None:
    # Lin 2004, section 3.2: w1 w2 w3 w4 w5 against w1 w2 w6 w7 w8 and w1 w3 w8 w9 w5 shares 4 of 5.
    gold, text = "w1 w2 w3 w4 w5", "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5"
    scored = Scored([gold, "a b\nc d", "a b"], [text, "c d\na b", ""], None, ())
    rows = metric("rougeLsum").rows(scored)[:, 0]
    assert rows.tolist() == pytest.approx([2 * 4 / (5 + 10), 1.0, 0.0])


def test_rouge_of_sentences_worked_out_by_hand() -> None:
    scored = Scored(["police killed the gunman"], ["Police kill the gunman!"], None, ())
    scores = point_values([metric("rouge")], scored)
    assert scores == {
        "rouge1": 0.75, "rouge2": pytest.approx(1 / 3), "rougeL": 0.75, "rougeLsum": 0.75,
    }  # fmt: skip
    assert common_length(["a", "b", "c", "d", "e"], ["b", "e", "c", "d"]) == 3
    assert common_length([], ["a"]) == 0


def test_intervals_contain_the_metric() -> None:
    for result in values_with_intervals([metric("chrf"), metric("rougeL")], SCORED):
        assert result.low is not None and result.value is not None and result.high is not None
        assert result.low < result.value < result.high


def test_names_and_configurations() -> None:
    names = [Spec("H", name) for name in ("sacrebleu", "chrf", "rouge", "wer")]
    assert [one.name for one in choose_metrics(names, (), Texts())] == [
        "bleu", "chrf", "rouge", "wer",
    ]  # fmt: skip
    with pytest.raises(UserError, match="no configuration 'zhh' in H:bleu"):
        choose_metrics([Spec("H", "bleu", "zhh")], (), Texts())
    with pytest.raises(UserError, match=r"no metric 'H:accuracyy'; available: .*chrf"):
        choose_metrics([Spec("H", "accuracyy")], (), Texts())


def test_perplexity_weighs_rows_by_their_tokens() -> None:
    losses = np.array([[2.0, 1], [3.0, 3], [0.0, 0]])
    scored = Scored(["a", "b", "c"], [], losses, ())
    assert point_values([Perplexity()], scored)["perplexity"] == pytest.approx(math.exp(5 / 4))
    nothing = Scored(["c"], [], losses[2:], ())
    assert math.isnan(point_values([Perplexity()], nothing)["perplexity"])
    assert [one.name for one in choose_metrics((), ("perplexity",), Losses())] == ["perplexity"]
