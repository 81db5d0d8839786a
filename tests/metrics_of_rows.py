"""Metrics computed from the rows that predict writes, by other means than ours."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

from seqeval import metrics as of_entities
from sklearn import metrics as of_words

from squad_rules import official

Row = dict[str, Any]


def metrics_of(program: dict[str, str], rows: Sequence[Row]) -> dict[str, float]:
    """Return the metrics of predict's rows for a program that tags, finds or recognises."""
    task, _, column, *_ = program["eqn"].replace(":", " :").split()
    if task == "classify_tokens":
        return metrics_of_tags(rows, column)
    if task == "classify_spans":
        return metrics_of_answers(rows, column, 2 if program["metric"] == "H:squad_v2" else 1)
    words = shlex.split(program["arguments"])
    return metrics_of_transcripts(rows, column, words[words.index("--chars_to_ignore") + 1])


def metrics_of_tags(rows: Sequence[Row], column: str) -> dict[str, float]:
    """Return seqeval's metrics if tags mark entities, else accuracy and macro F1 over words."""
    gold, found = [row[column] for row in rows], [row["prediction"] for row in rows]
    words = [[tag for row in tags for tag in row] for tags in (gold, found)]
    accuracy = of_words.accuracy_score(*words)
    if not any(tag.startswith("B-") for tag in words[0]):
        return {"accuracy": accuracy, "f1_macro": of_words.f1_score(*words, average="macro")}
    report = of_entities.classification_report(gold, found, output_dict=True, zero_division=0)
    return {
        "overall_f1": of_entities.f1_score(gold, found),
        "overall_precision": of_entities.precision_score(gold, found, zero_division=0),
        "overall_recall": of_entities.recall_score(gold, found),
        "overall_accuracy": accuracy,
        **{f"f1_{kind}": one["f1-score"] for kind, one in report.items() if " avg" not in kind},
    }


def metrics_of_answers(rows: Sequence[Row], column: str, version: int) -> dict[str, float]:
    """Return what the official script of SQuAD says; PaddleNLP's answers are lists of texts."""
    cells = [row[column] for row in rows]
    golds = [cell["text"] if isinstance(cell, dict) else cell for cell in cells]
    pairs = [(gold, row["prediction"]) for gold, row in zip(golds, rows, strict=True)]
    found = official(pairs, version)
    return found if version == 2 else {"f1": found["f1"], "exact_match": found["exact"]}


def metrics_of_transcripts(rows: Sequence[Row], column: str, ignore: str) -> dict[str, float]:
    """Return the errors per word and per character, of gold texts without some characters."""
    odd = "[" + re.escape(re.sub(r"[\\ ]", "", ignore)) + "]"
    golds = [" ".join(re.sub(odd, "", row[column]).split()) for row in rows]
    pairs = [(gold, row["prediction"]) for gold, row in zip(golds, rows, strict=True)]
    words = [(gold.split(), found.split()) for gold, found in pairs]
    return {"wer": _errors(words), "cer": _errors(pairs)}


def _errors(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> float:
    return sum(_edits(gold, found) for gold, found in pairs) / sum(len(gold) for gold, _ in pairs)


def _edits(gold: Sequence[str], found: Sequence[str]) -> int:
    """Return how many parts are to be put in, taken out or changed (Levenshtein)."""
    row = list(range(len(found) + 1))
    for n, one in enumerate(gold, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(found, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (one != other))
    return row[-1]
